description = "Streams, standalone"

version "1.20.0" {
  archive = "flink/flink-1.20.0/flink-1.20.0-bin-scala_2.12.tgz"
  sha512  = "abababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababab"
  java    = [17, 11]
}

setting "mirrors" {
  type        = "list(url)"
  description = "Where to fetch it"
  default     = ["https://archive.apache.org/dist"]
}

setting "process_memory" {
  type        = "integer"
  unit        = "MiB"
  description = "Memory of a TaskManager"
  default     = floor(node.share)
  on          = "slaves"
  minimum     = 512
}

minimum_memory = { master = 1024, slave = 1024 }

user "flink" {}

directory {
  path  = "/var/log/flink"
  owner = "flink:flink"
}

file "config.yaml" {
  format   = "yaml"
  path     = "/etc/flink/config.yaml"
  restarts = ["jobmanager", "taskmanager"]
  keys = {
    "jobmanager.rpc.address"          = cluster.master
    "jobmanager.bind-host"            = "0.0.0.0"
    "jobmanager.memory.process.size"  = "1024m"
    "taskmanager.memory.process.size" = "${min(slaves.process_memory...)}m"
    "taskmanager.numberOfTaskSlots"   = min(slaves.vcpus...)
    "rest.port"                       = port.flink
    "rest.bind-address"               = "0.0.0.0"
  }
}

file "start.sh" {
  format   = "template"
  path     = "/usr/local/bin/flink-start"
  template = "start.sh"
  mode     = "0755"
}

service "jobmanager" {
  description = "Flink JobManager"
  on          = "master"
  unit        = "flink-jobmanager"
  user        = "flink"
  exec        = ["/usr/local/bin/flink-start", "jobmanager"]
  memory      = 1024
  ready {
    port = "flink"
    path = "/overview"
  }
}

service "taskmanager" {
  description = "Flink TaskManager"
  on          = "slaves"
  unit        = "flink-taskmanager"
  user        = "flink"
  exec        = ["/usr/local/bin/flink-start", "taskmanager"]
  memory      = setting.process_memory
}

port "flink" {
  description = "Web page and REST"
  service     = "jobmanager"
  port        = 8081
  users       = true
  page        = "/"
}

step "taskmanagers" {
  moment = "verify"
  action = {
    kind   = "answer"
    url    = "http://127.0.0.1:${port.flink}/overview"
    path   = ["taskmanagers"]
    equals = tostring(cluster.slaves)
  }
}
