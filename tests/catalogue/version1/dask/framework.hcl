description = "Parallel Python: a scheduler and workers"

version "2024.8.0" { python = "3.9" }

setting "memory" {
  type        = "integer"
  unit        = "MiB"
  description = "Memory of a worker"
  default     = floor(node.share)
  on          = "slaves"
  minimum     = 256
}

minimum_memory = { master = 512, slave = 512 }

user "dask" {}

directory {
  path  = "/opt/dask"
  owner = "root:root"
}

# Makes the environment when the service starts for the first time.
file "start.sh" {
  format   = "template"
  path     = "/usr/local/bin/dask-start"
  template = "start.sh"
  mode     = "0755"
  restarts = ["scheduler", "worker"]
}

service "scheduler" {
  description = "Dask scheduler"
  on          = "master"
  unit        = "dask-scheduler"
  user        = "root"
  exec        = ["/usr/local/bin/dask-start", "scheduler", "--port", port.dask]
  memory      = 256
  ready {
    port    = "dask"
    timeout = 900
  }
}

service "worker" {
  description = "Dask worker"
  on          = "slaves"
  unit        = "dask-worker"
  user        = "root"
  exec        = "/usr/local/bin/dask-start worker tcp://${cluster.master}:${port.dask} --memory-limit ${setting.memory}MiB"
  memory      = setting.memory
}

port "dask" {
  description = "Scheduler"
  service     = "scheduler"
  port        = 8786
  users       = true
  endpoint    = "tcp://"
}

port "dask-ui" {
  description = "Dashboard"
  service     = "scheduler"
  port        = 8787
  users       = true
  page        = "/status"
}
