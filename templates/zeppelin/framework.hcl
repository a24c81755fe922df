# Apache Zeppelin: notebooks with interpreters for the cluster's engines, on the master.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# The server is started as `java` with what its start script (bin/zeppelin.sh) would give it. It starts interpreters by its own
# bin/interpreter.sh, each a JVM or a Python of its own, in the server's unit: together they get no more memory than
# `memory`, and one that wants more is ended.
#
# Not run yet: no registry has Zeppelin's archive. Names of keys, pages and classes are those of its sources (0.12.0).
#
# How memory is shared out. All sizes are MiB. The server has a heap of a quarter of the share, at most 1024 (Zeppelin's own),
# and takes H + H/8 + 128; an interpreter has `interpreter_heap` where it is a JVM.
#
# Who may do what. Nobody gets in without an account (Shiro, shiro.ini): `admin`, whose password is generated. More are lines of
# the section [users], which the setting `accounts` writes. Whoever has an account runs programs as `zeppelin`, with this user's
# rights on the cluster. Not protected: the way there is plain HTTP, so reach it by SSH
# (`ssh -L 8890:127.0.0.1:8890 MASTER`) rather than by an `allow`.
#
# Engines. Spark's interpreter finds Spark by SPARK_HOME; in a notebook `%spark.conf` with `spark.master` says where it runs.
# With Hive, the interpreter `jdbc` wants `default.url` to be HiveServer2's address (Interpreters, in the menu).
#
# Where the data is. Notebooks lie on the master's first volume if it has one; settings of interpreters and credentials that
# people give them lie in /var/lib/zeppelin/conf.

manifest    = 2
description = "Notebooks for several people, with interpreters for Spark, SQL, Python and shells"
uses        = ["spark", "hdfs"]

masters {
  maximum = 1
  reason  = "notebooks are files of one machine"
}

installation {
  on = ["master"]
}

minimum_memory = { master = 1536 }

# ---------------------------------------------------------------------------------------------------------------------
# Versions. The digest is the publisher's own, read over TLS from the publisher, never from a mirror.

