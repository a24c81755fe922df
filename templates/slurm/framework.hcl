# Slurm: a queue for jobs on the slaves, with Open MPI and MPICH.
#
# What expressions may name, and what each block means, is told in templates/README.md.
#
# Everything is of the distribution: Slurm, MUNGE, MPI. On the master runs slurmctld, which keeps the queue, on each
# slave slurmd, which runs jobs, on all nodes munged, which proves to Slurm who somebody is.
#
# Slaves are *dynamic nodes* (slurm.schedmd.com/dynamic_nodes.html, since 22.05): slurmd tells slurmctld what its
# machine has, and no file names the slaves. So a cluster grows without a change to any other node. What dynamic nodes
# need: `MaxNodeCount`, `select/cons_tres`, a flat tree (`TreeWidth`), a partition with `Nodes=ALL`.
#
# A name that comes back. slurmctld keeps a dynamic node's size and state for ever, and a later `--conf` of the same
# name changes nothing [seen with 22.05.8]: a slave that left by `drain` would come back drained, one of another flavor
# would keep its old memory. So a new machine, and one whose memory for jobs changed, has the node of its name deleted
# before its slurmd starts for the first time (the step `prepare`). slurmctld refuses that while the node has jobs.
#
# How memory is shared out. All sizes are MiB. munged was seen to take 4, slurmctld with its helper 12, slurmd 8, and a
# step of a job about 8; they are counted as 16, 96, and 64 (with the steps). A slave gives what is left of `node.share`
# to jobs (`RealMemory`). A job that does not say what it needs gets for each CPU what the poorest slave has for one
# (`DefMemPerCPU`), so that such jobs fill any slave.
#
# What keeps jobs apart. With `confine` (the default) each job has a control group of its own with its cores and
# memory [a job was kept to one core and killed beyond its memory with control groups v1; v2, which debian-12 has, was
# not at hand]. Without it processes are found by their parents, memory is looked at every 30 seconds, and nothing binds a job
# to its cores: for nodes whose control groups are read-only, such as containers.
#
# What is protected, and what is not. Who does not have MUNGE's key cannot submit, ask or answer; it is generated. Whoever
# is root on one node can make the credentials of anybody. Answers are not encrypted, and MPI's own connections are
# neither encrypted nor authenticated: they need free ports between the nodes, which the cluster's security group allows.
# Clocks may differ by five minutes at most (MUNGE's credentials); the images' own NTP sees to it.
#
# Who runs jobs: an account that all nodes have under the same number, such as the image's own. There is no folder that
# all nodes share: what a batch job writes lies on the first slave of the job, and `sbcast` copies programs to the others.
#
# Not set up: slurmdbd and with it fair share and limits of accounts (it needs a database); a second slurmctld (it needs a
# folder that both write); GPUs (`Gres`); slurmrestd; X11.

manifest    = 2
description = "Queue for batch jobs and MPI"
needs       = ["slaves"]

provide "slurm" {
  values = {
    partition     = setting.partition
    configuration = "/etc/slurm"
  }
}

masters {
  maximum = 1
  reason  = "a second slurmctld needs a folder that both can write, which this manifest does not set up"
}

minimum_memory  = { master = 512, slave = 512 }
reserved_memory = setting.reserved_memory

# ---------------------------------------------------------------------------------------------------------------------
# Versions: what the distributions have. 22.05 is debian-12's, 23.11 ubuntu-24.04's, 24.11 debian-13's. Older ones (Debian 11,
# Ubuntu 22.04) have no dynamic nodes. The step `version` compares it with what a node really has.

version "22.05" {}

version "23.11" {}

version "24.11" {}

# ---------------------------------------------------------------------------------------------------------------------
# Settings: what a `framework "slurm"` block may say.

setting "munge_key" {
  type        = "string"
  description = "MUNGE's key: who has it can take part in the cluster as anybody"
  secret      = true
  generated   = true
  length      = 128 # 762 bits; MUNGE wants 256 at least
}

