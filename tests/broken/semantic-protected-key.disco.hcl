cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves {
    count  = 3
    flavor = "m1.large"
  }
  framework "hadoop" {
    config "core-site.xml" {
      set = { "fs.defaultFS" = "hdfs://elsewhere:8020" }
    }
  }
}
