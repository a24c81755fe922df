# JupyterLab with a kernel for Dask.

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

cluster "notes" {
  image = "debian-12"

  network {
    cidr             = "10.62.0.0/24"
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
    flavor      = "m1.large"
    floating_ip = true
    volume "notebooks" { size = 20 }
  }

  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }

  framework "dask" {}

  framework "jupyter" {
    idle_hours = 12
  }
}

output "notebooks" {
  value = cluster.notes.ui.jupyter
}
