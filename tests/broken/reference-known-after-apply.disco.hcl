cluster "one" {
  image = "debian-12"
  network {
    cidr             = "10.20.0.0/24"
    external_network = "public"
  }
  master {
    flavor      = "m1.large"
    floating_ip = true
  }
}

cluster "two" {
  image = "debian-12"
  network { cidr = "10.21.0.0/24" }
  security {
    allow "ssh" { from = ["${cluster.one.master[0].floating_ip}/32"] }
  }
  master { flavor = cluster.one.id }
}
