# Apache Flink: a session cluster. A JobManager and a history server are on the master, a TaskManager is on every slave.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# The processes are started as `java` with all sizes told, without Flink's start scripts: these compute the same sizes
# (org.apache.flink.runtime.util.bash.BashJavaUtils, whose results the formulas below were compared with) and hand them
# over as arguments. Here they stand in config.yaml, where `disco explain` knows where each comes from. People on a node
# use Flink's own `flink`.
#
# How memory is shared out. All sizes are MiB. `node.share` is what the system leaves, or Flink's part of it where other
# frameworks need memory on the same machines. Flink divides the memory of a process as follows
# (docs/deployment/memory/mem_setup_tm.md and mem_setup_jobmanager.md; the constants are the defaults of
# TaskManagerOptions and JobManagerOptions in Flink 2.3):
# - Overhead of the JVM: a tenth of the process, at least 192 and at most 1024. Metaspace: 256.
# - JobManager: 128 outside of the heap; the rest is heap.
# - TaskManager: what is left is "Flink memory" F. Network buffers take F/10, at least 64; managed memory, which is
#   RocksDB's, that of sorts and hash tables and that of Python, takes 0.4 F; the framework takes 128 of the heap and 128
#   outside of it; the rest of the heap is the tasks'.
# A TaskManager of 1024 leaves its tasks a heap of 26, one of 1638 (a slave of 2 GiB) one of 339: hence the minimum.
# On the master, the JobManager gets 60 % of the share; the rest is the history server's and that of a `flink run`.
#
# Where state lies. With HDFS, or where `storage` names another file system that all nodes see, checkpoints, savepoints
# and archived jobs lie there, and streaming jobs are checkpointed once a minute: they survive the loss of a slave. With
# ZooKeeper as well they survive a restart of the JobManager, as of a change of its settings. Without, the JobManager
# keeps checkpoints in its heap: they do for a lost TaskManager, not for the JobManager itself.
#
# What happens when nodes come and go. Flink has no drain: a TaskManager that leaves takes its tasks with it, and their
# jobs go on from their last checkpoint. With the adaptive scheduler, the default here, streaming jobs then run with the
# slots that are left, and use those of new slaves up to their parallelism; batch jobs run their lost tasks again.
#
# What is not protected. Flink has no login: who reaches port 8081 can run any code as `flink` on all nodes, and who
# reaches the other ports as well. They are closed to all but the cluster's own nodes; `allow "flink"` opens 8081 to
# those that it names, so name few. `web_submit = false` only takes the upload of jars off the web page. Flink knows TLS
# with certificates on both sides (security.ssl.*), which need a keystore on every node that this manifest cannot make.
# With HDFS, Flink is its user `flink`, as everybody can say they are.
#
# Not set up: TLS, a second JobManager, the SQL gateway, application clusters, PyFlink's Python.

manifest    = 2
description = "Stream and batch engine: a session cluster with its history server"
needs       = ["slaves"]
uses        = ["hdfs", "zookeeper"]

provide "flink" {
  values = {
    url           = "http://${cluster.master}:${port.flink}"
    configuration = "/etc/flink"
    home          = install.home
  }
}

requirement "zookeeper" {
  when   = setting.high_availability
  reason = "high_availability keeps in ZooKeeper who the JobManager is and which jobs it runs"
}

masters {
  maximum = 1
  reason  = "clients and TaskManagers are told the first master; what a JobManager knows of its jobs outlives it in ZooKeeper instead"
}

minimum_memory  = { master = 2048, slave = 2048 }
reserved_memory = setting.reserved_memory

assert {
  condition = !setting.high_availability || local.storage != null
  message   = "`high_availability` needs a file system that all nodes see: add the framework `hadoop`, or set `storage`"
}

assert {
  condition = setting.checkpoint_interval == null || local.storage != null || setting.state_backend == "hashmap"
  message   = "`state_backend = \"${setting.state_backend}\"` keeps checkpoints in files: add the framework `hadoop`, or set `storage`"
}

# ---------------------------------------------------------------------------------------------------------------------
# Versions. The digest is the publisher's own, read over TLS from the publisher, never from a mirror.

