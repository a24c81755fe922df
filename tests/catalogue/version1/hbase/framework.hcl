description = "Table store on HDFS"
requires    = ["hdfs", "zookeeper"]

version "2.6.1" {
  archive    = "hbase/2.6.1/hbase-2.6.1-bin.tar.gz"
  sha512     = "abababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababab"
  java       = [17, 11]
  compatible = { hadoop = ["3.4", "3.5"] }
  compatible_reason = "it brings clients of Hadoop 3.4"
}

setting "mirrors" {
  type        = "list(url)"
  description = "Where to fetch it"
  default     = ["https://archive.apache.org/dist"]
}

user "hbase" {}

file "hbase-site.xml" {
  format   = "hadoop-xml"
  path     = "/etc/hbase/hbase-site.xml"
  restarts = ["master", "regionserver"]
  keys = {
    "hbase.rootdir"             = "${with.hdfs.url}/hbase"
    "hbase.cluster.distributed" = true
    "hbase.zookeeper.quorum"    = cluster.master
  }
}

file "start.sh" {
  format   = "template"
  path     = "/usr/local/bin/hbase-start"
  template = "start.sh"
  mode     = "0755"
}

step "folder" {
  moment = "before-start"
  action = {
    kind     = "command"
    user     = "hdfs"
    retry    = true
    commands = [["hdfs", "dfs", "-mkdir", "-p", "/hbase"], ["hdfs", "dfs", "-chown", "hbase", "/hbase"]]
  }
}

service "master" {
  description = "HBase Master"
  on          = "master"
  unit        = "hbase-master"
  user        = "hbase"
  exec        = ["/usr/local/bin/hbase-start", "master"]
  memory      = 1024
  needs_step  = "folder"
  ready { port = "hbase" }
}

service "regionserver" {
  description = "RegionServer"
  on          = "storage"
  unit        = "hbase-regionserver"
  user        = "hbase"
  exec        = ["/usr/local/bin/hbase-start", "regionserver"]
  memory      = 1024
}

port "hbase" {
  description = "Web page of the Master"
  service     = "master"
  port        = 16010
  users       = true
  page        = "/"
}
