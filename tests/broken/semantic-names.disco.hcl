cluster "Data_Lake" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
}

cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.21.0.0/24" }
  master "one" { flavor = "m1.large" }
  slaves "network" {
    count  = 1
    flavor = "m1.large"
  }
  slaves "2nd" {
    count  = 1
    flavor = "m1.large"
  }
}

variable "how many" { default = 1 }

output "the-ssh command" { value = 1 }