setting "openmpi" {
  type        = "bool"
  description = "Whether all nodes have Open MPI; its programs run with `srun --mpi=pmix`, the default then, or with mpirun in an allocation"
  default     = true
}

setting "mpich" {
  type        = "bool"
  description = "Whether all nodes have MPICH; its programs run with `srun --mpi=pmi2`, the default where there is no Open MPI"
  default     = false
}

setting "compilers" {
  type        = "bool"
  description = "Whether the master has mpicc, gcc and gfortran for the MPI that the nodes have"
  default     = false
}

setting "packages" {
  type        = "list(string)"
  description = "More packages of the distribution on all nodes, as in `[\"python3-mpi4py\"]`"
  default     = []
}

setting "confine" {
  type        = "bool"
  description = "Whether control groups keep jobs to the cores and the memory that they asked for"
  default     = true
}

setting "partition" {
  type        = "string"
  not_empty   = true
  description = "Name of the partition of all slaves, the default one"
  default     = "main"
}

setting "default_time" {
  type        = "integer"
  unit        = "minutes"
  description = "How long a job may take that does not say it; without it as long as `max_time`"
  minimum     = 1
}

setting "max_time" {
  type        = "integer"
  unit        = "minutes"
  description = "How long a job may take at most; without it there is no limit"
  minimum     = 1
}

setting "lines" {
  type        = "list(string)"
  description = "More lines of slurm.conf, as in `[\"PartitionName=short Nodes=ALL MaxTime=30\"]`; each slave has the name of its group as a feature"
  default     = []
}

setting "max_nodes" {
  type        = "integer"
  description = "Slaves that slurmctld has room for (`MaxNodeCount`)"
  default     = 1024
  minimum     = 1
  maximum     = 65533
}

setting "reserved_memory" {
  type        = "integer"
  unit        = "MiB"
  description = "Memory left to the operating system"
  default     = node.reserved
  minimum     = 0
}

setting "memory" {
  type        = "integer"
  unit        = "MiB"
  description = "Memory of a slave for jobs (`RealMemory`)"
  on          = "slaves"
  default     = node.share - local.slurmd_memory - local.munge_memory
  minimum     = 64
}

setting "default_memory" {
  type         = "integer"
  unit         = "MiB"
  description  = "Memory for each CPU of a job that does not say what it needs (`DefMemPerCPU`): what the slave with the least has for one"
  default      = min(slaves.memory_for_one...)
  minimum      = 16
  maximum      = min(slaves.memory...)
  limit_reason = "the smallest slave has ${min(slaves.memory...)} for jobs"
}

# ---------------------------------------------------------------------------------------------------------------------

locals "MiB" {
  munge_memory     = 16
  slurmctld_memory = 96
  slurmd_memory    = 64
  memory_for_one   = floor(setting.memory / node.vcpus)
}

locals {
  pmix = ["find", "/usr/lib", "-path", "*/pmix2/lib/libpmix.so.2", "-execdir", "ln", "-sf", "{}", "libpmix.so", ";"]

  # The queue lies on a volume of the master where it has one.
  state = length(node.disks) == 0 ? "/var/lib/slurm/slurmctld" : "${node.disks[0]}/slurm"
}

assert {
  condition = cluster.slaves <= setting.max_nodes
  message   = "the cluster has ${cluster.slaves} slaves, and `max_nodes` is ${setting.max_nodes}"
}

# ---------------------------------------------------------------------------------------------------------------------
# Packages of the distribution. They make the accounts `munge` and, with the same number on all nodes, `slurm`.

packages {
  names = concat(["munge", "slurm-client"], setting.openmpi ? ["openmpi-bin"] : [], setting.mpich ? ["mpich"] : [], setting.packages)
}

packages {
  on    = ["master"]
  names = ["slurmctld"]
}

packages {
  on    = ["slaves"]
  names = ["slurmd"]
}

packages {
  on    = ["master"]
  when  = setting.compilers
  names = concat(["gcc", "gfortran", "libc6-dev"], setting.openmpi ? ["libopenmpi-dev"] : [], setting.mpich ? ["libmpich-dev"] : [])
}

