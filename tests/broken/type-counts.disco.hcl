variable "slaves" { default = "three" }

cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master {
    count  = 1.5
    flavor = "m1.large"
  }
  slaves {
    count  = var.slaves
    flavor = "m1.large"
  }
  slaves "burst" {
    count  = [2]
    flavor = { name = "m1.large" }
  }
}
