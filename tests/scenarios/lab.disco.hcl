variable "slaves" {
  default = 1
}

# A guest's key changes what every node is configured with, in place.
variable "guest" {
  default = false
}

variable "on_failure" {
  default = "keep"
}

cluster "lab" {
  image    = "debian-12"
  ssh_keys = var.guest ? ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDIhz2GK/XCUj4i6Q5yQJNL1MKMY0RxzPV2QrBqfHrDq guest"] : []

  network { cidr = "10.1.0.0/24" }
  master { flavor = "m1.small" }
  slaves {
    count  = var.slaves
    flavor = "m1.small"
  }

  lifecycle {
    on_failure = var.on_failure
    timeout    = "60m"
  }
}
