cluster "one" {
  image = "debian-12"
  network { cidr = "10.20.0.7/24" }
  master { flavor = "m1.large" }
}

cluster "two" {
  image = "debian-12"
  network { cidr = "10.300.0.0/24" }
  master { flavor = "m1.large" }
}

cluster "three" {
  image = "debian-12"
  network { cidr = "10.20.0.0" }
  security {
    allow "ssh" { from = ["0.0.0.0/33", "2001:db8::/32"] }
  }
  master { flavor = "m1.large" }
}
