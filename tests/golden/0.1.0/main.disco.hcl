# What a version of DISCO leaves behind for later ones: every kind of thing it can make.

provider "local" { max_resources_per_stack = 50 }

variable "workers" {
  type    = number
  default = 3
}

variable "password" {
  default   = "swordfish"
  sensitive = true
}

cluster "analytics" {
  image    = "debian-12"
  ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1yuHfHOTHRKQDH2QVfFnM1VGiHFmwzBLEEpCxZnJ0e golden"]

  network {
    cidr             = "10.60.0.0/23"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = ["203.0.113.0/24"] }
    allow "web-ui" { from = ["203.0.113.0/24"] }
    allow "custom" {
      protocol = "tcp"
      ports    = ["8443", "9000-9010"]
      from     = ["198.51.100.0/24"]
      to       = "master"
    }
  }

  master {
    flavor      = "m1.large"
    floating_ip = true
    volume "data" { size = 50 }
  }

  slaves {
    count         = var.workers
    flavor        = "m1.large"
    anti_affinity = "soft"
    volume "hdfs" { size = 100 }
  }

  slaves "burst" {
    count   = 2
    flavor  = "m1.medium"
    storage = false
  }

  framework "hadoop" {
    replication = 2
    config "core-site.xml" {
      set = { "fs.s3a.secret.key" = var.password }
    }
  }

  framework "spark" { run_on = "yarn" }

  lifecycle {
    prevent_destroy = false
    timeout         = "45m"
  }
}

cluster "bare" {
  image = "debian-12"

  network {
    cidr             = "10.61.0.0/24"
    external_network = "public"
  }

  master {
    flavor      = "m1.small"
    floating_ip = true
  }
}

output "yarn" { value = cluster.analytics.ui.yarn }

output "password" {
  sensitive = true
  value     = var.password
}
