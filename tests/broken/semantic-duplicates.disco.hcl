variable "slaves" { default = 3 }
variable "slaves" { default = 4 }

locals { office = ["203.0.113.0/24"] }
locals { office = ["198.51.100.0/24"] }

cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  network { cidr = "10.30.0.0/24" }
  master {
    flavor = "m1.large"
    volume "data" { size = 10 }
    volume "data" { size = 20 }
    volume "logs" {
      size  = 5
      mount = "/data/data"
    }
  }
  slaves {
    count  = 1
    flavor = "m1.large"
  }
  slaves "slaves" {
    count  = 1
    flavor = "m1.large"
  }
  framework "hadoop" {}
  framework "hadoop" { version = "3.5.0" }
}

cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.40.0.0/24" }
  master { flavor = "m1.large" }
}

output "ssh" { value = 1 }
output "ssh" { value = 2 }
