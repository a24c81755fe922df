variable "slaves" { default = 3 }

locals { office = ["203.0.113.0/24"] }

cluster "analytics" {
  image = var.image
  network { cidr = local.cidr }
  security {
    allow "ssh" { from = local.ofice }
  }
  master { flavor = "m1.large" }
  slaves {
    count  = var.slavs
    flavor = "m1.large"
  }
}
