terraform {
  required_providers {
    openstack = { source = "terraform-provider-openstack/openstack" }
  }
}

disco {
  backend "s3" {}
  required_providers {}
}

provider "openstack" {
  alias = "west"
}

resource "openstack_compute_instance_v2" "node" {
  count = 3
}

data "openstack_images_image_v2" "debian" {}

module "network" {
  source = "./network"
}

cluster "analytics" {
  provider   = openstack.west
  depends_on = [module.network]
  count      = 2
  image_name = "debian-12"
  image      = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor_name = "m1.large" }
  slaves {
    for_each = ["a", "b"]
    count    = 2
    flavor   = "m1.large"
  }
  framework "hadoop" {}
  lifecycle { create_before_destroy = true }
}
