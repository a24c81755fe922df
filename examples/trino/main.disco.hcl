# Trino: a coordinator, workers, and tables to try it out.

variable "workers" {
  type        = number
  default     = 3
  description = "How many slaves, each a worker"
}

variable "office" {
  type        = list(string)
  default     = ["203.0.113.0/24"]
  description = "Networks that may reach SSH and Trino"
}

cluster "queries" {
  image = "debian-13" # Trino wants Java 24 or newer

  network {
    cidr             = "10.45.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = var.office }
    allow "trino" { from = var.office }
  }

  master {
    flavor      = "m1.large"
    floating_ip = true
  }

  slaves {
    count  = var.workers
    flavor = "m1.xlarge"
  }

  framework "trino" {
    names = ["DNS:trino.example.org"]
  }
}

output "trino" {
  value = cluster.queries.endpoint.trino
}
