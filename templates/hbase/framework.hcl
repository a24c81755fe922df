# Apache HBase on HDFS and ZooKeeper: an HMaster on the master, a RegionServer on every slave.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# The processes are started as `java`, without HBase's start scripts (bin/hbase, bin/hbase-daemon.sh), with the class
# path and the options that these would give. People on a node use HBase's own `hbase shell`.
#
# How memory is shared out. All sizes are MiB. `node.share` is what the system leaves, or HBase's part of it where other
# frameworks need memory on the same machines.
# - A daemon with a heap of H takes H + H/8 + 128 (an idle HMaster with a heap of 400 was seen to take 283 altogether, a
#   RegionServer with one of 500 took 259).
# - A RegionServer's heap is all of the share, up to 31 GiB, where pointers are still short. 0.4 of it are memstores, 0.4
#   the cache of blocks (hbase-default.xml). What a larger slave has beyond it is a cache outside of the heap
#   (hbase.bucketcache.ioengine = offheap; HBase book, "Off-heap Block Cache").
# - The HMaster keeps the list of regions: half of the share, at most 4 GiB.
#
# Where the data is. Tables and write-ahead logs lie in HDFS below /hbase, so a RegionServer that goes loses nothing: others
# open its regions. The HMaster has no data of its own either. Before a slave is removed, its regions are moved to others
# (RegionMover, as bin/graceful_stop.sh does), so clients wait for milliseconds instead of a session's timeout. HDFS may be
# drained before: while a killed slave is the only other one, a closed write-ahead log can hold that up until HBase deletes
# it (hbase.master.logcleaner.ttl, ten minutes).
#
# What is not protected. Without Kerberos, which this manifest does not set up, HBase has no login, and whoever reaches
# its ports may read, change and drop everything. They are closed to all but the cluster's own nodes. Clients elsewhere
# need ZooKeeper and all RegionServers: better let them run on a node of the cluster. Nothing is encrypted. ZooKeeper knows
# HBase by its own account where ZooKeeper asks for one.
#
# Not set up: Kerberos, a standby HMaster, REST and Thrift servers, MapReduce over tables, replication, short-circuit
# reads.

manifest    = 2
description = "Table store on HDFS for random reads and writes by key"
needs       = ["slaves"]
requires    = ["hdfs", "zookeeper"]

provide "hbase" {
  values = {
    quorum        = local.quorum
    configuration = "/etc/hbase"
    home          = install.home
  }
}

masters {
  maximum = 1
  reason  = "HDFS here has one master; a lost HMaster is started again, and tables are served meanwhile"
}

minimum_memory  = { master = 1024, slave = 1536 }
reserved_memory = setting.reserved_memory

# ---------------------------------------------------------------------------------------------------------------------
# Versions. The digest is the publisher's own, read over TLS from the publisher, never from a mirror. The archive
# `hadoop3` brings the client of Hadoop 3.

