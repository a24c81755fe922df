"""The same cluster for DISCO and for Terraform: a network with a way out, a master with a floating IP, N slaves, and a
file on each node of which one line may change."""

LINE = {False: "128m", True: "256m"}


def disco(options, slaves, changed):
    limit = f"  max_resources_per_stack = {options.max_resources}\n" if options.max_resources else ""
    return {
        "bench.disco.hcl": f"""provider "openstack" {{
{limit}}}

cluster "bench" {{
  image = "{options.image}"
  network {{
    cidr             = "10.60.0.0/16"
    external_network = "{options.external_network}"
  }}
  master {{
    flavor      = "{options.flavor}"
    floating_ip = true
  }}
  slaves {{
    count  = {slaves}
    flavor = "{options.flavor}"
  }}
  framework "hadoop" {{
    config "hdfs-site.xml" {{
      set = {{ "dfs.blocksize" = "{LINE[changed]}" }}
    }}
  }}
}}
"""
    }


def terraform(options, slaves, changed):
    return {
        "site.txt": f"dfs.blocksize={LINE[changed]}\n",
        "main.tf": f"""terraform {{
  required_providers {{
    openstack = {{ source = "terraform-provider-openstack/openstack" }}
  }}
}}

provider "openstack" {{}}

data "openstack_networking_network_v2" "outside" {{
  name = "{options.external_network}"
}}

resource "openstack_networking_network_v2" "bench" {{
  name = "bench-terraform"
}}

resource "openstack_networking_subnet_v2" "bench" {{
  network_id = openstack_networking_network_v2.bench.id
  cidr       = "10.60.0.0/16"
}}

resource "openstack_networking_router_v2" "bench" {{
  name                = "bench-terraform"
  external_network_id = data.openstack_networking_network_v2.outside.id
}}

resource "openstack_networking_router_interface_v2" "bench" {{
  router_id = openstack_networking_router_v2.bench.id
  subnet_id = openstack_networking_subnet_v2.bench.id
}}

resource "openstack_networking_secgroup_v2" "bench" {{
  name = "bench-terraform"
}}

resource "openstack_networking_secgroup_rule_v2" "bench" {{
  direction         = "ingress"
  ethertype         = "IPv4"
  remote_group_id   = openstack_networking_secgroup_v2.bench.id
  security_group_id = openstack_networking_secgroup_v2.bench.id
}}

resource "openstack_networking_port_v2" "node" {{
  count              = {slaves + 1}
  name               = "bench-terraform-${{count.index}}"
  network_id         = openstack_networking_network_v2.bench.id
  security_group_ids = [openstack_networking_secgroup_v2.bench.id]
  fixed_ip {{
    subnet_id = openstack_networking_subnet_v2.bench.id
  }}
}}

resource "openstack_compute_instance_v2" "node" {{
  count       = {slaves + 1}
  name        = "bench-terraform-${{count.index}}"
  flavor_name = "{options.flavor}"
  image_name  = "{options.image}"
  user_data   = file("site.txt")
  network {{
    port = openstack_networking_port_v2.node[count.index].id
  }}
}}

resource "openstack_networking_floatingip_v2" "master" {{
  pool = "{options.external_network}"
}}

resource "openstack_networking_floatingip_associate_v2" "master" {{
  floating_ip = openstack_networking_floatingip_v2.master.address
  port_id     = openstack_networking_port_v2.node[0].id
  depends_on  = [openstack_networking_router_interface_v2.bench]
}}
""",
    }
