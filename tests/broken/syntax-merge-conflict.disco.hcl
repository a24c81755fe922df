cluster "analytics" {
  image = "debian-12"
<<<<<<< HEAD
  key_pair = "ada"
=======
  key_pair = "grace"
>>>>>>> other
  network {
    cidr = "10.20.0.0/24"
  }
<<<<<<< HEAD
  master { flavor = "m1.large" }
||||||| base
=======
  master { flavor = "m1.small" }
>>>>>>> other
}
