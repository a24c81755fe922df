# A small Hadoop cluster: one master, a few slaves, HDFS, YARN and MapReduce.

variable "slaves" {
  type        = number
  default     = 3
  description = "How many slaves"

  validation {
    condition     = var.slaves >= 1
    error_message = "a Hadoop cluster needs at least one slave"
  }
}

variable "block_size" {
  type        = string
  default     = "128m"
  description = "HDFS block size"
}

variable "slave_flavor" {
  type        = string
  default     = "m1.medium"
  description = "Machine size of the slaves"
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
    flavor      = "m1.medium"
    floating_ip = true
  }

  slaves {
    count  = var.slaves
    flavor = var.slave_flavor
  }

  framework "hadoop" {
    version = "3.5.0"

    config "hdfs-site.xml" {
      set = { "dfs.blocksize" = var.block_size }
    }
  }
}

output "hdfs_ui" {
  value = cluster.analytics.ui.hdfs
}

output "yarn_ui" {
  value = cluster.analytics.ui.yarn
}

output "ssh" {
  value = cluster.analytics.ssh
}
