cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master {
    count  = 0
    flavor = "m1.large"
  }
  slaves {
    count  = -3
    flavor = "m1.large"
  }
  slaves "many" {
    count  = 100000000000000000000
    flavor = "m1.large"
  }
}
