# Apache Kafka on KRaft: brokers on the slaves, and a quorum of controllers.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# Which nodes. Every slave is a broker. The controllers are chosen once, when the cluster is created: masters first, then
# nodes 0, 1, … of one group of slaves. Controllers and brokers are separate processes, also where they are on the same
# machine: Kafka's documentation advises against combined ones ("Combined mode is not recommended in critical deployment
# environments", operations/kraft), and then every slave runs the same broker whether or not it has a controller. An idle
# controller was seen to take 210 MiB. For controllers on machines of their own, give the cluster as many masters as
# `controllers`: a master runs no broker.
#
# Who is who. A broker's `node.id` is `node.number`, below 2^24 and the same after the node was replaced; a controller's is
# 1000000000 and its place in the ensemble, so that the two never meet. The quorum is static (`controller.quorum.voters`),
# so a controller that comes back on an empty disk is the same voter and copies the log from the leader; in a dynamic
# quorum it would be a new one that somebody has to add. Never replace more than one controller at a time.
# (Seen: a node with broker and controller lost with its disk and replaced; both had their old numbers and caught up.)
#
# How memory is shared out. All sizes are MiB. A heap of H takes H + H/8 + 128 (a broker with a heap of 200 was seen to take
# 338, a controller 210). A broker gets a quarter of its share, at most 6144, as in Kafka's own reference
# (operations/java-version: 6 GB on machines of 64 GB): the rest is for the system's page cache, from which consumers are
# served.
#
# How many copies. `replication` is for all topics that do not say otherwise, and for Kafka's own; a write with `acks=all`
# waits for all but one of them (`min.insync.replicas`), so one broker may be away.
#
# Who may do what. All listeners ask for SASL, with generated secrets: controllers PLAIN (SCRAM needs a quorum to be there,
# KIP-900), brokers and clients SCRAM-SHA-512. The accounts are `controller`, `broker` and `admin`, which may do anything,
# and `client`, which may do what no ACL forbids (`allow.everyone.if.no.acl.found`): without ACLs that is everything.
# SCRAM passwords are written when the cluster is created; later `kafka-configs.sh --alter` changes them.
# Not protected: nothing is encrypted (no TLS), so the secret between controllers and brokers crosses the cluster's own
# network in clear text.
#
# Growth and leaving. A new broker gets new partitions only; `kafka-reassign-partitions.sh` moves old ones to it. So too
# before a broker leaves: Kafka has no drain of its own, so a plan that removes a slave says that data is lost.
#
# Not set up: TLS, Kerberos, tiered storage, Kafka Connect, racks, `vm.max_map_count` (needed above 30000 segments a node).

manifest    = 2
description = "Replicated logs of messages: publish, subscribe, keep"
needs       = ["slaves"]

provide "kafka" {
  values = {
    bootstrap_servers = local.bootstrap # "a:9092,b:9092,c:9092"
    security_protocol = "SASL_PLAINTEXT"
    sasl_mechanism    = "SCRAM-SHA-512"
    user              = "client"
    password          = setting.client_secret
    client_config     = "/etc/kafka/client.properties" # for the group `kafka`
    home              = install.home
  }
}

minimum_memory = { master = 1024, slave = 2048 }

# ---------------------------------------------------------------------------------------------------------------------
# Versions. The digest is the publisher's own, read over TLS from the publisher, never from a mirror.

