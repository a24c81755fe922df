# Four to ten machines for each of `slaves`, in stacks that have room for eight.

provider "local" {
  max_resources_per_stack = 50
}

variable "slaves" {
  type    = number
  default = 3
}

variable "block_size" {
  type    = string
  default = "128m"
}

cluster "analytics" {
  image = "debian-12"

  network {
    cidr             = "10.20.0.0/22"
    external_network = "public"
  }

  master {
    flavor      = "m1.medium"
    floating_ip = true
  }

  slaves {
    count  = var.slaves * 4
    flavor = "m1.medium"
  }

  framework "hadoop" {
    config "hdfs-site.xml" {
      set = { "dfs.blocksize" = var.block_size }
    }
  }

  lifecycle {
    batch_size = 4
  }
}
