# HBase on HDFS and ZooKeeper: tables of rows and columns, read and written by key.

variable "slaves" {
  type        = number
  default     = 3
  description = "How many slaves; HDFS keeps three copies of everything where there are three"
}

cluster "tables" {
  image = "debian-12"

  network {
    cidr             = "10.42.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
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
    yarn = false # all memory of the slaves is the RegionServers'
  }

  framework "zookeeper" {}

  framework "hbase" {
    config "hbase-site.xml" {
      set = { "hbase.hregion.max.filesize" = 5368709120 }
    }
  }
}
