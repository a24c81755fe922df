# Storm on ZooKeeper: topologies on the slaves.

variable "slaves" {
  type        = number
  default     = 3
  description = "How many slaves, each with a supervisor"
}

variable "office" {
  type        = list(string)
  default     = ["203.0.113.0/24"]
  description = "Networks that may reach SSH"
}

cluster "streams" {
  image = "debian-12"

  network {
    cidr             = "10.43.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = var.office }
  }

  master {
    flavor      = "m1.medium"
    floating_ip = true
  }

  slaves {
    count  = var.slaves
    flavor = "m1.large"
  }

  framework "zookeeper" {}

  framework "storm" {
    config "storm.yaml" {
      set = { "topology.max.spout.pending" = 1000 }
    }
  }
}
