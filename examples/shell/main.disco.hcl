# Machines with packages of one's own, and nothing that runs.

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

cluster "desk" {
  image = "debian-12"

  network {
    cidr             = "10.61.0.0/24"
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
    volume "work" { size = 50 }
  }

  framework "shell" {
    packages        = ["python3-numpy"]
    master_packages = ["pssh", "gfortran"]
    check           = ["python3", "-c", "import numpy; print(numpy.ones(3).sum())"]
  }
}
