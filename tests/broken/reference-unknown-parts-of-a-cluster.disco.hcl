cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves {
    count  = 3
    flavor = "m1.large"
  }
  framework "hadoop" {}
}

output "cluster" { value = cluster.analitics.ssh }
output "ui" { value = cluster.analytics.ui.yrn }
output "group" { value = cluster.analytics.slavs }
output "node" { value = cluster.analytics.slaves[7].address }
output "attribute" { value = cluster.analytics.master[0].ip }
