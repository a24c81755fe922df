cluster "analytics" {
  image    = "debian-12"
  ssh_keys = "ssh-ed25519 AAAA"
  network {
    cidr            = "10.20.0.0/24"
    dns_nameservers = ["9.9.9.9", "dns.example.org"]
  }
  security {
    allow "ssh" { from = "203.0.113.0/24" }
  }
  master { flavor = "m1.large" }
}
