# What DISCO knows of the distributions behind machine images: which Java they package. An image belongs to a platform
# by its name; one whose name says nothing is taken for the first platform here, and `java = N` in the `framework`
# block says otherwise.

platform "debian-12" {
  images = ["debian-12", "debian12", "bookworm"]
  java   = { "17" = "openjdk-17-jre-headless" }
}

platform "debian-11" {
  images = ["debian-11", "debian11", "bullseye"]
  java   = { "17" = "openjdk-17-jre-headless", "11" = "openjdk-11-jre-headless" }
}

platform "debian-13" {
  images = ["debian-13", "debian13", "trixie"]
  java   = { "21" = "openjdk-21-jre-headless" }
}

platform "ubuntu-22.04" {
  images = ["ubuntu-22.04", "ubuntu-22-04", "jammy"]
  java = {
    "21" = "openjdk-21-jre-headless"
    "17" = "openjdk-17-jre-headless"
    "11" = "openjdk-11-jre-headless"
    "8"  = "openjdk-8-jre-headless"
  }
}

platform "ubuntu-24.04" {
  images = ["ubuntu-24.04", "ubuntu-24-04", "noble"]
  java = {
    "21" = "openjdk-21-jre-headless"
    "17" = "openjdk-17-jre-headless"
    "11" = "openjdk-11-jre-headless"
    "8"  = "openjdk-8-jre-headless"
  }
}
