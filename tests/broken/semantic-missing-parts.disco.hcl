cluster "one" {
  image = "debian-12"
}

cluster "two" {
  network { cidr = "10.20.0.0/24" }
  master {}
  slaves { flavor = "m1.large" }
}

cluster {
  image = "debian-12"
}

output "nothing" {}

provider {}

variable "checked" {
  default = 1
  validation { condition = true }
}
