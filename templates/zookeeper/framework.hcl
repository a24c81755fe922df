# Apache ZooKeeper: an ensemble of 1, 3 or 5 servers.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# Which nodes. The servers are chosen once, when the cluster is created: masters first, then nodes 0, 1, … of one group of
# slaves. A cluster that grows or shrinks elsewhere leaves them as they are. An ensemble of N serves as long as more than
# N/2 are there: 3 outlive the loss of one server, 5 of two (zookeeperAdmin.html, "Cross Machine Requirements"); an even
# number outlives no more than the odd one below it. A server that comes back on an empty disk copies everything from the
# leader, so a lost node is replaced under the same name and the same number (`myid`).
#
# How memory is shared out. ZooKeeper takes what it needs and no share, so it has no `minimum_memory`: what it takes comes
# off the nodes that have a server before other frameworks share out the rest. All data lies in the heap. A server with a
# heap of H takes H + H/8 + 128 MiB; an idle one with a heap of 128 was seen to take 95 MiB altogether. It must never
# swap (zookeeperAdmin.html, "Things to Avoid"): flavors of a cloud have no swap.
#
# Where the data is. Snapshots lie in /var/lib/zookeeper, and the transaction log on the node's first volume where it has
# one: a device of its own is what the administrator's guide asks for ("Disk", `dataLogDir`), because every write waits
# until the log is on disk.
#
# Who may do what. The servers know each other by a generated secret (SASL, DIGEST-MD5), and so do clients: a client
# without the account `client` or `super` is sent away (`enforce.auth.enabled`) unless `authentication = false`. Since 3.9 a
# client has to say `-Dzookeeper.fips-mode=false`, because DIGEST-MD5 is not of FIPS; without it servers find no quorum.
# Not protected: nothing is encrypted, neither between servers nor to clients; the AdminServer, on the loopback interface
# only, asks for no password for what it tells; the words `srvr`, `ruok`, `mntr`, `conf`, `isro` are answered to everybody
# who reaches the port for clients. ACLs of znodes are the applications' business.
#
# Not set up: TLS, Kerberos, observers, dynamic reconfiguration (`reconfigEnabled`), metrics for Prometheus.

manifest    = 2
description = "Coordination: a small replicated store of names, locks and elections"

