description = "Queue for batch jobs"
needs       = ["slaves"]

version "22.05" {}

masters {
  maximum = 1
  reason  = "a second controller needs a shared folder"
}

setting "munge_key" {
  type        = "string"
  description = "Key of MUNGE, the same on all nodes"
  secret      = true
  generated   = true
  length      = 128
}

file "munge.key" {
  format   = "template"
  path     = "/etc/slurm-disco/munge.key"
  template = "munge.key"
  mode     = "0600"
  restarts = ["controller", "node"]
}

file "slurm.conf" {
  format   = "template"
  path     = "/etc/slurm-disco/slurm.conf"
  template = "slurm.conf"
  restarts = ["controller", "node"]
}

file "start.sh" {
  format   = "template"
  path     = "/usr/local/bin/slurm-start"
  template = "start.sh"
  mode     = "0755"
}

service "controller" {
  description = "Slurm controller"
  on          = "master"
  unit        = "slurm-controller"
  user        = "root"
  exec        = ["/usr/local/bin/slurm-start", "slurmctld"]
  memory      = 128
  ready {
    port    = "slurm"
    timeout = 600
  }
}

service "node" {
  description = "Slurm node"
  on          = "slaves"
  unit        = "slurm-node"
  user        = "root"
  exec        = ["/usr/local/bin/slurm-start", "slurmd"]
  memory      = 64
  kill_mode   = "process"
}

port "slurm" {
  description = "Controller"
  service     = "controller"
  port        = 6817
}
