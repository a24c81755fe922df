# JupyterLab on the master, with a kernel for each engine of the cluster: Dask, Spark, Ray.
#
# Authentication. Whoever gets in runs programs as `jupyter`, so nobody does without the setting `token`, which is made up
# where nothing is said (`disco output --show-secrets`). Not protected: the way there is plain HTTP, so who can listen has
# the token too. Reach it by SSH (`ssh -L 8888:127.0.0.1:8888 MASTER`) rather than by an `allow`. All who have the token
# are one user with one set of files; JupyterHub, with accounts, is another framework.
#
# Kernels. `python3` is Jupyter's own Python. `dask` and `ray` are those of these frameworks, with their packages and the
# right to use the cluster: `Client()` and `ray.init()` find it. `pyspark` is Jupyter's Python with Spark's own package,
# which starts a driver on the master; on YARN the user `jupyter` needs a home in HDFS (`home_folders` of Hadoop).
#
# Memory, MiB. The server takes 90 at rest and 256 are set aside; kernels have the rest of `node.share`. Server and kernels
# are one unit and get no more than that together: a kernel that wants more is ended, not the scheduler beside it.

manifest    = 2
description = "Notebooks in a browser, with a kernel for each engine of the cluster"
uses        = ["dask", "spark", "ray"]

masters {
  maximum = 1
  reason  = "notebooks are files of one machine"
}

installation {
  on = ["master"]
}

minimum_memory = { master = 1024 }

# ---------------------------------------------------------------------------------------------------------------------
# Versions. Digests in the lock file are PyPI's.

