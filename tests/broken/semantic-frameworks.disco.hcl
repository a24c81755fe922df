cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves {
    count  = 3
    flavor = "m1.large"
  }
  framework "hadop" { version = "3.5.0" }
  framework "hadoop" {
    version     = "3.5"
    replicaton  = 2
    config "hdfs-site.xlm" { set = { a = "b" } }
    config "core-site.xml" {}
    config "yarn-site.xml" {
      set     = { a = "b" }
      content = "c"
    }
  }
}
