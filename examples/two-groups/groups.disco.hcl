# Slaves that store and slaves that only compute. Those that compute have no DataNode, so they are safe to take away.

variable "burst" {
  type        = number
  default     = 2
  description = "How many slaves that only compute"
}

cluster "analytics" {
  image = "debian-12"

  network {
    cidr             = "10.50.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  master {
    flavor      = "m1.large"
    floating_ip = true
  }

  slaves "storage" {
    count         = 3
    flavor        = "m1.medium"
    anti_affinity = "soft"
    volume "a" { size = 200 }
    volume "b" { size = 200 }
  }

  slaves "burst" {
    count   = var.burst
    flavor  = "c1.large"
    storage = false
  }

  framework "hadoop" {
    replication = 2
  }
}

output "stores" {
  value = [for node in cluster.analytics.storage : node.name]
}

output "computes" {
  value = [for node in cluster.analytics.burst : node.name]
}
