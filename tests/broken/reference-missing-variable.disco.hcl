variable "flavor" {
  type        = string
  description = "Size of the machines"
}

cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = var.flavor }
}
