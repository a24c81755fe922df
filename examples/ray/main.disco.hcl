# Ray: a head, and nodes that run tasks.

variable "slaves" {
  type        = number
  default     = 2
  description = "How many slaves"
}

variable "office" {
  type        = list(string)
  default     = ["203.0.113.0/24"]
  description = "Networks that may reach the cluster"
}

cluster "ray" {
  image = "debian-12"

  network {
    cidr             = "10.62.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = var.office }
    allow "web-ui" { from = var.office }
  }

  master {
    flavor      = "m1.medium"
    floating_ip = true
  }

  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }

  framework "ray" {}
}

output "dashboard" {
  value = cluster.ray.ui.ray
}

output "client" {
  value = cluster.ray.endpoint.ray-client
}
