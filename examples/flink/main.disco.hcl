# Flink: a session cluster with checkpoints in HDFS, and jobs that survive a restart of the JobManager.

variable "slaves" {
  type        = number
  default     = 3
  description = "How many slaves"
}

variable "office" {
  type        = list(string)
  default     = ["203.0.113.0/24"]
  description = "Networks that may reach Flink: who reaches it may run any code on the cluster"
}

cluster "streams" {
  image = "debian-12"

  network {
    cidr             = "10.41.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = var.office }
    allow "flink" { from = var.office }
  }

  master {
    flavor      = "m1.large"
    floating_ip = true
  }

  slaves {
    count  = var.slaves
    flavor = "m1.large"
    volume "data" { size = 50 }
  }

  framework "hadoop" {
    yarn = false # Flink runs on its own TaskManagers
  }

  framework "zookeeper" {}

  framework "flink" {
    checkpoint_interval = "30s"
    state_backend       = "rocksdb"

    config "config.yaml" {
      set = { "execution.checkpointing.num-retained" = 3 }
    }
  }
}

output "flink_ui" {
  value = cluster.streams.ui.flink
}
