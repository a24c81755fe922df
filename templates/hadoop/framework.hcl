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
# - What then is left on a slave is YARN's, all of it. Tasks are cut so that there are two for each vCPU on the
#   smallest kind of slave, but not below 320, the least that leaves a task a heap of 192, and not above 8192. Since
#   edition 3 a task is 1, 2, 4 or 8 of the smallest containers, to which YARN rounds up: they are multiples of 32 from
#   256 to 1024. With more memory a task, a reduce task or an application master never gets less; the smallest container
#   itself does where it becomes half of a task. No unit of at least 256 that never falls would do: one that is all of a
#   task of 400 and still one or a half of a task of 900 would leave a third or more of a slave to nobody.
# - On the master, NameNode, ResourceManager and history server get 45, 30 and 20 % of what the system leaves. With a
#   SecondaryNameNode these are 30.5, 20 and 18.5 %, and 30.5 % are its own; with high availability they are of what
#   JournalNode and failover controller leave.
#
# One master, or three. With three, each has a NameNode, a JournalNode, a failover controller (ZKFC) and a
# ResourceManager, and a server of ZooKeeper, which comes by itself: of each kind one may be lost, and what clients are
# told is a name (`hdfs://NAME` of the cluster), behind which they find whoever is active. All three have a NameNode, because
# all masters are machines of one size and each must be able to take the place of another; a third standby is what
# Hadoop's own documentation recommends. The history server is on the first master alone: it only shows what was, and
# jobs run without it. Fencing is left to the JournalNodes: of two NameNodes that believe to be active only one can write
# to them (epochs), so `dfs.ha.fencing.methods` has nothing to do, and a master that is gone fences nobody out. The
# number of masters is decided when the cluster is created.
#
# Checkpoints. A NameNode alone merges its edits only when it starts; they would grow until that takes hours. With
# three, a standby does it every hour. With one, a SecondaryNameNode does, on the master (edition 3). It needs the
# NameNode's heap a second time, as it loads the same image. That is taken from the master, which does little else:
# on a slave it would take it from every slave of a group, because all of them have to be able to take its place, and
# `-saveNamespace` at night would make HDFS refuse every write for as long as it takes.
#
# Who may do what. Nobody has to prove who he is: there is no Kerberos. Whoever reaches 8020 or 9870 (WebHDFS, which
# Hadoop cannot switch off any more) can be `hdfs` there, the only superuser; whoever reaches 8032 can be any account of
# YARN. So open these ports to people you trust. Not open any more, since edition 3: submission by REST
# (8088), which needs nothing but a browser; and what ACLs of YARN keep for owners and administrators, as far as names
# are believed. Tasks of all people run as `yarn`, which is no superuser.
#
# Slaves that do not store (`storage = false`) are those that may go. Where an application master goes, its whole
# application begins again; so they have a label of YARN's, `compute`, and application masters stay on slaves that store.
# The label is not exclusive: what an application asks for without a label may run on either, and on slaves that store
# first. That is what YARN does by itself: an application master never takes what is only lent, unless
# `yarn.resourcemanager.node-labels.am.allow-non-exclusive-allocation` is set. A NodeManager tells its own label
# (`distributed`), so ResourceManagers hold none of nodes; which label there is they know from a store on each master's own
# disk, made before the first start, so that three masters need nothing that all of them write. The label is there whether
# or not there are such slaves, as they may come later.
#
# Another version. HDFS is brought to it as its own documentation says (`-rollingUpgrade`), and can be taken back until that
# is made final. `hdfs_version` is the version that it was brought to for good; where another one is wanted, the first
# master has HDFS save what it could go back to before any of its services stops, then masters follow each other, then
# slaves, and what the old version was unpacked to stays. A single NameNode can do that in its safe mode alone, and is away
# while it starts. `hdfs_version = "…"` makes it final; the old `version` again takes it back with all that was written,
# as long as both versions write the same layout.
#
# There is no `workers` file: nothing is started over SSH.

manifest    = 2
description = "HDFS, YARN and MapReduce with the job history server"
needs       = ["storage"]

provide "hdfs" {
  values = {
    url           = local.default_fs
    configuration = "/etc/hadoop"
    home          = install.home
    command       = local.hdfs
    administrator = "hdfs"
    web           = local.webhdfs # on the first master; with high availability on `{host}`, which `active` finds
    active        = local.active_namenode
  }
}

provide "yarn" {
  when = setting.yarn
  values = {
    configuration = "/etc/hadoop"
    memory        = setting.yarn_memory      # of a slave, for containers, MiB
    container     = setting.container_memory # the smallest, MiB; others are multiples of it
    containers    = local.containers         # of a slave, counted in the smallest
    vcores        = setting.yarn_vcores
  }
}

provide "mapreduce" {
  when = setting.yarn
}

role "client" {}

requirement "zookeeper" {
  when   = setting.high_availability
  adds   = true
  reason = "with three masters it decides which NameNode and which ResourceManager is active"
}

masters {
  maximum = 3
  reason  = "one, or three for high availability: JournalNodes outlive the loss of one of three"
}

assert {
  condition = length(cluster.masters) != 2
  message   = "hadoop takes one master or three, and `count` is 2: of two JournalNodes none could be lost"
}

assert {
  condition = setting.edition >= 3 || length(cluster.masters) == 1
  message   = "hadoop takes one master in the edition ${setting.edition} of this cluster: three are possible since edition 3"
}

assert {
  condition = setting.edition < 3 || length(cluster.masters) == 2 || setting.high_availability == (length(cluster.masters) == 3)
  message   = "hadoop was set up for ${setting.high_availability ? "three masters" : "one master"} when the cluster was created: that cannot be changed; create a cluster beside it and copy the data (`hadoop distcp`)"
}

assert {
  condition = setting.edition < 3 || !setting.high_availability || replace(setting.nameservice, "/[A-Za-z0-9-]/", "") == ""
  message   = "`nameservice` is `${setting.nameservice}`: it stands where addresses have a host, so it is of letters, digits and `-`"
}

# A new version may write what the old one cannot read.
assert {
  warns     = true
  condition = setting.edition < 3 || setting.hdfs_version == version.name
  message   = "HDFS is on ${setting.hdfs_version} for good, and ${version.name} is wanted: it saves first what it could go back to${setting.high_availability ? ", then masters follow each other" : "; then the NameNode is away while it starts again, for a minute and as long as it reads its blocks"}, then slaves do. `version = \"${setting.hdfs_version}\"` takes it back; when all is well, `hdfs_version = \"${version.name}\"` makes it final: until then deleted files keep their blocks"
}

# What a heap of that size held has to find room again.
assert {
  warns     = true
  condition = setting.edition < 3 || group.role != "master" || setting.namenode_heap >= setting.namenode_heap_created
  message   = "the heap of the NameNode shrinks from ${setting.namenode_heap_created} to ${setting.namenode_heap} MiB: with more than about ${floor(setting.namenode_heap / 1.024)} thousand blocks it would not come back. `disco status` tells how many there are. Set `namenode_heap = ${setting.namenode_heap_created}`, give the master a larger flavor, or set `namenode_heap_created = ${setting.namenode_heap}` to agree"
}

assert {
  condition = !setting.yarn || setting.edition < 3 || setting.node_label == "" || replace(setting.node_label, "/^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/", "") == ""
  message   = "`node_label` is `${setting.node_label}`: a label of YARN's is of letters, digits, `-` and `_`, begins with a letter or digit, and has 255 at most; `\"\"` is none"
}

