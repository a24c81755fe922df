cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  lifecycle {
    prevent_destroy = "yes"
    on_failure      = "rolback"
    timeout         = "soon"
  }
}
