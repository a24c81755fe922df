cluster “analytics” {
  image = "debian-12"
}
