cluster "analytics" {
  image    = ubuntu-24.04
  ssh_keys = [file(~/.ssh/id_ed25519.pub)]
  network {
    cidr             = 10.20.0.0/24
    external_network = public
    dns_nameservers  = ["10.20.0.1", 10.20.0.2]
  }
  security {
    allow "ssh" { from = [203.0.113.0/24] }
  }
  master { flavor = m1.large }
  slaves {
    count  = 3
    flavor = "m1.large"
    volume "data" {
      size  = 100GB
      mount = /data/hdfs
    }
  }
  framework hadoop {
    version = 3.5.0
  }
  lifecycle { timeout = 60m }
}

output "address" { value = https://example.com/x }
