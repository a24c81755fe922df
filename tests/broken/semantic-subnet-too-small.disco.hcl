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
