# The cluster that every change begins with.
cluster "lab" {
  image    = "debian-12"
  ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOJ8wnYovhgowU/RsbT3t7GY8C9l6kgiVX+GsYWab6fv a"]

  network {
    cidr             = "10.20.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = ["203.0.113.0/24"] }
    allow "web-ui" { from = ["203.0.113.0/24"] }
  }

  master {
    flavor      = "m1.large"
    floating_ip = true
  }

  slaves {
    count  = 3
    flavor = "m1.large"
    volume "hdfs" { size = 100 }
  }

  slaves "burst" {
    count   = 2
    flavor  = "m1.medium"
    storage = false
  }

  framework "hadoop" {
    replication = 2
    config "log4j.properties" { content = "log4j.rootLogger=INFO\n" }
  }

  framework "spark" { run_on = "yarn" }

  lifecycle { timeout = "60m" }
}

output "master" { value = cluster.lab.master[0].name }
