variable "slaves" {
  default = = 3
}

locals {
  office = ["203.0.113.0/24"
}

output "ssh" {
  value = cluster.analytics.
}
