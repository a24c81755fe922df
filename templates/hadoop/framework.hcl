# Apache Hadoop: HDFS, YARN, MapReduce and its job history server.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# Nothing here may depend on how many nodes there are unless it is `fixed` at creation: growing a cluster must not
# change a byte on the nodes that are there.
#
# How memory is shared out. All sizes are MiB.
# - What there is to share out is `node.share`: what the operating system leaves (its part is told in platforms.hcl), or
#   the part of it that is Hadoop's where other frameworks need memory on the same machines.
# - A daemon with a heap of H takes H + H/8 + 128: metaspace, code cache, threads and direct buffers of an idle
#   NameNode or DataNode were seen to take about 100 beside a heap of 256.
# - What then is left on a slave is YARN's, all of it. Containers are cut so that there are two for each vCPU on the
#   smallest kind of slave, but not below 320, the least that leaves a task a heap of 192, and not above 8192.
# - On the master, NameNode, ResourceManager and history server get 45, 30 and 20 % of what the system leaves.
#
# There is no SecondaryNameNode: it would need the NameNode's heap a second time on a machine that has one. The edit
# log is merged whenever the NameNode starts; `hdfs dfsadmin -saveNamespace` in safe mode does it at any time.
# There is no `workers` file: nothing is started over SSH.

description = "HDFS, YARN and MapReduce with the job history server"
needs       = ["storage"]

provide "hdfs" {
  values = {
    url           = "hdfs://${cluster.master}:${port.hdfs-rpc}"
    configuration = "/etc/hadoop"
    home          = install.home
    command       = local.hdfs
    administrator = "hdfs"
    web           = local.webhdfs # on the first master
  }
}

provide "yarn" {
  when = setting.yarn
  values = {
    configuration = "/etc/hadoop"
    memory        = setting.yarn_memory      # of a slave, for containers, MiB
    container     = setting.container_memory # the smallest, MiB; others are multiples of it
    vcores        = setting.yarn_vcores
  }
}

provide "mapreduce" {
  when = setting.yarn
}

masters {
  maximum = 1
  reason  = "a second NameNode needs high availability, which this manifest does not set up"
}

minimum_memory  = { master = 2048, slave = setting.yarn ? 2048 : 0 } # a DataNode alone takes what it needs, no share
reserved_memory = setting.reserved_memory

# ---------------------------------------------------------------------------------------------------------------------
# Versions. The digest is the publisher's own, read over TLS from the publisher, never from a mirror.

version "3.5.0" {
  archive    = "hadoop/common/hadoop-3.5.0/hadoop-3.5.0.tar.gz"
  sha512_url = "https://archive.apache.org/dist/hadoop/common/hadoop-3.5.0/hadoop-3.5.0.tar.gz.sha512"
  java       = [17]
}

