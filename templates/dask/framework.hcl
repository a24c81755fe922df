# Dask: its scheduler on the master, workers on the slaves.
#
# Authentication. Whoever can speak with a scheduler or worker can run any Python as `dask`, so they speak TLS only, and
# only with who has the cluster's key. Dask wants a certificate authority for that; here it is one key and one certificate
# that is its own authority, made on each node out of the setting `secret` (prepare.py: the same secret gives the same
# two files). On the nodes the group `dask` may read them. Not protected: the dashboard and the workers' pages are plain
# HTTP without login; they show names and source code of tasks, and change nothing.
#
# How memory is shared out. All sizes are MiB. `node.share` is what the system leaves, or Dask's part of it.
# - A slave's nannies take 96 and 16 for each process (62 for the first and 12 for its tracker of resources were seen). The
#   rest is divided among the processes, an idle one of which takes 92. Dask spills from 60 % of that, and ends a process
#   at 95 %, so all of it can be given away.
# - On the master the scheduler gets half of the share, the other half is for clients. It takes 94 and 4 KiB for each
#   task that it knows (480 with 100 000 tasks were seen).
#
# Processes and threads, as `dask worker --nworkers auto` has them (distributed/deploy/utils.py, nprocesses_nthreads): one
# process for each core up to four cores, then the smallest divisor that is at least the square root; but none has less
# than 1024. NumPy and pandas work in threads: `processes = 1` moves less data between processes then. Python code of one's
# own holds the interpreter's lock: leave it, or `threads = 1`.
#
# When the scheduler restarts, what it knew is lost, and clients have to submit again; workers come back by themselves.
#
# Not set up: a second scheduler (Dask has none), GPUs, dask-gateway, conda environments. Packages beside those of
# requirements.in need a lock file of their own: copy this folder into a catalogue and make it with mirror/lock.

manifest    = 2
description = "Parallel Python: NumPy arrays, pandas data frames and functions of one's own on many nodes"
needs       = ["slaves"]

provide "dask" {
  values = {
    scheduler     = local.scheduler
    python        = local.python
    home          = install.home
    configuration = "/etc/dask"
    group         = "dask"
    dashboard     = "http://${cluster.master}:${port.dask}"
  }
}

masters {
  maximum = 1
  reason  = "Dask has one scheduler"
}

minimum_memory  = { master = 1024, slave = 1024 }
reserved_memory = setting.reserved_memory

# ---------------------------------------------------------------------------------------------------------------------
# Versions. Digests in the lock file are PyPI's.

