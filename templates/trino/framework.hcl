# Trino: a coordinator on the master, a worker on every slave, and catalogs of what the cluster has.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# The server is started as `java` with what Trino's own launcher would give it (`bin/launcher run`; jvm.config of its
# documentation, "Deploying Trino"). It wants Java 24 or newer: of the images here Debian 13 and Ubuntu 24.04 have Java 25. A
# cluster that has Hadoop too, which wants Java 17, needs an image with both: Ubuntu 24.04. `/usr/bin/java` is the newest.
#
# How memory is shared out. All sizes are MiB. `node.share` is what the system leaves, or Trino's part of it where other
# frameworks need memory on the same machines. A JVM with a heap of H takes H + H/8 + 512: code of compiled queries and of a
# hundred plugins (with a heap of 768 it was seen to take 870 after its first queries, a worker with 1000 took 550 before). The heap is all of the share;
# Trino's own rule is 80 % of the machine. A query may have 30 % of it on each node (`query.max-memory-per-node`) and
# 30 % stay for what is not counted (`memory.heap-headroom-per-node`): these are Trino's own.
#
# Who may do what. People speak to the coordinator by HTTPS and say who they are: the account `admin` has a generated
# password, more are lines of /var/lib/trino/password.db (`htpasswd -B`, read every five seconds). The certificate is made on
# the master and signed by itself; /etc/trino/trino.crt is what clients need to trust it. Nodes know each other by a
# generated secret. Only `admin` may drain workers and see nodes. Whoever has an account may read and write all catalogs.
# Not protected: what nodes say to each other is not encrypted; their port is closed to all but the cluster's own nodes.
#
# Leaving and growing. A worker that leaves takes no tasks any more (`DRAINING`) and goes when its last one has ended;
# a worker that is lost fails the queries that it worked on. A new one gets work at once. The coordinator has no data: a lost
# one is made again, with another certificate.
#
# Catalogs. `hive` where the cluster has Hive, with Hadoop's own files; `tpch` (made-up tables) and `memory` with
# `samples`. Other catalogs need a file in /etc/trino/catalog of every node.
#
# Not set up: fault-tolerant execution (an exchange), spill to disk, resource groups, LDAP, OAuth, several coordinators.

manifest    = 2
description = "SQL over what other systems store, by many workers at once"
needs       = ["slaves"]
uses        = ["hive", "hdfs"]

provide "trino" {
  values = {
    url         = "https://${cluster.master}:${port.trino}"
    certificate = "/etc/trino/trino.crt"
    user        = "admin"
    password    = setting.password
  }
}

masters {
  maximum = 1
  reason  = "a Trino cluster has one coordinator"
}

minimum_memory = { master = 1536, slave = 1536 }

# ---------------------------------------------------------------------------------------------------------------------
# Versions. Since 477 the publisher has archives on GitHub only. Maven Central serves SHA-1 and a signature; the SHA-512
# is of the archive that has this SHA-1: c9b38be4017ebd2f7095455aaac772fb40247ebe.

