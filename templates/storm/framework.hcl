# Apache Storm on ZooKeeper: Nimbus and the UI on the master, a supervisor with its workers on every slave.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# The processes are started as `java`, with the class path and the options that Storm's own start script (bin/storm.py)
# would give. People on a node use `storm`, which reads the same files.
#
# How memory is shared out. All sizes are MiB. `node.share` is what the system leaves, or Storm's part of it where other
# frameworks need memory on the same machines.
# - A daemon with a heap of H takes H + H/8 + 128 (soon after the start Nimbus with a heap of 509 was seen to take 155, the UI
#   with 322 took 137, a supervisor with 208 took 131, a log viewer with 128 took 118).
# - A worker is two JVMs: itself (seen with a heap of 128: 146), and one with a heap of 64 that starts it and reads its output
#   (`topology.worker.logwriter.childopts`, seen to take 69). So a slot with a heap of H needs H + H/8 + 256.
# - A slave has a slot for each vCPU, as long as each has a heap of 512: Storm's documentation wants one worker of a topology
#   on a machine, so slots are for several topologies. What the daemons leave is shared out among the slots, up to a heap
#   of 8192 each: beyond that, pauses of the garbage collector are longer than tuples may take.
# - Nimbus has half of the master's share, the UI 35 %.
# All workers of a slave have the same heap (a topology may say otherwise in `topology.worker.childopts`).
#
# Where the data is. Code of topologies lies on the masters (`storm.local.dir`, LocalFsBlobStore) and their assignment in
# ZooKeeper: a lost slave is replaced without loss, and a lost master takes the code of topologies along unless there are
# several. With more masters there are as many Nimbus, of which ZooKeeper chooses the leader.
#
# Who may do what. ZooKeeper knows Storm by its own account where ZooKeeper asks for one, and what Storm writes there only
# that account may change. Workers know each other by a secret of their topology (`storm.messaging.netty.authentication`).
# Not protected: who reaches Nimbus may start and stop topologies, and those run as the user `storm` on all slaves. Nimbus
# knows Kerberos and TLS with certificates of clients, which need authorities that are not of the cluster; its DIGEST-MD5
# works only for clients on its own machine (the server's name is `localhost` in its code; seen: "Mismatched URI"). So
# its port is closed to all but the cluster's nodes: submit topologies from a node. UI and log viewer have no login either;
# the UI has no buttons that change anything without `ui_actions`. Nothing is encrypted.
#
# Leaving. Storm has no drain: a slave's workers go with it and Nimbus starts them elsewhere, after half a minute; tuples
# that were not acknowledged are sent again by their spout. A supervisor that only restarts leaves its workers running.
#
# Not set up: Kerberos, TLS, DRPC, Pacemaker, HdfsBlobStore, the Resource Aware Scheduler, control groups for workers.

manifest    = 2
description = "Streams of tuples through topologies of spouts and bolts, one by one"
needs       = ["slaves"]
requires    = ["zookeeper"]

provide "storm" {
  values = {
    seeds         = cluster.masters
    port          = port.storm
    configuration = "/etc/storm"
    home          = install.home
    group         = "storm"
  }
}

minimum_memory = { master = 1280, slave = 1536 }

# ---------------------------------------------------------------------------------------------------------------------
# Versions. The digest is the publisher's own, read over TLS from the publisher, never from a mirror. 3.0 wants Java 25.

version "2.8.8" {
  archive    = "storm/apache-storm-2.8.8/apache-storm-2.8.8.tar.gz"
  sha512_url = "https://archive.apache.org/dist/storm/apache-storm-2.8.8/apache-storm-2.8.8.tar.gz.sha512"
  java       = [17, 21]
}

