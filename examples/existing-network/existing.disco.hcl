# A cluster on a network that is there already. DISCO takes only addresses of the range that it is given, which must lie
# outside the range from which the subnet's DHCP gives out addresses.

variable "network" {
  type        = string
  default     = "lab-net"
  description = "Name of the network"
}

variable "subnet" {
  type        = string
  default     = "lab-subnet"
  description = "Name of its subnet"
}

variable "addresses" {
  type        = string
  default     = "192.0.2.64/26"
  description = "The part of the subnet that the nodes may use"
}

cluster "guests" {
  image = "debian-12"

  network {
    existing  = var.network
    subnet    = var.subnet
    addresses = var.addresses
  }

  security {
    allow "ssh" { from = ["192.0.2.0/24"] }
    allow "web-ui" { from = ["192.0.2.0/24"] }
  }

  master { flavor = "m1.medium" }

  slaves {
    count  = 2
    flavor = "m1.medium"
  }

  framework "spark" {}
}

output "spark_ui" {
  value = cluster.guests.ui.spark
}

output "master" {
  value = cluster.guests.master[0].address
}