version "2.3.0" {
  archive           = "flink/flink-2.3.0/flink-2.3.0-bin-scala_2.12.tgz"
  sha512_url        = "https://archive.apache.org/dist/flink/flink-2.3.0/flink-2.3.0-bin-scala_2.12.tgz.sha512"
  java              = [17, 21, 11]
  compatible        = { hadoop = ["3.4", "3.5"] }
  compatible_reason = "Flink takes the client of HDFS from the Hadoop on its node, which must run on Flink's Java"
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "flink"` block may say.

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
  description = "Major version of Java to run on; without it the best that both this Flink and the image have"
}

setting "storage" {
  type        = "string"
  not_empty   = true
  description = "Where checkpoints, savepoints and archived jobs lie, as in `file:///mnt/shared/flink`: a folder that all nodes see and `flink` can write; without it one in HDFS, where the cluster has it"
}

setting "high_availability" {
  type        = "bool"
  description = "Whether jobs survive a restart of the JobManager"
  default     = has.zookeeper && (has.hdfs || setting.storage != null)
}

setting "scheduler" {
  type        = "string"
  description = "How streaming jobs are placed: `Adaptive` runs them with the slots that there are and uses new ones, `Default` waits for as many as they ask for; batch jobs have a scheduler of their own"
  default     = "Adaptive"
  one_of      = ["Adaptive", "Default"]
}

setting "checkpoint_interval" {
  type        = "duration"
  description = "Time between checkpoints of streaming jobs that set none themselves; without it they have none, unless state lies in shared storage: then 60 s"
  default     = has.hdfs || setting.storage != null ? "60s" : null
}

setting "state_backend" {
  type        = "string"
  description = "Where running jobs keep their state: `hashmap` in the heap, `rocksdb` in managed memory and on disk"
  default     = "hashmap"
  one_of      = ["hashmap", "rocksdb"]
}

setting "web_submit" {
  type        = "bool"
  description = "Whether jars can be uploaded and run on the web page; `flink run` works in any case"
  default     = false
}

setting "parallelism" {
  type        = "integer"
  description = "Parallelism of jobs that set none themselves"
  default     = 1
  minimum     = 1
}

setting "history_days" {
  type        = "integer"
  description = "How long the history server shows finished jobs"
  unit        = "days"
  default     = 30
  minimum     = 1
}

setting "reserved_memory" {
  type        = "integer"
  description = "Memory left to the operating system"
  unit        = "MiB"
  default     = node.reserved
  minimum     = 0
}

setting "jobmanager_memory" {
  type         = "integer"
  description  = "Memory of the JobManager's process, heap and all else"
  unit         = "MiB"
  on           = "master"
  default      = min(8192, floor(0.6 * node.share))
  minimum      = 768
  limit_reason = "256 of metaspace, 192 of overhead and 128 outside of the heap leave 192 of heap"
}

setting "history_heap" {
  type        = "integer"
  description = "Heap of the history server"
  unit        = "MiB"
  on          = "master"
  default     = min(1024, floor((0.2 * node.share - 128) * 8 / 9))
  minimum     = 128
}

setting "taskmanager_memory" {
  type         = "integer"
  description  = "Memory of a TaskManager's process, heap and all else: all that the slave has to share out"
  unit         = "MiB"
  on           = "slaves"
  default      = node.share
  minimum      = 1280
  limit_reason = "with less, a TaskManager has hardly any heap for tasks"
}

setting "managed_fraction" {
  type        = "number"
  description = "Part of the Flink memory that Flink manages: state in RocksDB, sorts, hash tables, Python; jobs that keep their state in the heap and run no SQL need none"
  default     = 0.4
  minimum     = 0
  maximum     = 0.7
}

setting "slots" {
  type        = "integer"
  description = "Task slots of a TaskManager: one for each vCPU"
  on          = "slaves"
  default     = node.vcpus
  minimum     = 1
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  jobmanager_overhead = min(1024, max(192, floor(setting.jobmanager_memory / 10)))
  jobmanager_heap     = setting.jobmanager_memory - local.jobmanager_overhead - 256 - 128
  history_memory      = ceil(setting.history_heap * 9 / 8) + 128
  client_memory       = max(0, node.share - setting.jobmanager_memory - local.history_memory) # of a `flink run` on the master

  taskmanager_overhead = min(1024, max(192, floor(setting.taskmanager_memory / 10)))
  flink_memory         = setting.taskmanager_memory - local.taskmanager_overhead - 256
  network_memory       = max(64, floor(local.flink_memory / 10))
  managed_memory       = floor(setting.managed_fraction * local.flink_memory)
  task_heap            = local.flink_memory - local.network_memory - local.managed_memory - 128 - 128
}

