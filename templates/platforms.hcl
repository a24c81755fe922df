# What DISCO knows of the distributions behind machine images: which Java they package, and the version of their
# `python3`. An image belongs to a platform by its name; one whose name says nothing is taken for the first platform
# here, and `java = N` in the `framework` block says otherwise. `lacks` names what an image does not bring of that which
# the node agent works with: `python3` and `systemd` everywhere, `apt` where a framework needs a package.

# What an operating system keeps of a node's memory, MiB (`node.reserved`): 20 % of the first 4 GiB, 10 % of the next 12,
# 5 % of the next 112 and 2 % of the rest. Marginal rates, as taxes have them, so there is no bracket at whose edge the
# result jumps. The rates are our own choice. They meet
# Hortonworks' well-known table (2 GiB of 16) where that is made for a whole Hadoop node, and stay below it elsewhere,
# because daemons are counted here one by one and not in the reserve.
reserved_memory = ceil(0.2 * min(node.counted, 4096) + 0.1 * max(0, min(node.counted, 16384) - 4096) + 0.05 * max(0, min(node.counted, 131072) - 16384) + 0.02 * max(0, node.counted - 131072))

platform "debian-12" {
  images = ["debian-12", "debian12", "bookworm"]
  python = "3.11"
  java   = { "17" = "openjdk-17-jre-headless" }
}

platform "debian-11" {
  images = ["debian-11", "debian11", "bullseye"]
  python = "3.9"
  java   = { "17" = "openjdk-17-jre-headless", "11" = "openjdk-11-jre-headless" }
}

platform "debian-13" {
  images = ["debian-13", "debian13", "trixie"]
  python = "3.13"
  java = {
    "25" = "openjdk-25-jre-headless"
    "21" = "openjdk-21-jre-headless"
  }
}

platform "ubuntu-22.04" {
  images = ["ubuntu-22.04", "ubuntu-22-04", "jammy"]
  python = "3.10"
  java = {
    "21" = "openjdk-21-jre-headless"
    "17" = "openjdk-17-jre-headless"
    "11" = "openjdk-11-jre-headless"
    "8"  = "openjdk-8-jre-headless"
  }
}

platform "ubuntu-24.04" {
  images = ["ubuntu-24.04", "ubuntu-24-04", "noble"]
  python = "3.12"
  java = {
    "25" = "openjdk-25-jre-headless"
    "21" = "openjdk-21-jre-headless"
    "17" = "openjdk-17-jre-headless"
    "11" = "openjdk-11-jre-headless"
    "8"  = "openjdk-8-jre-headless"
  }
}

platform "rocky" {
  images = ["rocky", "almalinux", "alma-linux", "centos", "rhel", "oracle-linux"]
  lacks  = ["apt"]
}

platform "fedora" {
  images = ["fedora"]
  lacks  = ["apt"]
}

platform "opensuse" {
  images = ["opensuse", "sles"]
  lacks  = ["apt"]
}

platform "flatcar" {
  images = ["flatcar", "coreos"]
  lacks  = ["apt", "python3"]
}

platform "alpine" {
  images = ["alpine"]
  lacks  = ["apt", "systemd"]
}

platform "cirros" {
  images = ["cirros"]
  lacks  = ["apt", "systemd", "python3"]
}
