# A wrong setting, and a second cluster of the same name, hide nothing of the rest.
cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.medium" }
  slaves {
    count  = 3
    count  = 4
    flavor = "m1.medium"
  }
  master { flavor = "m1.large" }
  slaves {
    count  = 1
    flavor = "m1.large"
  }
  framework "hadoop" {
    replication   = 50
    yarn_memory   = 1
    namenode_heap = -1
    yarn          = "maybe"
    config "core-site.xml" {
      set = { "fs.defaultFS" = "hdfs://elsewhere:8020" }
    }
  }
  framework "hadoop" {}
}

cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.21.0.0/33" }
  master { flavor = "m1.medium" }
  slaves {
    count  = -1
    flavor = "m1.medium"
  }
}
