# Ray: its head on the master, a raylet on every slave.
#
# Authentication. Whoever may submit can run anything as `ray`, so everything asks for a token (RAY_AUTH_MODE=token), which is
# made up where the setting `token` says nothing. On the nodes the group `ray` may read it. Not protected: nothing is
# encrypted, so who can listen has the token; `/` of the dashboard and answers to health checks are open; workers' ports
# (20000 and up) are for nodes of the cluster. Ray's own advice is a network of one's own, which this is.
#
# How memory is shared out. All sizes are MiB. `node.share` is what the system leaves, or Ray's part of it.
# - The head takes 860 at rest (GCS, dashboard, agents, raylet: 20 processes), a slave 330 (5 processes); 1024 and 448 are
#   set aside.
# - Of the rest 30 % are for objects, as Ray itself has it, at least 80 (Ray refuses less than 75). They lie in /dev/shm,
#   which is half of a node's memory, so they are no more than 45 % of it. What does not fit goes to disk.
# - What is left is what tasks and actors may ask for with `memory=`. Ray does not enforce that, but ends processes when the
#   node's memory is 95 % full. Each idle worker process takes about 70.
#
# The head has no CPUs for tasks, so that they go to slaves: Ray's advice for large clusters, and on small ones the head's
# warm processes get most of the work (24 of 40 tasks were seen on a head with 1 CPU). `head_cpus` gives it some.
#
# A raylet gives its agents 15 seconds to start, in Ray's own code (ray-project/ray, issue 65983), and ends where they take
# longer, as on machines with much other work; it is then started again.
#
# When the head restarts, what it knew is lost and jobs end; slaves come back by themselves.
#
# Not set up: a GCS that outlives the head (it needs Redis), the autoscaler, TLS (RAY_USE_TLS; needs a certificate for each
# node), GPUs beyond what Ray finds by itself, Ray Serve's proxy from outside. Packages beside those of requirements.in:
# `runtime_env={"pip": [...]}` of a job, or a lock file of one's own in a copy of this folder.

manifest    = 2
description = "Python tasks, actors and machine learning on many nodes"
needs       = ["slaves"]

provide "ray" {
  values = {
    address     = local.gcs
    python      = local.python
    home        = install.home
    group       = "ray"
    environment = { RAY_ADDRESS = "ray://${cluster.master}:${port.ray-client}", RAY_AUTH_MODE = "token", RAY_AUTH_TOKEN_PATH = "/etc/ray/token" }
    dashboard   = "http://${cluster.master}:${port.ray}"
  }
}

masters {
  maximum = 1
  reason  = "Ray has one head; another one that takes over needs Redis, which this manifest does not set up"
}

minimum_memory  = { master = 2560, slave = 1536 }
reserved_memory = setting.reserved_memory

# ---------------------------------------------------------------------------------------------------------------------
# Versions. Digests in the lock file are PyPI's.