version "2026.8.0" {
  requirements = "requirements-2026.8.0.txt"
  python       = "3.11"
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "dask"` block may say.

setting "index" {
  type        = "url"
  description = "Index of Python packages"
  default     = "https://pypi.org/simple"
}

setting "secret" {
  type        = "string"
  description = "What the cluster's key is made from: who has it can run anything on the cluster"
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

setting "scheduler_memory" {
  type        = "integer"
  description = "Memory set aside for the scheduler: 94 and 4 KiB for each task that it knows; clients on the master have the rest"
  unit        = "MiB"
  on          = "master"
  default     = floor(node.share / 2)
  minimum     = 128
}

setting "processes" {
  type        = "integer"
  description = "Processes of a slave's worker: as many as Dask itself takes for its cores, but none with less than 1024 MiB"
  on          = "slaves"
  default     = max(1, min(local.processes_by_cores, floor(node.share / 1024)))
  minimum     = 1
  maximum     = 256
}

setting "threads" {
  type        = "integer"
  description = "Threads of each process: tasks that it runs at a time"
  on          = "slaves"
  default     = max(1, floor(node.vcpus / setting.processes))
  minimum     = 1
}

setting "worker_memory" {
  type         = "integer"
  description  = "Memory of each process, all that it takes"
  unit         = "MiB"
  on           = "slaves"
  default      = floor((node.share - local.nanny_memory) / setting.processes)
  minimum      = 256
  limit_reason = "an idle process takes 92, and Dask ends it at 95 % of its memory"
}

setting "memory_target" {
  type        = "number"
  description = "Part of a process's memory from which results are moved to disk, by their own size"
  default     = 0.6
  minimum     = 0.1
  maximum     = 1
}

setting "memory_spill" {
  type        = "number"
  description = "The same by what the process takes"
  default     = 0.7
  minimum     = 0.1
  maximum     = 1
}

setting "memory_pause" {
  type        = "number"
  description = "Part of a process's memory from which it begins no task"
  default     = 0.8
  minimum     = 0.1
  maximum     = 1
}

setting "memory_terminate" {
  type        = "number"
  description = "Part of a process's memory at which it is ended and started anew"
  default     = 0.95
  minimum     = 0.1
  maximum     = 1
}

setting "max_spill" {
  type        = "size"
  description = "How much a process may have on disk (`10g`); without it there is no limit"
}

setting "http_api" {
  type        = "bool"
  description = "Whether the dashboard's port also has Dask's HTTP API: who reaches it can then retire workers"
  default     = false
}

assert {
  condition = setting.memory_target <= setting.memory_spill && setting.memory_spill <= setting.memory_pause && setting.memory_pause <= setting.memory_terminate
  message   = "`memory_target`, `memory_spill`, `memory_pause` and `memory_terminate` must not become smaller in this order, because they are steps of one ladder"
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  nanny_memory = 96 + 16 * setting.processes
}

locals {
  processes_by_cores = node.vcpus <= 4 ? node.vcpus : min([for n in range(1, node.vcpus + 1) : n if node.vcpus % n == 0 && n * n >= node.vcpus]...)
  all_processes      = sum([for at, processes in slaves.processes : processes * slaves.count_of_group[at]])
  count_of_group     = group.count

  python    = "${install.home}/bin/python"
  programs  = "/usr/local/lib/dask"
  scheduler = "tls://${cluster.master}:${port.dask-scheduler}"
  scratch   = length(node.disks) == 0 ? "/var/lib/dask/scratch" : "${node.disks[0]}/dask"

  # Dask's own pages, a list of workers for DISCO that can only be read, and the API where it is wanted.
  routes = concat(
    [for name in ["prometheus", "info", "json"] : "distributed.http.scheduler.${name}"],
    ["distributed.http.health", "distributed.http.proxy", "distributed.http.statics", "dask_nodes"],
    setting.http_api ? ["distributed.http.scheduler.api"] : [],
  )
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders. Nothing here is data that must be kept: results live in memory, and what was spilled goes with
# the process.

user "dask" {
  home = "/var/lib/dask"
}

directory {
  path = ["/etc/dask", "/usr/local/lib/dask"]
}

directory {
  path  = "/etc/dask/tls"
  owner = "root:dask"
  mode  = "0750"
}

directory {
  path  = "/var/lib/dask"
  owner = "dask:dask"
}

directory {
  path  = local.scratch
  owner = "dask:dask"
  on    = ["slaves"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order to start them on a node.

service "scheduler" {
  description     = "Dask scheduler"
  on              = "master"
  unit            = "dask-scheduler"
  user            = "dask"
  exec            = ["${install.home}/bin/dask", "scheduler", "--host", node.address, "--port", port.dask-scheduler, "--dashboard-address", ":${port.dask}", "--protocol", "tls"]
  environment     = { PYTHONPATH = local.programs }
  options         = { Restart = "always", RestartSec = 5 }
  memory          = setting.scheduler_memory
  workload_memory = node.share - setting.scheduler_memory # clients on the master
  needs_step      = "prepare"

  ready {
    port = "dask"
    path = "/health"
  }
}

# It ends by itself when it loses its scheduler, so it is always started again.
service "worker" {
  description = "Dask worker"
  on          = "slaves"
  unit        = "dask-worker"
  user        = "dask"
  exec = [
    "${install.home}/bin/dask", "worker", local.scheduler, "--host", node.address, "--name", setting.processes == 1 ? "${node.name}" : "${node.name}.process",
    "--nworkers", setting.processes, "--nthreads", setting.threads, "--memory-limit", "${setting.worker_memory}MiB",
    "--worker-port", "${port.dask-worker}:22255", "--nanny-port", "${port.dask-nanny}:22555",
    "--dashboard-address", ":${port.dask-worker-page}", "--local-directory", local.scratch,
  ]
  options         = { Restart = "always", RestartSec = 5, TasksMax = "infinity" }
  memory          = local.nanny_memory
  workload_memory = setting.worker_memory * setting.processes
  max_unavailable = max(1, floor(group.count / 4)) # what a worker holds is computed again
  needs_step      = "prepare"

  ready {
    port = "dask-worker-page"
    path = "/health"
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports. `users = true` are those that an `allow` block can open, `page` is what a browser looks at.

port "dask" {
  description = "Dask's dashboard, without login: it shows tasks and their source code"
  service     = "scheduler"
  port        = 8787
  users       = true
  page        = "/status"
  anybody     = "see tasks with their source code"
}

port "dask-scheduler" {
  description = "Dask scheduler, for clients that have the cluster's key"
  service     = "scheduler"
  port        = 8786
  users       = true
  endpoint    = "tls://"
}

port "dask-worker" {
  description = "Dask workers, a port for each process; data goes between them and clients"
  service     = "worker"
  port        = 22000
  last_port   = 22255
  differs     = "Dask's default is 0, a port that changes at each start"
}

port "dask-nanny" {
  description = "Nannies, which start and end a worker's processes, a port for each"
  service     = "worker"
  port        = 22300
  last_port   = 22555
  differs     = "Dask's default is 0, a port that changes at each start"
}

protection {
  does     = "scheduler, workers and data between them (TLS, with a key of the cluster that is made on the nodes)"
  does_not = "web pages (they show tasks and their source code, and change nothing)"
}

port "dask-worker-page" {
  description = "Web page of a worker's first process; those of others have a port that changes at each start"
  service     = "worker"
  port        = 8788
  differs     = "Dask's default is 0, a port that changes at each start"
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

# Dask's own keys, with dots (https://docs.dask.org/en/stable/configuration-reference.html). The step `prepare` nests them and
# writes /etc/dask/dask.yaml, which services and clients on the node read. A text is read as YAML: "[1, 2]" is a list. What
# is about workers is on slaves only, so that the scheduler need not restart for it.
file "dask.yaml" {
  format       = "yaml"
  path         = "/etc/dask/keys"
  restarts     = ["scheduler", "worker"]
  known_keys   = ["dask.yaml"]
  key_families = ["distributed.nanny.pre-spawn-environ.", "distributed.nanny.environ.", "distributed.worker.resources.", "distributed.logging.", "distributed.scheduler.default-task-durations."]
  keys = {
    "scheduler-address"                   = local.scheduler
    "temporary-directory"                 = group.role == "slave" ? local.scratch : null
    "distributed.comm.default-scheme"     = "tls"
    "distributed.comm.require-encryption" = true
    "distributed.comm.tls.min-version"    = 1.3
    "distributed.comm.tls.ca-file"        = "/etc/dask/tls/cert.pem"
    "distributed.comm.tls.scheduler.cert" = "/etc/dask/tls/cert.pem"
    "distributed.comm.tls.scheduler.key"  = "/etc/dask/tls/key.pem"
    "distributed.comm.tls.worker.cert"    = "/etc/dask/tls/cert.pem"
    "distributed.comm.tls.worker.key"     = "/etc/dask/tls/key.pem"
    "distributed.comm.tls.client.cert"    = "/etc/dask/tls/cert.pem"
    "distributed.comm.tls.client.key"     = "/etc/dask/tls/key.pem"
    "distributed.dashboard.link"          = "http://${cluster.master}:${port.dask}/status"
    "distributed.scheduler.http.routes"   = group.role == "master" ? jsonencode(local.routes) : null
    "distributed.worker.memory.target"    = group.role == "slave" ? setting.memory_target : null
    "distributed.worker.memory.spill"     = group.role == "slave" ? setting.memory_spill : null
    "distributed.worker.memory.pause"     = group.role == "slave" ? setting.memory_pause : null
    "distributed.worker.memory.terminate" = group.role == "slave" ? setting.memory_terminate : null
    "distributed.worker.memory.max-spill" = group.role == "slave" ? setting.max_spill : null
  }
  protected = {
    "scheduler-address"                   = "workers find the scheduler by it"
    "distributed.scheduler.http.routes"   = "DISCO reads the list of workers there; `http_api` adds Dask's HTTP API"
    "distributed.comm.default-scheme"     = "all speak TLS, because who speaks with Dask can run anything"
    "distributed.comm.require-encryption" = "all speak TLS, because who speaks with Dask can run anything"
    "distributed.comm.tls.ca-file"        = "the key is made from the setting `secret`"
    "distributed.comm.tls.scheduler.cert" = "the key is made from the setting `secret`"
    "distributed.comm.tls.scheduler.key"  = "the key is made from the setting `secret`"
    "distributed.comm.tls.worker.cert"    = "the key is made from the setting `secret`"
    "distributed.comm.tls.worker.key"     = "the key is made from the setting `secret`"
  }
  client_keys = ["scheduler-address", "distributed.comm.default-scheme", "distributed.comm.require-encryption", "distributed.comm.tls.min-version"]
}

file "secret" {
  format   = "template"
  path     = "/etc/dask/secret"
  template = "secret"
  owner    = "root:dask"
  mode     = "0640"
  restarts = ["scheduler", "worker"]
}

file "prepare.py" {
  format   = "template"
  path     = "/usr/local/lib/dask/prepare.py"
  template = "prepare.py"
}

file "dask_nodes.py" {
  format   = "template"
  path     = "/usr/local/lib/dask/dask_nodes.py"
  template = "dask_nodes.py"
  on       = ["master"]
  restarts = ["scheduler"]
}

file "retire.py" {
  format   = "template"
  path     = "/usr/local/lib/dask/retire.py"
  template = "retire.py"
  on       = ["master"]
}

file "smoke_test.py" {
  format   = "template"
  path     = "/usr/local/lib/dask/smoke_test.py"
  template = "smoke_test.py"
  on       = ["master"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps.

step "prepare" {
  moment  = "before-start"
  on      = ["master", "slaves"]
  timeout = 120
  action = {
    kind = "command"
    commands = [
      [local.python, "${local.programs}/prepare.py", "credentials", "/etc/dask/secret", "/etc/dask/tls"],
      [local.python, "${local.programs}/prepare.py", "keys", "/etc/dask/keys", "/etc/dask/dask.yaml"],
    ]
  }
}

# Results that only leaving nodes have go to others, as far as there is room; then their workers take no task any more.
step "retire" {
  moment     = "verify"
  members_of = "slaves"
  timeout    = 1800
  action = {
    kind     = "decommission"
    title    = "Dask workers that retire"
    file     = "/etc/dask/leaving"
    user     = "dask"
    commands = [[local.python, "${local.programs}/retire.py", "/etc/dask/leaving"]]
    url      = "http://127.0.0.1:${port.dask}/nodes/workers.json"
    path     = ["workers"]
    names    = "name"
    state    = "status"
    done     = ["closing_gracefully", "closed"]
  }
}

step "workers" {
  moment     = "verify"
  timeout    = 300
  members_of = "slaves"
  action = {
    kind  = "members"
    title = "Dask workers"
    url   = "http://127.0.0.1:${port.dask}/nodes/workers.json"
    path  = ["workers"]
    names = "name"
  }
}

# Multiplies a matrix with itself: every process computes, and they send blocks to each other.
step "smoke-test" {
  moment  = "smoke-test"
  timeout = 300
  action = {
    kind     = "job"
    user     = "dask"
    once     = true
    expect   = "sum 8000000000"
    commands = [[local.python, "${local.programs}/smoke_test.py"]]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "dask" {
  title      = "Dask"
  members_of = "slaves"
  ask = {
    workers = "http://127.0.0.1:${port.dask}/nodes/workers.json"
    counts  = "http://127.0.0.1:${port.dask}/json/counts.json"
  }
  members = {
    title  = "Workers"
    from   = "workers"
    path   = ["workers"]
    names  = "name"
    state  = "status"
    well   = ["running", "paused"] # paused: its memory is nearly full, which is a matter of the job
    silent = "silent"
    facts = [
      { name = "executing", title = "tasks", path = ["executing"] },
      { name = "memory", path = ["memory"], total = ["memory_limit"], unit = "bytes" },
      { name = "spilled", path = ["spilled"], unit = "bytes" },
    ]
  }
  facts = [
    { name = "clients", from = "counts", path = ["clients"] },
    { name = "threads", from = "counts", path = ["cores"] },
    { name = "tasks", from = "counts", path = ["tasks"] },
    { name = "erred", title = "failed tasks", from = "counts", path = ["erred"] },
  ]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { arrays = 3, ml = 2, tasks = 2, batch = 2, sql = 1, graph = 0 }
  languages = { python = 3, native = 2 }
  code      = { pandas = 2 }
  home      = { object = 3, loaded = 2, cluster = 1 }
  gpu       = 2
  people    = 1
  survives  = 2
  simple    = 3
  answer    = "100 ms"
  volume    = { from = "10 GB", to = "1 PB" }
  parts     = { needs = ["storage"], minimum_nodes = 1 }

  source "https://docs.dask.org/en/stable/spark.html" {
    about = ["work.arrays", "work.graph", "languages.python", "simple"]
    says  = "prefer Dask for Python with native code, and for algorithms beyond map, shuffle and reduce; it is lighter and has no library for graphs"
  }
  source "https://docs.dask.org/en/stable/how-to/connect-to-remote-data.html" {
    about = ["home.object"]
    says  = "reads from object stores, HDFS and the web by the address of the data"
  }
}

sizing {
  memory_per_core = 4
  throughput      = 20 # our estimate
}
