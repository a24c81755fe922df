cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves {
    count  = 2
    flavor = "m1.large"
  }
  slaves "burst" {
    count   = 5
    flavor  = "m1.large"
    storage = false
  }
  framework "hadoop" {
    replication = 3
  }
}
