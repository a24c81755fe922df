cluster "one" {
  image = "debian-12"
  network { cidr = "10.20.0.0/16" }
  master { flavor = "m1.large" }
}

cluster "two" {
  image = "debian-12"
  network { cidr = "10.20.4.0/24" }
  master { flavor = "m1.large" }
}

cluster "three" {
  image = "debian-12"
  network { cidr = "10.21.0.0/24" }
  master { flavor = "m1.large" }
}