minimum_memory  = { master = setting.high_availability ? 3072 : 2048, slave = setting.yarn ? 2048 : 0 } # a DataNode alone takes what it needs, no share
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
  description = "What this manifest does on the nodes: 1 is as DISCO 0.1 had it; with 2 containers outlive a restart of their NodeManager, and a job shows that a new cluster works; 3 knows three masters, checkpoints, ACLs, retention of logs and smaller containers"
  default     = 3
  earlier     = 1
  minimum     = 1
  maximum     = 3
  fixed       = true
}

setting "high_availability" {
  type        = "bool"
  description = "Whether there are NameNodes and ResourceManagers on three masters; it follows from `count` in `master` when the cluster is created"
  default     = length(cluster.masters) > 1
  earlier     = false
  fixed       = true
}

setting "nameservice" {
  type        = "string"
  not_empty   = true
  description = "Name of HDFS with three masters, `hdfs://NAME`: that of the cluster, so that clients can know several clusters"
  when        = setting.high_availability
  default     = cluster.name
  fixed       = true
}

setting "service_port" {
  type        = "bool"
  description = "Whether DataNodes and failover controllers have a port of the NameNode of their own (8021), so that clients cannot crowd them out: from 200 DataNodes on"
  when        = setting.edition >= 3
  default     = cluster.storage_nodes >= 200
  earlier     = false
  fixed       = true
}

setting "secondary_namenode" {
  type        = "bool"
  description = "Whether a SecondaryNameNode on the master merges the edits every hour; with three masters a standby does"
  when        = setting.edition >= 3 && !setting.high_availability
  default     = true
}

setting "hdfs_version" {
  type        = "string"
  not_empty   = true
  description = "Version that HDFS was last brought to for good: where another one is wanted it can be taken back; to make it final, write the new version here"
  when        = setting.edition >= 3
  default     = version.name
  fixed       = true
  remembers   = true
}

setting "hdfs_version_created" {
  type        = "string"
  not_empty   = true
  description = "Version that HDFS had when the cluster was created: with another one NameNodes start as parts of an upgrade (`-rollingUpgrade started`), which changes nothing where there is none"
  when        = setting.edition >= 3
  default     = setting.hdfs_version
  fixed       = true
}

setting "administrators" {
  type        = "list(account)"
  description = "Accounts that may look into and end everybody's applications, beside those of Hadoop itself"
  when        = setting.edition >= 3
  default     = []
}

setting "trash_hours" {
  type        = "integer"
  description = "How long files that `hdfs dfs -rm` removes stay in `.Trash`; 0 removes them at once"
  unit        = "hours"
  when        = setting.edition >= 3
  default     = 24
  minimum     = 0
}

setting "log_days" {
  type        = "integer"
  description = "How long logs of applications are kept in HDFS"
  unit        = "days"
  when        = setting.edition >= 3
  default     = 14
  minimum     = 1
}

setting "namenode_java_options" {
  type        = "list(string)"
  description = "Further options of the NameNodes' JVM, beside the heap"
  on          = "master"
  when        = setting.edition >= 3
  default     = []
}

setting "datanode_java_options" {
  type        = "list(string)"
  description = "Further options of the DataNodes' JVM, beside the heap"
  on          = "storage"
  when        = setting.edition >= 3
  default     = []
}

setting "resourcemanager_java_options" {
  type        = "list(string)"
  description = "Further options of the ResourceManagers' JVM, beside the heap"
  on          = "master"
  when        = setting.yarn && setting.edition >= 3
  default     = []
}

setting "nodemanager_java_options" {
  type        = "list(string)"
  description = "Further options of the NodeManagers' JVM, beside the heap"
  on          = "slaves"
  when        = setting.yarn && setting.edition >= 3
  default     = []
}

setting "yarn" {
  type        = "bool"
  description = "Whether YARN and MapReduce run besides HDFS; without them the other frameworks get the memory of the slaves"
  default     = true
}

setting "node_label" {
  type        = "string"
  description = "YARN's label for slaves that do not store, on which no application master runs because they may go; without one (`\"\"`) all slaves are the same"
  when        = setting.yarn && setting.edition >= 3
  default     = "compute"
  earlier     = ""
  fixed       = true
}

setting "queues" {
  type        = "string"
  not_empty   = true
  description = "Queues of YARN, with commas between; what they may take has to be set in capacity-scheduler.xml for other ones than `default`, that of labels too"
  when        = setting.yarn
  default     = "default"
}

setting "replication" {
  type         = "integer"
  description  = "Copies of each block in HDFS"
  default      = min(3, cluster.storage_nodes)
  minimum      = 1
  maximum      = cluster.storage_nodes
  limit_reason = "each copy needs a slave of its own that stores data, and there are ${cluster.storage_nodes}"
  fixed        = true
  rises        = setting.edition >= 3 # and with it what is stored, by the step `copies-of-files`
  outgrown     = "with few copies the loss of a slave loses data; files that are there get more by `hdfs dfs -setrep`"
}

setting "replication_created" {
  type        = "integer"
  description = "Copies of each block when the cluster was created: where there are more by now, files that have fewer get them"
  when        = setting.edition >= 3
  default     = setting.replication
  minimum     = 1
  fixed       = true
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
  description = "Accounts that get a home folder in HDFS: those that images of Debian and Ubuntu have"
  default     = setting.edition >= 3 ? ["debian", "ubuntu"] : ["debian"]
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
  default     = min(131072, floor((local.namenode_part * local.master_share - 128) * 8 / 9))
  minimum     = 128
}

setting "namenode_heap_created" {
  type        = "integer"
  description = "Heap that the NameNode had when the cluster was created: a plan warns where it would get less"
  unit        = "MiB"
  on          = "master"
  when        = setting.edition >= 3
  default     = setting.namenode_heap
  fixed       = true
}

setting "secondary_heap" {
  type        = "integer"
  description = "Heap of the SecondaryNameNode, which loads what the NameNode has loaded"
  unit        = "MiB"
  on          = "master"
  when        = local.secondary
  default     = setting.namenode_heap
  minimum     = 128
}

setting "journalnode_heap" {
  type        = "integer"
  description = "Heap of a JournalNode"
  unit        = "MiB"
  on          = "master"
  when        = setting.high_availability
  default     = min(1024, 128 + floor(node.counted / 64))
  minimum     = 96
}

setting "zkfc_heap" {
  type        = "integer"
  description = "Heap of a failover controller"
  unit        = "MiB"
  on          = "master"
  when        = setting.high_availability
  default     = 128
  minimum     = 64
}

setting "resourcemanager_heap" {
  type        = "integer"
  description = "Heap of the ResourceManager"
  unit        = "MiB"
  on          = "master"
  when        = setting.yarn
  default     = min(16384, floor(((local.secondary ? 0.2 : 0.3) * local.master_share - 128) * 8 / 9))
  minimum     = 128
}

setting "historyserver_heap" {
  type        = "integer"
  description = "Heap of the job history server"
  unit        = "MiB"
  on          = "master"
  when        = setting.yarn
  default     = min(4096, floor(((local.secondary ? 0.185 : 0.2) * local.master_share - 128) * 8 / 9))
  minimum     = 128
}

setting "datanode_heap" {
  type        = "integer"
  description = "Heap of a DataNode"
  unit        = "MiB"
  on          = "storage"
  default     = min(local.newer ? 8192 : 4096, 256 + floor(node.counted / 64) + (local.newer ? min(128 * length(node.disks), max(0, floor((node.counted - 2048) / 16))) : 0))
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
  default      = local.newer ? max(local.parts_of_a_task == 1 ? 320 : 256, local.part_of_a_core - local.part_of_a_core % 32) : max(320, min(8192, local.memory_of_a_core))
  minimum      = 256
  maximum      = min(slaves.yarn_memory...)
  limit_reason = "the smallest slave has ${min(slaves.yarn_memory...)} MiB for containers, and a JVM needs 256"
}