user "munge" {}

user "slurm" {
  home = "/var/lib/slurm"
}

directory {
  path       = local.state
  owner      = "slurm:slurm"
  mode       = "0750"
  holds_data = true # queued jobs cannot be recomputed
  on         = ["master"]
}

directory {
  path = "/var/lib/slurm/slurmd"
  on   = ["slaves"]
}

# ---------------------------------------------------------------------------------------------------------------------
# Services, in the order to start them on a node. The last two have the names of the packages' units and take their place.

service "munge" {
  description = "MUNGE"
  on          = ["master", "slaves"]
  unit        = "munge"
  packaged    = true
  environment = { OPTIONS = "--key-file=/etc/munge/cluster.key" }
  memory      = local.munge_memory
  needs_step  = "version"

  ready {
    command = ["munge", "-n"]
    timeout = 60
  }
}

service "slurmctld" {
  description = "Slurm controller"
  on          = "master"
  unit        = "slurmctld"
  user        = "slurm"
  exec        = ["/usr/sbin/slurmctld", "-D", "-s"]
  after       = ["munge"]
  needs_step  = "pmix"
  memory      = local.slurmctld_memory
  stores_data = true

  # As in the package's unit.
  options = {
    RuntimeDirectory = "slurmctld"
    LimitNOFILE      = 65536
    TasksMax         = "infinity"
  }

  ready {
    command = ["scontrol", "ping"]
    expect  = "is UP"
    timeout = 120
  }
}

