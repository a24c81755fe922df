# Hadoop whose masters may be lost one at a time: three of them, each with a NameNode and a ResourceManager.

variable "slaves" {
  type        = number
  default     = 3
  description = "How many slaves"

  validation {
    condition     = var.slaves >= 3
    error_message = "three copies of each block need three slaves"
  }
}

variable "office" {
  type        = list(string)
  default     = ["203.0.113.0/24"]
  description = "Networks that may reach the cluster"
}

cluster "analytics" {
  image = "debian-12"

  network {
    cidr             = "10.20.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = var.office }
    allow "web-ui" { from = var.office }
  }

  master {
    count         = 3
    flavor        = "m1.large"
    floating_ip   = true
    anti_affinity = "soft"
  }

  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }

  # Decides which NameNode is active. It would come by itself, with a warning; this is where its settings go.
  framework "zookeeper" {}

  framework "hadoop" {}
}

output "hdfs_ui" {
  value = cluster.analytics.ui.hdfs
}

output "ssh" {
  value = cluster.analytics.ssh
}