setting "map_memory" {
  type         = "integer"
  description  = "Container of a map task"
  unit        = "MiB"
  when        = setting.yarn
  default      = local.newer ? local.task_memory : setting.container_memory
  minimum      = 256
  maximum      = min(slaves.yarn_memory...)
  limit_reason = "the smallest slave has ${min(slaves.yarn_memory...)} MiB for containers, and a JVM needs 256"
}

setting "reduce_memory" {
  type         = "integer"
  description  = "Container of a reduce task: two of those of a map task where an application master fits beside it"
  unit        = "MiB"
  when        = setting.yarn
  default      = local.unit_memory * max(1, min(2, floor((min(slaves.yarn_memory...) - setting.application_master_memory) / local.unit_memory)))
  minimum      = 256
  maximum      = min(slaves.yarn_memory...)
  limit_reason = "the smallest slave has ${min(slaves.yarn_memory...)} MiB for containers, and a JVM needs 256"
}

setting "application_master_memory" {
  type         = "integer"
  description  = "Container of a MapReduce job's application master"
  unit        = "MiB"
  when        = setting.yarn
  default      = local.newer ? local.task_memory : setting.container_memory
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

  # What JournalNode and failover controller leave of the master.
  master_share     = node.share - (setting.high_availability ? local.journalnode_memory + local.zkfc_memory : 0)
  secondary_memory = ceil(setting.secondary_heap * 9 / 8) + 128
  journalnode_memory = ceil(setting.journalnode_heap * 9 / 8) + 128
  zkfc_memory        = ceil(setting.zkfc_heap * 9 / 8) + 128

  # A task has what there is for each core, up to 8192, in 1, 2, 4 or 8 of the smallest containers, so that who asks for
  # less does not get all of it. The number doubles, and the smallest containers are multiples of 32: so a task never
  # gets less where there is more memory, and neither does what takes a part of a slave's tasks.
  parts_of_a_task = local.memory_of_a_core < 512 ? 1 : (local.memory_of_a_core < 1024 ? 2 : (local.memory_of_a_core < 2048 ? 4 : 8))
  part_of_a_core  = floor(min(8192, local.memory_of_a_core) / local.parts_of_a_task)
  task_memory     = setting.container_memory * max(1, floor(min(8192, local.memory_of_a_core) / setting.container_memory))
  unit_memory = local.newer ? local.task_memory : setting.container_memory

  # How many of the smallest containers a slave has for whoever takes several, as many for each of its cores.
  memory_of_own_core = floor(setting.yarn_memory / setting.yarn_vcores)
  containers         = local.newer && local.memory_of_own_core >= setting.container_memory ? setting.yarn_vcores * floor(local.memory_of_own_core / setting.container_memory) : floor(setting.yarn_memory / setting.container_memory)

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

  newer          = setting.edition >= 3
  upgrading      = setting.edition >= 3 ? setting.hdfs_version != version.name : false
  labels         = setting.yarn && setting.edition >= 3 ? setting.node_label != "" : false
  labelled       = local.labels && group.role == "slave" && !group.storage
  label_store    = local.labels ? "/var/lib/hadoop/node-labels/${setting.node_label}" : null
  label_queues   = local.labels && setting.queues == "default" ? ["root", "root.default"] : []
  zone_of_group  = { name = group.name, zone = group.zone == null ? null : replace(group.zone, "/[^A-Za-z0-9._-]/", "-") }
  secondary      = setting.edition >= 3 && !setting.high_availability && setting.secondary_namenode
  namenode_part  = setting.yarn ? (local.secondary ? 0.305 : 0.45) : (local.secondary ? 0.48 : 0.9)
  journal_dir    = "${local.disks[0]}/hdfs/journal"
  checkpoint_dir = "${local.disks[0]}/hdfs/checkpoint"

  # With three masters: NameNodes nn0, nn1 and nn2, ResourceManagers rm0, rm1 and rm2, by the masters' indices.
  ha           = setting.high_availability
  service_port = local.newer && setting.service_port
  on_masters = local.ha && group.role == "master"
  ha_masters   = local.ha ? cluster.masters : []
  nameservices = local.ha ? [setting.nameservice] : []
  default_fs = local.ha ? "hdfs://${setting.nameservice}" : "hdfs://${cluster.master}:${port.hdfs-rpc}"
  journals   = join(";", [for name in cluster.masters : "${name}:${port.journal}"])
  history    = local.ha ? ensemble.history[0].name : cluster.master

  active_namenode = local.ha ? {
    hosts  = cluster.masters
    url    = "http://{host}:${port.hdfs}/jmx?qry=Hadoop:service=NameNode,name=NameNodeStatus"
    path   = ["beans", 0, "State"]
    equals = "active"
  } : null
  active_resourcemanager = local.ha ? {
    hosts  = cluster.masters
    url    = "http://{host}:${port.yarn}/ws/v1/cluster/info"
    path   = ["clusterInfo", "haState"]
    equals = "ACTIVE"
  } : null

  # Where steps and `disco status` ask: the first master, or the one that is active.
  namenode        = "http://${local.ha ? "{host}" : "127.0.0.1"}:${port.hdfs}"
  resourcemanager = "http://${local.ha ? "{host}" : "127.0.0.1"}:${port.yarn}"

  # What a daemon's JVM has beside what hadoop-env.sh says, so that a line there takes nothing away. The first option is
  # what Hadoop's own scripts set where nothing is said.
  on_trouble          = ["-XX:+ExitOnOutOfMemoryError", "-XX:+HeapDumpOnOutOfMemoryError", "-XX:HeapDumpPath=/var/log/hadoop"]
  zookeeper_options   = local.ha ? with.zookeeper.client_options : []
  environment         = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
  jvm                 = concat(["-Djava.net.preferIPv4Stack=true"], local.on_trouble)
  gc_log              = version.java >= 11 ? ["-Xlog:gc*:file=/var/log/hadoop/gc-namenode.log:time,uptime:filecount=5,filesize=10m"] : []
  namenode_jvm        = local.newer ? join(" ", concat(local.jvm, ["-Xmx${setting.namenode_heap}m", "-Dhdfs.audit.logger=INFO,RFAAUDIT"], local.gc_log)) : null
  secondary_jvm       = local.newer ? join(" ", concat(local.jvm, ["-Xmx${setting.secondary_heap}m"])) : null
  journalnode_jvm     = local.newer ? join(" ", concat(local.jvm, ["-Xmx${setting.journalnode_heap}m"])) : null
  zkfc_jvm            = local.newer ? join(" ", concat(local.jvm, ["-Xmx${setting.zkfc_heap}m"], local.zookeeper_options)) : null
  resourcemanager_jvm = local.newer ? join(" ", concat(local.jvm, ["-Xmx${setting.resourcemanager_heap}m"], local.zookeeper_options)) : null
  historyserver_jvm   = local.newer ? join(" ", concat(local.jvm, ["-Xmx${setting.historyserver_heap}m"])) : null
  datanode_jvm        = local.newer ? join(" ", concat(local.jvm, ["-Xmx${setting.datanode_heap}m"])) : null
  nodemanager_jvm     = local.newer ? join(" ", concat(local.jvm, ["-Xmx${setting.nodemanager_heap}m"])) : null
  reads_secrets       = local.ha ? "zookeeper" : null # the group that may read by which password ZooKeeper knows clients

  recovers  = group.role == "master" && setting.edition >= 2
  clean_end = setting.edition >= 2 ? 143 : null # of a JVM that systemd tells to end

  # A job's user makes a folder of its own in /mr-history/tmp and in /app-logs, which only its group may read besides: the
  # history server's. They are made through WebHDFS: each `hdfs dfs` would start a JVM.
  webhdfs     = "${local.namenode}/webhdfs/v1"
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

# The history server is on the first master; where there is one, that is all of them.
ensemble "history" {
  on   = "master"
  size = 1
  when = setting.high_availability
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

# What the version before was unpacked to: applications that run name it in their class path, and HDFS may go back to it.
directory {
  path = replace(install.home, version.name, setting.hdfs_version)
  when = local.upgrading
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
  path       = local.journal_dir
  owner      = "hdfs:hadoop"
  mode       = "0700"
  holds_data = true
  on         = ["master"]
  when       = setting.high_availability
}

directory {
  path  = local.checkpoint_dir
  owner = "hdfs:hadoop"
  mode  = "0700"
  on    = ["master"]
  when  = local.secondary
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
  when  = setting.yarn && setting.edition >= 2 && !setting.high_availability
}

directory {
  path  = ["/var/lib/hadoop/node-labels", local.label_store]
  owner = "yarn:hadoop"
  mode  = "0700"
  on    = ["master"]
  when  = local.labels
}

directory {
  path  = "/var/log/hadoop/containers"
  owner = "yarn:hadoop"
  on    = ["slaves"]
  when  = setting.yarn
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order to start them on a node.

# With three masters. It knows nothing of the others, so all of them are there before a NameNode writes.
service "journalnode" {
  description = "HDFS JournalNode"
  stores_data = true
  on          = "master"
  when        = setting.high_availability
  unit        = "hadoop-hdfs-journalnode"
  user        = "hdfs"
  group       = "hadoop"
  exec        = "${local.hdfs} journalnode"
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home, HADOOP_OPTS = local.journalnode_jvm }
  memory      = local.journalnode_memory
  needs_step  = "rollback-image"
  options     = { Restart = "always" }

  max_unavailable     = 1
  success_exit_status = local.clean_end

  ready {
    port    = "journal"
    timeout = 300
  }
}

service "namenode" {
  description = "HDFS NameNode"
  stores_data = true
  on          = "master"
  unit        = "hadoop-hdfs-namenode"
  user        = "hdfs"
  group       = "hadoop"
  exec        = concat([local.hdfs, "namenode"], local.newer && setting.hdfs_version_created != version.name ? ["-rollingUpgrade", "started"] : [])
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home, HADOOP_OPTS = local.namenode_jvm, HDFS_AUDIT_LOGGER = local.newer ? "INFO,RFAAUDIT" : null }
  memory      = local.namenode_memory
  needs_step  = ["rollback-image", "format", "standby"]
  options     = { Restart = local.newer ? "always" : null }

  max_unavailable     = setting.high_availability ? 1 : null

  success_exit_status = local.clean_end

  ready {
    port    = "hdfs-rpc"
    timeout = 300
  }
}

# Watches the NameNode beside it, and makes it the active one where no other is. It is started after it, and does nothing
# but wait while it does not answer. The one that was active is first asked to stand back; where its machine is gone that
# would be waited for 40 s, in which nobody can write: one try of 5 s is enough, as JournalNodes keep it from writing.
service "zkfc" {
  description = "HDFS failover controller"
  on          = "master"
  when        = setting.high_availability
  unit        = "hadoop-hdfs-zkfc"
  user        = "hdfs"
  group       = "hadoop"
  exec        = "${local.hdfs} zkfc -D ipc.client.connect.timeout=5000 -D ha.failover-controller.graceful-fence.connection.retries=0"
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home, HADOOP_OPTS = local.zkfc_jvm }
  memory      = local.zkfc_memory
  needs_step  = "format-zookeeper"
  options     = { Restart = "always", SupplementaryGroups = local.reads_secrets }

  success_exit_status = local.clean_end

  ready {
    port    = "zkfc"
    timeout = 300
  }
}

