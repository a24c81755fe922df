# What cannot be read hides nothing of what can, and is not missed by it.
variable "password" {
  type    = string
  sensitive true
  default = "correct horse"
}

variable "nodes" {
  type    = nmber
  default = 3
}

locals {
  port = 80 +
  name = "ok"
}

cluster "first" {
  image = "debian-12
  network {
    cidr             = "10.20.0.0/33"
    external_network = "public"
  }
  master { flavor = "m1.large" floating_ip = true }
  slaves {
    count  = local.port
    flavour = "m1.large"
    volume "data" { size = 100 GB }
  }
  framework "hadop" {}
}

cluster "second" {
  image = "debian-12"
  network {
    cidr             = "10.21.0.0/24"
    external_network = "public"
  slaves {
    count  = var.password
    flavor = "m1.large"
  }
}

cluster "third" {
  image = "debian-12"
  network {
    cidr             = "10.22.0.0"
    external_network = "public"
  }
  master { flavor = local.lost }
  slaves {
    count  = local.nam
    flavor = var.nodes
  }
}
