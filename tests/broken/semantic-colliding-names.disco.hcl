cluster "a" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves "b-c" {
    count  = 1
    flavor = "m1.large"
  }
}

cluster "a-b" {
  image = "debian-12"
  network { cidr = "10.21.0.0/24" }
  master { flavor = "m1.large" }
  slaves "c" {
    count  = 1
    flavor = "m1.large"
  }
}
