description = "Coordination service, on the slaves of one group"
needs       = ["slaves"]

version "3.9.3" {
  archive = "zookeeper/zookeeper-3.9.3/apache-zookeeper-3.9.3-bin.tar.gz"
  sha512  = "abababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababab"
  java    = [17, 11]
}

setting "mirrors" {
  type        = "list(url)"
  not_empty   = true
  description = "Where to fetch it"
  default     = ["https://archive.apache.org/dist"]
}

setting "group" {
  type        = "string"
  description = "Group of slaves that are servers"
  default     = "slaves"
}

setting "servers" {
  type        = "integer"
  description = "How many servers there are"
  default     = cluster.slaves >= 3 ? 3 : 1
  fixed       = true
}

user "zookeeper" {}

directory {
  path       = "/var/lib/zookeeper"
  owner      = "zookeeper:zookeeper"
  holds_data = true
  on         = "slaves"
  when       = group.name == setting.group
}

# The script makes `myid` and the list of servers out of the host's name.
file "start.sh" {
  format   = "template"
  path     = "/usr/local/bin/zookeeper-start"
  template = "start.sh"
  mode     = "0755"
  on       = "slaves"
  restarts = ["server"]
  when     = group.name == setting.group
}

service "server" {
  description     = "ZooKeeper"
  on              = "slaves"
  when            = group.name == setting.group
  unit            = "zookeeper"
  user            = "root"
  exec            = ["/usr/local/bin/zookeeper-start"]
  environment     = { SERVERS = setting.servers, HOME_OF_ZOOKEEPER = install.home }
  memory          = 512
  stores_data     = true
  max_unavailable = 1
  ready { port = "zookeeper" }
}

port "zookeeper" {
  description = "Clients"
  service     = "server"
  port        = 2181
  users       = true
}
