cluster "analytics" {
  image = "debian-12"
  ssh_keys = [
    "~/.ssh/id_ed25519.pub",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1yuHfH",
    "ssh-rsa",
    "",
    "-----BEGIN CERTIFICATE-----",
  ]
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
}
