# One mistake of each kind in a project of two clusters.
variable "slaves" {
  type    = number
  default = 2
}

variable "office" {
  type = list(sting)
}

locals {
  big   = local.bigger
  spare = 1 / 0
}

cluster "lake" {
  image = "debian-12"
  network { cidr = "10.20.0.1/24" }
  security {
    allow "ssh" { from = var.office }
    allow "jupyter" { from = ["203.0.113.0/24"] }
  }
  master {
    count  = 2
    flavor = "m1.large"
  }
  slaves {
    count  = var.slaves
    flavour = "m1.xlarge"
  }
  framework "hadoop" { replication = 3 }
}

cluster "burst" {
  image = "debian-12"
  network { cidr = "10.21.0.0/30" }
  master { flavor = "m1.large" }
  slaves {
    count  = 10
    flavor = "m1.large"
  }
}

output "ui" { value = cluster.lake.ui.hdfss }