locals {
  storage = setting.storage != null ? setting.storage : (has.hdfs ? "${with.hdfs.url}/flink" : null)
  archive = local.storage != null ? "${local.storage}/archive" : "file:///var/lib/flink/archive"
  tmp     = length(node.disks) == 0 ? ["/var/lib/flink/tmp"] : [for disk in node.disks : "${disk}/flink/tmp"]
  slots   = min(slaves.slots...) # of the smallest slave

  # Flink finds HDFS with Hadoop's own jars; its own come first.
  hadoop_jars = has.hdfs ? join(":", [
    with.hdfs.configuration,
    "${with.hdfs.home}/share/hadoop/common/*", "${with.hdfs.home}/share/hadoop/common/lib/*",
    "${with.hdfs.home}/share/hadoop/hdfs/*", "${with.hdfs.home}/share/hadoop/hdfs/lib/*",
  ]) : null

  # ZooKeeper's account is checked by a class of ZooKeeper's own jar (DigestLoginModule), which Flink has under another name.
  classpath = join(":", concat(
    ["${install.home}/lib/*"],
    has.hdfs ? [local.hadoop_jars] : [],
    setting.high_availability ? ["${with.zookeeper.home}/lib/*"] : [],
  ))

  # What only the daemons need: `flink` on a node reads the same config.yaml, asks the JobManager by its REST address, has
  # nothing to do with ZooKeeper, and writes to /tmp.
  keeper = setting.high_availability ? with.zookeeper.client_options : []
  arguments = concat(
    ["--configDir", "/etc/flink", "-Dio.tmp.dirs=${join(",", local.tmp)}"],
    setting.high_availability ? [
      "-Dhigh-availability.type=zookeeper",
      "-Dhigh-availability.cluster-id=/${cluster.name}",
      "-Dhigh-availability.zookeeper.quorum=${with.zookeeper.servers}",
      "-Dhigh-availability.storageDir=${local.storage}/ha",
      "-Dhigh-availability.jobmanager.port=${port.flink-rpc}", # not jobmanager.rpc.port, as without it
    ] : [],
  )

  # The publisher's own list for Java 17 (conf/config.yaml of the archive).
  opens = [
    "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
    "--add-exports=jdk.compiler/com.sun.tools.javac.api=ALL-UNNAMED",
    "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
    "--add-exports=jdk.compiler/com.sun.tools.javac.parser=ALL-UNNAMED",
    "--add-exports=jdk.compiler/com.sun.tools.javac.tree=ALL-UNNAMED",
    "--add-exports=jdk.compiler/com.sun.tools.javac.util=ALL-UNNAMED",
    "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.net=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
    "--add-opens=java.base/java.text=ALL-UNNAMED",
    "--add-opens=java.base/java.time=ALL-UNNAMED",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED",
  ]
  common = concat(local.opens, [
    "-XX:+ExitOnOutOfMemoryError",
    "-Dlog4j.configurationFile=file:/etc/flink/log4j-console.properties",
    "-classpath", local.classpath,
  ])
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders.

user "flink" {
  home = "/var/lib/flink"
}

directory {
  path = "/etc/flink"
}

directory {
  path  = "/var/lib/flink"
  owner = "flink:flink"
}

# Logs that the web page shows; the journal has them as well.
directory {
  path  = "/var/log/flink"
  owner = "flink:flink"
}

directory {
  path  = [for disk in node.disks : "${disk}/flink"]
  owner = "flink:flink"
}

# Network spills, RocksDB's files of running jobs: scratch.
directory {
  path  = local.tmp
  owner = "flink:flink"
  mode  = "0700"
}

# Jars that were uploaded, and pages of the history server.
directory {
  path  = ["/var/lib/flink/jars", "/var/lib/flink/web", "/var/lib/flink/history"]
  owner = "flink:flink"
  mode  = "0700"
  on    = ["master"]
}

directory {
  path       = "/var/lib/flink/archive"
  owner      = "flink:flink"
  mode       = "0700"
  holds_data = true # what the history server knows
  on         = ["master"]
  when       = !has.hdfs && setting.storage == null
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order to start them on a node.

service "jobmanager" {
  description = "Flink JobManager"
  on          = "master"
  unit        = "flink-jobmanager"
  user        = "flink"
  exec = concat(
    ["/usr/bin/java", "-Xms${local.jobmanager_heap}m", "-Xmx${local.jobmanager_heap}m", "-XX:MaxMetaspaceSize=256m"],
    ["-Dlog.file=/var/log/flink/jobmanager.log"],
    local.keeper,
    local.common,
    ["org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"],
    local.arguments,
  )
  environment = {
    FLINK_CONF_DIR    = "/etc/flink"
    FLINK_HOME        = install.home
    FLINK_LIB_DIR     = "${install.home}/lib"
    FLINK_OPT_DIR     = "${install.home}/opt"
    FLINK_PLUGINS_DIR = "${install.home}/plugins"
    HADOOP_CONF_DIR   = has.hdfs ? with.hdfs.configuration : null
    MALLOC_ARENA_MAX  = "1" # with more of glibc's arenas RocksDB takes more memory than it was given
  }
  memory          = setting.jobmanager_memory
  workload_memory = local.client_memory
  needs_step      = "folders"
  options = {
    LimitNOFILE         = 65536
    SuccessExitStatus   = 143
    Restart             = "always"
    SupplementaryGroups = setting.high_availability ? "zookeeper" : null # which may read by which password ZooKeeper knows clients
  }

  ready {
    port    = "flink"
    path    = "/overview"
    timeout = 300
  }
}

service "historyserver" {
  description = "Flink history server"
  on          = "master"
  unit        = "flink-historyserver"
  user        = "flink"
  exec = concat(
    ["/usr/bin/java", "-Xmx${setting.history_heap}m", "-Dlog.file=/var/log/flink/historyserver.log"],
    local.common,
    ["org.apache.flink.runtime.webmonitor.history.HistoryServer", "--configDir", "/etc/flink"],
  )
  environment = {
    FLINK_CONF_DIR    = "/etc/flink"
    FLINK_HOME        = install.home
    FLINK_LIB_DIR     = "${install.home}/lib"
    FLINK_OPT_DIR     = "${install.home}/opt"
    FLINK_PLUGINS_DIR = "${install.home}/plugins"
    HADOOP_CONF_DIR   = has.hdfs ? with.hdfs.configuration : null
    MALLOC_ARENA_MAX  = "1" # with more of glibc's arenas RocksDB takes more memory than it was given
  }
  memory     = local.history_memory
  needs_step = "folders"
  options    = { LimitNOFILE = 65536, SuccessExitStatus = 143, Restart = "always" }

  ready {
    port    = "flink-history"
    path    = "/config"
    timeout = 300
  }
}

# It waits for the JobManager by itself, and looks for it again when it has gone.
service "taskmanager" {
  description = "Flink TaskManager"
  on          = "slaves"
  unit        = "flink-taskmanager"
  user        = "flink"
  exec = concat(
    ["/usr/bin/java", "-Xms${local.task_heap + 128}m", "-Xmx${local.task_heap + 128}m"],
    ["-XX:MaxDirectMemorySize=${local.network_memory + 128}m", "-XX:MaxMetaspaceSize=256m"],
    ["-Dlog.file=/var/log/flink/taskmanager.log"],
    local.keeper,
    local.common,
    ["org.apache.flink.runtime.taskexecutor.TaskManagerRunner"],
    local.arguments,
  )
  environment = {
    FLINK_CONF_DIR    = "/etc/flink"
    FLINK_HOME        = install.home
    FLINK_LIB_DIR     = "${install.home}/lib"
    FLINK_OPT_DIR     = "${install.home}/opt"
    FLINK_PLUGINS_DIR = "${install.home}/plugins"
    HADOOP_CONF_DIR   = has.hdfs ? with.hdfs.configuration : null
    MALLOC_ARENA_MAX  = "1" # with more of glibc's arenas RocksDB takes more memory than it was given
  }
  memory          = setting.taskmanager_memory - local.task_heap - local.managed_memory
  workload_memory = local.task_heap + local.managed_memory
  max_unavailable = 1
  options = {
    LimitNOFILE         = 65536
    SuccessExitStatus   = 143
    Restart             = "always"
    SupplementaryGroups = setting.high_availability ? "zookeeper" : null # which may read by which password ZooKeeper knows clients
  }

  ready {
    port    = "flink-taskmanager-rpc"
    timeout = 300
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports. `users = true` are those that an `allow` block can open, `page` is what a browser looks at.

port "flink" {
  description = "JobManager's web page and REST interface, which also takes jobs"
  service     = "jobmanager"
  port        = 8081
  users       = true
  page        = "/"
  endpoint    = "http://"
  anybody     = "run any code as `flink` on all nodes"
}

port "flink-history" {
  description = "History server's web page"
  service     = "historyserver"
  port        = 8082
  users       = true
  page        = "/"
  anybody     = "read what finished jobs were and did, with their settings"
}

port "flink-rpc" {
  description = "JobManager for TaskManagers"
  service     = "jobmanager"
  port        = 6123
}

port "flink-blobs" {
  description = "Jars of jobs, from the JobManager to TaskManagers"
  service     = "jobmanager"
  port        = 6124
  differs     = "Flink's default is 0, a port that changes at each start"
}

port "flink-taskmanager-rpc" {
  description = "TaskManager for the JobManager"
  service     = "taskmanager"
  port        = 6122
  differs     = "Flink's default is 0, a port that changes at each start"
}

port "flink-data" {
  description = "Records between TaskManagers"
  service     = "taskmanager"
  port        = 6121
  differs     = "Flink's default is 0, a port that changes at each start"
}

protection {
  does_not = [
    "jobs and web pages (Flink has no login, and who reaches it can run any code)",
    "traffic (nothing is encrypted)",
  ]
}

port "flink-metrics" {
  description = "Metrics for the JobManager's web page"
  on          = ["master", "slaves"]
  port        = 6125
  differs     = "Flink's default is 0, a port that changes at each start"
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

# Sizes are told one by one, as TaskManager and JobManager want them where no script computes them.
file "config.yaml" {
  format     = "yaml"
  path       = "/etc/flink/config.yaml"
  known_keys = ["config.yaml"]
  key_families = [
    "env.", "containerized.", "metrics.", "events.", "traces.", "fs.", "s3.", "gs.", "azure.", "security.", "table.", "pipeline.",
    "external-resource.", "execution.", "restart-strategy.", "cleanup-strategy.", "zookeeper.", "state.backend.", "slow-task-detector.",
    "high-availability.", "sql-gateway.", "python.", "job-status-changed-listeners.",
  ]
  restarts = ["jobmanager", "historyserver", "taskmanager"]
  keys = {
    # Who is where. Addresses to listen on are `localhost` unless they are told.
    "jobmanager.rpc.address"              = cluster.master
    "jobmanager.rpc.port"                 = port.flink-rpc
    "jobmanager.bind-host"                = group.role == "master" ? "0.0.0.0" : null
    "jobmanager.resource-id"              = group.role == "master" ? node.name : null
    "rest.address"                        = cluster.master
    "rest.port"                           = port.flink
    "rest.bind-address"                   = group.role == "master" ? "0.0.0.0" : null
    "rest.bind-port"                      = group.role == "master" ? "${port.flink}" : null
    "blob.server.port"                    = group.role == "master" ? "${port.flink-blobs}" : null
    "taskmanager.host"                    = group.role == "slave" ? node.name : null
    "taskmanager.resource-id"             = group.role == "slave" ? node.name : null # by which `verify` and `disco status` know it
    "taskmanager.bind-host"               = group.role == "slave" ? "0.0.0.0" : null
    "taskmanager.rpc.port"                = group.role == "slave" ? "${port.flink-taskmanager-rpc}" : null
    "taskmanager.data.port"               = group.role == "slave" ? port.flink-data : null
    "metrics.internal.query-service.port" = "${port.flink-metrics}"

    # Sizes.
    "jobmanager.memory.process.size"             = group.role == "master" ? "${setting.jobmanager_memory}m" : null
    "jobmanager.memory.heap.size"                = group.role == "master" ? "${local.jobmanager_heap}m" : null
    "jobmanager.memory.off-heap.size"            = group.role == "master" ? "128m" : null
    "jobmanager.memory.jvm-metaspace.size"       = group.role == "master" ? "256m" : null
    "jobmanager.memory.jvm-overhead.min"         = group.role == "master" ? "${local.jobmanager_overhead}m" : null
    "jobmanager.memory.jvm-overhead.max"         = group.role == "master" ? "${local.jobmanager_overhead}m" : null
    "taskmanager.memory.process.size"            = group.role == "slave" ? "${setting.taskmanager_memory}m" : null
    "taskmanager.memory.framework.heap.size"     = group.role == "slave" ? "128m" : null
    "taskmanager.memory.framework.off-heap.size" = group.role == "slave" ? "128m" : null
    "taskmanager.memory.task.heap.size"          = group.role == "slave" ? "${local.task_heap}m" : null
    "taskmanager.memory.task.off-heap.size"      = group.role == "slave" ? "0m" : null
    "taskmanager.memory.network.min"             = group.role == "slave" ? "${local.network_memory}m" : null
    "taskmanager.memory.network.max"             = group.role == "slave" ? "${local.network_memory}m" : null
    "taskmanager.memory.managed.size"            = group.role == "slave" ? "${local.managed_memory}m" : null
    "taskmanager.memory.jvm-metaspace.size"      = group.role == "slave" ? "256m" : null
    "taskmanager.memory.jvm-overhead.min"        = group.role == "slave" ? "${local.taskmanager_overhead}m" : null
    "taskmanager.memory.jvm-overhead.max"        = group.role == "slave" ? "${local.taskmanager_overhead}m" : null
    "taskmanager.cpu.cores"                      = group.role == "slave" ? setting.slots : null
    "taskmanager.numberOfTaskSlots"              = group.role == "slave" ? setting.slots : null
    "external-resources"                         = group.role == "slave" ? "none" : null

    # Jobs.
    "parallelism.default"                   = setting.parallelism
    "jobmanager.scheduler"                  = setting.scheduler
    "taskmanager.load-balance.mode"         = "SLOTS" # over all slaves, instead of one after the other
    "state.backend.type"                    = setting.state_backend
    "execution.checkpointing.interval"      = setting.checkpoint_interval
    "execution.checkpointing.incremental"   = setting.state_backend == "rocksdb" ? true : null
    "execution.checkpointing.storage"       = local.storage != null ? "filesystem" : null
    "execution.checkpointing.dir"           = local.storage != null ? "${local.storage}/checkpoints" : null
    "execution.checkpointing.savepoint-dir" = local.storage != null ? "${local.storage}/savepoints" : null

    # Web pages and finished jobs.
    "web.submit.enable"                        = setting.web_submit
    "web.tmpdir"                               = group.role == "master" ? "/var/lib/flink/web" : null
    "web.upload.dir"                           = group.role == "master" ? "/var/lib/flink/jars" : null
    "jobmanager.archive.fs.dir"                = group.role == "master" ? local.archive : null
    "historyserver.archive.fs.dir"             = group.role == "master" ? local.archive : null
    "historyserver.archive.retained-ttl"       = group.role == "master" ? "${setting.history_days} d" : null
    "historyserver.archive.clean-expired-jobs" = group.role == "master" ? true : null
    "historyserver.web.address"                = group.role == "master" ? "0.0.0.0" : null
    "historyserver.web.port"                   = group.role == "master" ? port.flink-history : null
    "historyserver.web.tmpdir"                 = group.role == "master" ? "/var/lib/flink/history" : null

    # What `flink` on a node starts Java with.
    "env.java.opts.all"    = join(" ", local.opens)
    "env.java.opts.client" = group.role == "master" ? "-Xmx${max(128, min(1024, floor(local.client_memory * 2 / 3)))}m" : null
  }
  protected = {
    "jobmanager.rpc.address"            = "every TaskManager finds the JobManager by it"
    "jobmanager.rpc.port"               = "security rules are made for this port"
    "rest.address"                      = "clients find the JobManager by it"
    "rest.port"                         = "security rules, probes and addresses of web pages are made for this port"
    "rest.bind-port"                    = "security rules, probes and addresses of web pages are made for this port"
    "historyserver.web.port"            = "security rules, probes and addresses of web pages are made for this port"
    "blob.server.port"                  = "security rules are made for this port"
    "taskmanager.host"                  = "members are known by their names"
    "taskmanager.resource-id"           = "members are known by their names"
    "taskmanager.rpc.port"              = "security rules and probes are made for this port"
    "taskmanager.data.port"             = "security rules are made for this port"
    "jobmanager.memory.process.size"    = "it is the setting `jobmanager_memory`"
    "jobmanager.memory.heap.size"       = "it is what the setting `jobmanager_memory` leaves"
    "taskmanager.memory.process.size"   = "it is the setting `taskmanager_memory`"
    "taskmanager.memory.task.heap.size" = "it is what the setting `taskmanager_memory` leaves"
    "taskmanager.memory.managed.size"   = "the setting `managed_fraction` says it"
    "taskmanager.memory.network.min"    = "the process is started with this size"
    "taskmanager.memory.network.max"    = "the process is started with this size"
    "taskmanager.numberOfTaskSlots"     = "it is the setting `slots`"
    "high-availability.type"            = "it is the setting `high_availability`"
    "env.java.opts.jobmanager"          = "the services are not started by Flink's scripts"
    "env.java.opts.taskmanager"         = "the services are not started by Flink's scripts"
    "env.java.opts.historyserver"       = "the services are not started by Flink's scripts"
  }
  client_keys = ["rest.address", "rest.port", "parallelism.default"]
}

file "log4j-console.properties" {
  format   = "properties"
  path     = "/etc/flink/log4j-console.properties"
  restarts = ["jobmanager", "historyserver", "taskmanager"]
  keys = {
    "rootLogger.level"                    = "INFO"
    "rootLogger.appenderRef.console.ref"  = "ConsoleAppender"
    "rootLogger.appenderRef.rolling.ref"  = "RollingFileAppender"
    "appender.console.name"               = "ConsoleAppender"
    "appender.console.type"               = "CONSOLE"
    "appender.console.layout.type"        = "PatternLayout"
    "appender.console.layout.pattern"     = "%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c{1} - %m%n"
    "appender.rolling.name"               = "RollingFileAppender"
    "appender.rolling.type"               = "RollingFile"
    "appender.rolling.append"             = true
    "appender.rolling.fileName"           = "$${sys:log.file}"
    "appender.rolling.filePattern"        = "$${sys:log.file}.%i"
    "appender.rolling.layout.type"        = "PatternLayout"
    "appender.rolling.layout.pattern"     = "%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n"
    "appender.rolling.policies.type"      = "Policies"
    "appender.rolling.policies.size.type" = "SizeBasedTriggeringPolicy"
    "appender.rolling.policies.size.size" = "64MB"
    "appender.rolling.strategy.type"      = "DefaultRolloverStrategy"
    "appender.rolling.strategy.max"       = 5
    "logger.native.name"                  = "org.apache.hadoop.util.NativeCodeLoader"
    "logger.native.level"                 = "ERROR"
  }
}

# Of the command `flink`. It tells what it does on its output; its log is for mistakes.
file "log4j-cli.properties" {
  format = "properties"
  path   = "/etc/flink/log4j-cli.properties"
  keys = {
    "rootLogger.level"                   = "WARN"
    "rootLogger.appenderRef.console.ref" = "ConsoleAppender"
    "appender.console.name"              = "ConsoleAppender"
    "appender.console.type"              = "CONSOLE"
    "appender.console.target"            = "SYSTEM_ERR"
    "appender.console.layout.type"       = "PatternLayout"
    "appender.console.layout.pattern"    = "%d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n"
  }
}

file "flink-profile.sh" {
  format   = "template"
  path     = "/etc/profile.d/flink.sh"
  template = "flink-profile.sh"
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps of the cluster as a whole, on its master.

step "folders" {
  when    = has.hdfs
  moment  = "before-start"
  timeout = 300
  action = {
    kind  = "http"
    active = with.hdfs.active
    retry = true # until the NameNode has left its safe mode
    requests = flatten([for folder in ["/flink", "/flink/checkpoints", "/flink/savepoints", "/flink/archive", "/flink/ha"] : [
      { method = "PUT", url = "${with.hdfs.web}${folder}?op=MKDIRS&user.name=${with.hdfs.administrator}" },
      { method = "PUT", url = "${with.hdfs.web}${folder}?op=SETOWNER&user.name=${with.hdfs.administrator}&owner=flink&group=flink" },
    ]])
  }
}

step "taskmanagers" {
  moment     = "verify"
  timeout    = 600
  members_of = "slaves"
  action = {
    kind  = "members"
    title = "Flink TaskManagers registered"
    url   = "http://127.0.0.1:${port.flink}/taskmanagers"
    path  = ["taskmanagers"]
    names = "id"
  }
}

# Counts words on up to two slots: TaskManagers get the job's jar, and exchange records. The example is part of the
# archive.
step "smoke-test" {
  moment  = "smoke-test"
  timeout = 300
  action = {
    kind = "job"
    user = "flink"
    environment = { for name, value in {
      FLINK_CONF_DIR   = "/etc/flink"
      FLINK_LOG_DIR    = "/var/log/flink"
      HADOOP_CLASSPATH = local.hadoop_jars
    } : name => value if value != null }
    once     = true
    expect   = "Job Runtime: [0-9]+ ms"
    commands = [["${install.home}/bin/flink", "run", "-p", tostring(min(2, local.slots)), "${install.home}/examples/streaming/WordCount.jar"]]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "session" {
  title      = "Flink"
  members_of = "slaves"
  ask = {
    overview = "http://127.0.0.1:${port.flink}/overview"
    members  = "http://127.0.0.1:${port.flink}/taskmanagers"
  }
  members = {
    title = "TaskManagers"
    from  = "members"
    path  = ["taskmanagers"]
    names = "id"
    facts = [
      { name = "free_slots", title = "free slots", path = ["freeSlots"], total = ["slotsNumber"] },
      { name = "managed_memory", title = "managed memory", path = ["hardware", "managedMemory"], unit = "bytes" },
    ]
  }
  facts = [
    { name = "version", from = "overview", path = ["flink-version"] },
    { name = "free_slots", title = "free slots", from = "overview", path = ["slots-available"], total = ["slots-total"] },
    { name = "running", title = "jobs running", from = "overview", path = ["jobs-running"] },
    { name = "finished", title = "jobs finished", from = "overview", path = ["jobs-finished"] },
    { name = "failed", title = "jobs failed", from = "overview", path = ["jobs-failed"] },
  ]
}

status "history" {
  title = "Flink history"
  ask   = { info = "http://127.0.0.1:${port.flink-history}/config" }
  facts = [{ name = "version", from = "info", path = ["flink-version"] }]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { stream = 3, batch = 2, sql = 2 }
  languages = { java = 3, sql = 2, python = 2, scala = 1 }
  home      = { cluster = 2, object = 2, loaded = 1 }
  people    = 1
  survives  = 3
  simple    = 2
  answer    = "10 ms"
  volume    = { to = "10 PB" }
  delivers  = "exactly-once"
  parts     = { needs = ["transport", "storage"], minimum_nodes = 1 }

  source "https://flink.apache.org/what-is-flink/use-cases/" {
    about = ["work.stream", "answer"]
    says  = "event-driven applications with state, such as fraud and anomaly detection, answered within milliseconds"
  }
  source "https://nightlies.apache.org/flink/flink-docs-stable/docs/learn-flink/overview/" {
    about = ["languages.java", "delivers", "survives"]
    says  = "programs in Java on streams; state goes back to the last checkpoint after a failure, so that each event counts exactly once"
  }
}

sizing {
  cores           = rate.events * rate.peak * 1.5 / 5000
  memory_per_core = 4
  throughput      = 15 # our estimate

  source "https://www.ververica.com/blog/how-to-size-your-apache-flink-cluster-general-guidelines" {
    about = ["cores"]
    says  = "size by events a second, their size and the state, with room to catch up after a failure; 5,000 events a second for a core with windows or joins, and half as much again, are our estimate"
  }
}
