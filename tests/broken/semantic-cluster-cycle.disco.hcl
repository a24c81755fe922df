locals {
  home = cluster.a.master[0].address
}

cluster "a" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  security {
    allow "ssh" { from = ["${cluster.b.master[0].address}/32"] }
  }
  master { flavor = "m1.large" }
}

cluster "b" {
  image = "debian-12"
  network { cidr = "10.21.0.0/24" }
  security {
    allow "ssh" { from = ["${local.home}/32"] }
  }
  master { flavor = "m1.large" }
}

cluster "c" {
  image = "debian-12"
  network { cidr = "10.22.0.0/24" }
  security {
    allow "ssh" { from = [cluster.e.network.cidr, cluster.a.network.cidr] }
  }
  master { flavor = "m1.large" }
}

cluster "d" {
  image = "debian-12"
  network { cidr = "10.23.0.0/24" }
  security {
    allow "ssh" { from = [cluster.c.network.cidr, cluster.d.network.cidr] }
  }
  master { flavor = "m1.large" }
}

cluster "e" {
  image = "debian-12"
  network { cidr = "10.24.0.0/24" }
  security {
    allow "ssh" { from = [cluster.d.network.cidr] }
  }
  master { flavor = "m1.large" }
}
