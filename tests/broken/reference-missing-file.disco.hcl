cluster "analytics" {
  image    = "debian-12"
  ssh_keys = [file("no-such-key.pub")]
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
}
