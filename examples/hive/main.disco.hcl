# Hive and Spark over the same tables in HDFS.

variable "slaves" {
  type        = number
  default     = 3
  description = "How many slaves; HDFS keeps three copies of everything where there are three"
}

cluster "warehouse" {
  image = "debian-12"

  network {
    cidr             = "10.44.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  master {
    flavor      = "m1.xlarge"
    floating_ip = true
  }

  slaves {
    count  = var.slaves
    flavor = "m1.large"
    volume "hdfs" { size = 100 }
  }

  framework "hadoop" {}

  framework "hive" {
    sessions = 50
  }

  framework "spark" {
    run_on = "yarn"
  }
}
