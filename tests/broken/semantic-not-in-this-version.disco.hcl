module "lake" { source = "./lake" }

moved {
  from = cluster.old
  to   = cluster.analytics
}

import {
  to = cluster.analytics
  id = "analytics"
}

check "sizes" {}

cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  lifecycle {
    precondition { condition = true }
  }
}