version "3.4.3" {
  archive    = "hadoop/common/hadoop-3.4.3/hadoop-3.4.3.tar.gz"
  sha512_url = "https://archive.apache.org/dist/hadoop/common/hadoop-3.4.3/hadoop-3.4.3.tar.gz.sha512"
  java       = [11, 8]
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "hadoop"` block may say.

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
  description = "Major version of Java to run on; without it the best that both this Hadoop and the image have"
}

setting "edition" {
  type        = "integer"
  description = "What this manifest does on the nodes: 1 is as DISCO 0.1 had it; with 2 containers outlive a restart of their NodeManager, and a job shows that a new cluster works"
  default     = 2
  earlier     = 1
  minimum     = 1
  maximum     = 2
  fixed       = true
}

setting "yarn" {
  type        = "bool"
  description = "Whether YARN and MapReduce run besides HDFS; without them the other frameworks get the memory of the slaves"
  default     = true
}

setting "replication" {
  type         = "integer"
  description  = "Copies of each block in HDFS"
  default      = min(3, cluster.storage_nodes)
  minimum      = 1
  maximum      = cluster.storage_nodes
  limit_reason = "each copy needs a slave of its own that stores data, and there are ${cluster.storage_nodes}"
  fixed        = true
  outgrown     = "with few copies the loss of a slave loses data; files that are there get more by `hdfs dfs -setrep`"
}

setting "block_size" {
  type         = "size"
  description  = "Size of a block in HDFS"
  default      = "128m"
  minimum      = "1m"
  limit_reason = "the NameNode refuses smaller blocks"
}

setting "namenode_handlers" {
  type        = "integer"
  description = "Threads of the NameNode for requests: 20 times the natural logarithm of the DataNodes, at least 10"
  default     = max(10, floor(20 * log(max(1, cluster.storage_nodes), 2.718281828459045)))
  minimum     = 1
  maximum     = 4096
  fixed       = true
}

setting "home_folders" {
  type        = "list(account)"
  description = "Accounts that get a home folder in HDFS"
  default     = ["debian"]
}

setting "disk_reserve_percent" {
  type        = "integer"
  description = "Part of each data disk that HDFS leaves free for the work of YARN, and on a root disk for the system"
  unit        = "%"
  on          = "storage"
  default     = length(node.disks) == 0 ? 25 : 10
  minimum     = 0
  maximum     = 90
}

setting "reserved_memory" {
  type        = "integer"
  description = "Memory left to the operating system"
  unit        = "MiB"
  default     = node.reserved
  minimum     = 0
}

setting "namenode_heap" {
  type        = "integer"
  description = "Heap of the NameNode: 1 GiB holds about a million blocks"
  unit        = "MiB"
  on          = "master"
  default     = min(131072, floor(((setting.yarn ? 0.45 : 0.9) * node.share - 128) * 8 / 9))
  minimum     = 128
}

setting "resourcemanager_heap" {
  type        = "integer"
  description = "Heap of the ResourceManager"
  unit        = "MiB"
  on          = "master"
  when        = setting.yarn
  default     = min(16384, floor((0.3 * node.share - 128) * 8 / 9))
  minimum     = 128
}

setting "historyserver_heap" {
  type        = "integer"
  description = "Heap of the job history server"
  unit        = "MiB"
  on          = "master"
  when        = setting.yarn
  default     = min(4096, floor((0.2 * node.share - 128) * 8 / 9))
  minimum     = 128
}

setting "datanode_heap" {
  type        = "integer"
  description = "Heap of a DataNode"
  unit        = "MiB"
  on          = "storage"
  default     = min(4096, 256 + floor(node.counted / 64))
  minimum     = 128
}

setting "nodemanager_heap" {
  type        = "integer"
  description = "Heap of a NodeManager"
  unit        = "MiB"
  on          = "slaves"
  when        = setting.yarn
  default     = min(2048, 256 + floor(node.counted / 128))
  minimum     = 128
}

setting "yarn_memory" {
  type         = "integer"
  description  = "Memory of a slave for containers: all that system and daemons leave"
  unit        = "MiB"
  on           = "slaves"
  when        = setting.yarn
  default      = node.share - local.nodemanager_memory - (group.storage ? local.datanode_memory : 0)
  minimum      = 256
  limit_reason = "a container needs at least 256 MiB besides the system and the daemons"
}

setting "yarn_vcores" {
  type        = "integer"
  description = "Virtual cores of a slave for containers: two for each vCPU, as tasks wait for disks half of the time"
  on          = "slaves"
  when        = setting.yarn
  default     = 2 * node.vcpus
  minimum     = 1
}

setting "container_memory" {
  type         = "integer"
  description  = "Smallest container; others are multiples of it"
  unit        = "MiB"
  when        = setting.yarn
  default      = max(320, min(8192, local.memory_of_a_core))
  minimum      = 256
  maximum      = min(slaves.yarn_memory...)
  limit_reason = "the smallest slave has ${min(slaves.yarn_memory...)} MiB for containers, and a JVM needs 256"
}

setting "map_memory" {
  type         = "integer"
  description  = "Container of a map task"
  unit        = "MiB"
  when        = setting.yarn
  default      = setting.container_memory
  minimum      = 256
  maximum      = min(slaves.yarn_memory...)
  limit_reason = "the smallest slave has ${min(slaves.yarn_memory...)} MiB for containers, and a JVM needs 256"
}

setting "reduce_memory" {
  type         = "integer"
  description  = "Container of a reduce task: two of the smallest where an application master fits beside it"
  unit        = "MiB"
  when        = setting.yarn
  default      = setting.container_memory * max(1, min(2, floor((min(slaves.yarn_memory...) - setting.application_master_memory) / setting.container_memory)))
  minimum      = 256
  maximum      = min(slaves.yarn_memory...)
  limit_reason = "the smallest slave has ${min(slaves.yarn_memory...)} MiB for containers, and a JVM needs 256"
}

setting "application_master_memory" {
  type         = "integer"
  description  = "Container of a MapReduce job's application master"
  unit        = "MiB"
  when        = setting.yarn
  default      = setting.container_memory
  minimum      = 256
  maximum      = min(slaves.yarn_memory...)
  limit_reason = "the smallest slave has ${min(slaves.yarn_memory...)} MiB for containers, and a JVM needs 256"
}

setting "sort_memory" {
  type         = "integer"
  description  = "Buffer in which a map task sorts: 40 % of its heap"
  unit        = "MiB"
  when        = setting.yarn
  default      = min(1024, floor(0.4 * local.map_heap))
  minimum      = 1
  maximum      = min(2047, local.map_heap)
  limit_reason = "it lies in the heap of a map task, ${local.map_heap} MiB, and Hadoop allows 2047"
}

setting "application_masters_share" {
  type        = "number"
  description = "Part of the cluster that application masters may take: Hadoop's own 0.1 lets none run on a small one"
  when        = setting.yarn
  default     = 0.3
  minimum     = 0.01
  maximum     = 1
}

locals "MiB" {
  namenode_memory        = ceil(setting.namenode_heap * 9 / 8) + 128
  resourcemanager_memory = ceil(setting.resourcemanager_heap * 9 / 8) + 128
  historyserver_memory   = ceil(setting.historyserver_heap * 9 / 8) + 128
  datanode_memory        = ceil(setting.datanode_heap * 9 / 8) + 128
  nodemanager_memory     = ceil(setting.nodemanager_heap * 9 / 8) + 128

  memory_of_a_core = min([for index, memory in slaves.yarn_memory : floor(memory / slaves.yarn_vcores[index])]...)

  map_heap                = setting.map_memory - max(128, ceil(setting.map_memory / 5))
  reduce_heap             = setting.reduce_memory - max(128, ceil(setting.reduce_memory / 5))
  application_master_heap = setting.application_master_memory - max(128, ceil(setting.application_master_memory / 5))
}

locals {
  disks     = length(node.disks) == 0 ? ["/var/lib/hadoop"] : node.disks
  name_dirs = [for disk in local.disks : "${disk}/hdfs/name"]
  data_dirs = [for disk in local.disks : "${disk}/hdfs/data"]
  work_dirs = [for disk in local.disks : "${disk}/yarn/work"]

  recovers  = group.role == "master" && setting.edition >= 2
  clean_end = setting.edition >= 2 ? 143 : null # of a JVM that systemd tells to end

  # A job's user makes a folder of its own in /mr-history/tmp and in /app-logs, which only its group may read besides: the
  # history server's. They are made through WebHDFS: each `hdfs dfs` would start a JVM.
  webhdfs     = "http://127.0.0.1:${port.hdfs}/webhdfs/v1"
  homes       = [for person in setting.home_folders : { path = "/user/${person}", owner = person, group = null, mode = null }]
  hdfs_folders = concat(
    [
      { path = "/tmp", owner = null, group = null, mode = "1777" },
      { path = "/user", owner = null, group = null, mode = null },
    ],
    setting.yarn ? [
      { path = "/tmp/hadoop-yarn", owner = null, group = null, mode = "1777" },
      { path = "/tmp/hadoop-yarn/staging", owner = null, group = null, mode = "1777" },
      { path = "/mr-history", owner = "mapred", group = "hadoop", mode = null },
      { path = "/mr-history/done", owner = "mapred", group = "hadoop", mode = null },
      { path = "/mr-history/tmp", owner = "mapred", group = "hadoop", mode = "1777" },
      { path = "/app-logs", owner = "mapred", group = "hadoop", mode = "1777" },
    ] : [],
    local.homes,
  )
  folder_requests = flatten([for folder in local.hdfs_folders : concat(
    [{ method = "PUT", url = "${local.webhdfs}${folder.path}?op=MKDIRS&user.name=hdfs" }],
    folder.owner == null ? [] : [{
      method = "PUT"
      url    = "${local.webhdfs}${folder.path}?op=SETOWNER&user.name=hdfs&owner=${folder.owner}${folder.group == null ? "" : "&group=${folder.group}"}"
    }],
    folder.mode == null ? [] : [{ method = "PUT", url = "${local.webhdfs}${folder.path}?op=SETPERMISSION&user.name=hdfs&permission=${folder.mode}" }],
  )])

  hdfs   = "${install.home}/bin/hdfs"
  yarn   = "${install.home}/bin/yarn"
  mapred = "${install.home}/bin/mapred"
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders. Tasks run as `yarn`, so they can neither read the blocks of HDFS nor stop a DataNode.

user "hdfs" {
  group = "hadoop"
  home  = "/var/lib/hadoop"
}

user "yarn" {
  group = "hadoop"
  home  = "/var/lib/hadoop"
  when  = setting.yarn
}

user "mapred" {
  group = "hadoop"
  home  = "/var/lib/hadoop"
  on    = ["master"]
  when  = setting.yarn
}

directory {
  path = "/etc/hadoop"
}

directory {
  path = "/var/lib/hadoop"
}

directory {
  path = "/var/lib/hadoop/tmp"
  mode = "1777"
}

directory {
  path  = "/var/log/hadoop"
  owner = "root:hadoop"
  mode  = "0775"
}

directory {
  path = "/run/hadoop"
  mode = "1777"
}

directory {
  path = [for disk in local.disks : "${disk}/hdfs"]
  on   = ["master", "storage"]
}

directory {
  path       = local.name_dirs
  owner      = "hdfs:hadoop"
  mode       = "0700"
  holds_data = true
  on         = ["master"]
}

directory {
  path       = local.data_dirs
  owner      = "hdfs:hadoop"
  mode       = "0700"
  holds_data = true
  on         = ["storage"]
}

directory {
  path  = "/var/lib/hadoop/yarn"
  owner = "yarn:hadoop"
  on    = ["slaves"]
  when  = setting.yarn
}

directory {
  path  = [for disk in node.disks : "${disk}/yarn"]
  owner = "yarn:hadoop"
  on    = ["slaves"]
  when  = setting.yarn
}

directory {
  path  = local.work_dirs
  owner = "yarn:hadoop"
  on    = ["slaves"]
  when  = setting.yarn
}

directory {
  path  = "/var/lib/hadoop/yarn/recovery"
  owner = "yarn:hadoop"
  mode  = "0700"
  on    = ["slaves"]
  when  = setting.yarn
}

directory {
  path  = "/var/lib/hadoop/resourcemanager"
  owner = "yarn:hadoop"
  mode  = "0700"
  on    = ["master"]
  when  = setting.yarn && setting.edition >= 2
}

directory {
  path  = "/var/log/hadoop/containers"
  owner = "yarn:hadoop"
  on    = ["slaves"]
  when  = setting.yarn
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order to start them on a node.

service "namenode" {
  description = "HDFS NameNode"
  stores_data = true
  on          = "master"
  unit        = "hadoop-hdfs-namenode"
  user        = "hdfs"
  group       = "hadoop"
  exec        = "${local.hdfs} namenode"
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
  memory      = local.namenode_memory
  needs_step  = "format"

  success_exit_status = local.clean_end

  ready {
    port    = "hdfs-rpc"
    timeout = 300
  }
}

service "resourcemanager" {
  description = "YARN ResourceManager"
  on          = "master"
  when        = setting.yarn
  unit        = "hadoop-yarn-resourcemanager"
  user        = "yarn"
  group       = "hadoop"
  exec        = "${local.yarn} resourcemanager"
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
  memory      = local.resourcemanager_memory

  success_exit_status = local.clean_end

  ready {
    port    = "yarn"
    timeout = 300
  }
}

service "historyserver" {
  description = "MapReduce job history server"
  on          = "master"
  when        = setting.yarn
  unit        = "hadoop-mapreduce-historyserver"
  user        = "mapred"
  group       = "hadoop"
  exec        = "${local.mapred} historyserver"
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
  after       = ["namenode"]
  memory      = local.historyserver_memory
  needs_step  = "folders"

  success_exit_status = local.clean_end

  ready {
    port    = "history"
    timeout = 300
  }
}

service "datanode" {
  description = "HDFS DataNode"
  stores_data = true
  on          = "storage"
  unit        = "hadoop-hdfs-datanode"
  user        = "hdfs"
  group       = "hadoop"
  exec        = "${local.hdfs} datanode"
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
  memory      = local.datanode_memory

  # Of each block one copy stays.
  max_unavailable = max(1, setting.replication - 1)

  success_exit_status = local.clean_end

  ready {
    port    = "datanode-ipc"
    timeout = 300
  }
}

service "nodemanager" {
  description     = "YARN NodeManager"
  on              = "slaves"
  when            = setting.yarn
  unit            = "hadoop-yarn-nodemanager"
  user            = "yarn"
  group           = "hadoop"
  exec            = "${local.yarn} nodemanager"
  environment     = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
  memory          = local.nodemanager_memory
  workload_memory = setting.yarn_memory

  # It finds its containers again when it comes back (yarn.nodemanager.recovery), so they must not end with it.
  kill_mode = setting.edition >= 2 ? "process" : null

  success_exit_status = local.clean_end

  ready {
    port    = "nodemanager-rpc"
    timeout = 300
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports. Containers and application masters listen on ports that the system chooses, so nodes of a cluster reach each
# other on all of them; `users = true` are those that an `allow` block can open, `page` is what a browser looks at.

port "hdfs" {
  description = "NameNode's web page and WebHDFS"
  service     = "namenode"
  port        = 9870
  users       = true
  page        = "/"
  anybody     = "delete every file as any user, through WebHDFS"
}

port "hdfs-rpc" {
  description = "NameNode's file system protocol"
  service     = "namenode"
  port        = 8020
  users       = true
  endpoint    = "hdfs://"
  anybody     = "read and delete every file as any user"
}

port "yarn" {
  description = "ResourceManager's web page and REST interface"
  service     = "resourcemanager"
  port        = 8088
  users       = true
  page        = "/cluster"
  anybody     = "run programs on all slaves, through YARN's REST interface"
}

port "yarn-rpc" {
  description = "ResourceManager for clients"
  service     = "resourcemanager"
  port        = 8032
  users       = true
  endpoint    = ""
  anybody     = "run programs on all slaves as any user"
}

port "yarn-scheduler" {
  description = "ResourceManager for application masters"
  service     = "resourcemanager"
  port        = 8030
}

port "yarn-tracker" {
  description = "ResourceManager for NodeManagers"
  service     = "resourcemanager"
  port        = 8031
}

port "yarn-admin" {
  description = "ResourceManager for administrators"
  service     = "resourcemanager"
  port        = 8033
}

port "history" {
  description = "Job history's web page"
  service     = "historyserver"
  port        = 19888
  users       = true
  page        = "/jobhistory"
  anybody     = "read the logs and settings of all jobs"
}

port "history-rpc" {
  description = "Job history for clients"
  service     = "historyserver"
  port        = 10020
  users       = true
  endpoint    = ""
  anybody     = "read the logs and settings of all jobs"
}

port "history-admin" {
  description = "Job history for administrators"
  service     = "historyserver"
  port        = 10033
}

port "datanode" {
  description = "Blocks of HDFS"
  service     = "datanode"
  port        = 9866
  users       = true
  anybody     = "read and write blocks of all files"
}

port "datanode-web" {
  description = "DataNode's status and WebHDFS's data"
  service     = "datanode"
  port        = 9864
  users       = true
  anybody     = "read and write every file as any user, through WebHDFS"
}

port "datanode-ipc" {
  description = "DataNode's own protocol"
  service     = "datanode"
  port        = 9867
}

port "nodemanager-rpc" {
  description = "NodeManager"
  service     = "nodemanager"
  port        = 8041
  differs     = "Hadoop's default is 0, a port that changes at each start: then a restarted NodeManager is a new node and its containers are lost"
}

port "nodemanager-localizer" {
  description = "NodeManager's localizer"
  service     = "nodemanager"
  port        = 8040
}

port "nodemanager-web" {
  description = "NodeManager's status and the logs of its containers"
  service     = "nodemanager"
  port        = 8042
  users       = true
  anybody     = "read the logs of all containers"
}

protection { does_not = ["who somebody is (users are who they say they are)", "traffic (nothing is encrypted)"] }

port "shuffle" {
  description = "Map output for reduce tasks"
  service     = "nodemanager"
  port        = 13562
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

file "core-site.xml" {
  format   = "hadoop-xml"
  path     = "/etc/hadoop/core-site.xml"

  # Everybody reads it, with whatever stands in it.
  known_keys   = ["core-site.xml", "hdfs-site.xml", "yarn-site.xml", "mapred-site.xml", "capacity-scheduler.xml"]
  key_families = ["hadoop.proxyuser.", "hadoop.security.group.mapping.", "hadoop.kms.", "fs.s3a.", "fs.azure.", "fs.gs.", "fs.viewfs.", "dfs.ha.namenodes."]
  restarts = ["namenode", "resourcemanager", "historyserver", "datanode", "nodemanager"]
  keys = {
    "fs.defaultFS"        = "hdfs://${cluster.master}:${port.hdfs-rpc}"
    "hadoop.tmp.dir"      = "/var/lib/hadoop/tmp"
    "io.file.buffer.size" = 131072
  }
  client_keys = ["fs.defaultFS", "io.file.buffer.size"]
  protected = {
    "fs.defaultFS" = "every node finds HDFS by it"
  }
}

file "hdfs-site.xml" {
  format   = "hadoop-xml"
  path     = "/etc/hadoop/hdfs-site.xml"

  known_keys   = ["core-site.xml", "hdfs-site.xml"]
  key_families = ["hadoop.proxyuser.", "fs.s3a.", "dfs.ha.namenodes."]
  restarts = ["namenode", "datanode"]
  keys = {
    "dfs.replication"                        = setting.replication
    "dfs.blocksize"                          = setting.block_size
    "dfs.namenode.name.dir"                  = group.role == "master" ? join(",", [for dir in local.name_dirs : "file://${dir}"]) : null
    "dfs.namenode.http-address"              = "${cluster.master}:${port.hdfs}"
    "dfs.namenode.rpc-bind-host"             = group.role == "master" ? "0.0.0.0" : null
    "dfs.namenode.http-bind-host"            = group.role == "master" ? "0.0.0.0" : null
    "dfs.namenode.handler.count"             = group.role == "master" ? setting.namenode_handlers : null
    "dfs.hosts.exclude"                      = group.role == "master" ? "/etc/hadoop/dfs.exclude" : null
    "dfs.datanode.data.dir"                  = group.role == "slave" && group.storage ? join(",", [for dir in local.data_dirs : "file://${dir}"]) : null
    "dfs.datanode.address"                   = group.role == "slave" && group.storage ? "0.0.0.0:${port.datanode}" : null
    "dfs.datanode.http.address"              = group.role == "slave" && group.storage ? "0.0.0.0:${port.datanode-web}" : null
    "dfs.datanode.ipc.address"               = group.role == "slave" && group.storage ? "0.0.0.0:${port.datanode-ipc}" : null
    "dfs.datanode.failed.volumes.tolerated"  = group.role == "slave" && group.storage ? floor((length(local.disks) - 1) / 2) : null
    "dfs.datanode.du.reserved.calculator"    = group.role == "slave" && group.storage ? "org.apache.hadoop.hdfs.server.datanode.fsdataset.impl.ReservedSpaceCalculator$ReservedSpaceCalculatorPercentage" : null
    "dfs.datanode.du.reserved.pct"           = group.role == "slave" && group.storage ? setting.disk_reserve_percent : null
  }
  client_keys = ["dfs.replication", "dfs.blocksize"]
  protected = {
    "dfs.namenode.name.dir"       = "moving it would leave an empty HDFS; volumes of the master say where it is"
    "dfs.namenode.http-address"   = "security rules, probes and addresses of web pages are made for this port"
    "dfs.namenode.rpc-address"    = "every node finds HDFS by fs.defaultFS"
    "dfs.namenode.rpc-bind-host"  = "the slaves could not reach the NameNode"
    "dfs.namenode.http-bind-host" = "the NameNode could not be asked whether it is ready"
    "dfs.datanode.data.dir"       = "moving it would leave an empty DataNode; volumes of the slaves say where it is"
    "dfs.datanode.address"        = "security rules are made for this port"
    "dfs.datanode.http.address"   = "security rules are made for this port"
    "dfs.datanode.ipc.address"    = "security rules and probes are made for this port"
    "dfs.hosts"                   = "DISCO says which nodes belong to the cluster; a list here would refuse new slaves"
    "dfs.hosts.exclude"           = "DISCO takes slaves out by it"
  }
}

file "yarn-site.xml" {
  format   = "hadoop-xml"
  path     = "/etc/hadoop/yarn-site.xml"

  known_keys   = ["core-site.xml", "yarn-site.xml", "capacity-scheduler.xml"]
  key_families = ["yarn.scheduler.capacity.", "yarn.resource-types.", "yarn.nodemanager.resource-type."]
  when     = setting.yarn
  restarts = ["resourcemanager", "nodemanager"]
  keys = {
    "yarn.resourcemanager.hostname"                 = cluster.master
    "yarn.resourcemanager.bind-host"                = group.role == "master" ? "0.0.0.0" : null
    "yarn.resourcemanager.nodes.exclude-path"       = group.role == "master" ? "/etc/hadoop/yarn.exclude" : null
    "yarn.scheduler.minimum-allocation-mb"          = group.role == "master" ? setting.container_memory : null
    "yarn.scheduler.maximum-allocation-mb"          = group.role == "master" ? max(slaves.yarn_memory...) : null
    "yarn.scheduler.maximum-allocation-vcores"      = group.role == "master" ? max(slaves.yarn_vcores...) : null
    "yarn.log-aggregation-enable"                   = true
    "yarn.log.server.url"                           = "http://${cluster.master}:${port.history}/jobhistory/logs"
    "yarn.nodemanager.remote-app-log-dir"           = "/app-logs"
    "yarn.nodemanager.resource.memory-mb"           = group.role == "slave" ? setting.yarn_memory : null
    "yarn.nodemanager.resource.cpu-vcores"          = group.role == "slave" ? setting.yarn_vcores : null
    "yarn.nodemanager.vmem-check-enabled"           = group.role == "slave" ? false : null
    "yarn.nodemanager.address"                      = group.role == "slave" ? "0.0.0.0:${port.nodemanager-rpc}" : null
    "yarn.nodemanager.localizer.address"            = group.role == "slave" ? "0.0.0.0:${port.nodemanager-localizer}" : null
    "yarn.nodemanager.webapp.address"               = group.role == "slave" ? "0.0.0.0:${port.nodemanager-web}" : null
    "yarn.nodemanager.aux-services"                 = group.role == "slave" ? "mapreduce_shuffle" : null
    "yarn.nodemanager.local-dirs"                   = group.role == "slave" ? join(",", local.work_dirs) : null
    "yarn.nodemanager.log-dirs"                     = group.role == "slave" ? "/var/log/hadoop/containers" : null
    # Applications outlive a restart of the ResourceManager.
    "yarn.resourcemanager.recovery.enabled"         = local.recovers ? true : null
    "yarn.resourcemanager.fs.state-store.uri"       = local.recovers ? "file:///var/lib/hadoop/resourcemanager" : null
    "yarn.nodemanager.recovery.enabled"             = group.role == "slave" ? true : null
    "yarn.nodemanager.recovery.supervised"          = group.role == "slave" ? true : null
    "yarn.nodemanager.recovery.dir"                 = group.role == "slave" ? "/var/lib/hadoop/yarn/recovery" : null
    # A disk that has room again counts soon: two minutes are longer than anybody waits who has just made some.
    "yarn.nodemanager.disk-health-checker.interval-ms" = group.role == "slave" && setting.edition >= 2 ? 20000 : null
    "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage" = group.role == "slave" ? 95 : null
  }
  client_keys = ["yarn.resourcemanager.hostname", "yarn.log-aggregation-enable", "yarn.log.server.url", "yarn.nodemanager.remote-app-log-dir"]
  protected = {
    "yarn.resourcemanager.hostname"           = "every node finds YARN by it"
    "yarn.resourcemanager.bind-host"          = "the slaves could not reach the ResourceManager"
    "yarn.resourcemanager.address"            = "security rules are made for this port"
    "yarn.resourcemanager.webapp.address"     = "security rules, probes and addresses of web pages are made for this port"
    "yarn.resourcemanager.nodes.include-path" = "DISCO says which nodes belong to the cluster; a list here would refuse new slaves"
    "yarn.resourcemanager.nodes.exclude-path" = "DISCO takes slaves out by it"
    "yarn.nodemanager.address"                = "probes are made for this port"
    "yarn.nodemanager.webapp.address"         = "security rules are made for this port"
    "yarn.nodemanager.local-dirs"             = "volumes of the slaves say where it is"
  }
}

file "mapred-site.xml" {
  format   = "hadoop-xml"
  path     = "/etc/hadoop/mapred-site.xml"

  known_keys = ["core-site.xml", "mapred-site.xml"]
  when     = setting.yarn
  restarts = ["historyserver"]
  keys = {
    "mapreduce.framework.name"                  = "yarn"
    "mapreduce.application.classpath"           = "${install.home}/share/hadoop/mapreduce/*:${install.home}/share/hadoop/mapreduce/lib/*"
    "mapreduce.jvm.add-opens-as-default"        = version.java >= 17 ? true : null
    "mapreduce.map.memory.mb"                   = setting.map_memory
    "mapreduce.map.java.opts"                   = "-Xmx${local.map_heap}m"
    "mapreduce.reduce.memory.mb"                = setting.reduce_memory
    "mapreduce.reduce.java.opts"                = "-Xmx${local.reduce_heap}m"
    "mapreduce.task.io.sort.mb"                 = setting.sort_memory
    "yarn.app.mapreduce.am.resource.mb"         = setting.application_master_memory
    "yarn.app.mapreduce.am.command-opts"        = "-Xmx${local.application_master_heap}m"
    "mapreduce.jobhistory.address"              = "${cluster.master}:${port.history-rpc}"
    "mapreduce.jobhistory.webapp.address"       = "${cluster.master}:${port.history}"
    "mapreduce.jobhistory.bind-host"            = group.role == "master" ? "0.0.0.0" : null
    "mapreduce.jobhistory.intermediate-done-dir" = "/mr-history/tmp"
    "mapreduce.jobhistory.done-dir"             = "/mr-history/done"
  }
  client_keys = [
    "mapreduce.framework.name", "mapreduce.application.classpath", "mapreduce.jvm.add-opens-as-default",
    "mapreduce.map.memory.mb", "mapreduce.map.java.opts", "mapreduce.reduce.memory.mb", "mapreduce.reduce.java.opts",
    "mapreduce.task.io.sort.mb", "yarn.app.mapreduce.am.resource.mb", "yarn.app.mapreduce.am.command-opts",
    "mapreduce.jobhistory.address", "mapreduce.jobhistory.webapp.address",
  ]
  protected = {
    "mapreduce.jobhistory.address"        = "every node finds the history server by it"
    "mapreduce.jobhistory.webapp.address" = "security rules, probes and addresses of web pages are made for this port"
    "mapreduce.jobhistory.bind-host"      = "the history server could not be asked whether it is ready"
  }
}

file "capacity-scheduler.xml" {
  format   = "hadoop-xml"
  path     = "/etc/hadoop/capacity-scheduler.xml"

  known_keys   = ["capacity-scheduler.xml"]
  key_families = ["yarn.scheduler.capacity.root.", "yarn.scheduler.capacity.node-labels."]
  on       = ["master"]
  when     = setting.yarn
  restarts = ["resourcemanager"]
  keys = {
    "yarn.scheduler.capacity.root.queues"                    = "default"
    "yarn.scheduler.capacity.root.default.capacity"          = 100
    "yarn.scheduler.capacity.root.default.maximum-capacity"  = 100
    "yarn.scheduler.capacity.root.default.user-limit-factor" = 1
    "yarn.scheduler.capacity.root.default.state"             = "RUNNING"
    "yarn.scheduler.capacity.maximum-am-resource-percent"    = setting.application_masters_share
    "yarn.scheduler.capacity.resource-calculator"            = "org.apache.hadoop.yarn.util.resource.DominantResourceCalculator"
    "yarn.scheduler.capacity.node-locality-delay"            = 40
  }
}

file "hadoop-env.sh" {
  format   = "shell"
  path     = "/etc/hadoop/hadoop-env.sh"
  template = "hadoop-env.sh"
  restarts = ["namenode", "resourcemanager", "historyserver", "datanode", "nodemanager"]
  keys = {
    HADOOP_LOG_DIR            = "/var/log/hadoop"
    HADOOP_PID_DIR            = "/run/hadoop"
    HDFS_NAMENODE_OPTS        = group.role == "master" ? "-Xmx${setting.namenode_heap}m" : null
    YARN_RESOURCEMANAGER_OPTS = group.role == "master" && setting.yarn ? "-Xmx${setting.resourcemanager_heap}m" : null
    MAPRED_HISTORYSERVER_OPTS = group.role == "master" && setting.yarn ? "-Xmx${setting.historyserver_heap}m" : null
    HDFS_DATANODE_OPTS        = group.role == "slave" && group.storage ? "-Xmx${setting.datanode_heap}m" : null
    YARN_NODEMANAGER_OPTS     = group.role == "slave" && setting.yarn ? "-Xmx${setting.nodemanager_heap}m" : null
  }
  protected = {
    HADOOP_CONF_DIR = "the services are started with /etc/hadoop"
    HADOOP_HOME     = "the archive is unpacked to a folder that names its version"
  }
}

file "log4j.properties" {
  format   = "properties"
  path     = "/etc/hadoop/log4j.properties"
  restarts = ["namenode", "resourcemanager", "historyserver", "datanode", "nodemanager"]
  keys = {
    "hadoop.root.logger"                                = "INFO,console"
    "log4j.rootLogger"                                  = "$${hadoop.root.logger}"
    "log4j.threshold"                                   = "ALL"
    "log4j.appender.NullAppender"                       = "org.apache.log4j.varia.NullAppender"
    "log4j.appender.console"                            = "org.apache.log4j.ConsoleAppender"
    "log4j.appender.console.target"                     = "System.err"
    "log4j.appender.console.layout"                     = "org.apache.log4j.PatternLayout"
    "log4j.appender.console.layout.ConversionPattern"   = "%d{ISO8601} %p %c: %m%n"
    "log4j.appender.RFA"                                = "org.apache.log4j.RollingFileAppender"
    "log4j.appender.RFA.File"                           = "$${hadoop.log.dir}/$${hadoop.log.file}"
    "log4j.appender.RFA.MaxFileSize"                    = "64MB"
    "log4j.appender.RFA.MaxBackupIndex"                 = 5
    "log4j.appender.RFA.layout"                         = "org.apache.log4j.PatternLayout"
    "log4j.appender.RFA.layout.ConversionPattern"       = "%d{ISO8601} %p %c: %m%n"
    "log4j.logger.org.apache.hadoop.util.NativeCodeLoader" = "ERROR"
  }
}

file "hadoop-profile.sh" {
  format   = "template"
  path     = "/etc/profile.d/hadoop.sh"
  template = "hadoop-profile.sh"
}

file "hadoop-tmpfiles.conf" {
  format   = "template"
  path     = "/etc/tmpfiles.d/hadoop.conf"
  template = "hadoop-tmpfiles.conf"
}

file "dfs.exclude" {
  format   = "template"
  path     = "/etc/hadoop/dfs.exclude"
  template = "exclude"
  on       = ["master"]
  keep     = true
}

file "yarn.exclude" {
  format   = "template"
  path     = "/etc/hadoop/yarn.exclude"
  template = "exclude"
  on       = ["master"]
  when     = setting.yarn
  keep     = true
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps of the cluster as a whole, on its master.

step "format" {
  moment  = "before-start"
  timeout = 300
  action = {
    kind          = "command"
    user          = "hdfs"
    environment   = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
    commands      = [[local.hdfs, "namenode", "-format", "-nonInteractive"]]
    unless_exists = "${local.name_dirs[0]}/current/VERSION"
    once          = setting.edition >= 2 ? true : null # a disk that has gone missing is no reason to begin with an empty one
  }
}

step "folders" {
  moment  = "before-start"
  timeout = 300
  action = setting.edition >= 2 ? {
    kind     = "http"
    retry    = true # until the NameNode has left its safe mode
    requests = local.folder_requests
  } : {
    kind        = "command"
    user        = "hdfs"
    environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
    retry       = true
    commands = concat(
      setting.yarn ? [
        [local.hdfs, "dfs", "-mkdir", "-p", "/tmp/hadoop-yarn/staging", "/user", "/mr-history/tmp", "/mr-history/done", "/app-logs"],
        [local.hdfs, "dfs", "-chmod", "1777", "/tmp", "/tmp/hadoop-yarn", "/tmp/hadoop-yarn/staging", "/mr-history/tmp", "/app-logs"],
        [local.hdfs, "dfs", "-chown", "mapred:hadoop", "/mr-history", "/mr-history/done"],
        [local.hdfs, "dfs", "-chown", "yarn:hadoop", "/app-logs"],
      ] : [
        [local.hdfs, "dfs", "-mkdir", "-p", "/tmp", "/user"],
        [local.hdfs, "dfs", "-chmod", "1777", "/tmp"],
      ],
      [for person in setting.home_folders : [local.hdfs, "dfs", "-mkdir", "-p", "/user/${person}"]],
      [for person in setting.home_folders : [local.hdfs, "dfs", "-chown", person, "/user/${person}"]],
    )
  }
}

# Nodes that leave. Containers end first, then blocks move: what runs still writes. Both end before the hour that an update
# has at most by default; what then is not done leaves all nodes as they were.

step "drain-nodemanagers" {
  when       = setting.yarn && setting.edition >= 2
  moment     = "verify"
  timeout    = 1500
  members_of = "slaves"
  action = {
    kind        = "decommission"
    title       = "NodeManagers drained"
    user        = "yarn"
    environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
    file        = "/etc/hadoop/yarn.exclude"
    commands    = [[local.yarn, "rmadmin", "-refreshNodes", "-g", "1200", "-server"]]
    url         = "http://127.0.0.1:${port.yarn}/ws/v1/cluster/nodes?states=RUNNING,UNHEALTHY,DECOMMISSIONING"
    path        = ["nodes", "node"]
    names       = "nodeHostName"
    state       = "state"
  }
}

step "drain-datanodes" {
  when       = setting.edition >= 2
  moment     = "verify"
  timeout    = 3000
  members_of = "storage"
  action = {
    kind        = "decommission"
    title       = "DataNodes drained"
    user        = "hdfs"
    environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
    file        = "/etc/hadoop/dfs.exclude"
    commands    = [[local.hdfs, "dfsadmin", "-refreshNodes"]]
    url         = "http://127.0.0.1:${port.hdfs}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
    path        = ["beans", 0, "LiveNodes"]
    names       = "keys"
    state       = "adminState"
    done        = ["Decommissioned"]
    keep        = true # for ten minutes the NameNode would send readers to a DataNode that has gone
    minimum     = setting.replication # with fewer DataNodes no block of that many replicas could move
  }
}

step "datanodes" {
  moment     = "verify"
  timeout    = 600
  members_of = "storage"
  action = {
    kind  = "members"
    title = "DataNodes live"
    url   = "http://127.0.0.1:${port.hdfs}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
    path  = ["beans", 0, "LiveNodes"] # a JSON object inside a text; its keys are NAME:PORT
    names = "keys"
  }
}

# A NameNode that has just started only reads, until DataNodes have told it of nearly all blocks, and half a minute longer.
step "safe-mode" {
  when    = setting.edition >= 2
  moment  = "verify"
  timeout = 600
  action = {
    kind   = "answer"
    title  = "HDFS has left its safe mode"
    url    = "http://127.0.0.1:${port.hdfs}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
    path   = ["beans", 0, "Safemode"]
    equals = "" # otherwise a sentence that says what it waits for
  }
}

step "nodemanagers" {
  when       = setting.yarn
  moment     = "verify"
  timeout    = 600
  members_of = "slaves"
  action = {
    kind  = "members"
    title = "NodeManagers running"
    url   = "http://127.0.0.1:${port.yarn}/ws/v1/cluster/nodes?states=RUNNING${setting.edition >= 2 ? ",UNHEALTHY" : ""}"
    path  = ["nodes", "node"]
    names = "nodeHostName"
    where = setting.edition >= 2 ? { state = "RUNNING" } : null
    state = setting.edition >= 2 ? "state" : null
    why   = setting.edition >= 2 ? "healthReport" : null # a full disk, for instance
  }
}

# Two maps and a reduce that estimate pi: their input and their result lie in HDFS, and YARN runs them. The examples are
# part of the archive.
step "smoke-test" {
  when    = setting.edition >= 2
  moment  = "smoke-test"
  timeout = 300
  action = {
    kind        = "job"
    user        = "hdfs"
    environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
    once        = true
    expect      = setting.yarn ? "Estimated value of Pi is 3[.]" : null
    commands = setting.yarn ? [
      [local.yarn, "jar", "${install.home}/share/hadoop/mapreduce/hadoop-mapreduce-examples-${version.name}.jar", "pi", "2", "100"],
    ] : [
      [local.hdfs, "dfs", "-put", "-f", "/etc/hadoop/core-site.xml", "/tmp/smoke-test"],
      [local.hdfs, "dfs", "-cat", "/tmp/smoke-test"],
      [local.hdfs, "dfs", "-rm", "-skipTrash", "/tmp/smoke-test"],
    ]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "hdfs" {
  title      = "HDFS"
  members_of = "storage"
  ask = {
    info  = "http://127.0.0.1:${port.hdfs}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
    state = "http://127.0.0.1:${port.hdfs}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState"
  }
  members = {
    title    = "DataNodes"
    from     = "info"
    path     = ["beans", 0, "LiveNodes"]
    names    = "keys"
    state    = "adminState"
    well     = ["In Service"]
    silent   = "lastContact"
    patience = 30 # a DataNode says something every 3 s; the NameNode gives it up after ten and a half minutes
    facts    = [{ name = "used", path = ["usedSpace"], total = ["capacity"], unit = "bytes" }]
  }
  facts = [
    { name = "version", from = "info", path = ["beans", 0, "SoftwareVersion"] },
    { name = "used", from = "info", path = ["beans", 0, "Used"], total = ["beans", 0, "Total"], unit = "bytes" },
    { name = "free", from = "info", path = ["beans", 0, "Free"], unit = "bytes" },
    {
      name  = "safe_mode"
      from  = "info"
      path  = ["beans", 0, "Safemode"]
      well  = [""]
      words = "it takes no changes: {}" # the NameNode says why, and until when
    },
    {
      name  = "missing_blocks"
      from  = "info"
      path  = ["beans", 0, "NumberOfMissingBlocks"]
      well  = ["0"]
      words = "{} blocks are missing on all DataNodes: `disco ssh --as hdfs master hdfs fsck / -list-corruptfileblocks` names their files"
    },
    { name = "blocks_with_too_few_copies", from = "state", path = ["beans", 0, "UnderReplicatedBlocks"] },
    {
      name  = "failed_volumes"
      from  = "state"
      path  = ["beans", 0, "VolumeFailuresTotal"]
      well  = ["0"]
      words = "{} disks of DataNodes have failed"
    },
  ]
}

status "yarn" {
  title      = "YARN"
  when       = setting.yarn
  members_of = "slaves"
  ask = {
    info    = "http://127.0.0.1:${port.yarn}/ws/v1/cluster/info"
    metrics = "http://127.0.0.1:${port.yarn}/ws/v1/cluster/metrics"
    nodes   = "http://127.0.0.1:${port.yarn}/ws/v1/cluster/nodes?states=NEW,RUNNING,UNHEALTHY,DECOMMISSIONING,DECOMMISSIONED,LOST,REBOOTED,SHUTDOWN"
  }
  members = {
    title    = "NodeManagers"
    from     = "nodes"
    path     = ["nodes", "node"]
    names    = "nodeHostName"
    state    = "state"
    well     = ["RUNNING"]
    problem  = "healthReport"
    facts = [
      { name = "memory", path = ["usedMemoryMB"], total = ["totalResource", "memory"], unit = "MiB" },
      { name = "containers", path = ["numContainers"] },
    ]
  }
  facts = [
    { name = "version", from = "info", path = ["clusterInfo", "resourceManagerVersion"] },
    { name = "state", from = "info", path = ["clusterInfo", "state"], well = ["STARTED"] },
    { name = "memory", from = "metrics", path = ["clusterMetrics", "allocatedMB"], total = ["clusterMetrics", "totalMB"], unit = "MiB" },
    { name = "vcores", from = "metrics", path = ["clusterMetrics", "allocatedVirtualCores"], total = ["clusterMetrics", "totalVirtualCores"] },
    { name = "running", title = "applications running", from = "metrics", path = ["clusterMetrics", "appsRunning"] },
    { name = "pending", title = "applications waiting", from = "metrics", path = ["clusterMetrics", "appsPending"] },
  ]
}

status "history" {
  title = "Job history"
  when  = setting.yarn
  ask   = { info = "http://127.0.0.1:${port.history}/ws/v1/history/info" }
  facts = [{ name = "version", from = "info", path = ["historyInfo", "hadoopVersion"] }]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { batch = 3, ml = 1, graph = 1, tasks = 1, lookup = 0 }
  languages = { java = 3, scala = 2, python = 2, native = 2, r = 1 }
  code      = { mapreduce = 3 }
  home      = { cluster = 3, object = 2, loaded = 1 }
  people    = 3
  survives  = 3
  simple    = 1
  answer    = "1 min"
  volume    = { from = "100 GB", to = "1000 PB" }
  parts     = { fills = ["storage"], keeps = true, minimum_nodes = 3 }
  beside    = { yarn = false } # all memory of the slaves is the others'

  source "https://hadoop.apache.org/docs/stable/hadoop-mapreduce-client/hadoop-mapreduce-client-core/MapReduceTutorial.html" {
    about = ["work.batch", "languages.java", "code.mapreduce", "survives"]
    says  = "goes through terabytes on thousands of nodes; jobs are Java programs, and failed tasks run again"
  }
  source "https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/HdfsDesign.html" {
    about = ["work.lookup", "home.cluster", "answer", "volume"]
    says  = "files of gigabytes to terabytes, written once and read as a whole: made for throughput and batches, not for quick single reads"
  }
  source "https://hadoop.apache.org/docs/stable/hadoop-yarn/hadoop-yarn-site/CapacityScheduler.html" {
    about = ["people"]
    says  = "queues with guaranteed shares let several organisations use one cluster"
  }
}

sizing {
  disk            = data.gb * (1 + data.growth) * data.replication * 1.2 / (1 - 0.25)
  master_memory   = data.files * 2 * 150 / 1000000
  memory_per_core = 4
  throughput      = 10 # our estimate

  source "https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-instances-guidelines.html" {
    about = ["disk"]
    says  = "HDFS holds the disks of its nodes divided by the replication; a quarter for intermediate results and a fifth in reserve are our estimate"
  }
  source "https://docs.cloudera.com/documentation/enterprise/latest/topics/admin_nn_memory_config.html" {
    about = ["master_memory"]
    says  = "the NameNode needs some 150 bytes for each object, and a small file is two: the file and its block"
  }
}
