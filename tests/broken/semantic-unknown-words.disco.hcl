region = "north"

clusters "one" {}

cluster "analytics" {
  image = "debian-12"
  flavor = "m1.large"
  lifecycle = { prevent_destroy = true }
  image { name = "debian-12" }
  network {
    cidr = "10.20.0.0/24"
    gateway = "10.20.0.1"
  }
  master {
    flavour = "m1.large"
    volumes "data" { size = 10 }
    storage = true
  }
}
