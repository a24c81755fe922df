cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  security {
    allow "custom" {
      ports = ["0", "70000", "9010-9000", "http", 8443]
      from  = ["203.0.113.0/24"]
      to    = "masters"
    }
    allow "custom" {
      protocol = "icmp"
      ports    = ["8"]
      from     = ["203.0.113.0/24"]
    }
    allow "custom" {
      protocol = "sctp"
      ports    = ["8"]
      from     = ["203.0.113.0/24"]
    }
    allow "custom" { from = ["203.0.113.0/24"] }
    allow "ssh" {
      ports = ["2222"]
      from  = ["203.0.113.0/24"]
    }
  }
  master { flavor = "m1.large" }
}