version "2.6.4" {
  archive           = "hbase/2.6.4/hbase-2.6.4-hadoop3-bin.tar.gz"
  sha512_url        = "https://archive.apache.org/dist/hbase/2.6.4/hbase-2.6.4-hadoop3-bin.tar.gz.sha512"
  java              = [17, 11, 8]
  compatible        = { hadoop = ["3.4", "3.5"] }
  compatible_reason = "it brings the client of Hadoop 3.4, which newer HDFS of the same line understands"
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "hbase"` block may say.

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
  description = "Major version of Java to run on; without it the best that both this HBase and the image have"
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
  description = "Heap of the HMaster"
  unit        = "MiB"
  on          = "master"
  default     = min(4096, floor((0.5 * node.share - 128) * 8 / 9))
  minimum     = 192
}

setting "regionserver_heap" {
  type        = "integer"
  description = "Heap of a RegionServer: all that the slave has to share out, up to 31 GiB"
  unit        = "MiB"
  on          = "slaves"
  default     = min(31744, floor((node.share - 128) * 8 / 9))
  minimum     = 256
}

setting "bucket_cache" {
  type        = "integer"
  description = "Cache of blocks outside of a RegionServer's heap: what a heap of 31 GiB leaves of a larger slave; 0 is none"
  unit        = "MiB"
  on          = "slaves"
  default     = setting.regionserver_heap >= 31744 && local.beyond_heap >= 1024 ? local.beyond_heap : 0
  minimum     = 0
}

setting "handlers" {
  type        = "integer"
  description = "Threads of a RegionServer for requests: HBase's own 30, four for each vCPU where that is more"
  on          = "slaves"
  default     = max(30, 4 * node.vcpus)
  minimum     = 1
}

setting "session_timeout" {
  type        = "integer"
  description = "Time after which a RegionServer that says nothing is taken for dead; ZooKeeper allows 20 of its ticks, 40000 by default"
  unit        = "ms"
  default     = 40000
  minimum     = 4000
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  master_memory       = ceil(setting.master_heap * 9 / 8) + 128
  beyond_heap         = node.share - ceil(setting.regionserver_heap * 9 / 8) - 128
  direct_memory       = setting.bucket_cache + max(128, ceil(setting.regionserver_heap / 8)) # buffers of HDFS and netty besides
  regionserver_memory = ceil(setting.regionserver_heap * 9 / 8) + 128 + setting.bucket_cache
}

locals {
  java   = "/usr/bin/java"
  quorum = with.zookeeper.servers

  # Of bin/hbase: the configuration, the folder that has `hbase-webapps`, then the jars. HDFS is found by Hadoop's files.
  classpath = join(":", [
    "/etc/hbase", with.hdfs.configuration, install.home,
    "${install.home}/lib/*", "${install.home}/lib/client-facing-thirdparty/*", "${install.home}/lib/jdk11/*",
  ])

  # What HBase's build gives Java 11 and 17 (pom.xml, hbase-surefire.jdk11.flags and jdk17.flags).
  opens = version.java < 11 ? [] : concat(
    ["-Dorg.apache.hbase.thirdparty.io.netty.tryReflectionSetAccessible=true", "--add-modules=jdk.unsupported"],
    [for name in ["java.io", "java.lang", "java.lang.reflect", "java.net", "java.nio", "java.util", "java.util.concurrent", "jdk.internal.ref", "sun.nio.ch"] :
      "--add-opens=java.base/${name}=ALL-UNNAMED"],
    ["--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED", "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED"],
  )
  common = concat(
    ["-XX:+ExitOnOutOfMemoryError", "-Dhbase.home.dir=${install.home}", "-Dhbase.log.dir=/var/log/hbase"],
    with.zookeeper.client_options,
    local.opens,
    ["-classpath", local.classpath],
  )
  daemon = concat(["-Dlog4j2.configurationFile=file:/etc/hbase/log4j2.properties", "-XX:+UseG1GC", "-XX:+ParallelRefProcEnabled"], local.common)
  tool = concat(
    [local.java, "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.configurationFile=file:/etc/hbase/log4j2-tools.properties"],
    local.common,
  )

  # Asks the HMaster for its RegionServers and reads a region of each. It says
  # `Read from TABLE on HOST in 12ms`, or `Regionserver not serving any regions - HOST` of one that has no table's.
  canary = concat(local.tool, ["org.apache.hadoop.hbase.tool.CanaryTool", "-regionserver", "-t", "60000"])
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders. The group is the one that may read by which password ZooKeeper knows clients.

user "hbase" {
  group = "zookeeper"
  home  = "/var/lib/hbase"
}

directory {
  path = "/etc/hbase"
}

directory {
  path  = ["/var/lib/hbase", "/var/lib/hbase/tmp", "/var/log/hbase"]
  owner = "hbase:zookeeper"
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order to start them on a node.

service "master" {
  description = "HBase HMaster"
  on          = "master"
  unit        = "hbase-master"
  user        = "hbase"
  group       = "zookeeper"
  exec        = concat([local.java, "-Xmx${setting.master_heap}m"], local.daemon, ["org.apache.hadoop.hbase.master.HMaster", "start"])
  environment = { HBASE_CONF_DIR = "/etc/hbase", HADOOP_CONF_DIR = with.hdfs.configuration }
  memory      = local.master_memory
  needs_step  = "folders"
  options     = { LimitNOFILE = 65536, SuccessExitStatus = 143, Restart = "always" }

  ready {
    port    = "hbase"
    path    = "/jmx?qry=Hadoop:service=HBase,name=Master,sub=Server"
    timeout = 300
  }
}

# When it is told to end it closes its regions, which writes what memstores hold.
service "regionserver" {
  description     = "HBase RegionServer"
  on              = "slaves"
  unit            = "hbase-regionserver"
  user            = "hbase"
  group           = "zookeeper"
  exec            = concat(
    [local.java, "-Xms${setting.regionserver_heap}m", "-Xmx${setting.regionserver_heap}m", "-XX:MaxDirectMemorySize=${local.direct_memory}m", "-XX:MaxGCPauseMillis=100"],
    local.daemon,
    ["org.apache.hadoop.hbase.regionserver.HRegionServer", "start"],
  )
  environment     = { HBASE_CONF_DIR = "/etc/hbase", HADOOP_CONF_DIR = with.hdfs.configuration }
  memory          = local.regionserver_memory
  max_unavailable = 1
  options         = { LimitNOFILE = 65536, LimitNPROC = 32768, SuccessExitStatus = 143, Restart = "always", TimeoutStopSec = 300 }

  ready {
    port    = "hbase-regionserver-rpc"
    timeout = 300
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports. `users = true` are those that an `allow` block can open, `page` is what a browser looks at. They are HBase's own.

port "hbase" {
  description = "HMaster's web page"
  service     = "master"
  port        = 16010
  users       = true
  page        = "/"
  anybody     = "see all tables, and split and compact them"
}

port "hbase-rpc" {
  description = "HMaster"
  service     = "master"
  port        = 16000
  users       = true
  endpoint    = ""
  anybody     = "create, change and drop all tables"
}

port "hbase-regionserver" {
  description = "RegionServer's web page"
  service     = "regionserver"
  port        = 16030
  users       = true
  anybody     = "see all tables and their requests"
}

protection {
  does_not = [
    "tables and web pages (without Kerberos there is no login)",
    "traffic (nothing is encrypted)",
  ]
}

port "hbase-regionserver-rpc" {
  description = "RegionServer, for clients and the HMaster"
  service     = "regionserver"
  port        = 16020
  users       = true
  anybody     = "read, change and delete all rows"
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

file "hbase-site.xml" {
  format     = "hadoop-xml"
  path       = "/etc/hbase/hbase-site.xml"
  known_keys = ["hbase-site.xml"]
  key_families = [
    "hbase.", "hfile.", "zookeeper.", "dfs.", "fs.", "io.", "ipc.", "hadoop.", "phoenix.", "index.",
  ]
  restarts = ["master", "regionserver"]
  keys = {
    "hbase.cluster.distributed"           = true
    "hbase.rootdir"                       = "${with.hdfs.url}/hbase"
    "hbase.tmp.dir"                       = "/var/lib/hbase/tmp"
    "hbase.zookeeper.quorum"              = local.quorum
    "zookeeper.session.timeout"           = setting.session_timeout

    # Known by their names, whatever an address is called backwards.
    "hbase.master.hostname"               = group.role == "master" ? node.name : null
    "hbase.unsafe.regionserver.hostname"  = group.role == "slave" ? node.name : null
    "hbase.master.port"                   = port.hbase-rpc
    "hbase.master.info.port"              = port.hbase
    "hbase.regionserver.port"             = group.role == "slave" ? port.hbase-regionserver-rpc : null
    "hbase.regionserver.info.port"        = group.role == "slave" ? port.hbase-regionserver : null

    "hbase.regionserver.handler.count"    = group.role == "slave" ? setting.handlers : null
    "hbase.bucketcache.ioengine"          = group.role == "slave" && setting.bucket_cache > 0 ? "offheap" : null
    "hbase.bucketcache.size"              = group.role == "slave" && setting.bucket_cache > 0 ? setting.bucket_cache : null
  }
  protected = {
    "hbase.cluster.distributed"          = "RegionServers are on the slaves"
    "hbase.rootdir"                      = "the folder is made in HDFS before the start"
    "hbase.zookeeper.quorum"             = "it is the cluster's ZooKeeper"
    "hbase.master.hostname"              = "members are known by their names"
    "hbase.unsafe.regionserver.hostname" = "members are known by their names"
    "hbase.unsafe.regionserver.hostname.disable.master.reversedns" = "members are known by their names"
    "hbase.master.port"                  = "security rules are made for this port"
    "hbase.master.info.port"             = "security rules, probes and addresses of web pages are made for this port"
    "hbase.regionserver.port"            = "security rules and probes are made for this port"
    "hbase.regionserver.info.port"       = "security rules are made for this port"
    "hbase.bucketcache.size"             = "it is the setting `bucket_cache`"
  }
  client_keys = ["hbase.zookeeper.quorum", "hbase.master.port"]
}

file "log4j2.properties" {
  format   = "properties"
  path     = "/etc/hbase/log4j2.properties"
  restarts = ["master", "regionserver"]
  keys = {
    "status"                          = "warn"
    "rootLogger.level"                = "INFO"
    "rootLogger.appenderRef.console.ref" = "console"
    "appender.console.type"           = "Console"
    "appender.console.name"           = "console"
    "appender.console.target"         = "SYSTEM_ERR"
    "appender.console.layout.type"    = "PatternLayout"
    "appender.console.layout.pattern" = "%d{ISO8601} %p [%t] %c{2}: %m%n"
    "logger.native.name"              = "org.apache.hadoop.util.NativeCodeLoader"
    "logger.native.level"             = "ERROR"
  }
}

# Of the steps below.
file "log4j2-tools.properties" {
  format = "properties"
  path   = "/etc/hbase/log4j2-tools.properties"
  keys = {
    "status"                          = "warn"
    "rootLogger.level"                = "ERROR"
    "rootLogger.appenderRef.console.ref" = "console"
    "appender.console.type"           = "Console"
    "appender.console.name"           = "console"
    "appender.console.target"         = "SYSTEM_OUT"
    "appender.console.layout.type"    = "PatternLayout"
    "appender.console.layout.pattern" = "%p %c{1}: %m%n"
    "logger.canary.name"              = "org.apache.hadoop.hbase.tool"
    "logger.canary.level"             = "INFO"
  }
}

file "hbase-env.sh" {
  format   = "shell"
  path     = "/etc/hbase/hbase-env.sh"
  template = "hbase-env.sh"
  keys = {
    HBASE_MANAGES_ZK                       = "false"
    HBASE_DISABLE_HADOOP_CLASSPATH_LOOKUP = "true"
    HBASE_CLASSPATH                        = with.hdfs.configuration
    HBASE_LOG_DIR                          = "/tmp"
    HBASE_OPTS                             = join(" ", concat(with.zookeeper.client_options, local.opens))
  }
}

file "hbase-profile.sh" {
  format   = "template"
  path     = "/etc/profile.d/hbase.sh"
  template = "hbase-profile.sh"
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps of the cluster as a whole, on its master.

step "folders" {
  moment  = "before-start"
  timeout = 300
  action = {
    kind   = "http"
    retry  = true # until the NameNode has left its safe mode
    active = with.hdfs.active
    requests = [
      { method = "PUT", url = "${with.hdfs.web}/hbase?op=MKDIRS&user.name=${with.hdfs.administrator}" },
      { method = "PUT", url = "${with.hdfs.web}/hbase?op=SETOWNER&user.name=${with.hdfs.administrator}&owner=hbase&group=hbase" },
      { method = "PUT", url = "${with.hdfs.web}/hbase?op=SETPERMISSION&user.name=${with.hdfs.administrator}&permission=700" },
    ]
  }
}

# Regions of slaves that leave move to others first; a slave that only has regions of system tables counts as empty, as
# these have been moved by the same command.
step "drain-regionservers" {
  moment     = "verify"
  timeout    = 1500
  members_of = "slaves"
  action = {
    kind    = "decommission"
    title   = "RegionServers drained"
    user    = "hbase"
    each    = [concat(local.tool, ["org.apache.hadoop.hbase.util.RegionMover", "-r", "{name}", "-o", "unload", "-f", "/var/lib/hbase/tmp/regions-of-{name}"])]
    command = local.canary
    pattern = "Read from \\S+ on ([a-z0-9.-]+) in"
  }
}

step "regionservers" {
  moment     = "verify"
  timeout    = 600
  members_of = "slaves"
  action = {
    kind    = "command_members"
    title   = "RegionServers of the HMaster"
    user    = "hbase"
    command = local.canary
    pattern = "(?:Read from \\S+ on |not serving any regions - )([a-z0-9.-]+)"
  }
}

# Writes a row to each region of the table `hbase:canary`, which is made with a region for each RegionServer.
step "smoke-test" {
  moment  = "smoke-test"
  timeout = 300
  action = {
    kind     = "job"
    user     = "hbase"
    once     = true
    expect   = "Write to hbase:canary\\S* on \\S+ .*in [0-9]+ms"
    commands = [concat(local.tool, ["org.apache.hadoop.hbase.tool.CanaryTool", "-writeSniffing", "-t", "240000"])]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "hbase" {
  title = "HBase"
  ask = {
    server = "http://127.0.0.1:${port.hbase}/jmx?qry=Hadoop:service=HBase,name=Master,sub=Server"
    moves  = "http://127.0.0.1:${port.hbase}/jmx?qry=Hadoop:service=HBase,name=Master,sub=AssignmentManager"
  }
  facts = [
    { name = "active", from = "server", path = ["beans", 0, "tag.isActiveMaster"], well = ["true"], words = "the HMaster is not active" },
    { name = "region_servers", title = "RegionServers", from = "server", path = ["beans", 0, "numRegionServers"] },
    { name = "load", title = "regions each", from = "server", path = ["beans", 0, "averageLoad"] },
    {
      name  = "stuck"
      title = "regions in transition for long"
      from  = "moves"
      path  = ["beans", 0, "ritCountOverThreshold"]
      well  = ["0"]
      words = "{} regions have been in transition for more than a minute: the HMaster's page names them"
    },
  ]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { lookup = 3 }
  languages = { java = 3, scala = 2, python = 1, native = 1, sql = 0 }
  home      = { cluster = 3 }
  people    = 2
  survives  = 3
  simple    = 1
  answer    = "10 ms"
  volume    = { from = "100 GB", to = "10 PB" }
  delivers  = "at-least-once"
  parts     = { keeps = true, minimum_nodes = 5 }

  source "https://hbase.apache.org/book.html#arch.overview" {
    about = ["work.lookup", "languages.sql", "volume", "minimum_nodes", "home.cluster"]
    says  = "random reads and writes in real time on hundreds of millions of rows or more, with at least five DataNodes; it lacks the query languages of a database"
  }
  source "https://hbase.apache.org/book.html#hbase_apis" {
    about = ["languages.java"]
    says  = "the client is a Java library; others go through a REST or Thrift server"
  }
  source "https://hbase.apache.org/book.html#wal" {
    about = ["survives"]
    says  = "writes are logged first, and replayed where a RegionServer is lost"
  }
}

sizing {
  memory_per_core = 8
}
