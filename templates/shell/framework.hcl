# A shell: machines with the packages and folders that one names, and nothing that runs.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# For what has no manifest: one logs in (`disco ssh`) and starts programs oneself. The nodes know each other by name
# (/etc/hosts), all ports between them are open, and volumes are mounted. For services, files and ports of one's own write
# a manifest: a folder with a `framework.hcl`, named by `disco { catalogues = […] }`.
#
# It has no `minimum_memory`, so it takes no memory from other frameworks in the cluster: `packages` can add to Hadoop or
# Slurm what jobs need. Packages that are no longer named stay on the machine. A service that a package brings is not
# started by its installation; where the package enables it, it starts at the next boot.
#
# Authentication: there is nothing to reach but SSH. What one starts by hand protects itself, or does not.

manifest    = 2
description = "Machines with packages of one's own, and nothing that runs"

version "1" {}

protection {
  does_not = "what one starts by hand (it protects itself, or does not)"
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "shell"` block may say.

setting "packages" {
  type        = "list(string)"
  description = "Packages of the distribution on all nodes, as in `[\"gfortran\", \"python3-numpy\"]`"
  default     = []
}

setting "master_packages" {
  type        = "list(string)"
  description = "Further packages on masters"
  default     = []
}

setting "slave_packages" {
  type        = "list(string)"
  description = "Further packages on slaves"
  default     = []
}

setting "folders" {
  type        = "list(string)"
  description = "Folders on all nodes in which everybody may write, as in /tmp; what is in them counts as data that cannot be recomputed"
  default     = []
}

setting "scratch" {
  type        = "bool"
  description = "Whether each volume has a folder `scratch` in which everybody may write, and which is no data"
  default     = true
}

setting "check" {
  type        = "list(string)"
  description = "A program with its arguments that shows on the first master that a new cluster works, as in `[\"python3\", \"-c\", \"import numpy\"]`; it runs as `nobody`"
  default     = []
}

# ---------------------------------------------------------------------------------------------------------------------

packages {
  names = setting.packages
}

packages {
  on    = ["master"]
  names = setting.master_packages
}

packages {
  on    = ["slaves"]
  names = setting.slave_packages
}

directory {
  path       = setting.folders
  mode       = "1777"
  holds_data = true
}

directory {
  path = [for disk in node.disks : "${disk}/scratch"]
  mode = "1777"
  when = setting.scratch
}

# ---------------------------------------------------------------------------------------------------------------------
# What was installed, with versions, in the log of the first master; and a check of one's own.

step "packages" {
  when    = length(setting.packages) + length(setting.master_packages) > 0
  moment  = "verify"
  timeout = 60
  action = {
    kind     = "job"
    commands = [concat(["dpkg-query", "--show"], setting.packages, setting.master_packages)]
  }
}

step "smoke-test" {
  when    = length(setting.check) > 0
  moment  = "smoke-test"
  timeout = 300
  action = {
    kind     = "job"
    user     = "nobody"
    once     = true
    commands = [setting.check]
  }
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { tasks = 1 }
  languages = { python = 2, native = 2, java = 1, scala = 1, r = 1, sql = 1 }
  home      = { loaded = 1, object = 1, cluster = 1 }
  people    = 1
  survives  = 1
  simple    = 2
  answer    = "100 ms"
  parts     = { minimum_nodes = 1 }
}
