cluster {
  group {
    size = 1
    disk {
      gb = 10
      filesystem {
        kind = "ext4"
      }
    }
    disk { gb = 20 }
  }

  name = "a"
  group {}
}
