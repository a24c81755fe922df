# Apache Spark: standalone or on YARN, with or without HDFS, and its history server.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# Where the work runs. `run_on = "standalone"` starts Spark's own master and workers; `run_on = "yarn"` starts none of
# them: executors are containers of YARN. If nothing is said, it is YARN where the cluster has one, because two that
# share out the same memory are worse than one.
#
# Where the event logs are. With HDFS they lie there, for all to write and for the history server to read. Without it
# they lie in /var/lib/spark/history of the machine that the driver runs on, and the history server, which is on the
# master, shows those of the drivers that ran there (deploy mode `client`, which is the default). A driver in mode
# `cluster` runs on a slave, and its event log stays on it.
#
# How memory is shared out. All sizes are MiB. `node.share` is what the system leaves, or Spark's part of it where other
# frameworks need memory on the same machines.
# - A daemon with a heap of H takes H + H/8 + 128 (an idle master, worker or history server with a heap of 512 was seen
#   to take 250).
# - An executor with a heap of H takes H + max(384, H/10): this is how Spark counts, and what YARN is asked for. A worker
#   of Spark's own counts heaps only; so it may give away no more than the heaps of the executors that fit with all
#   they take.
# - An executor has up to five cores, as many as leave the fewest of a slave's cores idle; more make writing to HDFS
#   slow. Its memory is what a slave has for executors, divided by how many the cores allow. One size must do for all,
#   so the smallest slave decides; the least is 896, with a heap of 512, because Spark wants 450.
# - On YARN the size is a multiple of the smallest container, and a slave holds at least two executors, so that an
#   application master (896) takes the place of one and nothing has to be kept free for it. Only a slave with one core
#   holds one executor and leaves room for a master. Either way a job runs even on a single slave.
# - On the master, Spark's master and history server get 25 and 30 % of the share; the rest is for a driver, but no
#   more than an executor has, so that the driver fits on a slave too (deploy mode `cluster`).
#
# Three masters, as Hadoop with high availability has them, suit Spark on YARN: it has no master of its own there. The
# history server is on the first of them.
#
# Who may see what. A history server that knows nobody by name shows everything to everybody who reaches it: `administrators`
# counts once a filter of your own says who somebody is (`spark.ui.filters`).
#
# Not set up: high availability of Spark's own master; YARN's external shuffle service, which dynamic allocation does not
# need (the driver keeps track of shuffle files); Spark's REST submission, which has no authentication; SparkR.

manifest    = 2
description = "Engine for batch, SQL, streaming and machine learning, with its history server"
needs       = ["slaves"]
uses        = ["hdfs", "yarn"]

provide "spark" {
  values = {
    master        = local.master_url
    configuration = "/etc/spark"
    home          = install.home
  }
}

requirement "yarn >= 3.5" {
  when   = setting.run_on == "yarn"
  reason = "run_on = \"yarn\" runs Spark in YARN's containers, on YARN's Java, and Hadoop supports Spark's Java 17 since 3.5"
}

masters {
  maximum = 3
  reason  = "one, or the three that Hadoop takes for high availability"
}

assert {
  condition = length(cluster.masters) == 1 || (setting.edition >= 3 && setting.run_on == "yarn")
  message   = "spark takes ${length(cluster.masters)} masters only on YARN and since edition 3: a second master of its own is not set up"
}

assert {
  condition = setting.edition < 3 || setting.several_masters == (length(cluster.masters) > 1)
  message   = "spark was set up for ${setting.several_masters ? "several masters" : "one master"} when the cluster was created: that cannot be changed"
}

role "client" {}

minimum_memory  = { master = 2048, slave = setting.run_on == "yarn" ? 4096 : 2048 }
shares_memory   = { slave = setting.run_on == "standalone" } # on YARN the memory is YARN's
reserved_memory = setting.reserved_memory

# ---------------------------------------------------------------------------------------------------------------------
# Versions. The digest is the publisher's own, read over TLS from the publisher, never from a mirror.