# Asks the NameNode every hour for its image and its edits, and gives back one image.
service "secondarynamenode" {
  description = "HDFS SecondaryNameNode"
  on          = "master"
  when        = local.secondary
  unit        = "hadoop-hdfs-secondarynamenode"
  user        = "hdfs"
  group       = "hadoop"
  exec        = "${local.hdfs} secondarynamenode"
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home, HADOOP_OPTS = local.secondary_jvm }
  after       = ["namenode"]
  memory      = local.secondary_memory
  options     = { Restart = "always" }

  success_exit_status = local.clean_end

  ready {
    port    = "secondary"
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
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home, HADOOP_OPTS = local.resourcemanager_jvm }
  options     = { Restart = local.newer ? "always" : null, SupplementaryGroups = local.reads_secrets }
  memory      = local.resourcemanager_memory
  needs_step  = "node-label"

  max_unavailable     = setting.high_availability ? 1 : null

  success_exit_status = local.clean_end

  ready {
    port    = "yarn"
    timeout = 300
  }
}

service "historyserver" {
  description = "MapReduce job history server"
  on          = "history"
  when        = setting.yarn
  unit        = "hadoop-mapreduce-historyserver"
  user        = "mapred"
  group       = "hadoop"
  exec        = "${local.mapred} historyserver"
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home, HADOOP_OPTS = local.historyserver_jvm }
  options     = { Restart = local.newer ? "always" : null }
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
  environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home, HADOOP_OPTS = local.datanode_jvm }
  options     = { Restart = local.newer ? "always" : null }
  memory      = local.datanode_memory

  # Of each block one copy stays; since edition 3 all but one.
  max_unavailable = local.newer ? 1 : max(1, setting.replication - 1)

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
  environment     = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home, HADOOP_OPTS = local.nodemanager_jvm }
  # All containers of a node are tasks of this unit; systemd's own limit is 15 % of what the kernel has.
  options         = { Restart = local.newer ? "always" : null, TasksMax = local.newer ? "infinity" : null }
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

port "hdfs-service" {
  description = "NameNode for DataNodes and failover controllers"
  service     = "namenode"
  when        = setting.edition >= 3 && setting.service_port
  port        = 8021
  differs     = "Hadoop has no default"
}

port "journal" {
  description = "JournalNode"
  service     = "journalnode"
  port        = 8485
}

port "journal-web" {
  description = "JournalNode's status, and edits for other NameNodes"
  service     = "journalnode"
  port        = 8480
}

port "zkfc" {
  description = "Failover controller"
  service     = "zkfc"
  port        = 8019
}

port "secondary" {
  description = "SecondaryNameNode's status"
  service     = "secondarynamenode"
  port        = 9868
}

port "yarn" {
  description = "ResourceManager's web page and REST interface"
  service     = "resourcemanager"
  port        = 8088
  users       = true
  page        = "/cluster"
  anybody     = local.newer ? "see the applications of everybody, with their settings" : "run programs on all slaves, through YARN's REST interface"
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
  restarts = ["journalnode", "namenode", "zkfc", "secondarynamenode", "resourcemanager", "historyserver", "datanode", "nodemanager"]
  keys = {
    "fs.defaultFS"        = local.default_fs
    "hadoop.tmp.dir"      = "/var/lib/hadoop/tmp"
    "io.file.buffer.size" = 131072
    "net.topology.script.file.name" = local.newer && group.role == "master" ? "/etc/hadoop/topology.sh" : null
    "fs.trash.interval"   = local.newer ? 60 * setting.trash_hours : null
    "ha.zookeeper.quorum" = local.ha ? with.zookeeper.servers : null
  }
  client_keys = ["fs.defaultFS", "io.file.buffer.size", "fs.trash.interval"]
  protected = {
    "fs.defaultFS"        = "every node finds HDFS by it"
    "net.topology.script.file.name" = "racks are the availability zones of the groups"
    "ha.zookeeper.quorum" = "it is the cluster's ZooKeeper"
  }
}