# Jobs outlive a restart of slurmd: its unit kills nothing but slurmd itself.
service "slurmd" {
  description     = "Slurm node"
  on              = "slaves"
  unit            = "slurmd"
  user            = "root" # it starts jobs as those who submitted them
  exec            = ["/usr/sbin/slurmd", "-D", "-s", "-N", node.name, "-Z", "--conf", "RealMemory=${setting.memory} Feature=${group.name}"]
  after           = ["munge"]
  kill_mode       = "process"
  needs_step      = "prepare"
  memory          = local.slurmd_memory
  workload_memory = setting.memory
  max_unavailable = max(1, floor(group.count / 4))

  # As in the package's unit. Control groups of jobs are slurmd's own affair.
  options = {
    Delegate     = "yes"
    LimitNOFILE  = 131072
    LimitMEMLOCK = "infinity"
    LimitSTACK   = "infinity"
    TasksMax     = "infinity"
  }

  ready {
    port    = "slurmd"
    timeout = 120
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Ports. None is for people outside: clients have the key, and so are nodes.

port "slurmctld" {
  description = "Slurm controller"
  service     = "slurmctld"
  port        = 6817
}

port "slurmd" {
  description = "Slurm node"
  service     = "slurmd"
  port        = 6818
}

protection {
  does = "jobs, questions and answers (MUNGE, with a generated key)"
  does_not = [
    "the cluster from who is root on one node",
    "traffic (answers are not encrypted, and MPI's connections are neither encrypted nor authenticated)",
  ]
}

port "srun" {
  description = "What jobs write, to the srun that started them"
  on          = ["master", "slaves"]
  port        = 61001
  last_port   = 61512
  differs     = "Slurm's default is any free port; these are above those that Linux gives to others"
}

# ---------------------------------------------------------------------------------------------------------------------
# Files. slurm.conf is the same on all nodes, but for the place of the queue.

file "munge.key" {
  format   = "template"
  path     = "/etc/munge/cluster.key" # the package makes a munge.key of its own, which no other node has
  template = "munge.key"
  owner    = "munge:munge"
  mode     = "0400"
  restarts = ["munge"]
}

file "slurm.conf" {
  format   = "properties"
  path     = "/etc/slurm/slurm.conf"
  template = "slurm.conf"
  restarts = ["slurmctld", "slurmd"]
  keys = {
    ClusterName             = cluster.name
    SlurmctldHost           = cluster.master
    SlurmUser               = "slurm"
    AuthType                = "auth/munge"
    CredType                = "cred/munge"
    SlurmctldPort           = port.slurmctld
    SlurmdPort              = port.slurmd
    SrunPortRange           = "${port.srun}-61512"
    StateSaveLocation       = group.role == "master" ? local.state : "/var/lib/slurm/slurmctld"
    SlurmdSpoolDir          = "/var/lib/slurm/slurmd"
    SlurmctldPidFile        = "/run/slurmctld/slurmctld.pid"
    SlurmctldSyslogDebug    = "quiet" # what they write is in the journal
    SlurmdSyslogDebug       = "quiet"
    DebugFlags              = "NO_CONF_HASH" # nodes are changed one after the other
    MaxNodeCount            = setting.max_nodes
    TreeWidth               = 65533
    ReturnToService         = 2 # a node that was away and has all that it had is in use again
    SelectType              = "select/cons_tres"
    SelectTypeParameters    = "CR_Core_Memory"
    DefMemPerCPU            = setting.default_memory
    ProctrackType           = setting.confine ? "proctrack/cgroup" : "proctrack/linuxproc"
    TaskPlugin              = setting.confine ? "task/affinity,task/cgroup" : "task/none"
    JobAcctGatherType       = setting.confine ? "jobacct_gather/cgroup" : "jobacct_gather/linux"
    JobAcctGatherParams     = setting.confine ? null : "OverMemoryKill"
    JobCompType             = "jobcomp/filetxt" # `sacct -c` on the master
    JobCompLoc              = "/var/log/slurm/jobcomp.log"
    PropagateResourceLimits = "NONE" # those of slurmd count, not those of the shell that submits
    MpiDefault              = setting.openmpi ? "pmix" : (setting.mpich ? "pmi2" : "none")
  }
  protected = {
    AuthType          = "nodes have MUNGE's key"
    SlurmctldHost     = "it is the first master"
    SlurmctldPort     = "probes are made for this port"
    SlurmdPort        = "probes are made for this port"
    StateSaveLocation = "it is the folder whose loss a plan tells of"
    SlurmUser         = "the unit runs as this account"
    MaxNodeCount      = "it is the setting `max_nodes`"
    SelectType        = "dynamic nodes need it"
    TreeWidth         = "dynamic nodes need it"
  }
}

file "cgroup.conf" {
  format   = "properties"
  path     = "/etc/slurm/cgroup.conf"
  restarts = ["slurmd"]
  keys = {
    ConstrainCores     = setting.confine ? "yes" : "no"
    ConstrainRAMSpace  = setting.confine ? "yes" : "no"
    ConstrainSwapSpace = setting.confine ? "yes" : "no" # with AllowedSwapSpace 0: a job does not swap beyond its memory
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Steps.

step "version" {
  moment  = "before-start"
  on      = ["master", "slaves"]
  timeout = 60
  action = {
    kind     = "job"
    user     = "root"
    commands = [["sinfo", "--version"]]
    expect   = "^slurm[a-z-]* ${replace(version.name, ".", "[.]")}[.]"
  }
}

# Slurm's plugin for PMIx opens a `libpmix.so`, which only the package for developers has, with 25 others: without it no job
# starts [seen with 22.05.8 on debian-12]. Where there is no Open MPI `find` finds nothing.
step "pmix" {
  moment  = "before-start"
  on      = ["master"]
  timeout = 60
  action = {
    kind     = "command"
    commands = [local.pmix]
  }
}

# The same on slaves; and slurmctld forgets who had a new slave's name. This is done once, and again where the commands are
# others: so `true` names what slurmctld would not learn otherwise. `find` does not mind that mostly there is no such node.
step "prepare" {
  moment  = "before-start"
  on      = ["slaves"]
  timeout = 120
  action = {
    kind = "command"
    once = true
    commands = [
      local.pmix,
      ["true", "RealMemory=${setting.memory}"],
      ["find", "/usr/bin/scontrol", "-exec", "{}", "delete", "NodeName=${node.name}", ";"],
    ]
  }
}

step "nodes" {
  moment     = "verify"
  timeout    = 300
  members_of = "slaves"
  action = {
    kind    = "command_members"
    title   = "Slurm nodes up"
    user    = "slurm"
    command = ["sinfo", "--noheader", "--all", "--Node", "--format=%N %T"]
    # A sign behind the state would say that the node does not answer, or is in maintenance.
    pattern = "(?m)^(\\S+) (?:idle|mixed|allocated|completing|planned|reserved|blocked)$"
  }
}

# Slaves that leave get no more jobs, and those that they have may end. What counts as gone is not listed by the pattern.
step "drain" {
  moment     = "verify"
  timeout    = 3600 # jobs may go on for an hour; then all slaves stay
  members_of = "slaves"
  action = {
    kind    = "decommission"
    title   = "Slurm nodes drained"
    user    = "slurm"
    each    = [["scontrol", "update", "NodeName={name}", "State=DRAIN", "Reason=leaves"]]
    command = ["sinfo", "--noheader", "--all", "--Node", "--format=%N %T"]
    pattern = "(?m)^(\\S+) (?:idle|mixed|allocated|completing|planned|reserved|blocked|draining)$"
  }
}

# A job of one task on any slave: it is queued, started there, and what it writes comes back.
step "smoke-test" {
  moment  = "smoke-test"
  timeout = 120
  action = {
    kind     = "job"
    user     = "slurm"
    once     = true
    expect   = "(?m)^${cluster.name}-"
    commands = [["srun", "--chdir=/", "--job-name=smoke-test", "--ntasks=1", "--time=1", "--partition=${setting.partition}", "hostname"]]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What `disco status` asks. It stands on no node: a change here changes no cluster.

status "slurm" {
  title = "Slurm"
  ask = {
    nodes = {
      command = ["sinfo", "--noheader", "--all", "--Node", "--format=%N %T %E"]
      pattern = "(?m)^(?P<name>\\S+) (?P<state>\\S+) (?:none|(?P<reason>.*))$"
    }
    jobs = {
      command = ["sdiag"]
      pattern = "(?s)Jobs pending: *(?P<pending>[0-9]+).*Jobs running: *(?P<running>[0-9]+)"
    }
  }
  members_of = "slaves"
  members = {
    title   = "Slurm nodes"
    from    = "nodes"
    path    = []
    names   = "name"
    state   = "state"
    well    = ["idle", "mixed", "allocated", "completing", "planned", "reserved", "blocked"]
    problem = "reason"
  }
  facts = [
    { name = "running", title = "jobs running", from = "jobs", path = [0, "running"] },
    { name = "pending", title = "jobs pending", from = "jobs", path = [0, "pending"] },
  ]
}

# What it is good for, and how large a cluster has to be: what `disco suggest` goes by.

suits {
  work      = { simulation = 3, tasks = 3, batch = 1, ml = 1, arrays = 1 }
  languages = { native = 3, python = 2, r = 2, java = 1, scala = 1 }
  code      = { mpi = 3, pandas = 2 }
  home      = { loaded = 2, object = 1, cluster = 1 }
  gpu       = 1
  people    = 3
  survives  = 1
  simple    = 2
  answer    = "1 min"
  volume    = { to = "1 PB" }
  parts     = { minimum_nodes = 1 }

  source "https://slurm.schedmd.com/overview.html" {
    about = ["work.tasks", "people"]
    says  = "gives nodes to users for a time, starts and watches parallel jobs on them, and keeps a queue where more is asked for than is there"
  }
  source "https://slurm.schedmd.com/mpi_guide.html" {
    about = ["code.mpi", "languages.native"]
    says  = "starts the processes of MPI programs itself and tells them of each other"
  }
  source "https://docs.aws.amazon.com/wellarchitected/latest/high-performance-computing-lens/tightly-coupled-scenarios.html" {
    about = ["work.simulation", "large_nodes", "survives"]
    says  = "fluid dynamics, weather and reservoirs: processes that talk to each other in every step, on few large nodes under a scheduler; the loss of one ends the job"
  }
}

sizing {
  memory_per_core = 2
  throughput      = 10 # our estimate
  large_nodes     = true
}
