cluster "a-cluster-for-everything-that-the-company-ever-does" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves "burst" {
    count  = 11
    flavor = "m1.large"
  }
}