version "4.6.6" {
  requirements = "requirements-4.6.6.txt"
  python       = "3.11"
}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "jupyter"` block may say.

setting "index" {
  type        = "url"
  description = "Index of Python packages"
  default     = "https://pypi.org/simple"
}

setting "token" {
  type        = "string"
  description = "Token that a browser must have: who has it runs programs on the master, and with the engines' rights on the cluster"
  secret      = true
  generated   = true
}

setting "memory" {
  type        = "integer"
  description = "Memory that the server and all kernels may take together"
  unit        = "MiB"
  on          = "master"
  default     = node.share
  minimum     = 384
}

setting "idle_hours" {
  type        = "integer"
  description = "After so many hours without work a kernel that no browser looks at is ended, and its variables are lost; 0: never"
  unit        = "hours"
  default     = 24
  minimum     = 0
}

setting "terminals" {
  type        = "bool"
  description = "Whether there are terminals beside notebooks; notebooks can run the same programs"
  default     = true
}

# ---------------------------------------------------------------------------------------------------------------------

locals {
  python    = "${install.home}/bin/python"
  notebooks = length(node.disks) == 0 ? "/var/lib/jupyter/notebooks" : "${node.disks[0]}/jupyter/notebooks"
  launch    = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
  kernels   = concat(["python3"], has.dask ? ["dask"] : [], has.spark ? ["pyspark"] : [], has.ray ? ["ray"] : [])
  groups    = concat(has.dask ? [with.dask.group] : [], has.spark ? ["spark"] : [], has.ray ? [with.ray.group] : [])

  kernel_dask = has.dask ? jsonencode({
    display_name = "Dask"
    language     = "python"
    argv         = concat([with.dask.python], local.launch)
  }) : "{}"

  kernel_ray = has.ray ? jsonencode({
    display_name = "Ray"
    language     = "python"
    argv         = concat([with.ray.python], local.launch)
    env          = with.ray.environment
  }) : "{}"

  # The path of Python is that of bin/pyspark; a py4j that this Spark does not have is no harm. Executors have the same minor
  # version of Python: all nodes have one image, and Jupyter's Python is made from its own.
  kernel_pyspark = has.spark ? jsonencode({
    display_name = "PySpark"
    language     = "python"
    argv         = concat([local.python], local.launch)
    env = {
      SPARK_HOME            = with.spark.home
      SPARK_CONF_DIR        = with.spark.configuration
      PYTHONPATH            = join(":", [for part in ["pyspark.zip", "py4j-0.10.9.9-src.zip", "py4j-0.10.9.7-src.zip"] : "${with.spark.home}/python/lib/${part}"])
      PYSPARK_DRIVER_PYTHON = local.python
    }
  }) : "{}"
}

# ---------------------------------------------------------------------------------------------------------------------
# Accounts and folders.

user "jupyter" {
  home = "/var/lib/jupyter"
  on   = ["master"]
}

directory {
  path = ["/etc/jupyter", "/usr/local/lib/jupyter", "/usr/local/share/jupyter/kernels"]
  on   = ["master"]
}

directory {
  path  = "/var/lib/jupyter"
  owner = "jupyter:jupyter"
  mode  = "0750"
  on    = ["master"]
}

directory {
  path = [for disk in node.disks : "${disk}/jupyter"]
  on   = ["master"]
}

directory {
  path       = local.notebooks
  owner      = "jupyter:jupyter"
  mode       = "0750"
  holds_data = true
  on         = ["master"]
}

directory {
  path = "/usr/local/share/jupyter/kernels/dask"
  on   = ["master"]
  when = has.dask
}

directory {
  path = "/usr/local/share/jupyter/kernels/pyspark"
  on   = ["master"]
  when = has.spark
}

directory {
  path = "/usr/local/share/jupyter/kernels/ray"
  on   = ["master"]
  when = has.ray
}

# ---------------------------------------------------------------------------------------------------------------------
# The service. A kernel that is ended for want of memory does not end the others. Every kernel ends when it restarts.

service "lab" {
  description     = "JupyterLab"
  on              = "master"
  unit            = "jupyter-lab"
  user            = "jupyter"
  exec            = ["${install.home}/bin/jupyter", "lab", "--config", "/etc/jupyter/jupyter_server_config.py"]
  environment     = { JUPYTER_TOKEN = setting.token, PATH = "${install.home}/bin:/usr/local/bin:/usr/bin:/bin" }
  options         = { MemoryMax = "${setting.memory}M", OOMPolicy = "continue", WorkingDirectory = local.notebooks, TasksMax = "infinity" }
  memory          = 256
  workload_memory = setting.memory - 256 # kernels
  stores_data     = true
  needs_step      = "groups"

  ready {
    port = "jupyter"
    path = "/api" # its version, without a token
  }
}

protection {
  does = "the server (a generated token)"
  does_not = [
    "traffic (plain HTTP, so who can listen has the token)",
    "users from each other (all who have the token are one account)",
  ]
}

port "jupyter" {
  description = "JupyterLab, with a token over plain HTTP"
  service     = "lab"
  port        = 8888
  users       = true
  page        = "/lab"
}

# ---------------------------------------------------------------------------------------------------------------------
# Files.

# Keys of Jupyter Server, JupyterLab and their parts, as `jupyter lab --help-all` has them.
file "keys.yaml" {
  format   = "yaml"
  path     = "/etc/jupyter/keys.yaml"
  on       = ["master"]
  restarts = ["lab"]
  keys = {
    "ServerApp.ip"                           = "0.0.0.0"
    "ServerApp.port"                         = port.jupyter
    "ServerApp.port_retries"                 = 0
    "ServerApp.open_browser"                 = false
    "ServerApp.root_dir"                     = local.notebooks
    "ServerApp.terminals_enabled"            = setting.terminals
    "ServerApp.allow_remote_access"          = true
    "KernelManager.transport"                = "ipc"      # sockets in the user's folder: no ports, and nobody else on the machine listens
    "LabApp.extension_manager"               = "readonly" # the lock file says what there is
    "MappingKernelManager.cull_idle_timeout" = setting.idle_hours * 3600
    "MappingKernelManager.cull_interval"     = 300
    "LabApp.news_url"                        = "None" # nodes do not ask the internet for news
    "LabApp.check_for_updates_class"         = "jupyterlab.NeverCheckForUpdate"
  }
  protected = {
    "ServerApp.ip"           = "the port is closed from outside until an `allow` opens it"
    "ServerApp.port"         = "security rules, probes and addresses of web pages are made for this port"
    "ServerApp.port_retries" = "security rules, probes and addresses of web pages are made for one port"
    "ServerApp.root_dir"     = "DISCO keeps what is there; a volume of the master says where it is"
    "ServerApp.token"        = "it is the setting `token`, which is never shown"
    "ServerApp.password"     = "the setting `token` is what lets people in"
    "IdentityProvider.token" = "it is the setting `token`, which is never shown"
  }
}

file "jupyter_server_config.py" {
  format   = "template"
  path     = "/etc/jupyter/jupyter_server_config.py"
  template = "jupyter_server_config.py"
  on       = ["master"]
  restarts = ["lab"]
}

file "smoke_test.py" {
  format   = "template"
  path     = "/usr/local/lib/jupyter/smoke_test.py"
  template = "smoke_test.py"
  on       = ["master"]
}

file "kernel-dask.json" {
  format   = "template"
  path     = "/usr/local/share/jupyter/kernels/dask/kernel.json"
  template = "kernel-dask.json"
  on       = ["master"]
  when     = has.dask
}

file "kernel-pyspark.json" {
  format   = "template"
  path     = "/usr/local/share/jupyter/kernels/pyspark/kernel.json"
  template = "kernel-pyspark.json"
  on       = ["master"]
  when     = has.spark
}

file "kernel-ray.json" {
  format   = "template"
  path     = "/usr/local/share/jupyter/kernels/ray/kernel.json"
  template = "kernel-ray.json"
  on       = ["master"]
  when     = has.ray
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps.

# Groups of the engines: what their files let only them read, kernels may read. One that is left again keeps the group.
step "groups" {
  when    = has.dask || has.spark || has.ray
  moment  = "before-start"
  on      = ["master"]
  timeout = 60
  action = {
    kind     = "command"
    commands = [["usermod", "--append", "--groups", join(",", local.groups), "jupyter"]]
  }
}

# Every kernel computes a sum, those of engines on their cluster.
step "smoke-test" {
  moment  = "smoke-test"
  timeout = 600
  action = {
    kind     = "job"
    user     = "jupyter"
    once     = true
    expect   = "all kernels compute"
    commands = [concat([local.python, "/usr/local/lib/jupyter/smoke_test.py"], local.kernels)]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "jupyter" {
  title = "JupyterLab"
  ask   = { info = "http://127.0.0.1:${port.jupyter}/api" }
  facts = [{ name = "version", title = "Jupyter Server", from = "info", path = ["version"] }]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { notebook = 3 }
  languages = { python = 3, sql = 1 }
  home      = { cluster = 2, object = 2, loaded = 2 }
  gpu       = 1
  people    = 1
  survives  = 1
  simple    = 2
  answer    = "100 ms"
  parts     = { keeps = false }

  source "https://docs.jupyter.org/en/latest/" {
    about = ["work.notebook", "languages.python"]
    says  = "documents of code, text and pictures in a browser; the kernel that comes with it is Python's"
  }
}

sizing {
  master_memory = people.count * 1024 + 128

  source "https://tljh.jupyter.org/en/latest/howto/admin/resource-estimation.html" {
    about = ["master_memory"]
    says  = "memory of a user times those who work at once, and 128 MB; 1 GiB for each is their first guess"
  }
}