provide "zookeeper" {
  values = {
    servers        = local.connect # "a:2181,b:2181,c:2181"
    port           = port.zookeeper
    hosts          = [for member in ensemble.servers : member.name]
    authentication = setting.authentication
    user           = "client"
    password       = setting.client_secret # SASL with DIGEST-MD5: give clients -Dzookeeper.fips-mode=false too
    client_options = local.client_options  # for a JVM whose user is of the group `zookeeper`
    home           = install.home
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Versions. The digest is the publisher's own, read over TLS from the publisher, never from a mirror.

version "3.9.5" {
  archive    = "zookeeper/zookeeper-3.9.5/apache-zookeeper-3.9.5-bin.tar.gz"
  sha512_url = "https://archive.apache.org/dist/zookeeper/zookeeper-3.9.5/apache-zookeeper-3.9.5-bin.tar.gz.sha512"
  java       = [17, 21, 11, 8]
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "zookeeper"` block may say.

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
  description = "Major version of Java to run on; without it the best that both this ZooKeeper and the image have"
}

setting "servers" {
  type         = "integer"
  description  = "Servers of the ensemble, an odd number: 3 outlive the loss of one, 5 of two"
  default      = cluster.nodes >= 3 ? 3 : 1
  minimum      = 1
  maximum      = 5
  limit_reason = "every write waits for more than half of them, so more than 5 only make it slower"
  fixed        = true
  outgrown     = "a single server stops the service when it is lost; there are enough nodes for three in a new cluster"
}

setting "group" {
  type        = "string"
  description = "Group of slaves whose first nodes are servers beside the masters"
  default     = length(cluster.slave_groups) == 0 ? "" : cluster.slave_groups[0]
  fixed       = true
}

# As for other daemons of DISCO: a base, and a part of the machine, so that a large one may hold many znodes.
setting "heap" {
  type        = "integer"
  description = "Heap of a server, which holds all znodes"
  unit        = "MiB"
  default     = min(4096, 256 + floor(node.counted / 32))
  minimum     = 96
}

setting "java_options" {
  type        = "list(string)"
  description = "Further options of the servers' JVM, as in [\"-Djute.maxbuffer=4194304\"]"
  default     = []
}

setting "authentication" {
  type        = "bool"
  description = "Whether clients have to say who they are (SASL, account `client` or `super`); servers always do among themselves"
  default     = true
}

setting "quorum_secret" {
  type        = "string"
  description = "Secret by which the servers know each other; letters and digits"
  secret      = true
  generated   = true
}

setting "client_secret" {
  type        = "string"
  description = "Password of the account `client`; letters and digits"
  secret      = true
  generated   = true
}

setting "super_secret" {
  type        = "string"
  description = "Password of the account `super`, for whom no ACL counts; letters and digits"
  secret      = true
  generated   = true
}

assert {
  condition = setting.servers % 2 == 1
  message   = "`servers` is ${setting.servers}: use 1, 3 or 5, because an even number outlives no more losses than the odd one below it"
}

ensemble "servers" {
  on    = ["master", "slaves"]
  group = setting.group
  size  = setting.servers
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  memory = ceil(setting.heap * 9 / 8) + 128
}

locals {
  # Debian's and Ubuntu's name for the Java that is installed; ZooKeeper runs on any from 8 on.
  java      = "/usr/bin/java"
  classpath = "/etc/zookeeper:${install.home}/lib/*" # logback.xml, then the jars
  log_dir   = length(node.disks) == 0 ? "/var/lib/zookeeper" : "${node.disks[0]}/zookeeper"
  connect   = join(",", [for member in ensemble.servers : "${member.name}:${port.zookeeper}"])

  # The part of a server's line behind its name: for followers, and for elections.
  peer_ports = "${port.zookeeper-peer}:${port.zookeeper-election}"
  peers      = [for member in ensemble.servers : "${member.name}:${local.peer_ports}"]

  client_options = setting.authentication ? ["-Dzookeeper.fips-mode=false", "-Djava.security.auth.login.config=/etc/zookeeper/client-jaas.conf"] : []
  client = concat(
    [local.java, "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog.level=ERROR"],
    local.client_options,
    ["-cp", local.classpath, "org.apache.zookeeper.ZooKeeperMain", "-waitforconnection", "-timeout", "20000", "-server"],
  )
  first = "${ensemble.servers[0].name}:${port.zookeeper}"
  last  = "${ensemble.servers[length(ensemble.servers) - 1].name}:${port.zookeeper}"
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders. On every node, because every node may have clients.

user "zookeeper" {
  home = "/var/lib/zookeeper"
}

directory {
  path = "/etc/zookeeper"
}

directory {
  path       = "/var/lib/zookeeper"
  owner      = "zookeeper:zookeeper"
  mode       = "0750"
  holds_data = true
  on         = "servers"
}

directory {
  path       = length(node.disks) == 0 ? [] : [local.log_dir]
  owner      = "zookeeper:zookeeper"
  mode       = "0750"
  holds_data = true
  on         = "servers"
}

# ---------------------------------------------------------------------------------------------------------------------
# Services.

service "server" {
  description = "ZooKeeper server"
  on          = "servers"
  unit        = "zookeeper"
  user        = "zookeeper"
  exec = concat(
    [
      local.java, "-Xms${setting.heap}m", "-Xmx${setting.heap}m", "-XX:+ExitOnOutOfMemoryError",
      "-Djava.security.auth.login.config=/etc/zookeeper/server-jaas.conf",
    ],
    setting.java_options,
    ["-cp", local.classpath, "org.apache.zookeeper.server.quorum.QuorumPeerMain", "/etc/zookeeper/zoo.cfg"],
  )
  memory      = local.memory
  stores_data = true

  # More than half of them have to stay.
  max_unavailable     = 1
  success_exit_status = 143

  # Each connection is an open file; of one address there may be 60 (maxClientCnxns).
  options = {
    LimitNOFILE = 65536
  }

  # A server says this only while it has a quorum.
  ready {
    port    = "zookeeper"
    send    = "srvr\n"
    expect  = "Mode: (leader|follower|standalone)"
    timeout = 300
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports.

port "zookeeper" {
  description = "ZooKeeper for clients"
  service     = "server"
  port        = 2181
  users       = true
  endpoint    = ""
  anybody     = setting.authentication ? null : "read, change and delete every znode without an ACL"
}

port "zookeeper-peer" {
  description = "The leader for its followers"
  service     = "server"
  port        = 2888
}

port "zookeeper-election" {
  description = "Elections of a leader"
  service     = "server"
  port        = 3888
}

protection {
  does = "servers among themselves (a generated secret)"
  does_not = [
    "traffic (nothing is encrypted)",
    "statistics of a server (`srvr` and `mntr` ask for no password)",
  ]
}

protection {
  when = setting.authentication
  does = "clients (the password of the account `client` or `super`)"
}

protection {
  when     = !setting.authentication
  does_not = "clients (nobody has to say who they are)"
}

port "zookeeper-admin" {
  description = "AdminServer, on the loopback interface only"
  service     = "server"
  port        = 2180
  differs     = "ZooKeeper's default, 8080, is that of Spark's master and of many web pages"
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

file "zoo.cfg" {
  format       = "properties"
  path         = "/etc/zookeeper/zoo.cfg"
  on           = "servers"
  known_keys   = ["zoo.cfg"]
  key_families = ["server.", "group.", "weight.", "authProvider.", "metricsProvider.", "admin.", "ssl.", "kerberos.", "zookeeper."]
  restarts     = ["server"]
  keys = {
    "clientPort"      = port.zookeeper
    "dataDir"         = "/var/lib/zookeeper"
    "dataLogDir"      = length(node.disks) == 0 ? null : local.log_dir
    "tickTime"        = 2000
    "initLimit"       = 10
    "syncLimit"       = 5
    "maxClientCnxns"  = 60
    "reconfigEnabled" = false

    # Old snapshots and logs: ZooKeeper's own default is to keep all of them for ever.
    "autopurge.snapRetainCount" = 3
    "autopurge.purgeInterval"   = 24

    # A name of one's own may lead to 127.0.1.1, where no other server would be heard.
    "quorumListenOnAllIPs" = setting.servers > 1 ? true : null

    "server.1" = length(local.peers) > 1 ? local.peers[0] : null
    "server.2" = length(local.peers) > 1 ? local.peers[1] : null
    "server.3" = length(local.peers) > 2 ? local.peers[2] : null
    "server.4" = length(local.peers) > 3 ? local.peers[3] : null
    "server.5" = length(local.peers) > 4 ? local.peers[4] : null

    "4lw.commands.whitelist" = "srvr,ruok,mntr,conf,isro"
    "admin.serverAddress"    = "127.0.0.1"
    "admin.serverPort"       = port.zookeeper-admin

    "fips-mode"                            = false
    "quorum.auth.enableSasl"               = setting.servers > 1 ? true : null
    "quorum.auth.learnerRequireSasl"       = setting.servers > 1 ? true : null
    "quorum.auth.serverRequireSasl"        = setting.servers > 1 ? true : null
    "quorum.auth.learner.saslLoginContext" = setting.servers > 1 ? "QuorumLearner" : null
    "quorum.auth.server.saslLoginContext"  = setting.servers > 1 ? "QuorumServer" : null
    "quorum.cnxn.threads.size"             = setting.servers > 1 ? 20 : null
    "authProvider.sasl"                    = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider"
    "enforce.auth.enabled"                 = setting.authentication ? true : null
    "enforce.auth.schemes"                 = setting.authentication ? "sasl" : null
  }
  protected = {
    "clientPort"                     = "security rules, probes and clients are made for this port"
    "dataDir"                        = "moving it would leave an empty server; `myid` lies there"
    "dataLogDir"                     = "moving it would leave a server without its log; volumes of the nodes say where it is"
    "admin.serverAddress"            = "the AdminServer asks for no password"
    "admin.serverPort"               = "DISCO asks this port"
    "quorum.auth.enableSasl"         = "all servers must have the same"
    "quorum.auth.learnerRequireSasl" = "all servers must have the same"
    "quorum.auth.serverRequireSasl"  = "all servers must have the same"
    "enforce.auth.enabled"           = "it is the setting `authentication`"
    "enforce.auth.schemes"           = "it is the setting `authentication`"
    "fips-mode"                      = "with it the servers could not authenticate each other"
    "server.1"                       = "`servers` and `group` say which nodes are servers"
    "server.2"                       = "`servers` and `group` say which nodes are servers"
    "server.3"                       = "`servers` and `group` say which nodes are servers"
    "server.4"                       = "`servers` and `group` say which nodes are servers"
    "server.5"                       = "`servers` and `group` say which nodes are servers"
  }
}

# The server's own number: its place in the ensemble, which a node that replaces it has too.
file "myid" {
  format   = "template"
  path     = "/var/lib/zookeeper/myid"
  template = "myid"
  owner    = "root:zookeeper"
  mode     = "0640"
  on       = "servers"
  restarts = ["server"]
}

file "server-jaas.conf" {
  format   = "template"
  path     = "/etc/zookeeper/server-jaas.conf"
  template = "server-jaas.conf"
  owner    = "root:zookeeper"
  mode     = "0640"
  on       = "servers"
  restarts = ["server"]
}

file "client-jaas.conf" {
  format   = "template"
  path     = "/etc/zookeeper/client-jaas.conf"
  template = "client-jaas.conf"
  owner    = "root:zookeeper"
  mode     = "0640"
  when     = setting.authentication
}

file "logback.xml" {
  format   = "template"
  path     = "/etc/zookeeper/logback.xml"
  template = "logback.xml"
  restarts = ["server"]
}

file "zookeeper-profile.sh" {
  format   = "template"
  path     = "/etc/profile.d/zookeeper.sh"
  template = "zookeeper-profile.sh"
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps of the cluster as a whole, on its first master.

# A session with each server by its name: a server gives one only while it is of the quorum.
step "sessions" {
  moment  = "verify"
  timeout = 300
  action = {
    kind     = "command"
    user     = "zookeeper"
    retry    = true
    commands = [for member in ensemble.servers : concat(local.client, ["${member.name}:${port.zookeeper}", "get", "/zookeeper/quota"])]
  }
}

# What the first server is told, the last one knows once it has caught up with the leader (`sync`). Each command is done
# once, so a failure in between is taken up where it was.
step "smoke-test-write" {
  moment  = "smoke-test"
  timeout = 120
  action = {
    kind = "job"
    user = "zookeeper"
    once = true
    commands = [
      concat(local.client, [local.first, "create", "/disco-smoke-test", "written by disco"]),
    ]
  }
}

step "smoke-test" {
  moment  = "smoke-test"
  timeout = 120
  action = {
    kind   = "job"
    user   = "zookeeper"
    once   = true
    expect = "written by disco|Sync is OK"
    commands = [
      concat(local.client, [local.last, "sync", "/disco-smoke-test"]),
      concat(local.client, [local.last, "get", "/disco-smoke-test"]),
    ]
  }
}

step "smoke-test-clean" {
  moment  = "smoke-test"
  timeout = 120
  action = {
    kind = "job"
    user = "zookeeper"
    once = true
    commands = [
      concat(local.client, [local.first, "delete", "/disco-smoke-test"]),
    ]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "server" {
  title = "ZooKeeper"
  ask = {
    stats  = "http://127.0.0.1:${port.zookeeper-admin}/commands/server_stats"
    leader = "http://127.0.0.1:${port.zookeeper-admin}/commands/leader"
  }
  facts = [
    {
      name  = "state"
      from  = "stats"
      path  = ["server_stats", "server_state"]
      well  = ["leader", "follower", "standalone"]
      words = "the server on the first master is {}"
    },
    { name = "znodes", from = "stats", path = ["node_count"] },
    { name = "clients", title = "clients of it", from = "stats", path = ["server_stats", "num_alive_client_connections"] },
    { name = "outstanding", title = "outstanding requests", from = "stats", path = ["server_stats", "outstanding_requests"] },
    { name = "leader", from = "leader", path = ["leader_ip"] },
  ]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  # Others build on it: by itself it does no work that is asked for.
  simple = 2
}