version "0.12.0" {
  archive    = "zeppelin/zeppelin-0.12.0/zeppelin-0.12.0-bin-all.tgz"
  sha512_url = "https://archive.apache.org/dist/zeppelin/zeppelin-0.12.0/zeppelin-0.12.0-bin-all.tgz.sha512"
  java       = [17, 11]
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "zeppelin"` block may say.

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
  description = "Major version of Java to run on; without it the best that both this Zeppelin and the image have"
}

setting "password" {
  type        = "string"
  description = "Password of the account `admin`; letters and digits"
  secret      = true
  generated   = true
}

setting "accounts" {
  type        = "list(string)"
  description = "Further accounts, as lines of Shiro: [\"anna = $shiro2$argon2id$…, people\"], hashed by Shiro's tool"
  default     = []
}

setting "memory" {
  type        = "integer"
  description = "Memory that the server and all interpreters may take together"
  unit        = "MiB"
  on          = "master"
  default     = node.share
  minimum     = 768
}

setting "server_heap" {
  type        = "integer"
  description = "Heap of the server"
  unit        = "MiB"
  on          = "master"
  default     = max(256, min(1024, floor(node.share / 4)))
  minimum     = 192
}

setting "interpreter_heap" {
  type        = "integer"
  description = "Heap of an interpreter that is a JVM, a driver of Spark among them"
  unit        = "MiB"
  on          = "master"
  default     = max(256, min(1024, floor((setting.memory - local.server_memory) / 3)))
  minimum     = 128
}

setting "public" {
  type        = "bool"
  description = "Whether a new notebook may be read by all who have an account"
  default     = false
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  server_memory = ceil(setting.server_heap * 9 / 8) + 128
}

locals {
  java      = "/usr/bin/java"
  data      = length(node.disks) == 0 ? "/var/lib/zeppelin/data" : "${node.disks[0]}/zeppelin"
  conf      = "/var/lib/zeppelin/conf" # it keeps interpreters' settings beside its own
  home      = install.home
  classpath = join(":", [local.conf, "${local.home}/*", "${local.home}/lib/*", "${local.home}/lib/interpreter/*"])
  opens     = version.java < 17 ? [] : [for name in ["java.lang", "java.util", "java.nio", "sun.nio.ch"] : "--add-opens=java.base/${name}=ALL-UNNAMED"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders.

user "zeppelin" {
  home = "/var/lib/zeppelin"
  on   = ["master"]
}

directory {
  path  = "/var/lib/zeppelin"
  owner = "zeppelin:zeppelin"
  mode  = "0750"
  on    = ["master"]
}

directory {
  path       = ["/var/lib/zeppelin/conf", local.data]
  owner      = "zeppelin:zeppelin"
  mode       = "0750"
  holds_data = true
  on         = ["master"]
}

directory {
  path  = [for name in ["notebook", "local-repo", "recovery", "webapps"] : "${local.data}/${name}"]
  owner = "zeppelin:zeppelin"
  mode  = "0750"
  on    = ["master"]
}

directory {
  path  = ["/var/log/zeppelin", "/run/zeppelin"]
  owner = "zeppelin:zeppelin"
  mode  = "0750"
  on    = ["master"]
}

# ---------------------------------------------------------------------------------------------------------------------
# The service. Interpreters end when it restarts.

service "server" {
  description = "Zeppelin server"
  on          = "master"
  unit        = "zeppelin"
  user        = "zeppelin"
  exec = concat(
    [local.java, "-Xmx${setting.server_heap}m", "-XX:+ExitOnOutOfMemoryError", "-Dfile.encoding=UTF-8"],
    local.opens,
    [
      "-Dlog4j.configuration=file://${local.conf}/log4j.properties", "-Dlog4j.configurationFile=file://${local.conf}/log4j2.properties",
      "-cp", local.classpath, "org.apache.zeppelin.server.ZeppelinServer",
    ],
  )
  environment = {
    ZEPPELIN_HOME           = install.home
    ZEPPELIN_CONF_DIR       = local.conf
    ZEPPELIN_LOG_DIR        = "/var/log/zeppelin"
    ZEPPELIN_PID_DIR        = "/run/zeppelin"
    ZEPPELIN_INTP_MEM       = "-Xmx${setting.interpreter_heap}m"
    ZEPPELIN_INTP_JAVA_OPTS = join(" ", local.opens)
    SPARK_HOME              = has.spark ? with.spark.home : null
    SPARK_CONF_DIR          = has.spark ? with.spark.configuration : null
    HADOOP_CONF_DIR         = has.hdfs ? with.hdfs.configuration : null
    HADOOP_HOME             = has.hdfs ? with.hdfs.home : null
  }
  options             = { MemoryMax = "${setting.memory}M", OOMPolicy = "continue", WorkingDirectory = local.data, TasksMax = "infinity", RuntimeDirectory = "zeppelin" }
  memory              = local.server_memory
  workload_memory     = setting.memory - local.server_memory
  stores_data         = true
  needs_step          = "groups"
  success_exit_status = 143

  ready {
    port    = "zeppelin"
    path    = "/api/version"
    timeout = 300
  }
}

port "zeppelin" {
  description = "Zeppelin, with accounts over plain HTTP"
  service     = "server"
  port        = 8890
  users       = true
  page        = "/"
  differs     = "Zeppelin's default, 8080, is that of Spark's master and of many web pages"
}

protection {
  does = "people (an account with a password)"
  does_not = [
    "traffic (nothing is encrypted)",
    "people from each other (all interpreters run as the user `zeppelin`)",
  ]
}

# ---------------------------------------------------------------------------------------------------------------------
# Files. Zeppelin looks for all of them in one folder.

file "zeppelin-site.xml" {
  format       = "hadoop-xml"
  path         = "/var/lib/zeppelin/conf/zeppelin-site.xml"
  on           = ["master"]
  known_keys   = ["zeppelin-site.xml"]
  key_families = ["zeppelin."]
  restarts     = ["server"]
  keys = {
    "zeppelin.server.addr"            = "0.0.0.0"
    "zeppelin.server.port"            = port.zeppelin
    "zeppelin.home"                   = install.home
    "zeppelin.conf.dir"               = local.conf
    "zeppelin.war"                    = "${install.home}/zeppelin-web-${version.name}.war"
    "zeppelin.angular.war"            = "${install.home}/zeppelin-web-angular-${version.name}.war"
    "zeppelin.war.tempdir"            = "${local.data}/webapps"
    "zeppelin.notebook.dir"           = "${local.data}/notebook"
    "zeppelin.notebook.public"        = setting.public
    "zeppelin.interpreter.localRepo"  = "${local.data}/local-repo"
    "zeppelin.dep.localrepo"          = "${local.data}/local-repo"
    "zeppelin.recovery.dir"           = "${local.data}/recovery"
    "zeppelin.search.index.path"      = "${local.data}/index"
    "zeppelin.server.allowed.origins" = "" # pages of others may not speak to it
    "zeppelin.run.mode"               = "local"
  }
  protected = {
    "zeppelin.server.addr"  = "the port is closed from outside until an `allow` opens it"
    "zeppelin.server.port"  = "security rules, probes and addresses of web pages are made for this port"
    "zeppelin.conf.dir"     = "Zeppelin's files are there"
    "zeppelin.notebook.dir" = "DISCO keeps what is there; a volume of the master says where it is"
  }
}

file "shiro.ini" {
  format   = "template"
  path     = "/var/lib/zeppelin/conf/shiro.ini"
  template = "shiro.ini"
  owner    = "root:zeppelin"
  mode     = "0640"
  on       = ["master"]
  restarts = ["server"]
}

file "log4j.properties" {
  format   = "properties"
  path     = "/var/lib/zeppelin/conf/log4j.properties"
  on       = ["master"]
  restarts = ["server"]
  keys = {
    "log4j.rootLogger"                               = "INFO, stderr"
    "log4j.appender.stderr"                          = "org.apache.log4j.ConsoleAppender"
    "log4j.appender.stderr.target"                   = "System.err"
    "log4j.appender.stderr.layout"                   = "org.apache.log4j.PatternLayout"
    "log4j.appender.stderr.layout.ConversionPattern" = "%p %c{1}: %m%n"
  }
}

file "log4j2.properties" {
  format   = "properties"
  path     = "/var/lib/zeppelin/conf/log4j2.properties"
  on       = ["master"]
  restarts = ["server"]
  keys = {
    "rootLogger.level"                   = "INFO"
    "rootLogger.appenderRef.console.ref" = "console"
    "appender.console.type"              = "Console"
    "appender.console.name"              = "console"
    "appender.console.target"            = "SYSTEM_ERR"
    "appender.console.layout.type"       = "PatternLayout"
    "appender.console.layout.pattern"    = "%p %c{1}: %m%n"
  }
}

# The password that the smoke test has.
file "account" {
  format   = "template"
  path     = "/var/lib/zeppelin/account"
  template = "account"
  owner    = "root:zeppelin"
  mode     = "0640"
  on       = ["master"]
}

file "smoke_test.py" {
  format   = "template"
  path     = "/var/lib/zeppelin/smoke_test.py"
  template = "smoke_test.py"
  on       = ["master"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps.

# Groups of the engines: what their files let only them read, interpreters may read.
step "groups" {
  moment  = "before-start"
  on      = ["master"]
  timeout = 60
  action = {
    kind     = "command"
    commands = [["usermod", "--groups", has.spark ? "spark" : "", "zeppelin"]]
  }
}

# A notebook is made, its paragraph run by the shell's interpreter, and removed.
step "smoke-test" {
  moment  = "smoke-test"
  timeout = 300
  action = {
    kind     = "job"
    user     = "zeppelin"
    once     = true
    expect   = "the paragraph says 42"
    commands = [["/usr/bin/python3", "/var/lib/zeppelin/smoke_test.py"]]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "zeppelin" {
  title = "Zeppelin"
  ask   = { version = "http://127.0.0.1:${port.zeppelin}/api/version" }
  facts = [{ name = "version", from = "version", path = ["body", "version"] }]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { notebook = 3 }
  languages = { scala = 2, python = 2, sql = 2, java = 1, r = 1 }
  home      = { cluster = 2, object = 2, loaded = 2 }
  gpu       = 1
  people    = 2
  survives  = 1
  simple    = 2
  answer    = "100 ms"

  source "https://zeppelin.apache.org/" {
    about = ["work.notebook"]
    says  = "notebooks in a browser for Spark, SQL, Python and more, that several people can open at once"
  }
}

sizing {
  master_memory = people.count * 1024 + 128

  source "https://tljh.jupyter.org/en/latest/howto/admin/resource-estimation.html" {
    about = ["master_memory"]
    says  = "memory of a user times those who work at once, and 128 MB; 1 GiB for each is a first guess"
  }
}
