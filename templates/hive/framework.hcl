# Apache Hive on HDFS: the metastore with its database, and HiveServer2.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# The processes are started as `java`, without Hive's start scripts (bin/hive and `hadoop jar` below it), with the class
# path that these would give: Hive's jars before Hadoop's.
#
# What runs queries. HiveServer2 turns a query into jobs of MapReduce: on YARN where the cluster has it, otherwise in
# HiveServer2 itself, one task at a time, which is enough for tables of a few MiB. `hive.execution.engine = mr` is
# deprecated since Hive 2 but works; Tez needs an archive of its own (`tez.lib.uris`) and is not set up. Spark and Trino
# need only the metastore: with `hiveserver2 = false` they have the memory.
#
# The metastore's database. `database = "postgresql"` is the distribution's PostgreSQL on the same master, for Hive alone,
# listening on the loopback interface; its data lies in /var/lib/postgresql, so back it up (`pg_dump metastore`). `derby`
# keeps it in a folder that one process may open: for trying out. Tables are made and brought up to date by Hive's own
# MetastoreSchemaTool (`-initOrUpgradeSchema`) before the metastore starts.
#
# How memory is shared out. All sizes are MiB. `node.share` is what the system leaves, or Hive's part of it where other
# frameworks need memory on the same machine. A JVM with a heap of H takes H + H/8 + 128 (the metastore with
# a heap of 235 was seen to take 259, HiveServer2 with 585 took 345), PostgreSQL up to 128 of buffers (its own default) and some
# for each of the ten connections that the metastore holds, 224 in all (77 were seen after the start). HiveServer2 has two
# parts of the rest, the metastore one.
#
# Who may do what. The metastore asks PostgreSQL with a generated secret. Not protected: without Kerberos, LDAP or PAM, none
# of which is of the cluster, neither the metastore nor HiveServer2 asks anybody who he is, and who reaches their ports may
# read and drop everything; they are closed to all but the cluster's own nodes. Queries run as the user `hive`
# unless `impersonation` is set, so HDFS keeps tables from being changed past Hive. Nothing is encrypted.
#
# Clients. /etc/hive/hive-site.xml is on every node. The folder of tables lets everybody make folders in it (1777), because
# Spark writes tables itself, as whoever runs it: in databases that he made, or whose folder HDFS lets him write to.
#
# Not set up: Tez, LLAP, ACID's compactor, HCatalog's WebHCat, several metastores, Kerberos, TLS.

manifest    = 2
description = "Tables over files in HDFS: a metastore, and SQL by HiveServer2"
requires    = ["hdfs"]
uses        = ["yarn"]

provide "hive" {
  values = {
    metastore     = local.metastore # "thrift://…"
    warehouse     = local.warehouse
    configuration = "/etc/hive"
    home          = install.home
    version       = version.name
  }
}

masters {
  maximum = 1
  reason  = "HDFS here has one master, and the metastore's database is beside it"
}

minimum_memory  = { master = 1536 }
reserved_memory = setting.reserved_memory

# ---------------------------------------------------------------------------------------------------------------------
# Versions. Hive's publisher serves SHA-256 only.

