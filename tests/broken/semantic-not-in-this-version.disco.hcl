module "lake" { source = "./lake" }

moved {
  from = cluster.old
  to   = cluster.analytics
}

cluster "analytics" {
  for_each = toset(["a", "b"])
  image    = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  dynamic "slaves" { for_each = [1] }
}