version "4.4.0" {
  archive    = "kafka/4.4.0/kafka_2.13-4.4.0.tgz"
  sha512_url = "https://archive.apache.org/dist/kafka/4.4.0/kafka_2.13-4.4.0.tgz.sha512"
  java       = [17, 21]
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "kafka"` block may say.

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
  description = "Major version of Java to run on; without it the best that both this Kafka and the image have"
}

setting "controllers" {
  type         = "integer"
  description  = "Controllers of the quorum, an odd number: 3 outlive the loss of one, 5 of two"
  default      = cluster.nodes >= 3 ? 3 : 1
  minimum      = 1
  maximum      = 5
  limit_reason = "every change waits for more than half of them, so more than 5 only make it slower"
  fixed        = true
  outgrown     = "a single controller stops the cluster when it is lost; there are enough nodes for three in a new cluster"
}

setting "group" {
  type        = "string"
  description = "Group of slaves whose first nodes are controllers beside the masters, and whom clients ask first"
  default     = cluster.slave_groups[0]
  fixed       = true
}

setting "bootstrap_servers" {
  type        = "integer"
  description = "Brokers that clients and steps ask first for all others: the first nodes of `group`"
  default     = length(cluster.slave_groups) == 1 ? min(3, cluster.slaves) : 1
  minimum     = 1
  maximum     = 5
  fixed       = true
}

setting "replication" {
  type         = "integer"
  description  = "Copies of each partition, of Kafka's own topics too"
  default      = min(3, cluster.slaves)
  minimum      = 1
  maximum      = cluster.slaves
  limit_reason = "each copy needs a broker of its own, and there are ${cluster.slaves}"
  fixed        = true
  outgrown     = "with few copies the loss of a broker loses messages; topics that are there get more by `kafka-reassign-partitions.sh`"
}

setting "partitions" {
  type        = "integer"
  description = "Partitions of a topic that does not say how many: one for each broker, at least 3"
  default     = max(3, cluster.slaves)
  minimum     = 1
  fixed       = true
}

setting "retention_hours" {
  type        = "integer"
  description = "How long messages are kept"
  unit        = "hours"
  default     = 168
  minimum     = 1
}

setting "advertise" {
  type        = "string"
  description = "What a broker tells clients to reach it by: its host `name`, which the cluster's nodes know, or its `address`, for clients elsewhere"
  default     = "name"
  one_of      = ["name", "address"]
}

setting "broker_heap" {
  type         = "integer"
  description  = "Heap of a broker: a quarter of what it may use, the rest is page cache"
  unit         = "MiB"
  on           = "slaves"
  default      = max(256, min(6144, floor(node.share / 4)))
  minimum      = 256
  limit_reason = "the log cleaner alone has a buffer of 128 MiB in it"
}

setting "controller_heap" {
  type        = "integer"
  description = "Heap of a controller"
  unit        = "MiB"
  default     = min(1024, 256 + floor(node.counted / 32))
  minimum     = 128
}

setting "java_options" {
  type        = "list(string)"
  description = "Further options of the JVM of brokers and controllers"
  default     = []
}

setting "cluster_id" {
  type        = "string"
  description = "The cluster's id, made once: 22 letters and digits (16 bytes in Base64)"
  secret      = true
  generated   = true
  length      = 22
}

setting "controller_secret" {
  type        = "string"
  description = "Password of the account `controller`, by which controllers and brokers know each other; letters and digits"
  secret      = true
  generated   = true
}

setting "broker_secret" {
  type        = "string"
  description = "Password of the account `broker` as the cluster is created with it; letters and digits"
  secret      = true
  generated   = true
}

setting "admin_secret" {
  type        = "string"
  description = "Password of the account `admin` as the cluster is created with it; letters and digits"
  secret      = true
  generated   = true
}

setting "client_secret" {
  type        = "string"
  description = "Password of the account `client` as the cluster is created with it; letters and digits"
  secret      = true
  generated   = true
}

assert {
  condition = setting.controllers % 2 == 1
  message   = "`controllers` is ${setting.controllers}: use 1, 3 or 5, because an even number outlives no more losses than the odd one below it"
}

ensemble "controllers" {
  on    = ["master", "slaves"]
  group = setting.group
  size  = setting.controllers
}

ensemble "bootstrap" {
  on    = ["slaves"]
  group = setting.group
  size  = setting.bootstrap_servers
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  broker_memory     = ceil(setting.broker_heap * 9 / 8) + 128
  controller_memory = ceil(setting.controller_heap * 9 / 8) + 128
}

locals {
  java      = "/usr/bin/java"
  classpath = "${install.home}/libs/*"
  data_dirs = length(node.disks) == 0 ? ["/var/lib/kafka/broker"] : [for disk in node.disks : "${disk}/kafka"]

  # The options of Kafka's own start script.
  options = concat(
    [
      "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35",
      "-XX:+ExplicitGCInvokesConcurrent", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true",
      "-Dlog4j2.configurationFile=/etc/kafka/log4j2.properties",
    ],
    setting.java_options,
    ["-cp", local.classpath, "kafka.Kafka"],
  )
  tool = [
    local.java, "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog.level=WARN",
    "-Dlog4j2.configurationFile=/etc/kafka/log4j2.properties", "-cp", local.classpath,
  ]
  ask = ["--bootstrap-server", local.bootstrap, "--command-config", "/etc/kafka/admin.properties"]

  voters    = join(",", [for member in ensemble.controllers : "100000000${member.place}@${member.name}:${port.kafka-controller}"])
  bootstrap = join(",", [for member in ensemble.bootstrap : "${member.name}:${port.kafka}"])
  in_sync   = max(1, setting.replication - 1)

  plain      = "org.apache.kafka.common.security.plain.PlainLoginModule required"
  scram      = "org.apache.kafka.common.security.scram.ScramLoginModule required"
  authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
  supers     = "User:controller;User:broker;User:admin"
  listeners  = "CONTROLLER:SASL_PLAINTEXT,CLIENT:SASL_PLAINTEXT"
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders.

user "kafka" {
  home = "/var/lib/kafka"
}

directory {
  path = "/etc/kafka"
}

directory {
  path = "/var/lib/kafka"
}

directory {
  path       = "/var/lib/kafka/controller"
  owner      = "kafka:kafka"
  mode       = "0750"
  holds_data = true
  on         = "controllers"
}

directory {
  path       = local.data_dirs
  owner      = "kafka:kafka"
  mode       = "0750"
  holds_data = true
  on         = ["slaves"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order to start them on a node.

service "controller" {
  description = "Kafka controller"
  on          = "controllers"
  unit        = "kafka-controller"
  user        = "kafka"
  exec = concat(
    [local.java, "-Xms${setting.controller_heap}m", "-Xmx${setting.controller_heap}m"],
    local.options,
    ["/etc/kafka/controller.properties"],
  )
  memory      = local.controller_memory
  needs_step  = "format-controller"
  stores_data = true

  # More than half of them have to stay.
  max_unavailable     = 1
  success_exit_status = 143

  options = {
    LimitNOFILE = 100000
  }

  ready {
    port    = "kafka-controller"
    timeout = 300
  }
}

service "broker" {
  description = "Kafka broker"
  on          = "slaves"
  unit        = "kafka"
  user        = "kafka"
  exec = concat(
    [local.java, "-Xms${setting.broker_heap}m", "-Xmx${setting.broker_heap}m"],
    local.options,
    ["/etc/kafka/broker.properties"],
  )
  memory      = local.broker_memory
  needs_step  = "format-broker"
  stores_data = true

  # As many as writes can do without (min.insync.replicas).
  max_unavailable     = 1
  success_exit_status = 143

  # Kafka advises at least 100000 open files (operations/os). A broker that ends hands its partitions over first, and waits
  # up to five minutes where no controller is left to hand them to.
  options = {
    LimitNOFILE    = 100000
    TimeoutStopSec = 180
  }

  # It opens the port for clients once the controllers have let it in.
  ready {
    port    = "kafka"
    timeout = 300
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports.

port "kafka" {
  description = "Kafka broker, for clients and other brokers"
  service     = "broker"
  port        = 9092
  users       = true
}

protection {
  does = "clients, brokers and controllers (SASL, with generated secrets)"
  does_not = [
    "topics without an ACL (the account `client` may read and delete them)",
    "traffic (nothing is encrypted)",
  ]
}

port "kafka-controller" {
  description = "Kafka controller, for brokers and other controllers"
  service     = "controller"
  port        = 9093
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

file "broker.properties" {
  format       = "properties"
  path         = "/etc/kafka/broker.properties"
  owner        = "root:kafka"
  mode         = "0640"
  on           = ["slaves"]
  known_keys   = ["server.properties"]
  key_families = ["listener.name.", "log.", "sasl.", "ssl.", "rsm.config.", "rlmm.config.", "metrics.", "remote.log."]
  restarts     = ["broker"]
  keys = {
    "process.roles"                  = "broker"
    "node.id"                        = node.number
    "controller.quorum.voters"       = local.voters
    "controller.listener.names"      = "CONTROLLER"
    "listeners"                      = "CLIENT://:${port.kafka}"
    "advertised.listeners"           = setting.advertise == "address" ? "CLIENT://${node.address}:${port.kafka}" : "CLIENT://${node.name}:${port.kafka}"
    "inter.broker.listener.name"     = "CLIENT"
    "listener.security.protocol.map" = local.listeners

    "log.dirs"            = join(",", local.data_dirs)
    "log.retention.hours" = setting.retention_hours

    "min.insync.replicas"                              = local.in_sync
    "offsets.topic.replication.factor"                 = setting.replication
    "transaction.state.log.replication.factor"         = setting.replication
    "transaction.state.log.min.isr"                    = local.in_sync
    "share.coordinator.state.topic.replication.factor" = setting.replication
    "share.coordinator.state.topic.min.isr"            = local.in_sync

    "sasl.mechanism.controller.protocol"                  = "PLAIN"
    "sasl.mechanism.inter.broker.protocol"                = "SCRAM-SHA-512"
    "listener.name.controller.plain.sasl.jaas.config"     = "${local.plain} username=\"controller\" password=\"${setting.controller_secret}\";"
    "listener.name.client.sasl.enabled.mechanisms"        = "SCRAM-SHA-512"
    "listener.name.client.scram-sha-512.sasl.jaas.config" = "${local.scram} username=\"broker\" password=\"${setting.broker_secret}\";"
    "authorizer.class.name"                               = local.authorizer
    "super.users"                                         = local.supers
    "allow.everyone.if.no.acl.found"                      = true
  }
  protected = {
    "process.roles"                            = "controllers are processes of their own"
    "node.id"                                  = "each broker has the number of its node"
    "controller.quorum.voters"                 = "`controllers` and `group` say which nodes are controllers"
    "controller.listener.names"                = "brokers find the controllers by it"
    "listeners"                                = "security rules, probes and clients are made for this port"
    "advertised.listeners"                     = "it is the setting `advertise`"
    "inter.broker.listener.name"               = "brokers find each other by it"
    "log.dirs"                                 = "moving it would leave an empty broker; volumes of the slaves say where it is"
    "log.dir"                                  = "`log.dirs` says where the data is; volumes of the slaves say where that is"
    "offsets.topic.replication.factor"         = "it is the setting `replication`"
    "transaction.state.log.replication.factor" = "it is the setting `replication`"
  }
}

file "controller.properties" {
  format       = "properties"
  path         = "/etc/kafka/controller.properties"
  owner        = "root:kafka"
  mode         = "0640"
  on           = "controllers"
  known_keys   = ["server.properties"]
  key_families = ["listener.name.", "sasl.", "ssl.", "metrics."]
  restarts     = ["controller"]
  keys = {
    "process.roles"                  = "controller"
    "node.id"                        = "100000000${node.place}"
    "controller.quorum.voters"       = local.voters
    "controller.listener.names"      = "CONTROLLER"
    "listeners"                      = "CONTROLLER://:${port.kafka-controller}"
    "listener.security.protocol.map" = local.listeners

    "log.dirs" = "/var/lib/kafka/controller"

    # Controllers make the topics, so they know how.
    "default.replication.factor" = setting.replication
    "min.insync.replicas"        = local.in_sync
    "num.partitions"             = setting.partitions

    "sasl.mechanism.controller.protocol"               = "PLAIN"
    "listener.name.controller.sasl.enabled.mechanisms" = "PLAIN"
    "listener.name.controller.plain.sasl.jaas.config"  = "${local.plain} username=\"controller\" password=\"${setting.controller_secret}\" user_controller=\"${setting.controller_secret}\";"
    "authorizer.class.name"                            = local.authorizer
    "super.users"                                      = local.supers
    "allow.everyone.if.no.acl.found"                   = true
  }
  protected = {
    "process.roles"              = "brokers are processes of their own"
    "node.id"                    = "each controller has the number of its place"
    "controller.quorum.voters"   = "`controllers` and `group` say which nodes are controllers"
    "controller.listener.names"  = "brokers find the controllers by it"
    "listeners"                  = "security rules and probes are made for this port"
    "log.dirs"                   = "moving it would leave an empty controller"
    "default.replication.factor" = "it is the setting `replication`"
    "num.partitions"             = "it is the setting `partitions`"
  }
}

# Arguments of `kafka-storage format`, one a line: there they stand for nobody else to see. The accounts are written into
# the first controller's log, once.
file "format-controller" {
  format   = "template"
  path     = "/etc/kafka/format-controller"
  template = "format-controller"
  owner    = "root:kafka"
  mode     = "0640"
  on       = "controllers"
}

file "format-broker" {
  format   = "template"
  path     = "/etc/kafka/format-broker"
  template = "format-broker"
  owner    = "root:kafka"
  mode     = "0640"
  on       = ["slaves"]
}

file "admin.properties" {
  format = "properties"
  path   = "/etc/kafka/admin.properties"
  owner  = "root:kafka"
  mode   = "0640"
  keys = {
    "security.protocol" = "SASL_PLAINTEXT"
    "sasl.mechanism"    = "SCRAM-SHA-512"
    "sasl.jaas.config"  = "${local.scram} username=\"admin\" password=\"${setting.admin_secret}\";"
  }
}

file "client.properties" {
  format = "properties"
  path   = "/etc/kafka/client.properties"
  owner  = "root:kafka"
  mode   = "0640"
  keys = {
    "bootstrap.servers" = local.bootstrap
    "security.protocol" = "SASL_PLAINTEXT"
    "sasl.mechanism"    = "SCRAM-SHA-512"
    "sasl.jaas.config"  = "${local.scram} username=\"client\" password=\"${setting.client_secret}\";"
  }
  client_keys = ["bootstrap.servers", "security.protocol", "sasl.mechanism"]
}

file "log4j2.properties" {
  format   = "properties"
  path     = "/etc/kafka/log4j2.properties"
  restarts = ["controller", "broker"]
  keys = {
    "rootLogger.level"                   = "$${sys:log.level:-INFO}"
    "rootLogger.appenderRef.console.ref" = "console"
    "appender.console.type"              = "Console"
    "appender.console.name"              = "console"
    "appender.console.target"            = "SYSTEM_ERR"
    "appender.console.layout.type"       = "PatternLayout"
    "appender.console.layout.pattern"    = "%p %c{1}: %m%n%ex"
  }
}

file "kafka-profile.sh" {
  format   = "template"
  path     = "/etc/profile.d/kafka.sh"
  template = "kafka-profile.sh"
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps. What is formatted already is left as it is, and a new volume is formatted too.

step "format-controller" {
  moment  = "before-start"
  on      = "controllers"
  timeout = 300
  action = {
    kind     = "command"
    user     = "kafka"
    commands = [concat(local.tool, ["kafka.tools.StorageTool", "format", "--config", "/etc/kafka/controller.properties", "--ignore-formatted", "@/etc/kafka/format-controller"])]
  }
}

step "format-broker" {
  moment  = "before-start"
  on      = ["slaves"]
  timeout = 300
  action = {
    kind     = "command"
    user     = "kafka"
    commands = [concat(local.tool, ["kafka.tools.StorageTool", "format", "--config", "/etc/kafka/broker.properties", "--ignore-formatted", "@/etc/kafka/format-broker"])]
  }
}

# The quorum has a leader and these voters. Whether each of them runs is asked on its node (`ready`).
step "controllers" {
  moment  = "verify"
  timeout = 300
  action = {
    kind     = "command_members"
    title    = "Kafka controllers in the quorum"
    user     = "kafka"
    command  = concat(local.tool, ["org.apache.kafka.tools.MetadataQuorumCommand"], local.ask, ["describe", "--status"])
    pattern  = "CONTROLLER://([^:/]+):[0-9]+"
    expected = [for member in ensemble.controllers : member.name]
  }
}

# Fenced brokers, of which no controller has heard for nine seconds, are not listed.
step "brokers" {
  moment     = "verify"
  timeout    = 300
  members_of = "slaves"
  action = {
    kind    = "command_members"
    title   = "Kafka brokers"
    user    = "kafka"
    command = concat(local.tool, ["org.apache.kafka.tools.ClusterTool", "list-endpoints"], local.ask)
    pattern = "[0-9]+ +([A-Za-z0-9][A-Za-z0-9.-]*) +${port.kafka} "
  }
}

# Ten messages through a topic of its own. Each step is done once, so a failure is taken up where it was.
step "smoke-test-write" {
  moment  = "smoke-test"
  timeout = 120
  action = {
    kind = "job"
    user = "kafka"
    once = true
    commands = [
      concat(local.tool, ["org.apache.kafka.tools.TopicCommand"], local.ask, ["--create", "--if-not-exists", "--topic", "disco-smoke-test"]),
      concat(local.tool, ["org.apache.kafka.tools.VerifiableProducer", "--bootstrap-server", local.bootstrap, "--command-config", "/etc/kafka/client.properties", "--topic", "disco-smoke-test", "--max-messages", "10", "--acks", "-1"]),
    ]
  }
}

step "smoke-test" {
  moment  = "smoke-test"
  timeout = 120
  action = {
    kind   = "job"
    user   = "kafka"
    once   = true
    expect = "Processed a total of 10 messages"
    commands = [
      concat(local.tool, ["org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", local.bootstrap, "--command-config", "/etc/kafka/client.properties", "--topic", "disco-smoke-test", "--from-beginning", "--max-messages", "10", "--timeout-ms", "60000"]),
    ]
  }
}

step "smoke-test-clean" {
  moment  = "smoke-test"
  timeout = 120
  action = {
    kind     = "job"
    user     = "kafka"
    once     = true
    commands = [concat(local.tool, ["org.apache.kafka.tools.TopicCommand"], local.ask, ["--delete", "--topic", "disco-smoke-test"])]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster. Brokers that are fenced are not listed.

status "kafka" {
  title = "Kafka"
  ask = {
    brokers = {
      command = concat(local.tool, ["org.apache.kafka.tools.ClusterTool", "list-endpoints"], local.ask)
      user    = "kafka"
      pattern = "[0-9]+ +(?P<name>[A-Za-z0-9][A-Za-z0-9.-]*) +${port.kafka} "
    }
    quorum = {
      command = concat(local.tool, ["org.apache.kafka.tools.MetadataQuorumCommand"], local.ask, ["describe", "--status"])
      user    = "kafka"
      pattern = "(?s)LeaderId: *(?P<leader>[0-9-]+).*MaxFollowerLag: *(?P<lag>[0-9-]+)"
    }
  }
  members_of = "slaves"
  members = {
    title = "Kafka brokers"
    from  = "brokers"
    path  = []
    names = "name"
  }
  facts = [
    { name = "leader", title = "leader of the controllers", from = "quorum", path = [0, "leader"] },
    { name = "lag", title = "records that a controller lags", from = "quorum", path = [0, "lag"] },
  ]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { transport = 3 }
  languages = { java = 3, scala = 2, python = 2, native = 2, r = 1 }
  home      = { cluster = 3 }
  people    = 2
  survives  = 3
  simple    = 2
  answer    = "10 ms"
  volume    = { to = "10 PB" }
  delivers  = "exactly-once"
  parts     = { fills = ["transport"], keeps = true, minimum_nodes = 3 }

  source "https://kafka.apache.org/documentation/#uses" {
    about = ["work.transport"]
    says  = "messages, the activity of a site, metrics and logs of many machines, read by as many as want to"
  }
  source "https://kafka.apache.org/documentation/#design" {
    about = ["languages.java", "home.cluster", "survives", "delivers"]
    says  = "a log that is replicated and kept on disk; acknowledged messages survive the loss of a broker, and transactions make them count once"
  }
}

sizing {
  disk            = rate.mb * 86.4 * rate.days * data.replication / 0.7
  network         = rate.mb * rate.peak * (data.replication + 2)
  memory_per_core = 4

  source "https://kafka.apache.org/documentation/#hwandos" {
    about = ["disk", "network"]
    says  = "throughput of disks and memory for 30 seconds of writes decide; 7 days are kept, disks are at most 70 % full, and two readers are counted beside the replicas (the last two are our estimate)"
  }
}