version "2.60.0" {
  requirements = "requirements-2.60.0.txt"
  python       = "3.11"
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "ray"` block may say.

setting "index" {
  type        = "url"
  description = "Index of Python packages"
  default     = "https://pypi.org/simple"
}

setting "token" {
  type        = "string"
  description = "Token that nodes and clients must have: who has it can run anything on the cluster"
  secret      = true
  generated   = true
}

setting "reserved_memory" {
  type        = "integer"
  description = "Memory left to the operating system"
  unit        = "MiB"
  default     = node.reserved
  minimum     = 0
}

setting "cpus" {
  type        = "integer"
  description = "CPUs of a slave for tasks and actors"
  on          = "slaves"
  default     = node.vcpus
  minimum     = 1
}

setting "head_cpus" {
  type        = "integer"
  description = "CPUs of the head for tasks and actors"
  on          = "master"
  default     = 0
  minimum     = 0
}

setting "object_store" {
  type         = "integer"
  description  = "Memory of a node for objects: 30 % of what Ray has beside its own processes"
  unit         = "MiB"
  default      = max(80, min(floor(0.45 * node.memory), floor(0.3 * (node.share - local.own))))
  minimum      = 75
  maximum      = floor(0.45 * node.memory)
  limit_reason = "Ray refuses less than 75, and objects lie in /dev/shm, which is half of a node's memory"
}

setting "task_memory" {
  type        = "integer"
  description = "Memory of a node that tasks and actors may ask for"
  unit        = "MiB"
  default     = node.share - local.own - setting.object_store
  minimum     = 128
}

setting "drain_seconds" {
  type        = "integer"
  description = "How long tasks of a node that leaves may go on; actors that may restart do so elsewhere"
  unit        = "seconds"
  default     = 600
  minimum     = 1
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  own = group.role == "master" ? 1024 : 448
}

locals {
  python   = "${install.home}/bin/python"
  programs = "/usr/local/lib/ray"
  gcs      = "${cluster.master}:${port.ray-gcs}"
  spill    = length(node.disks) == 0 ? "/var/lib/ray/spill" : "${node.disks[0]}/ray"
  token    = { RAY_AUTH_MODE = "token", RAY_AUTH_TOKEN_PATH = "/etc/ray/token" }
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders. A node's sockets and logs lie below /var/lib/ray, for the user `ray` alone: who is another user on a
# node speaks with Ray as from elsewhere, through Ray Client (`ray://`) or the Jobs API, with the token.

user "ray" {
  home = "/var/lib/ray"
}

directory {
  path = ["/etc/ray", "/usr/local/lib/ray"]
}

directory {
  path  = ["/var/lib/ray", "/var/lib/ray/tmp"]
  owner = "ray:ray"
  mode  = "0750"
}

directory {
  path  = local.spill
  owner = "ray:ray"
  mode  = "0750"
}

# ---------------------------------------------------------------------------------------------------------------------
# Services.

service "head" {
  description = "Ray head"
  on          = "master"
  unit        = "ray-head"
  user        = "ray"
  exec = [
    "${install.home}/bin/ray", "start", "--head", "--block", "--disable-usage-stats", "--log-color", "false",
    "--node-ip-address", node.address, "--node-name", node.name, "--port", port.ray-gcs, "--temp-dir", "/var/lib/ray/tmp",
    "--dashboard-host", "0.0.0.0", "--dashboard-port", port.ray, "--ray-client-server-port", port.ray-client,
    "--num-cpus", setting.head_cpus,
    "--node-manager-port", port.ray-node-manager, "--object-manager-port", port.ray-object-manager,
    "--dashboard-agent-grpc-port", port.ray-agent-grpc, "--dashboard-agent-listen-port", port.ray-agent,
    "--runtime-env-agent-port", port.ray-runtime-env, "--metrics-export-port", port.ray-metrics,
    "--min-worker-port", port.ray-workers, "--max-worker-port", 20999,
    "--object-store-memory", setting.object_store * 1048576, "--memory", setting.task_memory * 1048576,
    "--object-spilling-directory", local.spill,
  ]
  environment = {
    RAY_AUTH_MODE                = "token"
    RAY_AUTH_TOKEN_PATH          = "/etc/ray/token"
    RAY_raylet_start_wait_time_s = 180
  }
  options         = { Restart = "always", RestartSec = 5, TasksMax = "infinity", LimitNOFILE = 65536 }
  memory          = local.own
  workload_memory = setting.object_store + setting.task_memory

  # The port answers before there is a raylet that others could join.
  ready {
    command = [local.python, "${local.programs}/ray_nodes.py", "find", local.gcs, node.name]
    user    = "ray"
    timeout = 600
  }
}

# It ends by itself when it loses its head, so it is always started again.
service "node" {
  description = "Ray node"
  on          = "slaves"
  unit        = "ray-node"
  user        = "ray"
  exec = [
    "${install.home}/bin/ray", "start", "--block", "--disable-usage-stats", "--log-color", "false", "--address", local.gcs,
    "--node-ip-address", node.address, "--node-name", node.name, "--num-cpus", setting.cpus,
    "--node-manager-port", port.ray-node-manager, "--object-manager-port", port.ray-object-manager,
    "--dashboard-agent-grpc-port", port.ray-agent-grpc, "--dashboard-agent-listen-port", port.ray-agent,
    "--runtime-env-agent-port", port.ray-runtime-env, "--metrics-export-port", port.ray-metrics,
    "--min-worker-port", port.ray-workers, "--max-worker-port", 20999,
    "--object-store-memory", setting.object_store * 1048576, "--memory", setting.task_memory * 1048576,
    "--object-spilling-directory", local.spill,
  ]
  environment = {
    RAY_AUTH_MODE                = "token"
    RAY_AUTH_TOKEN_PATH          = "/etc/ray/token"
    RAY_raylet_start_wait_time_s = 180
  }
  options         = { Restart = "always", RestartSec = 5, TasksMax = "infinity", LimitNOFILE = 65536 }
  memory          = local.own
  workload_memory = setting.object_store + setting.task_memory
  max_unavailable = max(1, floor(group.count / 4)) # tasks and objects of a node are computed again
  needs_step      = "head"

  ready {
    port    = "ray-agent"
    path    = "/api/local_raylet_healthz"
    timeout = 600
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports. `users = true` are those that an `allow` block can open, `page` is what a browser looks at.

port "ray" {
  description = "Ray's dashboard and its Jobs API, with the token"
  service     = "head"
  port        = 8265
  users       = true
  page        = "/"
}

port "ray-gcs" {
  description = "Ray's Global Control Service"
  service     = "head"
  port        = 6379
}

port "ray-client" {
  description = "Ray Client, for drivers elsewhere that have the token"
  service     = "head"
  port        = 10001
  users       = true
  endpoint    = "ray://"
}

port "ray-node-manager" {
  description = "Raylets"
  on          = ["master", "slaves"]
  port        = 6380
  differs     = "Ray's default is 0, a port that changes at each start"
}

port "ray-object-manager" {
  description = "Objects between nodes"
  on          = ["master", "slaves"]
  port        = 6381
  differs     = "Ray's default is 0, a port that changes at each start"
}

port "ray-agent-grpc" {
  description = "Agents of the dashboard, gRPC"
  on          = ["master", "slaves"]
  port        = 6382
  differs     = "Ray's default is 0, a port that changes at each start"
}

port "ray-agent" {
  description = "Agents of the dashboard, HTTP"
  on          = ["master", "slaves"]
  port        = 6383
  differs     = "Ray's default is 52365, which is among the ports that systems give to anybody"
}

port "ray-runtime-env" {
  description = "Agents that prepare environments of jobs"
  on          = ["master", "slaves"]
  port        = 6384
  differs     = "Ray's default is 0, a port that changes at each start"
}

port "ray-metrics" {
  description = "Metrics of a node, for Prometheus"
  on          = ["master", "slaves"]
  port        = 6385
  differs     = "Ray's default is 0, a port that changes at each start"
}

protection {
  does = "jobs, the dashboard's data and Ray Client (a generated token)"
  does_not = [
    "traffic (nothing is encrypted, so who can listen has the token)",
    "ports of workers, 20000 and up (they are for nodes of the cluster)",
  ]
}

port "ray-workers" {
  description = "Workers and drivers, a port for each process"
  on          = ["master", "slaves"]
  port        = 20000
  last_port   = 20999
  differs     = "Ray's default is 10002 to 19999"
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

file "token" {
  format   = "template"
  path     = "/etc/ray/token"
  template = "token"
  owner    = "root:ray"
  mode     = "0640"
  restarts = ["head", "node"]
}

file "ray-profile.sh" {
  format   = "template"
  path     = "/etc/profile.d/ray.sh"
  template = "ray-profile.sh"
  on       = ["master"]
}

file "ray_nodes.py" {
  format   = "template"
  path     = "/usr/local/lib/ray/ray_nodes.py"
  template = "ray_nodes.py"
}

file "smoke_test.py" {
  format   = "template"
  path     = "/usr/local/lib/ray/smoke_test.py"
  template = "smoke_test.py"
  on       = ["master"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps. Ray's API for nodes asks for the token, so a command lists them.

# A raylet without a head ends after a while, so it is not started before there is one.
step "head" {
  moment  = "before-start"
  on      = ["slaves"]
  timeout = 600
  action = {
    kind     = "command"
    user     = "ray"
    retry    = true
    commands = [[local.python, "${local.programs}/ray_nodes.py", "find", local.gcs, cluster.master]]
  }
}

# A node that is drained takes no work any more; it is dead to Ray when its tasks have ended.
step "drain" {
  moment     = "verify"
  members_of = "slaves"
  timeout    = 3600
  action = {
    kind    = "decommission"
    title   = "Ray nodes drained"
    user    = "ray"
    each    = [[local.python, "${local.programs}/ray_nodes.py", "drain", local.gcs, "{name}", "seconds=${setting.drain_seconds}"]]
    command = [local.python, "${local.programs}/ray_nodes.py", "list", local.gcs]
    pattern = "(?m)^(\\S+)$"
  }
}

step "nodes" {
  moment     = "verify"
  members_of = "slaves"
  timeout    = 300
  action = {
    kind    = "command_members"
    title   = "Ray nodes alive"
    user    = "ray"
    command = [local.python, "${local.programs}/ray_nodes.py", "list", local.gcs]
    pattern = "(?m)^(\\S+)$"
  }
}

step "smoke-test" {
  moment  = "smoke-test"
  timeout = 300
  action = {
    kind        = "job"
    user        = "ray"
    environment = local.token
    once        = true
    expect      = "sum 499999500000"
    commands    = [[local.python, "${local.programs}/smoke_test.py", local.gcs]]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster. All else that Ray tells needs the token.

status "ray" {
  title = "Ray"
  ask   = { access = "http://127.0.0.1:${port.ray}/api/authentication_mode" }
  facts = [{ name = "authentication", from = "access", path = ["authentication_mode"], well = ["token"], words = "authentication is {}: restart ray-head" }]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { ml = 3, tasks = 2, batch = 1, arrays = 1 }
  languages = { python = 3, java = 1, native = 1 }
  home      = { object = 2, loaded = 2, cluster = 1 }
  gpu       = 3
  people    = 1
  survives  = 2
  simple    = 2
  answer    = "100 ms"
  volume    = { to = "1 PB" }
  parts     = { needs = ["storage"], minimum_nodes = 1 }

  source "https://docs.ray.io/en/latest/ray-overview/use-cases.html" {
    about = ["work.ml", "languages.python"]
    says  = "scales training, tuning, batch inference and serving in Python"
  }
  source "https://docs.ray.io/en/latest/ray-core/scheduling/accelerators.html" {
    about = ["gpu"]
    says  = "GPUs are a resource that tasks and actors ask for, in parts too"
  }
}

sizing {
  memory_per_core = 4
  throughput      = 10 # our estimate
}
