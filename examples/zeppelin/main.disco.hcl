# Zeppelin with Spark: notebooks for several people.

variable "slaves" {
  type        = number
  default     = 2
  description = "How many slaves"
}

variable "office" {
  type        = list(string)
  default     = ["203.0.113.0/24"]
  description = "Networks that may reach SSH, and notebooks through it"
}

cluster "papers" {
  image = "debian-12"

  network {
    cidr             = "10.46.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = var.office }
  }

  lifecycle {
    prevent_destroy = false # notebooks go with it
  }

  master {
    flavor      = "m1.xlarge"
    floating_ip = true
    volume "notebooks" { size = 20 }
  }

  slaves {
    count  = var.slaves
    flavor = "m1.large"
  }

  framework "spark" {}

  framework "zeppelin" {
    interpreter_heap = 1024
  }
}

output "notebooks" {
  value = cluster.papers.ui.zeppelin
}
