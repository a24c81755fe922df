cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master {
    count  = 3
    flavor = "m1.large"
  }
  slaves {
    count   = 2
    flavor  = "m1.large"
    storage = false
  }
  framework "hadoop" {}
}
