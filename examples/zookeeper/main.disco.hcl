# ZooKeeper on three nodes: the master and two slaves.

variable "slaves" {
  type        = number
  default     = 2
  description = "How many slaves; the first two are servers"
}

variable "office" {
  type        = list(string)
  default     = ["203.0.113.0/24"]
  description = "Networks that may reach the cluster"
}

cluster "keepers" {
  image = "debian-12"

  network {
    cidr             = "10.30.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = var.office }
    allow "zookeeper" { from = var.office }
  }

  master {
    flavor      = "m1.small"
    floating_ip = true
  }

  slaves {
    count  = var.slaves
    flavor = "m1.small"
    volume "log" { size = 10 }
  }

  framework "zookeeper" {
    servers = 3

    config "zoo.cfg" {
      set = { "maxClientCnxns" = 200 }
    }
  }
}