version "2.8.4" {
  archive    = "storm/apache-storm-2.8.4/apache-storm-2.8.4.tar.gz"
  sha512_url = "https://archive.apache.org/dist/storm/apache-storm-2.8.4/apache-storm-2.8.4.tar.gz.sha512"
  java       = [17, 21]
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "storm"` block may say.

setting "mirrors" {
  type        = "list(url)"
  not_empty   = true
  description = "Roots of the mirrors to fetch the archive from, best first"
  default     = ["https://dlcdn.apache.org", "https://archive.apache.org/dist"]
}

setting "sha512" {
  type        = "sha512"
  description = "SHA-512 that the archive must have; without it the one that the publisher serves is used"
}

setting "java" {
  type        = "integer"
  description = "Major version of Java to run on; without it the best that both this Storm and the image have"
}

setting "nimbus_heap" {
  type        = "integer"
  description = "Heap of Nimbus"
  unit        = "MiB"
  on          = "master"
  default     = min(4096, floor((0.5 * node.share - 128) * 8 / 9))
  minimum     = 192
}

setting "ui_heap" {
  type        = "integer"
  description = "Heap of the UI"
  unit        = "MiB"
  on          = "master"
  default     = min(768, floor((0.35 * node.share - 128) * 8 / 9))
  minimum     = 128
}

setting "ui_actions" {
  type        = "bool"
  description = "Whether the UI, which asks nobody who he is, has buttons that stop and rebalance topologies"
  default     = false
}

setting "supervisor_heap" {
  type        = "integer"
  description = "Heap of a supervisor"
  unit        = "MiB"
  on          = "slaves"
  default     = min(512, 192 + floor(node.counted / 128))
  minimum     = 128
}

setting "logviewer_heap" {
  type        = "integer"
  description = "Heap of a log viewer"
  unit        = "MiB"
  on          = "slaves"
  default     = 128
  minimum     = 96
}

setting "slots" {
  type         = "integer"
  description  = "Workers that a slave may have: one for each vCPU, as long as each has a heap of 512 MiB"
  on           = "slaves"
  default      = max(1, min(node.vcpus, 64, floor(local.for_workers / 832)))
  minimum      = 1
  maximum      = 64
  limit_reason = "the ports from 6700 on are for 64 workers"
}

setting "worker_heap" {
  type        = "integer"
  description = "Heap of a worker: what system and daemons leave, divided by the slots"
  unit        = "MiB"
  on          = "slaves"
  default     = min(8192, floor((floor(local.for_workers / setting.slots) - 256) * 8 / 9))
  minimum     = 128
}

setting "worker_options" {
  type        = "list(string)"
  description = "Further options of the workers' JVM, as in [\"-XX:+UseZGC\"]"
  default     = []
}

setting "message_timeout" {
  type        = "integer"
  description = "Time that a topology has for a tuple before its spout sends it again, where it says nothing else"
  unit        = "s"
  default     = 30
  minimum     = 1
}

setting "supervisor_timeout" {
  type        = "integer"
  description = "Time after which Nimbus takes a supervisor that says nothing for dead and starts its workers elsewhere"
  unit        = "s"
  default     = 60
  minimum     = 10
}

setting "log_days" {
  type        = "integer"
  description = "How long logs of workers are kept"
  unit        = "days"
  default     = 7
  minimum     = 1
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  nimbus_memory     = ceil(setting.nimbus_heap * 9 / 8) + 128
  ui_memory         = ceil(setting.ui_heap * 9 / 8) + 128
  supervisor_memory = ceil(setting.supervisor_heap * 9 / 8) + 128
  logviewer_memory  = ceil(setting.logviewer_heap * 9 / 8) + 128
  for_workers       = node.share - local.supervisor_memory - local.logviewer_memory
  slot_memory       = ceil(setting.worker_heap * 9 / 8) + 256
}

locals {
  java        = "/usr/bin/java"
  data        = length(node.disks) == 0 ? "/var/lib/storm/local" : "${node.disks[0]}/storm"
  slots       = group.role == "slave" ? [for number in range(setting.slots) : 6700 + number] : null
  known       = with.zookeeper.authentication # by ZooKeeper
  zk_user     = local.known ? with.zookeeper.user : ""
  keeper_auth = local.known ? ["-Djava.security.auth.login.config=/etc/storm/jaas.conf", "-Dzookeeper.fips-mode=false"] : []

  # Of bin/storm.py: the jars, those of the user, the configuration.
  classpath = join(":", ["${install.home}/*", "${install.home}/lib/*", "${install.home}/extlib/*", "${install.home}/extlib-daemon/*", "/etc/storm"])
  webpath   = join(":", [local.classpath, "${install.home}/lib-webapp/*"])
  common = concat(
    [
      "-XX:+ExitOnOutOfMemoryError", "-Dstorm.home=${install.home}", "-Dstorm.log.dir=/var/log/storm", "-Dstorm.conf.file=", "-Dstorm.options=",
      "-Djava.deserialization.disabled=true",
    ],
    local.keeper_auth,
  )
  journal = ["-Dlog4j.configurationFile=/etc/storm/log4j2/cluster.xml"]
  logfile = ["-Dlog4j.configurationFile=/etc/storm/log4j2/logviewer.xml"] # it looks for logs where its own is
  # Not %HEAP-MEM%: without the Resource Aware Scheduler too, that would be 128 MiB for each executor.
  worker_options = concat(["-Xmx${group.role == "slave" ? setting.worker_heap : 128}m", "-XX:+ExitOnOutOfMemoryError"], local.keeper_auth, setting.worker_options)
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders.

user "storm" {
  home = "/var/lib/storm"
}

directory {
  path = ["/etc/storm", "/etc/storm/log4j2"]
}

directory {
  path = "/var/lib/storm"
}

directory {
  path  = "/var/log/storm"
  owner = "storm:storm"
  mode  = "0750"
}

directory {
  path       = local.data
  owner      = "storm:storm"
  mode       = "0750"
  holds_data = true
  on         = ["master"]
}

directory {
  path  = local.data
  owner = "storm:storm"
  mode  = "0750"
  on    = ["slaves"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order to start them on a node. Storm's daemons end where they cannot go on and expect to be started
# again; told to end, they do so themselves within a second or by force (20).

service "nimbus" {
  description = "Storm Nimbus"
  on          = "master"
  unit        = "storm-nimbus"
  user        = "storm"
  exec        = concat([local.java, "-Xmx${setting.nimbus_heap}m", "-Ddaemon.name=nimbus"], local.common, local.journal, ["-cp", local.classpath, "org.apache.storm.daemon.nimbus.Nimbus"])
  environment = { STORM_CONF_DIR = "/etc/storm" }
  memory      = local.nimbus_memory
  stores_data = true
  options     = { LimitNOFILE = 65536, SuccessExitStatus = "143 20", Restart = "always" }

  ready {
    port    = "storm"
    timeout = 300
  }
}

service "ui" {
  description = "Storm UI"
  on          = "master"
  unit        = "storm-ui"
  user        = "storm"
  exec        = concat([local.java, "-Xmx${setting.ui_heap}m", "-Ddaemon.name=ui"], local.common, local.journal, ["-cp", local.webpath, "org.apache.storm.daemon.ui.UIServer"])
  environment = { STORM_CONF_DIR = "/etc/storm" }
  memory      = local.ui_memory
  options     = { SuccessExitStatus = "143 20", Restart = "always" }

  ready {
    port    = "storm-ui"
    path    = "/api/v1/cluster/summary"
    timeout = 300
  }
}

service "supervisor" {
  description     = "Storm supervisor"
  on              = "slaves"
  unit            = "storm-supervisor"
  user            = "storm"
  exec            = concat([local.java, "-Xmx${setting.supervisor_heap}m", "-Ddaemon.name=supervisor"], local.common, local.journal, ["-cp", local.classpath, "org.apache.storm.daemon.supervisor.Supervisor"])
  environment     = { STORM_CONF_DIR = "/etc/storm" }
  memory          = local.supervisor_memory
  workload_memory = setting.slots * local.slot_memory

  # Workers outlive a restart of their supervisor, which finds them again.
  kill_mode       = "process"
  max_unavailable = 1
  options         = { LimitNOFILE = 65536, SuccessExitStatus = "143 20", Restart = "always", TasksMax = "infinity" }

  ready {
    port    = "storm-supervisor"
    timeout = 300
  }
}

service "logviewer" {
  description = "Storm log viewer"
  on          = "slaves"
  unit        = "storm-logviewer"
  user        = "storm"
  exec        = concat([local.java, "-Xmx${setting.logviewer_heap}m", "-Ddaemon.name=logviewer"], local.common, local.logfile, ["-cp", local.webpath, "org.apache.storm.daemon.logviewer.LogviewerServer"])
  environment = { STORM_CONF_DIR = "/etc/storm" }
  memory      = local.logviewer_memory
  options     = { SuccessExitStatus = "143 20", Restart = "always" }

  ready {
    port    = "storm-logviewer"
    timeout = 300
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports.

port "storm" {
  description = "Nimbus, for clients, supervisors and workers"
  service     = "nimbus"
  port        = 6627
  users       = true
  anybody     = "start topologies, which run programs as `storm` on all slaves"
  endpoint    = ""
}

protection {
  does = "workers among themselves (a secret of their topology)"
  does_not = [
    "Nimbus (without Kerberos or TLS there is no login)",
    "UI and log viewer (there is no login)",
    "topologies from each other (all run as the user `storm`)",
    "traffic (nothing is encrypted)",
  ]
}

port "storm-ui" {
  description = "Storm UI, without a login"
  service     = "ui"
  port        = 8744
  users       = true
  anybody     = "see topologies, their errors and settings"
  page        = "/"
  differs     = "Storm's default, 8080, is that of Spark's master and of many web pages"
}

port "storm-supervisor" {
  description = "Supervisor, for Nimbus and its workers"
  service     = "supervisor"
  port        = 6628
}

port "storm-workers" {
  description = "Workers, for each other"
  service     = "supervisor"
  port        = 6700
  last_port   = 6763
}

port "storm-logviewer" {
  description = "Logs of workers, without a login"
  service     = "logviewer"
  port        = 8000
  users       = true
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

file "storm.yaml" {
  format       = "yaml"
  path         = "/etc/storm/storm.yaml"
  known_keys   = ["storm.yaml"]
  key_families = ["storm.", "topology.", "nimbus.", "supervisor.", "worker.", "ui.", "logviewer.", "scheduler.", "resource.aware.scheduler.", "blacklist.scheduler.", "client.", "drpc.", "pacemaker."]
  restarts     = ["nimbus", "ui", "supervisor", "logviewer"]
  keys = {
    "storm.local.dir"                      = local.data
    "storm.local.hostname"                 = node.name
    "storm.log4j2.conf.dir"                = "/etc/storm/log4j2"
    "storm.workers.artifacts.dir"          = "/var/log/storm/workers"
    "nimbus.seeds"                         = cluster.masters
    "storm.zookeeper.servers"              = with.zookeeper.hosts
    "storm.zookeeper.port"                 = with.zookeeper.port
    "storm.zookeeper.root"                 = "/storm"
    "storm.zookeeper.superACL"             = local.known ? "sasl:${local.zk_user}" : null
    "storm.messaging.netty.authentication" = true

    "nimbus.thrift.port"             = port.storm
    "nimbus.supervisor.timeout.secs" = setting.supervisor_timeout
    "topology.message.timeout.secs"  = setting.message_timeout

    "ui.port"                    = port.storm-ui
    "ui.actions.enabled"         = setting.ui_actions
    "logviewer.port"             = port.storm-logviewer
    "logviewer.cleanup.age.mins" = setting.log_days * 1440

    "supervisor.slots.ports"        = local.slots
    "supervisor.thrift.port"        = port.storm-supervisor
    "supervisor.memory.capacity.mb" = group.role == "slave" ? setting.slots * setting.worker_heap : null
    "supervisor.cpu.capacity"       = group.role == "slave" ? 100 * node.vcpus : null
    "worker.heap.memory.mb"         = group.role == "slave" ? setting.worker_heap : null
    "worker.childopts"              = group.role == "slave" ? join(" ", local.worker_options) : null
  }
  protected = {
    "storm.local.dir"          = "moving it would lose the code of topologies; volumes of the nodes say where it is"
    "storm.local.hostname"     = "members are known by their names"
    "storm.zookeeper.servers"  = "it is the cluster's ZooKeeper"
    "storm.zookeeper.port"     = "it is the cluster's ZooKeeper"
    "storm.zookeeper.superACL" = "it is the account that ZooKeeper knows"
    "nimbus.seeds"             = "Nimbus is on the masters"
    "nimbus.thrift.port"       = "security rules, probes and clients are made for this port"
    "ui.port"                  = "security rules, probes and addresses of web pages are made for this port"
    "ui.actions.enabled"       = "it is the setting `ui_actions`"
    "logviewer.port"           = "security rules and probes are made for this port"
    "supervisor.slots.ports"   = "it is the setting `slots`"
    "supervisor.thrift.port"   = "security rules and probes are made for this port"
    "worker.heap.memory.mb"    = "it is the setting `worker_heap`"
    "worker.childopts"         = "it is the setting `worker_options`"
  }
}

file "jaas.conf" {
  format   = "template"
  path     = "/etc/storm/jaas.conf"
  template = "jaas.conf"
  owner    = "root:storm"
  mode     = "0640"
  restarts = ["nimbus", "ui", "supervisor", "logviewer"]
}

file "cluster.xml" {
  format   = "template"
  path     = "/etc/storm/log4j2/cluster.xml"
  template = "cluster.xml"
}

file "logviewer.xml" {
  format   = "template"
  path     = "/etc/storm/log4j2/logviewer.xml"
  template = "logviewer.xml"
  on       = ["slaves"]
}

file "worker.xml" {
  format   = "template"
  path     = "/etc/storm/log4j2/worker.xml"
  template = "worker.xml"
  on       = ["slaves"]
}

file "storm-profile.sh" {
  format   = "template"
  path     = "/etc/profile.d/storm.sh"
  template = "storm-profile.sh"
}

file "smoke_test.py" {
  format   = "template"
  path     = "/var/lib/storm/smoke_test.py"
  template = "smoke_test.py"
  on       = ["master"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps of the cluster as a whole, on its first master.

step "supervisors" {
  moment     = "verify"
  timeout    = 300
  members_of = "slaves"
  action = {
    kind  = "members"
    title = "Storm supervisors"
    url   = "http://127.0.0.1:${port.storm-ui}/api/v1/supervisor/summary"
    path  = ["supervisors"]
    names = "host"
  }
}

# A topology of Storm's own test components: a spout of words and a bolt that counts them.
step "smoke-test" {
  moment  = "smoke-test"
  timeout = 300
  action = {
    kind     = "job"
    user     = "storm"
    once     = true
    expect   = "words were counted"
    commands = [["/usr/bin/python3", "/var/lib/storm/smoke_test.py"]]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "storm" {
  title      = "Storm"
  members_of = "slaves"
  ask = {
    cluster     = "http://127.0.0.1:${port.storm-ui}/api/v1/cluster/summary"
    supervisors = "http://127.0.0.1:${port.storm-ui}/api/v1/supervisor/summary"
    nimbus      = "http://127.0.0.1:${port.storm-ui}/api/v1/nimbus/summary"
  }
  members = {
    title = "Supervisors"
    from  = "supervisors"
    path  = ["supervisors"]
    names = "host"
    facts = [
      { name = "slots", path = ["slotsUsed"], total = ["slotsTotal"] },
    ]
  }
  facts = [
    { name = "leader", title = "first Nimbus", from = "nimbus", path = ["nimbuses", 0, "status"], well = ["Leader", "Not a Leader"], words = "Nimbus is {}" },
    { name = "topologies", from = "cluster", path = ["topologies"] },
    { name = "slots", title = "slots used", from = "cluster", path = ["slotsUsed"], total = ["slotsTotal"] },
    { name = "version", from = "cluster", path = ["stormVersion"] },
  ]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { stream = 2 }
  languages = { java = 3, scala = 2, python = 2, native = 2, r = 1 }
  code      = { storm = 3 }
  home      = { cluster = 1, object = 1, loaded = 1 }
  people    = 1
  survives  = 2
  simple    = 1
  answer    = "10 ms"
  volume    = { to = "10 PB" }
  delivers  = "at-least-once"
  parts     = { needs = ["transport"], minimum_nodes = 1 }

  source "https://storm.apache.org/" {
    about = ["work.stream", "languages.java", "code.storm", "delivers"]
    says  = "unbounded streams in topologies that can be written in any language; a tuple that fails is processed again"
  }
}

sizing {
  cores           = rate.events * rate.peak * 1.5 / 5000
  memory_per_core = 4

  source "https://storm.apache.org/releases/current/FAQ.html" {
    about = ["cores"]
    says  = "one worker a node and topology, sized by what its bolts need; 5,000 events a second for a core, and half as much again to catch up, are our estimate"
  }
}
