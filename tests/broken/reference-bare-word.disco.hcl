cluster "analytics" {
  image = debian
  network { cidr = "10.20.0.0/24" }
  master { flavor = m1.large }
}
