locals {
  name = "cluster-${var.name"
}

variable "name" { default = "a" }
