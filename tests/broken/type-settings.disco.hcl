cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves {
    count  = 3
    flavor = "m1.large"
  }
  framework "hadoop" {
    replication = "two"
    mirrors     = "https://mirror.example.org"
    config "hdfs-site.xml" {
      set = {
        "dfs.blocksize" = ["128m", "256m"]
        "dfs.replication.max" = { a = 1 }
      }
    }
  }
}
