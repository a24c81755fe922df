description = "Distributed Python: a head and workers"

version "2.40.0" {}

setting "password" {
  type        = "string"
  description = "Password of the head"
  secret      = true
  generated   = true
}

minimum_memory = { master = 1024, slave = 1024 }

user "ray" { home = "/home/ray" }

file "start.sh" {
  format   = "template"
  path     = "/usr/local/bin/ray-start"
  template = "start.sh"
  mode     = "0755"
}

service "head" {
  description = "Ray head"
  on          = "master"
  unit        = "ray-head"
  user        = "root"
  exec        = ["/usr/local/bin/ray-start", "--head", "--port", port.ray, "--dashboard-host", "0.0.0.0"]
  environment = { RAY_PASSWORD = setting.password }
  memory      = 1024
  ready {
    port    = "ray"
    timeout = 900
  }
}

service "worker" {
  description     = "Ray worker"
  on              = "slaves"
  unit            = "ray-worker"
  user            = "root"
  exec            = ["/usr/local/bin/ray-start", "--address", "${cluster.master}:${port.ray}", "--num-cpus", node.vcpus]
  environment     = { RAY_PASSWORD = setting.password }
  memory          = floor(node.share)
  kill_mode       = "mixed"
  max_unavailable = ceil(group.count / 4)
}

port "ray" {
  description = "Head"
  service     = "head"
  port        = 6379
}

port "ray-ui" {
  description = "Dashboard"
  service     = "head"
  port        = 8265
  users       = true
  page        = "/"
}

port "ray-workers" {
  description = "Between workers"
  on          = "slaves"
  port        = 10002
  last_port   = 10100
}

step "nodes" {
  moment     = "verify"
  members_of = "slaves"
  timeout    = 900
  action = {
    kind  = "members"
    title = "Ray nodes"
    url   = "http://127.0.0.1:${port.ray-ui}/nodes?view=summary"
    path  = ["data", "summary"]
    names = "hostname"
  }
}
