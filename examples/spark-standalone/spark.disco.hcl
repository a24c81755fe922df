# Spark with its own master and workers, without HDFS.

variable "slaves" {
  type        = number
  default     = 2
  description = "How many slaves"
}

variable "secret" {
  type        = string
  sensitive   = true
  default     = null
  description = "Shared secret: without it nobody takes part in the cluster; if nothing is said, Heat generates one"
}

variable "office" {
  type        = list(string)
  default     = ["203.0.113.0/24"]
  description = "Networks that may reach the cluster"
}

cluster "sparks" {
  image = "debian-12"

  network {
    cidr             = "10.30.0.0/24"
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
    flavor = "m1.large"
    volume "scratch" { size = 50 }
  }

  framework "spark" {
    version      = "4.3.0"
    run_on       = "standalone"
    secret       = var.secret
    history_days = 7
  }
}

output "spark_ui" {
  value = cluster.sparks.ui.spark
}

output "history_ui" {
  value = cluster.sparks.ui.spark-history
}
