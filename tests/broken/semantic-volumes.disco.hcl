cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master {
    flavor = "m1.large"
    volume "data" { size = 0 }
    volume "logs" { mount = "/var/log" }
    volume "Temp" { size = 10 }
    volume "tmp" {
      size  = 10
      mount = "data/../tmp"
    }
    volume "big" { size = "100GB" }
  }
}
