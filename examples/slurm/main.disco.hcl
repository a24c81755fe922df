# Slurm with Open MPI: a queue on the master, two kinds of slaves.

variable "slaves" {
  type        = number
  default     = 2
  description = "How many slaves of the usual kind"
}

variable "office" {
  type        = list(string)
  default     = ["203.0.113.0/24"]
  description = "Networks that may reach the cluster"
}

cluster "hpc" {
  image = "debian-12"

  network {
    cidr             = "10.60.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  # The queue may go with the cluster.
  lifecycle { prevent_destroy = false }

  security {
    allow "ssh" { from = var.office }
  }

  master {
    flavor      = "m1.medium"
    floating_ip = true
    volume "queue" { size = 5 }
  }

  slaves "cpu" {
    count  = var.slaves
    flavor = "m1.large"
  }

  slaves "big" {
    count  = 1
    flavor = "m1.xlarge"
  }

  framework "slurm" {
    version   = "22.05" # what debian-12 has
    compilers = true
    packages  = ["python3-mpi4py"]
    max_time  = 2880

    # Each slave has the name of its group as a feature.
    lines = [
      "NodeSet=big Feature=big",
      "PartitionName=big Nodes=big MaxTime=1440",
    ]

    config "slurm.conf" {
      set = { SchedulerParameters = "bf_window=2880" }
    }
  }
}
