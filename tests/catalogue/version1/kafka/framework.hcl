description = "Log of messages, with its controller on the master"
needs       = ["storage"]

version "3.9.0" {
  archive = "kafka/3.9.0/kafka_2.13-3.9.0.tgz"
  sha512  = "abababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababab"
  java    = [17]
}

setting "mirrors" {
  type        = "list(url)"
  description = "Where to fetch it"
  default     = ["https://archive.apache.org/dist"]
}

setting "cluster_id" {
  type        = "string"
  description = "Id of the cluster, as kafka-storage random-uuid gives it"
  default     = "MkU3OEVBNTcwNTJENDM2Qk"
}

setting "heap" {
  type        = "integer"
  unit        = "MiB"
  description = "Heap of a broker"
  default     = min(6144, floor(node.share / 2))
  on          = "storage"
}

minimum_memory = { slave = 1024 }

masters { maximum = 1 }

user "kafka" {}

directory {
  path       = length(node.disks) == 0 ? ["/var/lib/kafka"] : [for disk in node.disks : "${disk}/kafka"]
  owner      = "kafka:kafka"
  holds_data = true
}

file "server.properties" {
  format   = "properties"
  path     = "/etc/kafka/server.properties"
  restarts = ["broker", "controller"]
  keys = {
    "process.roles"                  = group.role == "master" ? "controller" : "broker"
    "controller.quorum.voters"       = "1@${cluster.master}:9093"
    "controller.listener.names"      = "CONTROLLER"
    "listeners"                      = group.role == "master" ? "CONTROLLER://:9093" : "PLAINTEXT://:9092"
    "log.dirs"                       = join(",", length(node.disks) == 0 ? ["/var/lib/kafka"] : [for disk in node.disks : "${disk}/kafka"])
    "offsets.topic.replication.factor" = 1
  }
  protected = { "process.roles" = "the units are made for these" }
}

file "start.sh" {
  format   = "template"
  path     = "/usr/local/bin/kafka-start"
  template = "start.sh"
  mode     = "0755"
}

service "controller" {
  description = "Kafka controller"
  on          = "master"
  unit        = "kafka-controller"
  user        = "root"
  exec        = "/usr/local/bin/kafka-start"
  environment = { KAFKA_HEAP_OPTS = "-Xmx256m" }
  memory      = 512
  success_exit_status = 143
  ready { port = "controller" }
}

service "broker" {
  description     = "Kafka broker"
  on              = "storage"
  unit            = "kafka-broker"
  user            = "root"
  exec            = "/usr/local/bin/kafka-start"
  environment     = { KAFKA_HEAP_OPTS = "-Xmx${setting.heap}m" }
  memory          = setting.heap + 256
  stores_data     = true
  max_unavailable = 1
  success_exit_status = 143
  ready { port = "kafka" }
}

port "controller" {
  description = "Controller"
  service     = "controller"
  port        = 9093
}

port "kafka" {
  description = "Brokers"
  service     = "broker"
  port        = 9092
  users       = true
  endpoint    = ""
}
