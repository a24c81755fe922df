variable "slaves" { default = 30 }

cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/28" }
  master { flavor = "m1.large" }
  slaves {
    count  = var.slaves
    flavor = "m1.large"
  }
}

cluster "tiny" {
  image = "debian-12"
  network { cidr = "10.21.0.1/32" }
  master { flavor = "m1.large" }
}

cluster "existing" {
  image = "debian-12"
  network {
    existing  = "lab-net"
    subnet    = "lab-subnet"
    addresses = "192.0.2.64/31"
  }
  master {
    count  = 3
    flavor = "m1.large"
  }
}
