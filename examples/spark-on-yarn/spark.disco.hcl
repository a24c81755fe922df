# Spark on YARN: executors are YARN's containers, files and event logs lie in HDFS.

variable "slaves" {
  type        = number
  default     = 3
  description = "How many slaves"
}

variable "executor_memory" {
  type        = number
  default     = null
  description = "Heap of an executor in MiB; what fits the slaves if nothing is said"
}

cluster "analytics" {
  image = "debian-12"

  network {
    cidr             = "10.40.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "web-ui" { from = ["203.0.113.0/24"] }
  }

  master {
    flavor      = "m1.large"
    floating_ip = true
  }

  slaves {
    count  = var.slaves
    flavor = "m1.large"
    volume "hdfs" { size = 100 }
  }

  framework "hadoop" {
    version = "3.5.0"
  }

  framework "spark" {
    version         = "4.3.0"
    run_on          = "yarn"
    executor_memory = var.executor_memory

    config "spark-defaults.conf" {
      set = { "spark.serializer" = "org.apache.spark.serializer.KryoSerializer" }
    }
  }
}

output "yarn_ui" {
  value = cluster.analytics.ui.yarn
}

output "history_ui" {
  value = cluster.analytics.ui.spark-history
}
