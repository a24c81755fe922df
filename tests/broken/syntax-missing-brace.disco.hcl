cluster "analytics" {
  image = "debian-12"
  network {
    cidr = "10.20.0.0/24"
  master {
    flavor = "m1.large"
  }
}

output "ssh" { value = cluster.analytics.ssh }
