variable "cidr" {
  type        = string
  description = "The addresses of the site's network"
}

variable "slaves" {
  type    = number
  default = 1
  validation {
    condition     = var.slaves > 0
    error_message = "a site needs a slave"
  }
}

cluster "hadoop" {
  image = "debian-12"
  network {
    cidr             = var.cidr
    external_network = "public"
  }
  master { flavor = "m1.medium" }
  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }
  framework "hadoop" {}
  lifecycle {
    # What nodes boot from counts when a site is created: another image would replace their disks.
    ignore_changes = [image]
  }
}

output "master" { value = cluster.hadoop.master[0].address }