version "4.3.0" {
  archive           = "spark/spark-4.3.0/spark-4.3.0-bin-hadoop3.tgz"
  sha512_url        = "https://archive.apache.org/dist/spark/spark-4.3.0/spark-4.3.0-bin-hadoop3.tgz.sha512"
  java              = [17, 21]
  python            = "3.10"
  compatible        = { hadoop = ["3.4", "3.5"] }
  compatible_reason = "it brings the client of Hadoop 3.5, which older HDFS of the same line understand"
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "spark"` block may say.

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
  description = "Major version of Java to run on; without it the best that both this Spark and the image have"
}

setting "edition" {
  type        = "integer"
  description = "What this manifest does on the nodes: 1 is as DISCO 0.1 had it; with 2 there always is a secret, which only the group `spark` can read, applications outlive a restart of Spark's master, and a job shows that a new cluster works; 3 suits three masters on YARN, and Spark's own workers roll and clean up what executors leave"
  default     = 3
  earlier     = 1
  minimum     = 1
  maximum     = 3
  fixed       = true
}

setting "several_masters" {
  type        = "bool"
  description = "Whether there are several masters; it follows from `count` in `master` when the cluster is created"
  default     = length(cluster.masters) > 1
  earlier     = false
  fixed       = true
}

setting "administrators" {
  type        = "list(account)"
  description = "Accounts that may look into and end everybody's applications, where something says who somebody is; without any, all may"
  when        = setting.edition >= 3
  default     = []
}

setting "shuffle_service" {
  type        = "bool"
  description = "Whether workers keep what executors have shuffled, so that dynamic allocation can end these"
  when        = setting.edition >= 3 && setting.run_on == "standalone"
  default     = setting.dynamic_allocation
}

setting "run_on" {
  type        = "string"
  description = "Where executors run: `standalone` has Spark's own master and workers, `yarn` has YARN's containers"
  default     = has.yarn ? "yarn" : "standalone"
  one_of      = ["standalone", "yarn"]
}

setting "python" {
  type        = "string"
  not_empty   = true
  description = "Python of drivers and executors, the same on all nodes"
  default     = "/usr/bin/python3"
}

setting "secret" {
  type        = "string"
  description = "Shared secret for authentication and encryption with Spark's own workers; on YARN each job has a secret of its own"
  when        = setting.run_on == "standalone"
  secret      = true
  generated   = setting.edition >= 2
}

setting "dynamic_allocation" {
  type        = "bool"
  description = "Whether a job's executors are started and stopped with its work; if not, a job on Spark's own workers takes them all"
  default     = setting.run_on == "yarn"
}

setting "history_days" {
  type        = "integer"
  description = "How long event logs are kept"
  unit        = "days"
  default     = 30
  minimum     = 1
}

setting "shuffle_partitions" {
  type        = "integer"
  description = "Partitions of a shuffle in SQL: three for each core of the slaves, at least Spark's own 200; adaptive execution joins small ones"
  default     = max(200, 3 * sum(slaves.cores_of_group))
  minimum     = 1
  fixed       = true
}

setting "reserved_memory" {
  type        = "integer"
  description = "Memory left to the operating system"
  unit        = "MiB"
  default     = node.reserved
  minimum     = 0
}

setting "master_heap" {
  type        = "integer"
  description = "Heap of Spark's master"
  unit        = "MiB"
  on          = "master"
  when        = setting.run_on == "standalone"
  default     = min(4096, floor((0.25 * node.share - 128) * 8 / 9))
  minimum     = 128
}

setting "history_heap" {
  type        = "integer"
  description = "Heap of the history server"
  unit        = "MiB"
  on          = "master"
  default     = min(4096, floor((0.3 * node.share - 128) * 8 / 9))
  minimum     = 128
}

setting "driver_memory" {
  type         = "integer"
  description  = "Heap of a driver: what the master has left, but no more than an executor"
  unit         = "MiB"
  on           = "master"
  default      = min(setting.executor_memory, floor((local.driver_room - 128) * 8 / 9))
  minimum      = 512
  limit_reason = "Spark refuses to run with less than 450 MiB"
}

setting "worker_heap" {
  type        = "integer"
  description = "Heap of the worker itself, which starts executors and does no work"
  unit        = "MiB"
  on          = "slaves"
  when        = setting.run_on == "standalone"
  default     = min(1024, 256 + floor(node.counted / 128))
  minimum     = 128
}

setting "worker_cores" {
  type        = "integer"
  description = "Cores of a slave for executors"
  on          = "slaves"
  when        = setting.run_on == "standalone"
  default     = node.vcpus
  minimum     = 1
}

setting "worker_memory" {
  type        = "integer"
  description = "Memory of a slave for executors' heaps: as many as fit together with what each takes besides its heap"
  unit        = "MiB"
  on          = "slaves"
  when        = setting.run_on == "standalone"
  default     = setting.executor_memory * max(1, floor(local.room / local.executor_total))
  minimum     = 512
}

setting "executor_cores" {
  type         = "integer"
  description  = "Cores of an executor: tasks that it runs at a time"
  default      = min(slaves.fitting_cores...)
  minimum      = 1
  maximum      = min(slaves.cores...)
  limit_reason = "the smallest slave has ${min(slaves.cores...)}"
}

setting "executor_memory" {
  type         = "integer"
  description  = "Heap of an executor"
  unit         = "MiB"
  default      = local.executor_room - max(384, ceil(local.executor_room / 11))
  minimum      = 512
  maximum      = local.largest_heap
  limit_reason = "Spark needs 450 MiB, and with the 10 %, at least 384, that an executor takes besides its heap the smallest slave has room for ${local.largest_heap}"
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  master_memory        = setting.run_on == "standalone" ? ceil(setting.master_heap * 9 / 8) + 128 : 0
  history_memory       = ceil(setting.history_heap * 9 / 8) + 128
  driver_room          = node.share - local.master_memory - local.history_memory
  worker_daemon_memory = ceil(setting.worker_heap * 9 / 8) + 128

  # What an executor takes, and what a slave has for all of them.
  executor_total     = setting.executor_memory + max(384, floor(setting.executor_memory / 10))
  room               = setting.run_on == "yarn" ? with.yarn.memory - with.yarn.memory % with.yarn.container : node.share - local.worker_daemon_memory
  room_for_one       = setting.run_on == "yarn" ? with.yarn.container * local.containers_for_one : floor(local.room / local.executors_by_cores)
  executor_room      = max(896, min(slaves.room_for_one...))
  largest_heap       = min([for room in slaves.room : room - max(384, ceil(room / 11))]...)
  given_to_executors = setting.run_on == "standalone" ? local.executor_total * max(1, floor(setting.worker_memory / setting.executor_memory)) : 0
}

locals {
  cores              = setting.run_on == "standalone" ? setting.worker_cores : node.vcpus
  cores_of_group     = group.count * local.cores
  most_cores         = setting.run_on == "yarn" ? max(1, floor(local.cores / 2)) : local.cores
  idle_cores         = [for cores in [3, 4, 5] : local.cores % cores]
  fitting_cores      = local.most_cores <= 5 ? local.most_cores : max([for at, idle in local.idle_cores : at + 3 if idle == min(local.idle_cores...)]...)
  executors_by_cores = max(1, floor(local.cores / setting.executor_cores))

  # On YARN, counted in the smallest container: what a slave has, an application master (512 + 384 MiB), an executor.
  containers             = setting.run_on == "yarn" ? (setting.edition >= 3 ? with.yarn.containers : floor(with.yarn.memory / with.yarn.container)) : 0
  containers_of_a_master = setting.run_on == "yarn" ? ceil(896 / with.yarn.container) : 0
  containers_for_one     = max(local.least_containers, local.executors_by_cores == 1 ? local.containers - local.containers_of_a_master : floor(local.containers / local.executors_by_cores))

  # YARN rounds 896 up by itself: an executor that is rounded up here would be larger than one on a larger slave.
  least_containers = setting.edition >= 3 ? 1 : local.containers_of_a_master

  master_url  = setting.run_on == "yarn" ? "yarn" : "spark://${cluster.master}:${port.spark-rpc}"
  event_logs  = has.hdfs ? "${with.hdfs.url}/spark/history" : "file:///var/lib/spark/history"
  local_dirs  = length(node.disks) == 0 ? ["/var/lib/spark/work"] : [for disk in node.disks : "${disk}/spark/work"]
  spark_class = "${install.home}/bin/spark-class"

  # Of Spark's own workers since edition 3.
  rolls    = setting.edition >= 3 && setting.run_on == "standalone"
  shuffles = local.rolls && setting.shuffle_service
  guests   = setting.edition >= 3 && length(setting.administrators) > 0

  # Whether Spark's own master and workers keep to themselves what they share.
  guarded = setting.run_on == "standalone" && setting.edition >= 2
}

# Where there is one master, that is all of them.
ensemble "history" {
  on   = "master"
  size = 1
  when = setting.several_masters
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders. Event logs are everybody's to write; the group `spark`, which reads them, is the folder's.

user "spark" {
  home = "/var/lib/spark"
}

directory {
  path = "/etc/spark"
}

directory {
  path  = "/var/lib/spark"
  owner = "spark:spark"
}

# The history server reads those of the master. Those that a driver in mode `cluster` leaves on a slave go with it.
directory {
  path       = "/var/lib/spark/history"
  owner      = "spark:spark"
  mode       = "3777"
  holds_data = true
  on         = ["master"]
  when       = !has.hdfs
}

directory {
  path  = "/var/lib/spark/history"
  owner = "spark:spark"
  mode  = "3777"
  on    = ["slaves"]
  when  = !has.hdfs
}

# What the master knows of its workers and applications, so that a restart ends none of them.
directory {
  path  = "/var/lib/spark/recovery"
  owner = "spark:spark"
  mode  = "0700"
  on    = ["master"]
  when  = local.guarded
}

directory {
  path  = "/var/lib/spark/worker"
  owner = "spark:spark"
  on    = ["slaves"]
  when  = setting.run_on == "standalone"
}

directory {
  path  = [for disk in node.disks : "${disk}/spark"]
  owner = "spark:spark"
  on    = ["slaves"]
  when  = setting.run_on == "standalone"
}

directory {
  path  = local.local_dirs
  owner = "spark:spark"
  on    = ["slaves"]
  when  = setting.run_on == "standalone"
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order to start them on a node.

service "master" {
  description = "Spark master"
  on          = "master"
  when        = setting.run_on == "standalone"
  unit        = "spark-master"
  user        = "spark"
  exec        = "${local.spark_class} org.apache.spark.deploy.master.Master --host ${cluster.master} --port ${port.spark-rpc} --webui-port ${port.spark}"
  environment = { SPARK_CONF_DIR = "/etc/spark", SPARK_HOME = install.home, SPARK_DAEMON_MEMORY = "${setting.master_heap}m" }
  memory      = local.master_memory

  ready {
    port    = "spark"
    path    = "/json/"
    timeout = 300
  }
}

service "history" {
  description     = "Spark history server"
  on              = "history"
  unit            = "spark-history"
  user            = "spark"
  exec            = "${local.spark_class} org.apache.spark.deploy.history.HistoryServer"
  environment     = { SPARK_CONF_DIR = "/etc/spark", SPARK_HOME = install.home, SPARK_DAEMON_MEMORY = "${setting.history_heap}m" }
  memory          = local.history_memory
  workload_memory = ceil(setting.driver_memory * 9 / 8) + 128 # a driver on the master
  needs_step      = "folders"

  ready {
    port    = "spark-history"
    path    = "/api/v1/applications?limit=1"
    timeout = 300
  }
}

service "worker" {
  description     = "Spark worker"
  on              = "slaves"
  when            = setting.run_on == "standalone"
  unit            = "spark-worker"
  user            = "spark"
  exec            = "${local.spark_class} org.apache.spark.deploy.worker.Worker --port ${port.spark-worker-rpc} --webui-port ${port.spark-worker} ${local.master_url}"
  environment     = { SPARK_CONF_DIR = "/etc/spark", SPARK_HOME = install.home, SPARK_DAEMON_MEMORY = "${setting.worker_heap}m" }
  memory          = local.worker_daemon_memory
  workload_memory = local.given_to_executors

  ready {
    port    = "spark-worker"
    path    = "/json/"
    timeout = 300
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports. `users = true` are those that an `allow` block can open, `page` is what a browser looks at. Drivers and
# executors take the first free port from the one given on.

port "spark" {
  description = "Spark master's web page"
  service     = "master"
  port        = 8080
  users       = true
  page        = "/"
  anybody     = "see all applications and end them"
}

port "spark-rpc" {
  description = "Spark master"
  service     = "master"
  port        = 7077
  users       = true
  endpoint    = "spark://"
  anybody     = setting.secret != null ? null : "run programs on all slaves"
}

port "spark-history" {
  description = "Spark history server's web page"
  service     = "history"
  port        = 18080
  users       = true
  page        = "/"
  anybody     = "read the event logs of all applications, with their settings"
}

port "spark-driver" {
  description = "Web pages of running applications, one port each"
  on          = "master"
  port        = 4040
  last_port   = 4296
  users       = true
  page        = "/"
  anybody     = "see running applications, with their settings, and end their jobs"
}

port "spark-worker" {
  description = "Spark worker's web page, with the logs of its executors"
  service     = "worker"
  port        = 8081
  users       = true
  anybody     = "read what executors write, and end them"
}

port "spark-worker-rpc" {
  description = "Spark worker"
  service     = "worker"
  port        = 7078
  differs     = "Spark's default is 0, a port that changes at each start"
}

port "spark-shuffle" {
  description = "What executors have shuffled, kept by the worker"
  service     = "worker"
  when        = local.shuffles
  port        = 7337
}

port "spark-driver-rpc" {
  description = "Drivers"
  on          = "master"
  port        = 40000
  last_port   = 40256
  differs     = "Spark's default is 0, a port that changes at each start"
}

protection {
  when = setting.run_on == "standalone" && setting.secret != null
  does = ["work for Spark's own master and workers, and data between them (a secret, and encryption)"]
}

protection { does_not = ["web pages (they have no login)"] }

port "spark-blocks" {
  description = "Blocks of data between executors and drivers"
  on          = ["master", "slaves"]
  port        = 40010
  last_port   = 40266
  differs     = "Spark's default is 0, a port that changes at each start"
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

file "spark-defaults.conf" {
  format   = "properties"
  path     = "/etc/spark/spark-defaults.conf"
  owner    = local.guarded ? "root:spark" : "root:root"
  mode     = local.guarded ? "0640" : "0644"

  # The list is that of Spark's core, SQL and YARN.
  known_keys = ["spark-defaults.conf"]
  key_families = [
    "spark.hadoop.", "spark.hive.", "spark.executorEnv.", "spark.yarn.appMasterEnv.", "spark.sql.catalog.", "spark.sql.hive.",
    "spark.sql.streaming.", "spark.streaming.", "spark.connect.", "spark.kubernetes.", "spark.metrics.conf.", "spark.ssl.",
    "spark.executor.resource.", "spark.driver.resource.", "spark.task.resource.", "spark.worker.resource.", "spark.rapids.",
  ]
  restarts = ["master", "history", "worker"]
  keys = {
    "spark.master"                          = local.master_url
    "spark.eventLog.enabled"                = true
    "spark.eventLog.dir"                    = local.event_logs
    "spark.eventLog.rolling.enabled"        = has.hdfs ? null : false # Spark takes its group away from a folder, so one file
    "spark.sql.warehouse.dir"               = has.hdfs ? "${with.hdfs.url}/spark/warehouse" : null
    "spark.driver.memory"                   = group.role == "master" ? "${setting.driver_memory}m" : null
    "spark.executor.memory"                 = "${setting.executor_memory}m"
    "spark.executor.cores"                  = setting.executor_cores
    "spark.sql.shuffle.partitions"          = setting.shuffle_partitions == 200 ? null : setting.shuffle_partitions
    "spark.dynamicAllocation.enabled"       = setting.dynamic_allocation ? true : null
    "spark.pyspark.python"                  = setting.python
    "spark.driver.port"                     = port.spark-driver-rpc
    "spark.blockManager.port"               = port.spark-blocks
    "spark.port.maxRetries"                 = 256
    "spark.decommission.enabled"            = true
    "spark.storage.decommission.enabled"    = true
    "spark.authenticate"                    = setting.run_on == "yarn" || setting.secret != null ? true : null
    "spark.authenticate.secret"             = setting.run_on == "yarn" ? null : setting.secret
    "spark.network.crypto.enabled"          = setting.run_on == "yarn" || setting.secret != null ? true : null
    "spark.network.crypto.saslFallback"     = setting.run_on == "yarn" || setting.secret != null ? false : null
    "spark.master.rest.enabled"             = setting.run_on == "standalone" ? false : null
    "spark.deploy.recoveryMode"             = local.guarded && group.role == "master" ? "FILESYSTEM" : null
    "spark.deploy.recoveryDirectory"        = local.guarded && group.role == "master" ? "/var/lib/spark/recovery" : null
    "spark.master.ui.historyServerUrl"      = setting.run_on == "standalone" ? "http://${cluster.master}:${port.spark-history}" : null
    # What executors write to their standard output and leave in their folders would fill the root disk.
    "spark.executor.logs.rolling.strategy"  = local.rolls ? "size" : null
    "spark.executor.logs.rolling.maxSize"   = local.rolls ? 134217728 : null
    "spark.executor.logs.rolling.maxRetainedFiles" = local.rolls ? 5 : null
    "spark.shuffle.service.enabled"         = local.shuffles ? true : null
    "spark.shuffle.service.port"            = local.shuffles ? port.spark-shuffle : null
    "spark.acls.enable"                     = local.guests ? true : null
    "spark.admin.acls"                      = local.guests ? join(",", setting.administrators) : null
    "spark.history.ui.acls.enable"          = local.guests && group.role == "master" ? true : null
    "spark.history.ui.admin.acls"           = local.guests && group.role == "master" ? join(",", setting.administrators) : null
    "spark.yarn.jars"                       = setting.run_on == "yarn" ? "local:${install.home}/jars/*" : null
    "spark.yarn.historyServer.address"      = setting.run_on == "yarn" ? "${cluster.master}:${port.spark-history}" : null
    "spark.history.fs.logDirectory"         = group.role == "master" ? local.event_logs : null
    "spark.history.fs.cleaner.enabled"      = group.role == "master" ? true : null
    "spark.history.fs.cleaner.maxAge"       = group.role == "master" ? "${setting.history_days}d" : null
  }
  protected = {
    "spark.master"                   = "`run_on` says where the work runs"
    "spark.eventLog.dir"             = "the history server looks there"
    "spark.history.fs.logDirectory"  = "drivers write there"
    "spark.history.ui.port"          = "security rules, probes and addresses of web pages are made for this port"
    "spark.master.ui.port"           = "security rules, probes and addresses of web pages are made for this port"
    "spark.worker.ui.port"           = "security rules and probes are made for this port"
    "spark.authenticate.secret"      = "it is the setting `secret`, which is never shown"
    "spark.authenticate.secret.file" = "the setting `secret` reaches all nodes"
  }
  client_keys = concat(
    [
      "spark.master", "spark.executor.memory", "spark.executor.cores", "spark.dynamicAllocation.enabled",
      "spark.sql.shuffle.partitions", "spark.pyspark.python", "spark.authenticate", "spark.authenticate.secret",
      "spark.network.crypto.enabled", "spark.network.crypto.saslFallback", "spark.yarn.historyServer.address",
      "spark.shuffle.service.enabled", "spark.shuffle.service.port",
    ],
    has.hdfs ? ["spark.eventLog.enabled", "spark.eventLog.dir", "spark.sql.warehouse.dir"] : [], # a folder of the nodes
  )
}

file "spark-env.sh" {
  format   = "shell"
  path     = "/etc/spark/spark-env.sh"

  known_keys = ["spark-env.sh"]
  template = "spark-env.sh"
  restarts = ["master", "history", "worker"]
  keys = {
    HADOOP_CONF_DIR     = has.hdfs ? with.hdfs.configuration : (has.yarn ? with.yarn.configuration : null)
    SPARK_LOCAL_DIRS    = group.role == "slave" && setting.run_on == "standalone" ? join(",", local.local_dirs) : null
    SPARK_WORKER_DIR    = group.role == "slave" && setting.run_on == "standalone" ? "/var/lib/spark/worker" : null
    SPARK_WORKER_CORES  = group.role == "slave" && setting.run_on == "standalone" ? setting.worker_cores : null
    SPARK_WORKER_MEMORY = group.role == "slave" && setting.run_on == "standalone" ? "${setting.worker_memory}m" : null
  }
  protected = {
    SPARK_CONF_DIR       = "the services are started with /etc/spark"
    SPARK_HOME           = "the archive is unpacked to a folder that names its version"
    SPARK_MASTER_HOST    = "every worker finds the master by it"
    SPARK_MASTER_PORT    = "every worker finds the master by it"
    SPARK_LOCAL_HOSTNAME = "members are known by their names"
    SPARK_LOCAL_DIRS     = "volumes of the slaves say where it is"
  }
}

file "log4j2.properties" {
  format   = "properties"
  path     = "/etc/spark/log4j2.properties"
  restarts = ["master", "history", "worker"]
  keys = {
    "rootLogger.level"                = "info"
    "rootLogger.appenderRef.log.ref"  = "console"
    "appender.console.type"           = "Console"
    "appender.console.name"           = "console"
    "appender.console.target"         = "SYSTEM_ERR"
    "appender.console.layout.type"    = "PatternLayout"
    "appender.console.layout.pattern" = "%d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex"
    "logger.web.name"                 = "org.sparkproject.jetty"
    "logger.web.level"                = "warn"
    "logger.native.name"              = "org.apache.hadoop.util.NativeCodeLoader"
    "logger.native.level"             = "error"
    "logger.shell.name"               = "org.apache.spark.repl"
    "logger.shell.level"              = "warn"
  }
}

file "spark-profile.sh" {
  format   = "template"
  path     = "/etc/profile.d/spark.sh"
  template = "spark-profile.sh"
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps of the cluster as a whole, on its master.

step "folders" {
  when    = has.hdfs
  moment  = "before-start"
  timeout = 300
  # What a job on YARN brings lies in the home folder of whoever started it. Through WebHDFS no JVM has to start.
  action = setting.edition >= 2 ? {
    kind  = "http"
    retry = true # until the NameNode has left its safe mode
    active = with.hdfs.active
    requests = flatten([for folder, mode in { "/spark" = null, "/spark/history" = "1777", "/spark/warehouse" = "1777", "/user/spark" = null } : concat(
      [
        { method = "PUT", url = "${with.hdfs.web}${folder}?op=MKDIRS&user.name=${with.hdfs.administrator}" },
        { method = "PUT", url = "${with.hdfs.web}${folder}?op=SETOWNER&user.name=${with.hdfs.administrator}&owner=spark&group=spark" },
      ],
      mode == null ? [] : [{ method = "PUT", url = "${with.hdfs.web}${folder}?op=SETPERMISSION&user.name=${with.hdfs.administrator}&permission=${mode}" }],
    )])
  } : {
    kind        = "command"
    user        = with.hdfs.administrator
    environment = { HADOOP_CONF_DIR = with.hdfs.configuration, HADOOP_HOME = with.hdfs.home }
    retry       = true
    commands = [
      [with.hdfs.command, "dfs", "-mkdir", "-p", "/spark/history", "/spark/warehouse"],
      [with.hdfs.command, "dfs", "-chown", "spark:spark", "/spark", "/spark/history", "/spark/warehouse"],
      [with.hdfs.command, "dfs", "-chmod", "1777", "/spark/history", "/spark/warehouse"],
    ]
  }
}

step "workers" {
  when       = setting.run_on == "standalone"
  moment     = "verify"
  timeout    = 600
  members_of = "slaves"
  action = {
    kind  = "members"
    title = "Spark workers alive"
    url   = "http://127.0.0.1:${port.spark}/json/"
    path  = ["workers"]
    names = "host"
    where = { state = "ALIVE" }
  }
}

# Estimates pi in Python: executors start, they and their driver know each other, the event log is written. The example is
# part of the archive.
step "smoke-test" {
  when    = setting.edition >= 2
  moment  = "smoke-test"
  timeout = 300
  action = {
    kind        = "job"
    user        = "spark"
    environment = { SPARK_CONF_DIR = "/etc/spark", SPARK_HOME = install.home }
    once        = true
    expect      = "Pi is roughly 3[.]"
    commands    = [["${install.home}/bin/spark-submit", "--conf", "spark.log.level=WARN", "${install.home}/examples/src/main/python/pi.py", "2"]]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "standalone" {
  title      = "Spark"
  when       = setting.run_on == "standalone"
  members_of = "slaves"
  ask        = { master = "http://127.0.0.1:${port.spark}/json/" }
  members = {
    title = "Workers"
    from  = "master"
    path  = ["workers"]
    names = "host"
    state = "state"
    well  = ["ALIVE"]
    facts = [
      { name = "cores", path = ["coresused"], total = ["cores"] },
      { name = "memory", path = ["memoryused"], total = ["memory"], unit = "MiB" },
    ]
  }
  facts = [
    {
      name  = "state"
      from  = "master"
      path  = ["status"]
      well  = ["ALIVE"]
      words = "the master is {}" # RECOVERING for a minute after a restart
    },
    { name = "cores", from = "master", path = ["coresused"], total = ["cores"] },
    { name = "memory", from = "master", path = ["memoryused"], total = ["memory"], unit = "MiB" },
  ]
}

status "history" {
  title = "Spark history"
  ask   = { info = "http://127.0.0.1:${port.spark-history}/api/v1/version" }
  facts = [{ name = "version", from = "info", path = ["spark"] }]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { batch = 3, sql = 3, ml = 3, graph = 3, stream = 2, tasks = 1, arrays = 0 }
  languages = { scala = 3, java = 3, python = 3, sql = 3, r = 1 }
  code      = { spark = 3, hive = 2, pandas = 2 }
  home      = { cluster = 3, object = 3, loaded = 2 }
  gpu       = 1
  people    = 2
  survives  = 3
  simple    = 2
  answer    = "100 ms"
  volume    = { from = "100 GB", to = "10 PB" }
  delivers  = "exactly-once"
  parts     = { needs = ["storage", "transport"], minimum_nodes = 1 }

  source "https://spark.apache.org/docs/latest/" {
    about = ["work.batch", "work.sql", "languages.scala", "languages.java", "languages.python", "languages.sql", "code.spark"]
    says  = "one engine for large-scale analytics, with APIs in Scala, Java and Python and with SQL"
  }
  source "https://spark.apache.org/docs/latest/ml-guide.html" {
    about = ["work.ml"]
    says  = "a library for many nodes, where data that is iterated stays in memory"
  }
  source "https://spark.apache.org/docs/latest/graphx-programming-guide.html" {
    about = ["work.graph"]
    says  = "graphs and computations on all of a graph at once, as a part of Spark"
  }
  source "https://spark.apache.org/docs/latest/structured-streaming-programming-guide.html" {
    about = ["work.stream", "answer", "delivers"]
    says  = "micro-batches answer within 100 ms, each event counts exactly once"
  }
  source "https://spark.apache.org/docs/latest/cloud-integration.html" {
    about = ["home.object", "home.cluster"]
    says  = "reads and writes object stores and HDFS through Hadoop's file systems"
  }
  source "https://spark.apache.org/docs/latest/rdd-programming-guide.html" {
    about = ["survives"]
    says  = "what was lost with a node is computed again from where it came"
  }
  source "https://spark.apache.org/docs/latest/sql-migration-guide.html" {
    about = ["code.hive"]
    says  = "works with Hive's metastore, formats and functions; some of Hive is not supported"
  }
  source "https://docs.dask.org/en/stable/spark.html" {
    about = ["work.arrays"]
    says  = "Spark has no arrays of several dimensions of its own"
  }
}

sizing {
  cores           = rate.events * rate.peak * 1.5 / 5000
  memory_per_core = 4
  throughput      = 20 # our estimate

  source "https://spark.apache.org/docs/latest/hardware-provisioning.html" {
    about = ["cores", "memory_per_core"]
    says  = "8 to 16 cores a node, at most three quarters of its memory for Spark, no heap above 200 GiB; 5,000 events a second for a core, and half as much again to catch up, are our estimate"
  }
}
