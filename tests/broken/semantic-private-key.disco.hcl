cluster "analytics" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }

  # The key below is made up.


  ssh_keys = [<<-END
    -----BEGIN OPENSSH PRIVATE KEY-----
    c2VjcmV0LXNlY3JldC1zZWNyZXQ=
    -----END OPENSSH PRIVATE KEY-----
  END
  ]
}
