cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  security {
    allow "web_ui" { from = ["203.0.113.0/24"] }
    allow "yran" { from = ["203.0.113.0/24"] }
    allow "ssh" { from = [] }
    allow "ssh" {}
    allow { from = ["203.0.113.0/24"] }
  }
  master { flavor = "m1.large" }
  slaves {
    count  = 1
    flavor = "m1.large"
  }
  framework "hadoop" {}
}
