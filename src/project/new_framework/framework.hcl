# The framework `@NAME@`, a beginning that works as it is: a server on each node of a small ensemble, and a worker on every
# slave that tells the servers that it is there. Replace the program by your own, then block by block what goes with it.
#
#   disco frameworks check @FOLDER@      what it puts on machines, and what is wrong with it
#   disco frameworks rehearse @FOLDER@   what the nodes would do with it
#   disco frameworks show @NAME@         its settings, ports and files, in a project that has it
#
# All blocks and attributes: templates/README.md in DISCO's sources.

manifest    = 2
description = "Greets who asks, on every node"

# Nodes with less memory are refused, MiB; the rest of a node is for other frameworks.
minimum_memory = { master = 512, slave = 512 }

# The first version is the default. This one has no archive: all software comes from packages and from beside this file. With
# `archive`, `sha512` and a setting `mirrors` each node unpacks a tar file into `install.home`; with `requirements` it makes a
# Python environment there.
version "1.0" {}

# Packages of the distribution. Without `on` they go to all nodes.
packages {
  names = ["python3", "curl"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a definition may say, as in `framework "@NAME@" { greeting = "good morning" }`.

setting "greeting" {
  type        = "string"
  description = "How to greet"
  default     = "hello"
  not_empty   = true
}

setting "memory" {
  type        = "integer"
  description = "Memory of a server, and of a worker"
  unit        = "MiB"
  default     = min(256, max(64, floor(node.share / 8))) # a formula; `node.share` is what the framework may use on a node
  minimum     = 32
}

# What depends on the number of nodes is `fixed`: it is computed once, when the cluster is created, so that a cluster that
# grows changes nothing on the nodes that are there. `disco frameworks check` holds the manifest to that.
setting "servers" {
  type        = "integer"
  description = "How many nodes have a server"
  default     = cluster.nodes >= 3 ? 3 : 1
  minimum     = 1
  fixed       = true
}

setting "servers_group" {
  type        = "string"
  description = "The group of slaves whose first nodes have a server, beside the master"
  default     = length(cluster.slave_groups) == 0 ? "" : cluster.slave_groups[0]
  fixed       = true
}

# ---------------------------------------------------------------------------------------------------------------------
# Which nodes. Without an ensemble, `on` is "master", "slaves", "storage", or a list of these.

ensemble "servers" {
  on    = ["master", "slaves"] # masters come first
  group = setting.servers_group
  size  = setting.servers
}

# ---------------------------------------------------------------------------------------------------------------------
# An account without a login, and its folder.

user "@NAME@" {}

directory {
  path  = "/var/lib/@NAME@"
  owner = "@NAME@:@NAME@"
  mode  = "0750"
  on    = "servers"
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order of their start. systemd runs them, and starts them again where they end by themselves.

service "server" {
  description     = "@NAME@ server"
  on              = "servers" # the ensemble
  unit            = "@NAME@-server"
  user            = "@NAME@"
  exec            = ["/usr/bin/python3", "/usr/local/lib/@NAME@/cluster.py", "serve", "/etc/@NAME@/@NAME@.conf"]
  memory          = setting.memory
  max_unavailable = 1
  options         = { MemoryMax = "${setting.memory * 2}M" } # lines of systemd.service(5)

  # A node counts as ready when this page is there.
  ready {
    port    = "@NAME@"
    path    = "/members"
    timeout = 60
  }
}

service "worker" {
  description = "@NAME@ worker"
  on          = "slaves"
  unit        = "@NAME@-worker"
  user        = "@NAME@"
  exec        = ["/usr/bin/python3", "/usr/local/lib/@NAME@/cluster.py", "work", "/etc/@NAME@/@NAME@.conf"]
  environment = { PYTHONUNBUFFERED = 1 }
  memory      = setting.memory
  ready { port = "@NAME@-worker" }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports: `allow "@NAME@" { from = […] }` in a definition lets users in, and `cluster.X.ui.@NAME@` is the page's address.

port "@NAME@" {
  description = "Greetings, and who is there"
  service     = "server"
  port        = 8790
  users       = true
  page        = "/"
}

port "@NAME@-worker" {
  description = "Workers"
  service     = "worker"
  port        = 8791
}

# ---------------------------------------------------------------------------------------------------------------------
# Files. A definition can set keys of its own: `config "@NAME@.conf" { set = { … } }`.

file "@NAME@.conf" {
  format   = "properties"
  path     = "/etc/@NAME@/@NAME@.conf"
  restarts = ["server", "worker"]
  keys = {
    "name"        = node.name # each node fills in its own
    "address"     = node.address
    "greeting"    = setting.greeting
    "port"        = port.@NAME@
    "worker.port" = port.@NAME@-worker
    "folder"      = "/var/lib/@NAME@"
    "servers"     = join(",", [for server in ensemble.servers : "${server.name}:${port.@NAME@}"])
  }
  protected = {
    "port"        = "security rules and probes are made for this port"
    "worker.port" = "security rules and probes are made for this port"
  }
}

# A text beside this file, in which `${…}` is filled in.
file "cluster.py" {
  format   = "template"
  path     = "/usr/local/lib/@NAME@/cluster.py"
  template = "cluster.py"
  mode     = "0755"
  restarts = ["server", "worker"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps of the whole cluster, on its first master, when all nodes are ready.

# Every slave is there, by name.
step "workers" {
  moment     = "verify"
  members_of = "slaves"
  timeout    = 60
  action = {
    kind  = "members"
    title = "Workers"
    url   = "http://127.0.0.1:${port.@NAME@}/members"
    path  = ["members"]
    names = "host"
    where = { state = "UP" }
  }
}

# And it does its work: run once, when the cluster is created.
step "smoke-test" {
  moment  = "smoke-test"
  timeout = 60
  action = {
    kind     = "job"
    user     = "@NAME@"
    commands = [for server in ensemble.servers : ["curl", "-fsS", "http://${server.name}:${port.@NAME@}/greet?name=disco"]]
    expect   = "disco"
  }
}

# What `disco status` asks; it stands on no node.
status "@NAME@" {
  title      = "@NAME@"
  ask        = { members = "http://127.0.0.1:${port.@NAME@}/members" }
  members_of = "slaves"
  members = {
    title  = "Workers"
    from   = "members"
    path   = ["members"]
    names  = "host"
    state  = "state"
    well   = ["UP"]
    silent = "seconds"
  }
  facts = [{ name = "greetings", from = "members", path = ["greetings"] }]
}