version "4.0.1" {
  archive           = "hive/hive-4.0.1/apache-hive-4.0.1-bin.tar.gz"
  sha256_url        = "https://archive.apache.org/dist/hive/hive-4.0.1/apache-hive-4.0.1-bin.tar.gz.sha256"
  java              = [17, 11, 8]
  compatible        = { hadoop = ["3.3", "3.4", "3.5"] }
  compatible_reason = "it is built with the client of Hadoop 3.3, which newer HDFS and YARN of the same line understand"
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "hive"` block may say.

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
  description = "Major version of Java to run on; without it the best that both this Hive and the image have"
}

setting "database" {
  type        = "string"
  description = "Where the metastore keeps what it knows: the distribution's PostgreSQL, or `derby`, for trying out"
  default     = "postgresql"
  one_of      = ["postgresql", "derby"]
  fixed       = true
}

setting "database_secret" {
  type        = "string"
  description = "Password of the metastore in its database; letters and digits"
  secret      = true
  generated   = true
}

setting "hiveserver2" {
  type        = "bool"
  description = "Whether HiveServer2 runs; Spark and Trino need the metastore alone"
  default     = true
}

setting "reserved_memory" {
  type        = "integer"
  description = "Memory left to the operating system"
  unit        = "MiB"
  default     = node.reserved
  minimum     = 0
}

setting "metastore_heap" {
  type        = "integer"
  description = "Heap of the metastore: a third of what is there for Hive, or all without HiveServer2"
  unit        = "MiB"
  on          = "master"
  default     = min(8192, floor((local.for_jvms / (setting.hiveserver2 ? 3 : 1) - 128) * 8 / 9))
  minimum     = 192
}

setting "hiveserver2_heap" {
  type        = "integer"
  description = "Heap of HiveServer2: two thirds of what is there for Hive; it compiles queries, holds results and, without YARN, runs tasks"
  unit        = "MiB"
  on          = "master"
  when        = setting.hiveserver2
  default     = min(16384, floor((local.for_jvms * 2 / 3 - 128) * 8 / 9))
  minimum     = 256
}

setting "metastore_threads" {
  type        = "integer"
  description = "Connections that the metastore serves at once (Hive's own is 1000, on machines that do nothing else)"
  default     = 200
  minimum     = 10
}

setting "sessions" {
  type        = "integer"
  description = "Queries that HiveServer2 runs at once (Hive's own is 100)"
  default     = 100
  minimum     = 1
}

setting "impersonation" {
  type        = "bool"
  description = "Whether queries run as whoever asks for them (`hive.server2.enable.doAs`), not as `hive`: then HDFS decides who reads a table"
  default     = false
}

setting "warehouse" {
  type        = "string"
  description = "Folder of tables in HDFS"
  default     = "/user/hive/warehouse"
  not_empty   = true
  fixed       = true
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  database_memory    = setting.database == "postgresql" ? 224 : 0
  for_jvms           = node.share - local.database_memory
  metastore_memory   = ceil(setting.metastore_heap * 9 / 8) + 128
  hiveserver2_memory = setting.hiveserver2 ? ceil(setting.hiveserver2_heap * 9 / 8) + 128 : 0
}

locals {
  java      = "/usr/bin/java"
  metastore = "thrift://${cluster.master}:${port.hive-metastore}"
  warehouse = "${with.hdfs.url}${setting.warehouse}"
  postgres  = setting.database == "postgresql"

  # Of bin/hive: the configuration, Hive's jars, then Hadoop's.
  hadoop = "${with.hdfs.home}/share/hadoop"
  classpath = join(":", concat(
    ["/etc/hive", with.hdfs.configuration, "${install.home}/lib/*"],
    local.postgres ? ["/usr/share/java/postgresql.jar"] : [],
    flatten([for part in ["common", "hdfs", "mapreduce", "yarn"] : ["${local.hadoop}/${part}/lib/*", "${local.hadoop}/${part}/*"]]),
  ))

  # What Hive's build gives Java 17 (pom.xml of 4.1, maven.test.jvm.args).
  opens = version.java < 17 ? [] : [for name in [
    "java.lang", "java.lang.ref", "java.lang.reflect", "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.regex",
    "java.util.zip", "java.net", "java.nio", "java.io", "java.math", "java.text", "java.time", "jdk.internal.ref", "sun.nio.ch",
  ] : "--add-opens=java.base/${name}=ALL-UNNAMED"]
  common = concat(
    ["-XX:+ExitOnOutOfMemoryError", "-Dhive.home=${install.home}", "-Dproc_hive", "-Djava.io.tmpdir=/var/lib/hive/tmp", "-Dderby.stream.error.file=/var/lib/hive/tmp/derby.log"],
    local.opens,
  )
  daemon = concat(["-Dlog4j2.configurationFile=/etc/hive/log4j2.properties"], local.common, ["-cp", local.classpath])
  tool   = concat([local.java, "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.configurationFile=/etc/hive/log4j2-tools.properties"], local.common, ["-cp", local.classpath])

  jdbc        = local.postgres ? "jdbc:postgresql://127.0.0.1:${port.hive-database}/metastore" : "jdbc:derby:;databaseName=/var/lib/hive/metastore;create=true"
  driver      = local.postgres ? "org.postgresql.Driver" : "org.apache.derby.jdbc.EmbeddedDriver"
  schema_type = local.postgres ? "postgres" : "derby"
  schema = concat(local.tool, [
    "org.apache.hadoop.hive.metastore.tools.schematool.MetastoreSchemaTool", "-dbType", local.schema_type, "-initOrUpgradeSchema",
  ])

  administrator = "user.name=${with.hdfs.administrator}"
  folders = {
    "/user/hive"           = { mode = "755", owner = "hive" }
    "${setting.warehouse}" = { mode = "1777", owner = "hive" }
    "/tmp/hive"            = { mode = "1733", owner = "hive" }
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Packages, accounts and folders.

packages {
  names = setting.database == "postgresql" ? ["postgresql", "libpostgresql-jdbc-java"] : []
  on    = ["master"]
}

user "hive" {
  group = "hadoop"
  home  = "/var/lib/hive"
  on    = ["master"]
}

directory {
  path = "/etc/hive"
}

directory {
  path       = "/var/lib/hive"
  owner      = "hive:hadoop"
  mode       = "0750"
  holds_data = true
  on         = ["master"]
}

directory {
  path  = "/var/lib/hive/tmp"
  owner = "hive:hadoop"
  mode  = "0750"
  on    = ["master"]
}

directory {
  path       = "/var/lib/postgresql"
  owner      = "postgres:postgres"
  mode       = "0755"
  holds_data = true
  on         = ["master"]
  when       = setting.database == "postgresql"
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order to start them.

service "database" {
  description = "PostgreSQL of the metastore"
  on          = "master"
  when        = setting.database == "postgresql"
  unit        = "postgresql"
  packaged    = true
  memory      = local.database_memory
  stores_data = true

  ready {
    command = ["pg_isready", "--quiet", "--host=127.0.0.1", "--port=${port.hive-database}"]
    timeout = 120
  }
}

service "metastore" {
  description         = "Hive metastore"
  on                  = "master"
  unit                = "hive-metastore"
  user                = "hive"
  group               = "hadoop"
  exec                = concat([local.java, "-Xmx${setting.metastore_heap}m"], local.daemon, ["org.apache.hadoop.hive.metastore.HiveMetaStore", "-p", "${port.hive-metastore}"])
  environment         = { HIVE_HOME = install.home, METASTORE_HOME = install.home, HADOOP_HOME = with.hdfs.home, HADOOP_CONF_DIR = with.hdfs.configuration }
  memory              = local.metastore_memory
  needs_step          = "schema"
  stores_data         = true
  success_exit_status = 143

  ready {
    port    = "hive-metastore"
    timeout = 300
  }
}

service "hiveserver2" {
  description         = "HiveServer2"
  on                  = "master"
  when                = setting.hiveserver2
  unit                = "hive-server2"
  user                = "hive"
  group               = "hadoop"
  exec                = concat([local.java, "-Xmx${setting.hiveserver2_heap}m"], local.daemon, ["org.apache.hive.service.server.HiveServer2"])
  environment         = { HIVE_HOME = install.home, METASTORE_HOME = install.home, HADOOP_HOME = with.hdfs.home, HADOOP_CONF_DIR = with.hdfs.configuration }
  memory              = local.hiveserver2_memory
  needs_step          = "folders"
  success_exit_status = 143

  ready {
    port    = "hive"
    timeout = 300
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports.

port "hive-metastore" {
  description = "Hive metastore, without a login"
  service     = "metastore"
  port        = 9083
  users       = true
  anybody     = "read, change and drop all tables' definitions"
  endpoint    = "thrift://"
}

protection {
  does = "the metastore's database (a generated secret)"
  does_not = [
    "metastore and HiveServer2 (without Kerberos, LDAP or PAM there is no login)",
    "traffic (nothing is encrypted)",
  ]
}

port "hive" {
  description = "HiveServer2 for JDBC and ODBC, without a login"
  service     = "hiveserver2"
  port        = 10000
  users       = true
  anybody     = "read, change and drop all tables"
  when        = setting.hiveserver2
  endpoint    = ""
}

port "hive-ui" {
  description = "HiveServer2's web page, without a login"
  service     = "hiveserver2"
  port        = 10002
  users       = true
  anybody     = "see queries and settings"
  when        = setting.hiveserver2
  page        = "/"
}

port "hive-database" {
  description = "PostgreSQL of the metastore, on the loopback interface only"
  service     = "database"
  port        = 5432
  when        = setting.database == "postgresql"
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

file "hive-site.xml" {
  format       = "hadoop-xml"
  path         = "/etc/hive/hive-site.xml"
  known_keys   = ["hive-site.xml"]
  key_families = ["hive.", "metastore.", "datanucleus.", "javax.jdo.", "mapreduce.", "mapred.", "yarn.", "tez.", "fs.", "dfs.", "hadoop.", "parquet.", "orc.", "iceberg."]
  restarts     = ["metastore", "hiveserver2"]
  keys = {
    "hive.metastore.uris"          = local.metastore
    "hive.metastore.warehouse.dir" = local.warehouse
    "hive.execution.engine"        = "mr"
    "hive.exec.scratchdir"         = "/tmp/hive"

    # A job's JVM on Java 17 reads a plan that was written by reflection.
    "mapreduce.map.env.JDK_JAVA_OPTIONS"    = version.java < 17 ? null : join(" ", local.opens)
    "mapreduce.reduce.env.JDK_JAVA_OPTIONS" = version.java < 17 ? null : join(" ", local.opens)
  }
  protected = {
    "hive.metastore.uris"                   = "every client finds the metastore by it"
    "hive.metastore.warehouse.dir"          = "it is the setting `warehouse`, whose folder is made before the start"
    "javax.jdo.option.ConnectionURL"        = "it is the setting `database`; hivemetastore-site.xml has it"
    "javax.jdo.option.ConnectionPassword"   = "it is the setting `database_secret`, which is never shown"
    "javax.jdo.option.ConnectionDriverName" = "it is the setting `database`; hivemetastore-site.xml has it"
    "hive.server2.thrift.port"              = "security rules and probes are made for this port"
    "hive.server2.webui.port"               = "security rules, probes and addresses of web pages are made for this port"
  }
  client_keys = ["hive.metastore.uris", "hive.metastore.warehouse.dir"]
}

# Read by the metastore alone.
file "hivemetastore-site.xml" {
  format       = "hadoop-xml"
  path         = "/etc/hive/hivemetastore-site.xml"
  owner        = "root:hadoop"
  mode         = "0640"
  on           = ["master"]
  key_families = ["hive.", "metastore.", "datanucleus.", "javax.jdo."]
  restarts     = ["metastore"]
  keys = {
    "javax.jdo.option.ConnectionURL"        = local.jdbc
    "javax.jdo.option.ConnectionDriverName" = local.driver
    "javax.jdo.option.ConnectionUserName"   = "hive"
    "javax.jdo.option.ConnectionPassword"   = setting.database_secret

    "metastore.server.max.threads"                  = setting.metastore_threads
    "metastore.schema.verification"                 = true
    "hive.metastore.event.db.notification.api.auth" = false
  }
  protected = {
    "javax.jdo.option.ConnectionURL"        = "it is the setting `database`"
    "javax.jdo.option.ConnectionDriverName" = "it is the setting `database`"
    "javax.jdo.option.ConnectionUserName"   = "the account is made before the start"
    "javax.jdo.option.ConnectionPassword"   = "it is the setting `database_secret`, which is never shown"
  }
}

# Read by HiveServer2 alone.
file "hiveserver2-site.xml" {
  format       = "hadoop-xml"
  path         = "/etc/hive/hiveserver2-site.xml"
  on           = ["master"]
  when         = setting.hiveserver2
  known_keys   = ["hive-site.xml"]
  key_families = ["hive.", "mapreduce.", "mapred.", "yarn.", "tez."]
  restarts     = ["hiveserver2"]
  keys = {
    "hive.server2.thrift.port" = port.hive
    "hive.server2.webui.port"  = port.hive-ui
    "hive.server2.enable.doAs" = setting.impersonation

    # It may be there before the metastore is; its own is a minute.
    "hive.server2.sleep.interval.between.start.attempts" = "5s"
    "hive.server2.thrift.max.worker.threads"             = max(100, 2 * setting.sessions)
    "hive.server2.async.exec.threads"                    = setting.sessions
    "hive.server2.logging.operation.log.location"        = "/var/lib/hive/tmp/operation_logs"
    "hive.exec.local.scratchdir"                         = "/var/lib/hive/tmp"
    "hive.downloaded.resources.dir"                      = "/var/lib/hive/tmp/$${hive.session.id}_resources"

    # Small tables of a join are read in HiveServer2; a process of its own would need Hadoop's commands and memory besides.
    "hive.exec.submit.local.task.via.child" = false

    # Tasks need it, and Hadoop 3.5 brings it no more.
    "hive.aux.jars.path" = "file://${install.home}/lib/commons-collections-3.2.2.jar"

    # Hive brings no locks without ACID's transactions.
    "hive.support.concurrency" = false
  }
  protected = {
    "hive.server2.enable.doAs" = "it is the setting `impersonation`"
    "hive.server2.thrift.port" = "security rules and probes are made for this port"
    "hive.server2.webui.port"  = "security rules, probes and addresses of web pages are made for this port"
  }
}

file "database.sql" {
  format   = "template"
  path     = "/etc/hive/database.sql"
  template = "database.sql"
  owner    = "root:postgres"
  mode     = "0640"
  on       = ["master"]
  when     = setting.database == "postgresql"
}

file "log4j2.properties" {
  format   = "properties"
  path     = "/etc/hive/log4j2.properties"
  on       = ["master"]
  restarts = ["metastore", "hiveserver2"]
  keys = {
    "status"                             = "warn"
    "rootLogger.level"                   = "INFO"
    "rootLogger.appenderRef.console.ref" = "console"
    "appender.console.type"              = "Console"
    "appender.console.name"              = "console"
    "appender.console.target"            = "SYSTEM_ERR"
    "appender.console.layout.type"       = "PatternLayout"
    "appender.console.layout.pattern"    = "%p [%t] %c{2}: %m%n"
    "logger.nucleus.name"                = "DataNucleus"
    "logger.nucleus.level"               = "ERROR"
    "logger.native.name"                 = "org.apache.hadoop.util.NativeCodeLoader"
    "logger.native.level"                = "ERROR"
  }
}

# Of the steps below.
file "log4j2-tools.properties" {
  format = "properties"
  path   = "/etc/hive/log4j2-tools.properties"
  on     = ["master"]
  keys = {
    "status"                             = "warn"
    "rootLogger.level"                   = "WARN"
    "rootLogger.appenderRef.console.ref" = "console"
    "appender.console.type"              = "Console"
    "appender.console.name"              = "console"
    "appender.console.target"            = "SYSTEM_ERR"
    "appender.console.layout.type"       = "PatternLayout"
    "appender.console.layout.pattern"    = "%p %c{1}: %m%n"
  }
}

file "smoke-test.sql" {
  format   = "template"
  path     = "/etc/hive/smoke-test.sql"
  template = "smoke-test.sql"
  on       = ["master"]
  when     = setting.hiveserver2
}

file "hive-profile.sh" {
  format   = "template"
  path     = "/etc/profile.d/hive.sh"
  template = "hive-profile.sh"
  on       = ["master"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Keys in files of others: Spark's drivers find the metastore, and speak to it with Hive's own client, because that of Spark
# is Hive 2.3's, whose calls this metastore has no more (seen: "Invalid method name: 'get_table'"). A driver on YARN may be on
# any node, so every node has Hive's jars. HDFS and YARN let HiveServer2 act for its users.

contribute "spark/spark-defaults.conf" {
  keys = {
    "spark.sql.catalogImplementation"    = "hive"
    "spark.hadoop.hive.metastore.uris"   = local.metastore
    "spark.sql.hive.metastore.version"   = version.name
    "spark.sql.hive.metastore.jars"      = "path"
    "spark.sql.hive.metastore.jars.path" = "file://${install.home}/lib/*.jar"
  }
}

contribute "hadoop/core-site.xml" {
  when = setting.impersonation
  keys = {
    "hadoop.proxyuser.hive.hosts"  = cluster.master
    "hadoop.proxyuser.hive.groups" = "*"
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps of the cluster as a whole, on its master.

# The account and the database are made once; the password is always the one that the metastore has. Then Hive's own tool
# makes the tables, or brings them up to date.
step "schema" {
  moment  = "before-start"
  timeout = 600
  action = {
    kind        = "command"
    environment = { HIVE_HOME = install.home, METASTORE_HOME = install.home, HADOOP_HOME = with.hdfs.home, HADOOP_CONF_DIR = with.hdfs.configuration }
    commands = concat(
      local.postgres ? [["runuser", "-u", "postgres", "--", "psql", "--quiet", "--set=ON_ERROR_STOP=1", "--file=/etc/hive/database.sql"]] : [],
      [concat(["runuser", "-u", "hive", "--"], local.schema)],
    )
  }
}

step "folders" {
  moment  = "before-start"
  timeout = 300
  action = {
    kind  = "http"
    retry = true # until the NameNode has left its safe mode
    requests = flatten([for folder, is in local.folders : [
      { method = "PUT", url = "${with.hdfs.web}${folder}?op=MKDIRS&${local.administrator}" },
      { method = "PUT", url = "${with.hdfs.web}${folder}?op=SETOWNER&${local.administrator}&owner=${is.owner}&group=hadoop" },
      { method = "PUT", url = "${with.hdfs.web}${folder}?op=SETPERMISSION&${local.administrator}&permission=${is.mode}" },
    ]])
  }
}

# A table is made, filled by a job, summed up by another and dropped.
step "smoke-test" {
  when    = setting.hiveserver2
  moment  = "smoke-test"
  timeout = 600
  action = {
    kind        = "job"
    user        = "hive"
    environment = { HIVE_HOME = install.home, METASTORE_HOME = install.home, HADOOP_HOME = with.hdfs.home, HADOOP_CONF_DIR = with.hdfs.configuration }
    once        = true
    expect      = "sum is 42"
    commands = [concat(local.tool, [
      "org.apache.hive.beeline.BeeLine", "-u", "jdbc:hive2://${cluster.master}:${port.hive}/default", "-n", "hive", "--silent=true", "--outputformat=tsv2", "-f", "/etc/hive/smoke-test.sql",
    ])]
  }
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { sql = 3, batch = 2, lookup = 0 }
  languages = { sql = 3, java = 1, scala = 1, python = 1 }
  code      = { hive = 3 }
  home      = { cluster = 3, object = 2, loaded = 1 }
  people    = 2
  survives  = 2
  simple    = 1
  answer    = "1 min"
  volume    = { from = "100 GB", to = "100 PB" }
  parts     = { fills = ["tables"], needs = ["storage", "scheduler"], minimum_nodes = 3 }
  beside    = { hiveserver2 = false } # whoever reads the tables has its memory

  source "https://cwiki.apache.org/confluence/display/Hive/Home" {
    about = ["work.sql", "work.lookup", "languages.sql", "code.hive", "home.cluster"]
    says  = "SQL over large data that only grows, in distributed storage: for batches of a warehouse, not for transactions or single rows"
  }
}

sizing {
  memory_per_core = 4
  throughput      = 10 # our estimate
}