version "476" {
  archive = "io/trino/trino-server/476/trino-server-476.tar.gz"
  sha512  = "fe5e5b8cb2d71e8ccaccfc2acb60f88d43686a2a77b239bfd4fda6d2b0a5016e01f3bfad078954928de9b88f76b55023871c2b0efb83b609d9300906813ac7c2"
  java    = [25, 24]
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "trino"` block may say.

setting "mirrors" {
  type        = "list(url)"
  not_empty   = true
  description = "Roots of the mirrors to fetch the archive from, best first"
  default     = ["https://repo.maven.apache.org/maven2", "https://repo1.maven.org/maven2"]
}

setting "sha512" {
  type        = "sha512"
  description = "SHA-512 that the archive must have; without it the one that the manifest knows"
}

setting "java" {
  type        = "integer"
  description = "Major version of Java to run on; without it the best that both this Trino and the image have"
}

setting "coordinator_heap" {
  type        = "integer"
  description = "Heap of the coordinator"
  unit        = "MiB"
  on          = "master"
  default     = min(65536, floor((node.share - 512) * 8 / 9))
  minimum     = 640
}

setting "worker_heap" {
  type        = "integer"
  description = "Heap of a worker"
  unit        = "MiB"
  on          = "slaves"
  default     = floor((node.share - 512) * 8 / 9)
  minimum     = 640
}

setting "query_memory" {
  type        = "size"
  description = "Memory that a query may have on all workers together; on each it has 30 % of the heap"
  default     = "20g"
}

setting "samples" {
  type        = "bool"
  description = "Whether there are the catalogs `tpch`, made-up tables for trying out, and `memory`, tables that are lost at a restart"
  default     = true
}

setting "password" {
  type        = "string"
  description = "Password of the account `admin`; letters and digits"
  secret      = true
  generated   = true
}

setting "internal_secret" {
  type        = "string"
  description = "Secret by which the nodes know each other; letters and digits"
  secret      = true
  generated   = true
}

setting "names" {
  type        = "list(string)"
  description = "Further names of the coordinator in its certificate, as in [\"DNS:trino.example.org\", \"IP:203.0.113.5\"]"
  default     = []
}

setting "grace" {
  type        = "duration"
  description = "How long a worker that leaves waits for the coordinator to notice, before and after its last task"
  default     = "10s"
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  coordinator_memory = ceil(setting.coordinator_heap * 9 / 8) + 512
  worker_memory      = ceil(setting.worker_heap * 9 / 8) + 512
  heap               = group.role == "master" ? setting.coordinator_heap : setting.worker_heap
}

locals {
  java    = "/usr/bin/java"
  master  = group.role == "master"
  etc     = "/etc/trino"
  data    = length(node.disks) == 0 ? "/var/lib/trino/data" : "${node.disks[0]}/trino"
  inside  = "http://${cluster.master}:${port.trino-internal}"
  pem     = "/var/lib/trino/trino.pem" # its key too
  query   = ["/usr/bin/python3", "/var/lib/trino/trino_nodes.py"]
  hadoop  = has.hdfs ? "${with.hdfs.configuration}/core-site.xml,${with.hdfs.configuration}/hdfs-site.xml" : null
  subject = join(",", concat(["DNS:${node.name}", "IP:${node.address}", "DNS:localhost", "IP:127.0.0.1"], setting.names))

  # jvm.config of the documentation ("Deploying Trino", JVM config), and what a plugin of vectors asks for.
  exec = concat(
    [
      local.java, "-Xmx${local.heap}m", "-XX:InitialRAMPercentage=20", "-XX:G1HeapRegionSize=${local.heap >= 4096 ? 32 : 4}M", "-XX:+ExplicitGCInvokesConcurrent",
      "-XX:+ExitOnOutOfMemoryError", "-XX:-OmitStackTraceInFastThrow", "-XX:ReservedCodeCacheSize=${local.heap >= 4096 ? 512 : 256}M",
      "-XX:PerMethodRecompilationCutoff=10000", "-XX:PerBytecodeRecompilationCutoff=10000", "-Djdk.attach.allowAttachSelf=true",
      "-Djdk.nio.maxCachedBufferSize=2000000", "-Dfile.encoding=UTF-8", "-XX:+EnableDynamicAgentLoading",
      "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "--add-modules=jdk.incubator.vector",
      "-Dnode.environment=${local.environment}", "-Dnode.id=${node.name}", "-Dnode.data-dir=${local.data}", "-Dnode.internal-address=${node.address}",
      "-Dlog.levels-file=/etc/trino/log.properties", "-Dconfig=/etc/trino/config.properties", "-cp", "${install.home}/lib/*",
      "io.trino.server.TrinoServer",
    ],
  )
  environment = replace(lower(cluster.name), "-", "_")
}

# ---------------------------------------------------------------------------------------------------------------------
# Packages, accounts and folders.

packages {
  names = ["openssl"]
  on    = ["master"]
}

user "trino" {
  home = "/var/lib/trino"
}

directory {
  path = [local.etc, "${local.etc}/catalog"]
}

directory {
  path  = "/var/lib/trino"
  owner = "trino:trino"
}

directory {
  path  = local.data
  owner = "trino:trino"
  mode  = "0750"
}

# ---------------------------------------------------------------------------------------------------------------------
# Services. Trino's plugins are found from the folder that it is started in.

service "coordinator" {
  description         = "Trino coordinator"
  on                  = "master"
  unit                = "trino-coordinator"
  user                = "trino"
  exec                = local.exec
  memory              = local.coordinator_memory
  needs_step          = "accounts"
  success_exit_status = 143
  options             = { LimitNOFILE = 131072, WorkingDirectory = install.home }

  # Its pages are there before its catalogs are.
  ready {
    command = concat(local.query, ["list"])
    user    = "trino"
    timeout = 600
  }
}

# A worker that was drained ends by itself and is not started again.
service "worker" {
  description         = "Trino worker"
  on                  = "slaves"
  unit                = "trino-worker"
  user                = "trino"
  exec                = local.exec
  memory              = local.worker_memory
  success_exit_status = 143
  options             = { LimitNOFILE = 131072, WorkingDirectory = install.home }

  ready {
    port    = "trino-internal"
    path    = "/v1/info"
    timeout = 600
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports.

port "trino" {
  description = "Trino for clients, and its web page, by HTTPS"
  service     = "coordinator"
  port        = 8443
  users       = true
  endpoint    = "https://"
}

protection {
  does = [
    "clients (HTTPS with a certificate of its own, and a password)",
    "nodes among themselves (a generated secret)",
  ]
  does_not = [
    "traffic among nodes (not encrypted)",
    "catalogs from each other's users (who has an account may read and write all)",
  ]
}

port "trino-internal" {
  description = "Nodes of Trino for each other"
  on          = ["master", "slaves"]
  port        = 8090
  differs     = "Trino's default, 8080, is that of Spark's master and of many web pages"
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

file "config.properties" {
  format       = "properties"
  path         = "/etc/trino/config.properties"
  owner        = "root:trino"
  mode         = "0640"
  known_keys   = ["config.properties"]
  key_families = ["catalog.", "event-listener.", "http-server.", "http-client.", "web-ui.", "exchange.", "protocol.", "oauth2-jwk."]
  restarts     = ["coordinator", "worker"]
  keys = {
    "coordinator"                          = local.master
    "node-scheduler.include-coordinator"   = local.master ? false : null
    "discovery.uri"                        = local.inside
    "http-server.http.port"                = port.trino-internal
    "internal-communication.shared-secret" = setting.internal_secret
    "http-server.https.enabled"            = local.master ? true : null
    "http-server.https.port"               = local.master ? port.trino : null
    "http-server.https.keystore.path"      = local.master ? local.pem : null
    "http-server.authentication.type"      = local.master ? "PASSWORD" : null
    "management.user"                      = local.master ? null : "admin"
    "query.max-memory"                     = "${upper(setting.query_memory)}B"
    "shutdown.grace-period"                = setting.grace
    "catalog.config-dir"                   = "/etc/trino/catalog"
    "plugin.dir"                           = "${install.home}/plugin"
    "password-authenticator.config-files"  = local.master ? "/etc/trino/password-authenticator.properties" : null
    "access-control.config-files"          = "/etc/trino/access-control.properties"
  }
  protected = {
    "coordinator"                          = "the coordinator is on the master"
    "discovery.uri"                        = "workers find the coordinator by it"
    "http-server.http.port"                = "security rules and probes are made for this port"
    "http-server.https.port"               = "security rules and addresses of web pages are made for this port"
    "internal-communication.shared-secret" = "it is the setting `internal_secret`, which is never shown"
    "query.max-memory"                     = "it is the setting `query_memory`"
    "shutdown.grace-period"                = "it is the setting `grace`"
  }
}

file "log.properties" {
  format   = "properties"
  path     = "/etc/trino/log.properties"
  restarts = ["coordinator", "worker"]
  keys     = { "io.trino" = "INFO" }
}

file "password-authenticator.properties" {
  format   = "properties"
  path     = "/etc/trino/password-authenticator.properties"
  on       = ["master"]
  restarts = ["coordinator"]
  keys = {
    "password-authenticator.name" = "file"
    "file.password-file"          = "/var/lib/trino/password.db"
  }
}

file "access-control.properties" {
  format   = "properties"
  path     = "/etc/trino/access-control.properties"
  restarts = ["coordinator", "worker"]
  keys = {
    "access-control.name"     = "file"
    "security.config-file"    = "/etc/trino/rules.json"
    "security.refresh-period" = "5s"
  }
}

file "rules.json" {
  format   = "template"
  path     = "/etc/trino/rules.json"
  template = "rules.json"
}

file "tpch.properties" {
  format   = "properties"
  path     = "/etc/trino/catalog/tpch.properties"
  when     = setting.samples
  restarts = ["coordinator", "worker"]
  keys     = { "connector.name" = "tpch" }
}

file "memory.properties" {
  format   = "properties"
  path     = "/etc/trino/catalog/memory.properties"
  when     = setting.samples
  restarts = ["coordinator", "worker"]
  keys     = { "connector.name" = "memory" }
}

file "hive.properties" {
  format       = "properties"
  path         = "/etc/trino/catalog/hive.properties"
  when         = has.hive
  key_families = ["hive.", "fs.", "parquet.", "orc.", "s3."]
  restarts     = ["coordinator", "worker"]
  keys = {
    "connector.name"                        = "hive"
    "hive.metastore.uri"                    = with.hive.metastore
    "fs.hadoop.enabled"                     = true
    "hive.config.resources"                 = local.hadoop
    "hive.non-managed-table-writes-enabled" = true
  }
}

# The account that the steps below have.
file "account" {
  format   = "template"
  path     = "/etc/trino/account"
  template = "account"
  owner    = "root:trino"
  mode     = "0640"
  on       = ["master"]
}

file "trino_nodes.py" {
  format   = "template"
  path     = "/var/lib/trino/trino_nodes.py"
  template = "trino_nodes.py"
  on       = ["master"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps of the cluster as a whole, on its master.

step "certificate" {
  moment  = "before-start"
  timeout = 60
  action = {
    kind          = "command"
    unless_exists = "/etc/trino/trino.crt"
    commands = [
      [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "3650", "-subj", "/CN=${cluster.master}",
        "-addext", "subjectAltName=${local.subject}", "-keyout", local.pem, "-out", local.pem,
      ],
      ["chown", "root:trino", local.pem],
      ["chmod", "0640", local.pem],
      ["openssl", "x509", "-in", local.pem, "-out", "/etc/trino/trino.crt"],
    ]
  }
}

step "accounts" {
  moment  = "before-start"
  timeout = 60
  action = {
    kind     = "command"
    user     = "trino"
    commands = [concat(local.query, ["account"])]
  }
}

# Workers that leave take no work any more, and are gone from the list when they have ended.
step "drain" {
  moment     = "verify"
  timeout    = 1800
  members_of = "slaves"
  action = {
    kind    = "decommission"
    title   = "Trino workers drained"
    user    = "trino"
    each    = [concat(local.query, ["drain", "{name}"])]
    command = concat(local.query, ["list"])
    pattern = "worker ([a-zA-Z0-9.-]+)"
  }
}

step "workers" {
  moment     = "verify"
  timeout    = 600
  members_of = "slaves"
  action = {
    kind    = "command_members"
    title   = "Trino workers"
    user    = "trino"
    command = concat(local.query, ["list"])
    pattern = "worker ([a-zA-Z0-9.-]+)"
  }
}

# Made-up orders are counted by the workers.
step "smoke-test" {
  when    = setting.samples
  moment  = "smoke-test"
  timeout = 300
  action = {
    kind     = "job"
    user     = "trino"
    once     = true
    expect   = "15000"
    commands = [concat(local.query, ["query", "SELECT count(*) FROM tpch.tiny.orders"])]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "trino" {
  title = "Trino"
  ask   = { info = "http://127.0.0.1:${port.trino-internal}/v1/info" }
  facts = [
    { name = "version", from = "info", path = ["nodeVersion", "version"] },
    { name = "starting", from = "info", path = ["starting"], well = ["false"], words = "the coordinator is still starting" },
  ]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { sql = 3, lookup = 0 }
  languages = { sql = 3, python = 1, java = 1 }
  home      = { object = 3, cluster = 2, loaded = 1 }
  people    = 2
  survives  = 1
  simple    = 2
  answer    = "1 s"
  volume    = { from = "100 GB", to = "10 PB" }
  parts     = { needs = ["storage", "tables"], minimum_nodes = 2 }

  source "https://trino.io/docs/current/overview/use-cases.html" {
    about = ["work.sql", "work.lookup", "languages.sql", "home.object"]
    says  = "analytics over warehouses and data lakes with standard SQL; not a general database, and not for transactions"
  }
}

sizing {
  memory_per_core = 8
  throughput      = 30 # our estimate
}
