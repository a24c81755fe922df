cluster "one" {
  image = "debian-12"
  network {
    cidr     = "10.20.0.0/24"
    existing = "lab-net"
  }
  master { flavor = "m1.large" }
}

cluster "two" {
  image = "debian-12"
  network { external_network = "public" }
  master { flavor = "m1.large" }
}

cluster "three" {
  image = "debian-12"
  network { existing = "lab-net" }
  master { flavor = "m1.large" }
}
