# A cluster of the service: see README.md.
variable "slaves" {
  type        = number
  default     = 2
  description = "How many slaves"
}

cluster "lab" {
  image = "debian-12"

  network {
    cidr             = "10.40.0.0/24"
    external_network = "public"
  }

  security {
    allow "ssh" { from = ["203.0.113.0/24"] }
  }

  master {
    flavor      = "m1.medium"
    floating_ip = true
  }

  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }
}
