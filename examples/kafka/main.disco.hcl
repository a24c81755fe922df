# Kafka: three brokers, and controllers on the master and the first two of them.

variable "brokers" {
  type        = number
  default     = 3
  description = "How many slaves, each a broker"
}

variable "office" {
  type        = list(string)
  default     = ["203.0.113.0/24"]
  description = "Networks that may reach the cluster"
}

cluster "messages" {
  image = "debian-12"

  network {
    cidr             = "10.30.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = var.office }
    allow "kafka" { from = var.office }
  }

  master {
    flavor      = "m1.small"
    floating_ip = true
  }

  slaves {
    count  = var.brokers
    flavor = "m1.large"
    volume "log" { size = 200 }
  }

  framework "kafka" {
    retention_hours = 72
    advertise       = "address"

    config "broker.properties" {
      set = { "auto.create.topics.enable" = false }
    }
  }
}