file "hdfs-site.xml" {
  format   = "hadoop-xml"
  path     = "/etc/hadoop/hdfs-site.xml"

  known_keys   = ["core-site.xml", "hdfs-site.xml"]
  key_families = [
    "hadoop.proxyuser.", "fs.s3a.", "dfs.ha.namenodes.", "dfs.namenode.rpc-address.", "dfs.namenode.http-address.",
    "dfs.namenode.servicerpc-address.", "dfs.client.failover.proxy.provider.",
  ]

  # What clients bring themselves if they have it. Else the NameNode tells it to those who write by `FileContext`, such as
  # NodeManagers their logs, and a DataNode writes by it what comes through WebHDFS.
  by_keys  = local.newer
  restarts = {
    "dfs.replication" = ["namenode", "datanode"]
    "dfs.blocksize"   = ["namenode", "datanode"]
    "*"               = ["journalnode", "namenode", "zkfc", "secondarynamenode", "datanode"]
  }
  keys = {
    "dfs.replication"                        = setting.replication
    "dfs.blocksize"                          = setting.block_size
    "dfs.namenode.name.dir"                  = group.role == "master" ? join(",", [for dir in local.name_dirs : "file://${dir}"]) : null
    "dfs.namenode.http-address"              = local.ha ? null : "${cluster.master}:${port.hdfs}"
    "dfs.nameservices"                       = local.ha ? setting.nameservice : null
    "dfs.namenode.servicerpc-address"        = !local.ha && local.service_port ? "${cluster.master}:${port.hdfs-service}" : null
    "dfs.namenode.servicerpc-bind-host"      = group.role == "master" && local.service_port ? "0.0.0.0" : null
    "dfs.ha.automatic-failover.enabled"      = local.ha ? true : null
    "dfs.ha.namenode.id"                     = local.on_masters ? "nn${node.index}" : null
    "dfs.ha.fencing.methods"                 = local.on_masters ? "shell(/bin/true)" : null
    "dfs.namenode.shared.edits.dir"          = local.on_masters ? "qjournal://${local.journals}/${setting.nameservice}" : null
    "dfs.journalnode.edits.dir"              = local.on_masters ? local.journal_dir : null
    "dfs.journalnode.rpc-address"            = local.on_masters ? "0.0.0.0:${port.journal}" : null
    "dfs.journalnode.http-address"           = local.on_masters ? "0.0.0.0:${port.journal-web}" : null
    # A JournalNode on an empty disk formats itself, and takes from the others what it has missed.
    "dfs.journalnode.enable.sync.format"     = local.on_masters ? true : null
    "dfs.namenode.secondary.http-address"    = local.secondary && group.role == "master" ? "${cluster.master}:${port.secondary}" : null
    "dfs.namenode.checkpoint.dir"            = local.secondary && group.role == "master" ? "file://${local.checkpoint_dir}" : null
    # Where no other DataNode is free a writer goes on with those that it has: on a few nodes any restart would end it.
    "dfs.client.block.write.replace-datanode-on-failure.best-effort" = local.newer ? true : null
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
  more_keys = merge(
    { for name in local.nameservices : "dfs.ha.namenodes.${name}" => "nn0,nn1,nn2" },
    { for name in local.nameservices : "dfs.client.failover.proxy.provider.${name}" => "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider" },
    { for index, name in local.ha_masters : "dfs.namenode.rpc-address.${setting.nameservice}.nn${index}" => "${name}:${port.hdfs-rpc}" },
    { for index, name in local.ha_masters : "dfs.namenode.http-address.${setting.nameservice}.nn${index}" => "${name}:${port.hdfs}" },
    { for index, name in local.ha_masters : "dfs.namenode.servicerpc-address.${setting.nameservice}.nn${index}" => "${name}:${port.hdfs-service}" if local.service_port },
  )
  client_keys = concat(
    ["dfs.replication", "dfs.blocksize", "dfs.client.block.write.replace-datanode-on-failure.best-effort"],
    local.ha ? concat(
      ["dfs.nameservices", "dfs.ha.namenodes.${setting.nameservice}", "dfs.client.failover.proxy.provider.${setting.nameservice}"],
      [for id in ["nn0", "nn1", "nn2"] : "dfs.namenode.rpc-address.${setting.nameservice}.${id}"],
      [for id in ["nn0", "nn1", "nn2"] : "dfs.namenode.http-address.${setting.nameservice}.${id}"],
    ) : [],
  )
  protected = {
    "dfs.namenode.name.dir"       = "moving it would leave an empty HDFS; volumes of the master say where it is"
    "dfs.namenode.http-address"   = "security rules, probes and addresses of web pages are made for this port"
    "dfs.namenode.rpc-address"    = "every node finds HDFS by fs.defaultFS"
    "dfs.nameservices"            = "every node finds HDFS by it"
    "dfs.ha.namenode.id"          = "it is the number of the master"
    "dfs.ha.automatic-failover.enabled" = "failover controllers are on the masters"
    "dfs.namenode.shared.edits.dir" = "it names the JournalNodes of the masters"
    "dfs.journalnode.edits.dir"   = "moving it would leave an empty JournalNode; volumes of the masters say where it is"
    "dfs.journalnode.rpc-address" = "NameNodes and probes are made for this port"
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
  key_families = [
    "yarn.scheduler.capacity.", "yarn.resource-types.", "yarn.nodemanager.resource-type.",
    "yarn.resourcemanager.hostname.", "yarn.resourcemanager.webapp.address.",
  ]
  when     = setting.yarn
  restarts = ["resourcemanager", "nodemanager"]
  keys = {
    "yarn.resourcemanager.hostname"                 = local.ha ? null : cluster.master
    "yarn.resourcemanager.ha.enabled"               = local.ha ? true : null
    "yarn.resourcemanager.ha.rm-ids"                = local.ha ? "rm0,rm1,rm2" : null
    "yarn.resourcemanager.ha.id"                    = local.on_masters ? "rm${node.index}" : null
    "yarn.resourcemanager.cluster-id"               = local.ha ? cluster.name : null
    "yarn.resourcemanager.store.class"              = local.on_masters ? "org.apache.hadoop.yarn.server.resourcemanager.recovery.ZKRMStateStore" : null
    "hadoop.zk.address"                             = local.on_masters ? with.zookeeper.servers : null
    "yarn.resourcemanager.zk-address"               = local.on_masters ? with.zookeeper.servers : null # the elector knows no other name
    "yarn.resourcemanager.hostname.rm0" = local.ha ? cluster.masters[0] : null
    "yarn.resourcemanager.hostname.rm1" = local.ha ? cluster.masters[1] : null
    "yarn.resourcemanager.hostname.rm2" = local.ha ? cluster.masters[2] : null
    "yarn.resourcemanager.webapp.address.rm0" = local.ha ? "${cluster.masters[0]}:${port.yarn}" : null
    "yarn.resourcemanager.webapp.address.rm1" = local.ha ? "${cluster.masters[1]}:${port.yarn}" : null
    "yarn.resourcemanager.webapp.address.rm2" = local.ha ? "${cluster.masters[2]}:${port.yarn}" : null
    "yarn.resourcemanager.bind-host"                = group.role == "master" ? "0.0.0.0" : null
    "yarn.resourcemanager.nodes.exclude-path"       = group.role == "master" ? "/etc/hadoop/yarn.exclude" : null
    "yarn.scheduler.minimum-allocation-mb"          = group.role == "master" ? setting.container_memory : null
    "yarn.scheduler.maximum-allocation-mb"          = group.role == "master" ? max(slaves.yarn_memory...) : null
    "yarn.scheduler.maximum-allocation-vcores"      = group.role == "master" ? max(slaves.yarn_vcores...) : null
    "yarn.log-aggregation-enable"                   = true
    "yarn.log.server.url"                           = "http://${local.history}:${port.history}/jobhistory/logs"
    "yarn.log-aggregation.retain-seconds"           = local.newer ? 86400 * setting.log_days : null
    # Logs of applications that run for long do not stay on the node's root disk until they end.
    "yarn.nodemanager.log-aggregation.roll-monitoring-interval-seconds" = local.newer && group.role == "slave" ? 3600 : null
    "yarn.webapp.enable-rest-app-submissions"       = local.newer && group.role == "master" ? false : null
    "yarn.acl.enable"                               = local.newer ? true : null
    "yarn.admin.acl"                                = local.newer ? join(",", concat(["yarn", "hdfs", "mapred"], setting.administrators)) : null
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
    "yarn.resourcemanager.fs.state-store.uri"       = local.recovers && !local.ha ? "file:///var/lib/hadoop/resourcemanager" : null
    "yarn.nodemanager.recovery.enabled"             = group.role == "slave" ? true : null
    "yarn.nodemanager.recovery.supervised"          = group.role == "slave" ? true : null
    "yarn.nodemanager.recovery.dir"                 = group.role == "slave" ? "/var/lib/hadoop/yarn/recovery" : null
    "yarn.node-labels.enabled"                      = local.labels && group.role == "master" || local.labelled ? true : null
    "yarn.node-labels.configuration-type"           = local.labels && group.role == "master" || local.labelled ? "distributed" : null
    "yarn.node-labels.fs-store.root-dir"            = local.labels && group.role == "master" ? "file://${local.label_store}" : null
    "yarn.nodemanager.node-labels.provider"         = local.labelled ? "config" : null
    "yarn.nodemanager.node-labels.provider.configured-node-partition" = local.labelled ? setting.node_label : null
    # A disk that has room again counts soon: two minutes are longer than anybody waits who has just made some.
    "yarn.nodemanager.disk-health-checker.interval-ms" = group.role == "slave" && setting.edition >= 2 ? 20000 : null
    "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage" = group.role == "slave" ? 95 : null
  }
  client_keys = concat(
    ["yarn.resourcemanager.hostname", "yarn.log-aggregation-enable", "yarn.log.server.url", "yarn.nodemanager.remote-app-log-dir"],
    local.ha ? concat(
      ["yarn.resourcemanager.ha.enabled", "yarn.resourcemanager.ha.rm-ids", "yarn.resourcemanager.cluster-id"],
      [for id in ["rm0", "rm1", "rm2"] : "yarn.resourcemanager.hostname.${id}"],
      [for id in ["rm0", "rm1", "rm2"] : "yarn.resourcemanager.webapp.address.${id}"],
    ) : [],
  )
  protected = {
    "yarn.resourcemanager.hostname"           = "every node finds YARN by it"
    "yarn.resourcemanager.bind-host"          = "the slaves could not reach the ResourceManager"
    "yarn.resourcemanager.ha.enabled"         = "every master has a ResourceManager"
    "yarn.resourcemanager.ha.rm-ids"          = "every master has a ResourceManager"
    "yarn.resourcemanager.ha.id"              = "it is the number of the master"
    "yarn.resourcemanager.cluster-id"         = "it is the name of the cluster"
    "hadoop.zk.address"                       = "it is the cluster's ZooKeeper"
    "yarn.resourcemanager.zk-address"         = "it is the cluster's ZooKeeper"
    "yarn.resourcemanager.address"            = "security rules are made for this port"
    "yarn.resourcemanager.webapp.address"     = "security rules, probes and addresses of web pages are made for this port"
    "yarn.resourcemanager.nodes.include-path" = "DISCO says which nodes belong to the cluster; a list here would refuse new slaves"
    "yarn.resourcemanager.nodes.exclude-path" = "DISCO takes slaves out by it"
    "yarn.nodemanager.address"                = "probes are made for this port"
    "yarn.nodemanager.webapp.address"         = "security rules are made for this port"
    "yarn.nodemanager.local-dirs"             = "volumes of the slaves say where it is"
    "yarn.node-labels.enabled"                = "the setting `node_label` says whether there is one"
    "yarn.node-labels.configuration-type"     = "slaves tell their label themselves"
    "yarn.node-labels.fs-store.root-dir"      = "the label is in there before the ResourceManager starts"
    "yarn.nodemanager.node-labels.provider"   = "slaves that do not store have the label that `node_label` says"
    "yarn.nodemanager.node-labels.provider.configured-node-partition" = "slaves that do not store have the label that `node_label` says"
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
    "mapreduce.jobhistory.address"              = "${local.history}:${port.history-rpc}"
    "mapreduce.jobhistory.webapp.address"       = "${local.history}:${port.history}"
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
    "yarn.scheduler.capacity.root.queues"                    = setting.queues
    "yarn.scheduler.capacity.root.default.capacity"          = 100
    "yarn.scheduler.capacity.root.default.maximum-capacity"  = 100
    "yarn.scheduler.capacity.root.default.user-limit-factor" = 1
    "yarn.scheduler.capacity.root.default.state"             = "RUNNING"
    "yarn.scheduler.capacity.maximum-am-resource-percent"    = setting.application_masters_share
    "yarn.scheduler.capacity.resource-calculator"            = "org.apache.hadoop.yarn.util.resource.DominantResourceCalculator"
    "yarn.scheduler.capacity.node-locality-delay"            = 40
  }
  # Who asks for the label by its name gets all of these slaves.
  more_keys = merge(
    { for queue in local.label_queues : "yarn.scheduler.capacity.${queue}.accessible-node-labels" => setting.node_label },
    { for queue in local.label_queues : "yarn.scheduler.capacity.${queue}.accessible-node-labels.${setting.node_label}.capacity" => 100 },
  )
}

file "hadoop-env.sh" {
  format   = "shell"
  path     = "/etc/hadoop/hadoop-env.sh"
  template = "hadoop-env.sh"
  restarts = ["journalnode", "namenode", "zkfc", "secondarynamenode", "resourcemanager", "historyserver", "datanode", "nodemanager"]
  keys = {
    HADOOP_LOG_DIR            = "/var/log/hadoop"
    HADOOP_PID_DIR            = "/run/hadoop"
    HDFS_NAMENODE_OPTS        = group.role == "master" ? (local.newer ? join(" ", setting.namenode_java_options) : "-Xmx${setting.namenode_heap}m") : null
    YARN_RESOURCEMANAGER_OPTS = group.role == "master" && setting.yarn ? (local.newer ? join(" ", setting.resourcemanager_java_options) : "-Xmx${setting.resourcemanager_heap}m") : null
    MAPRED_HISTORYSERVER_OPTS = group.role == "master" && setting.yarn ? (local.newer ? "" : "-Xmx${setting.historyserver_heap}m") : null
    HDFS_DATANODE_OPTS        = group.role == "slave" && group.storage ? (local.newer ? join(" ", setting.datanode_java_options) : "-Xmx${setting.datanode_heap}m") : null
    YARN_NODEMANAGER_OPTS     = group.role == "slave" && setting.yarn ? (local.newer ? join(" ", setting.nodemanager_java_options) : "-Xmx${setting.nodemanager_heap}m") : null
  }
  protected = {
    HADOOP_CONF_DIR = "the services are started with /etc/hadoop"
    HADOOP_HOME     = "the archive is unpacked to a folder that names its version"
  }
}

file "log4j.properties" {
  format   = "properties"
  path     = "/etc/hadoop/log4j.properties"
  restarts = ["journalnode", "namenode", "zkfc", "secondarynamenode", "resourcemanager", "historyserver", "datanode", "nodemanager"]
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
    # A line for each call that a NameNode answers, in a file of its own: the NameNodes alone say RFAAUDIT.
    "hdfs.audit.logger"                                 = local.newer ? "INFO,NullAppender" : null
    "log4j.logger.org.apache.hadoop.hdfs.server.namenode.FSNamesystem.audit" = local.newer ? "$${hdfs.audit.logger}" : null
    "log4j.additivity.org.apache.hadoop.hdfs.server.namenode.FSNamesystem.audit" = local.newer ? false : null
    "log4j.appender.RFAAUDIT"                           = local.newer ? "org.apache.log4j.RollingFileAppender" : null
    "log4j.appender.RFAAUDIT.File"                      = local.newer ? "$${hadoop.log.dir}/hdfs-audit.log" : null
    "log4j.appender.RFAAUDIT.MaxFileSize"               = local.newer ? "64MB" : null
    "log4j.appender.RFAAUDIT.MaxBackupIndex"            = local.newer ? 10 : null
    "log4j.appender.RFAAUDIT.layout"                    = local.newer ? "org.apache.log4j.PatternLayout" : null
    "log4j.appender.RFAAUDIT.layout.ConversionPattern"  = local.newer ? "%d{ISO8601} %p %c{2}: %m%n" : null
  }
}

# Racks, of which HDFS puts copies into two: the availability zones of the groups of slaves, as far as they have one.
file "topology.sh" {
  format   = "template"
  path     = "/etc/hadoop/topology.sh"
  template = "topology.sh"
  mode     = "0755"
  on       = ["master"]
  when     = setting.edition >= 3
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

# Before anything of the master stops. A single NameNode saves its image in its safe mode alone, which it leaves then; with
# three a standby does, within some minutes. Where that was done there is nothing to do, also on a master that was replaced.
step "rollback-image" {
  when    = local.upgrading
  moment  = "before-start"
  timeout = 900
  action = {
    kind        = "job"
    title       = "HDFS saves what it can go back to (`hdfs dfsadmin -rollingUpgrade prepare`)"
    user        = "hdfs"
    environment = local.environment
    once        = true
    retry       = true
    active      = local.active_namenode
    unless = {
      url    = "${local.namenode}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
      path   = ["beans", 0, "RollingUpgradeStatus", "createdRollbackImages"]
      equals = "true"
    }
    expect = "Proceed with rolling upgrade"
    commands = concat(
      local.ha ? [] : [[local.hdfs, "dfsadmin", "-safemode", "enter"]],
      [[local.hdfs, "dfsadmin", "-rollingUpgrade", "prepare"], [local.hdfs, "dfsadmin", "-rollingUpgrade", "query"]],
    )
  }
}

step "format" {
  moment  = "before-start"
  timeout = 300
  action = {
    kind          = "command"
    user          = "hdfs"
    environment   = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
    commands      = [[local.hdfs, "namenode", "-format", "-nonInteractive"]]
    unless_exists = "${local.name_dirs[0]}/current/VERSION"

    # A disk that has gone missing is no reason to begin with an empty one. With three masters the JournalNodes know that
    # there is a name space, and refuse another one; then this NameNode takes it from the active one, as on a machine
    # that has been replaced.
    once      = setting.edition >= 2 && !local.ha ? true : null
    retry     = local.ha ? true : null
    otherwise = local.ha ? [[local.hdfs, "namenode", "-bootstrapStandby", "-nonInteractive"]] : null
  }
}

# The other NameNodes begin with what one has that is there already.
step "standby" {
  when    = setting.high_availability
  moment  = "before-start"
  on      = "master"
  timeout = 600
  action = {
    kind          = "command"
    user          = "hdfs"
    environment   = local.environment
    retry         = true
    commands      = [[local.hdfs, "namenode", "-bootstrapStandby", "-nonInteractive"]]
    unless_exists = "${local.name_dirs[0]}/current/VERSION"
  }
}

# The place in ZooKeeper where it stands who is active; 2 is the answer where it is there already.
step "format-zookeeper" {
  when    = setting.high_availability
  moment  = "before-start"
  timeout = 300
  action = {
    kind          = "command"
    user          = "zookeeper" # who may read the password
    environment   = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home, HADOOP_OPTS = local.zkfc_jvm }
    retry         = true
    commands      = [[local.hdfs, "zkfc", "-formatZK", "-nonInteractive"]]
    exit_statuses = [0, 2]
  }
}

# Which label there is, before a ResourceManager first starts: it would refuse those of NodeManagers for two minutes. It is
# written down when it is done, as the store is there before the label is in it.
step "node-label" {
  when    = local.labels
  moment  = "before-start"
  on      = "master"
  timeout = 300
  action = {
    kind        = "command"
    user        = "yarn"
    environment = local.environment
    commands = [
      [local.yarn, "rmadmin", "-addToClusterNodeLabels", "${setting.node_label}(exclusive=false)", "-directlyAccessNodeLabelStore"],
      ["/usr/bin/touch", "${local.label_store}/made"],
    ]
    unless_exists = "${local.label_store}/made"
  }
}

step "folders" {
  moment  = "before-start"
  timeout = 300
  action = setting.edition >= 2 ? {
    kind     = "http"
    retry    = true # until the NameNode has left its safe mode
    active   = local.active_namenode
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

    # With three masters the list of those who leave would have to be on each of them: there NodeManagers get no new
    # containers, and are done when those that they have are.
    file        = local.ha ? null : "/etc/hadoop/yarn.exclude"
    commands    = local.ha ? null : [[local.yarn, "rmadmin", "-refreshNodes", "-g", "1200", "-server"]]
    each        = local.ha ? [[local.yarn, "rmadmin", "-updateNodeResource", "{name}:${port.nodemanager-rpc}", "0", "0"]] : null
    back        = local.ha ? [[local.yarn, "rmadmin", "-updateNodeResource", "{name}:${port.nodemanager-rpc}", min(slaves.yarn_memory...), min(slaves.yarn_vcores...)]] : null
    done        = local.ha ? ["0"] : null
    active      = local.active_resourcemanager
    url         = "${local.resourcemanager}/ws/v1/cluster/nodes?states=RUNNING,UNHEALTHY,DECOMMISSIONING"
    path        = ["nodes", "node"]
    names       = "nodeHostName"
    state       = local.ha ? "numContainers" : "state"
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

    # The list is on the first master, so its NameNode has to be the active one. Should another one take over in between,
    # it tells that nobody leaves, and nobody is removed.
    commands    = concat(
      local.ha ? [[local.hdfs, "haadmin", "-ns", setting.nameservice, "-failover", "nn1", "nn0"]] : [],
      [[local.hdfs, "dfsadmin", "-refreshNodes"]],
    )
    active      = local.active_namenode
    url         = "${local.namenode}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
    path        = ["beans", 0, "LiveNodes"]
    names       = "keys"
    state       = "adminState"
    done        = ["Decommissioned"]
    keep        = true # for ten minutes the NameNode would send readers to a DataNode that has gone
    minimum     = setting.replication # with fewer DataNodes no block of that many replicas could move
    advice      = local.newer ? "with `replication = {stay}`, applied before, it does" : null
  }
}

# Of a DataNode that starts again: whether the NameNode has it back, and whether no block of several copies is down to
# its last one, before the next one follows. What takes longer is not waited for: a cluster with fewer DataNodes than copies never has them.
step "returned" {
  when    = setting.edition >= 3
  moment  = "before-start"
  on      = "storage"
  timeout = 600
  action = {
    kind   = "answer"
    title  = "the NameNode knows this DataNode"
    active = local.active_namenode
    url    = "http://${local.ha ? "{host}" : cluster.master}:${port.hdfs}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
    path   = ["beans", 0, "LiveNodes", "${node.name}:${port.datanode}", "adminState"]
    equals = "In Service"
    lenient = true
  }
}

step "copies" {
  when    = setting.edition >= 3
  moment  = "before-start"
  on      = "storage"
  timeout = 300
  action = {
    kind    = "answer"
    title   = "no block is down to its last copy"
    active  = local.active_namenode
    url     = "http://${local.ha ? "{host}" : cluster.master}:${port.hdfs}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystem"
    path    = ["beans", 0, "HighestPriorityLowRedundancyReplicatedBlocks"]
    equals  = "0"
    lenient = true
  }
}

step "datanodes" {
  moment     = "verify"
  timeout    = 600
  members_of = "storage"
  action = {
    kind  = "members"
    title = "DataNodes live"
    active = local.active_namenode
    url   = "${local.namenode}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
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
    active = local.active_namenode
    url    = "${local.namenode}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
    path   = ["beans", 0, "Safemode"]
    equals = "" # otherwise a sentence that says what it waits for
  }
}

# Once somebody has said that the version stays, or the old one is wanted again. Where no upgrade is under way it takes
# milliseconds.
step "finalize" {
  when    = local.newer && !local.upgrading
  moment  = "verify"
  timeout = 300
  action = {
    kind        = "command"
    title       = "an upgrade of HDFS that is under way becomes final (`hdfs dfsadmin -rollingUpgrade finalize`)"
    user        = "hdfs"
    environment = local.environment
    retry       = true
    active      = local.active_namenode
    unless = {
      url    = "${local.namenode}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
      path   = ["beans", 0, "RollingUpgradeStatus"]
      equals = ""
    }
    commands = [[local.hdfs, "dfsadmin", "-rollingUpgrade", "finalize"]]
  }
}

# A cluster that has grown keeps more copies than it did: of what it stores, too, as far as it has fewer. What has more
# by somebody's wish stays so. HDFS copies in its own time; nobody waits for that. The number of last time is written
# down, also where it has gone down: what is written until it goes up again has fewer.
step "copies-of-files" {
  when    = local.newer
  moment  = "verify"
  timeout = 900
  action = {
    kind        = "command"
    environment = { HADOOP_CONF_DIR = "/etc/hadoop", HADOOP_HOME = install.home }
    retry       = true # files that go while they are listed make it fail
    commands = [[
      "/bin/bash", "-c",
      "set -e -o pipefail; known=/var/lib/hadoop/copies; before=$(cat $known 2> /dev/null || echo ${setting.replication_created}); if [ \"$before\" -lt ${setting.replication} ]; then runuser -u hdfs -- \"$0\" dfs -ls -R / | sed -nE 's#^-[^ ]* +(${join("|", range(1, setting.replication))}) +[^ ]+ +[^ ]+ +[0-9]+ +[^ ]+ +[^ ]+ (/.*)$#\\2#p' | sed 's/[][*?{}\\\\]/\\\\&/g' | xargs -r -d '\\n' -n 500 runuser -u hdfs -- \"$0\" dfs -setrep ${setting.replication} > /dev/null; fi; echo ${setting.replication} > $known",
      local.hdfs,
    ]]
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
    active = local.active_resourcemanager
    url   = "${local.resourcemanager}/ws/v1/cluster/nodes?states=RUNNING${setting.edition >= 2 ? ",UNHEALTHY" : ""}"
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

# Which NameNode is active, and since when: after a failover that is the moment when it took over.
status "namenodes" {
  title  = "NameNodes"
  when   = setting.high_availability
  active = local.active_namenode
  ask    = { status = "${local.namenode}/jmx?qry=Hadoop:service=NameNode,name=NameNodeStatus" }
  members = {
    title = "NameNodes"
    from  = "status"
    path  = ["beans", 0]
    names = "hosts"
    state = "State"
    well  = ["active", "standby"]
    facts = [{ name = "since", path = ["LastHATransitionTime"], unit = "moment" }]
  }
  facts = [
    { name = "active", from = "active", path = [] },
    { name = "since", from = "status", path = ["beans", 0, "LastHATransitionTime"], unit = "moment" },
  ]
}

status "resourcemanagers" {
  title  = "ResourceManagers"
  when   = setting.yarn && setting.high_availability
  active = local.active_resourcemanager
  ask    = { info = "${local.resourcemanager}/ws/v1/cluster/info" }
  members = {
    title = "ResourceManagers"
    from  = "info"
    path  = ["clusterInfo"]
    names = "hosts"
    state = "haState"
    well  = ["ACTIVE", "STANDBY"]
  }
  facts = [
    { name = "active", from = "active", path = [] },
    { name = "started", from = "info", path = ["clusterInfo", "startedOn"], unit = "moment" },
  ]
}

status "hdfs" {
  title      = "HDFS"
  members_of = "storage"
  active     = local.active_namenode
  ask = {
    info  = "${local.namenode}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"
    state = "${local.namenode}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState"
    checkpoint = "${local.namenode}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystem"
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
    { name = "upgrade_not_final", from = "info", path = ["beans", 0, "RollingUpgradeStatus", "startTime"], unit = "moment" },
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
    { name = "blocks", from = "info", path = ["beans", 0, "TotalBlocks"] },
    { name = "last_checkpoint", from = "checkpoint", path = ["beans", 0, "LastCheckpointTime"], unit = "moment" },
    {
      name = "edits_since_checkpoint"
      title = "edits since then"
      from = "checkpoint"
      path = ["beans", 0, "TransactionsSinceLastCheckpoint"]
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
  active     = local.active_resourcemanager
  ask = {
    info    = "${local.resourcemanager}/ws/v1/cluster/info"
    metrics = "${local.resourcemanager}/ws/v1/cluster/metrics"
    nodes   = "${local.resourcemanager}/ws/v1/cluster/nodes?states=NEW,RUNNING,UNHEALTHY,DECOMMISSIONING,DECOMMISSIONED,LOST,REBOOTED,SHUTDOWN"
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
      { name = "label", path = ["nodeLabels", 0] }, # where it has one
    ]
  }
  facts = [
    { name = "version", from = "info", path = ["clusterInfo", "resourceManagerVersion"] },
    { name = "state", from = "info", path = ["clusterInfo", "state"], well = ["STARTED"] },
    # Where there are labels, the others count slaves without one alone.
    {
      name  = "memory"
      from  = "metrics"
      path  = local.labels ? ["clusterMetrics", "totalUsedResourcesAcrossPartition", "memory"] : ["clusterMetrics", "allocatedMB"]
      total = local.labels ? ["clusterMetrics", "totalClusterResourcesAcrossPartition", "memory"] : ["clusterMetrics", "totalMB"]
      unit  = "MiB"
    },
    {
      name  = "vcores"
      from  = "metrics"
      path  = local.labels ? ["clusterMetrics", "totalUsedResourcesAcrossPartition", "vCores"] : ["clusterMetrics", "allocatedVirtualCores"]
      total = local.labels ? ["clusterMetrics", "totalClusterResourcesAcrossPartition", "vCores"] : ["clusterMetrics", "totalVirtualCores"]
    },
    { name = "running", title = "applications running", from = "metrics", path = ["clusterMetrics", "appsRunning"] },
    { name = "pending", title = "applications waiting", from = "metrics", path = ["clusterMetrics", "appsPending"] },
  ]
}

status "history" {
  title = "Job history"
  when  = setting.yarn
  ask   = { info = "http://${local.ha ? local.history : "127.0.0.1"}:${port.history}/ws/v1/history/info" }
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
  parts     = { fills = ["storage", "scheduler"], keeps = true, minimum_nodes = 3 }
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
