//! A whole definition as values, and what `cluster.NAME` says in expressions.

use std::collections::BTreeMap;

use disco::catalogue::{OpenPort, WebUi};
use disco::expression::{found, to_json};
use disco::graph::allocate;
use disco::language::VariableInputs;
use disco::model::{
    KnownCluster, KnownNode, NetworkSpec, OnFailure, PortRange, Protocol, RuleTarget, Service, SettingValue,
};

use super::project::Project;
use crate::support::snapshot;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1yuHfHOTHRKQDH2QVfFnM1VGiHFmwzBLEEpCxZnJ0e me@here\n";

const WHOLE: &str = r#"
disco {
  required_version = ">= 0.1"
  state "local" { path = "disco.state.json" }
}

provider "local" { nodes = "simulated" }

variable "slaves" {
  type        = number
  default     = 3
  description = "How many slaves"
  validation {
    condition     = var.slaves >= 1
    error_message = "a cluster needs a slave"
  }
}

variable "password" {
  type      = string
  default   = "correct horse"
  sensitive = true
}

locals { office = ["203.0.113.0/24"] }

cluster "analytics" {
  image    = "debian-12"
  ssh_keys = [file("~/.ssh/id_ed25519.pub")]

  network {
    cidr             = "10.20.0.0/24"
    external_network = "public"
    dns_nameservers  = ["9.9.9.9"]
  }

  security {
    allow "ssh" { from = local.office }
    allow "web-ui" { from = local.office }
    allow "yarn" { from = ["198.51.100.7/32"] }
    allow "custom" {
      protocol = "tcp"
      ports    = ["8443", "9000-9010"]
      from     = local.office
      to       = "master"
    }
  }

  master {
    count       = 1
    flavor      = "m1.large"
    floating_ip = true
    volume "data" { size = 100 }
  }

  slaves {
    count  = var.slaves
    flavor = "m1.xlarge"
    volume "hdfs" { size = 200 }
    anti_affinity = "soft"
  }
  slaves "burst" {
    count   = 2
    image   = "debian-12-hadoop"
    flavor  = "m1.medium"
    storage = false
  }

  framework "hadoop" {
    version     = "3.5.0"
    replication = 2
    config "hdfs-site.xml" {
      set = {
        "dfs.blocksize"  = "256m"
        "our.some.count" = 3
        "our.removed"    = null
        "our.password"   = var.password
      }
    }
    config "log4j.properties" {
      content = file("log4j.properties")
    }
  }

  lifecycle {
    prevent_destroy = var.slaves > 2
    on_failure      = "rollback"
    timeout         = "1h30m"
    smoke_test      = var.slaves > 1000
  }
}

output "yarn_ui" { value = cluster.analytics.ui.yarn }
output "hdfs" { value = cluster.analytics.endpoint.hdfs-rpc }
output "ssh" { value = cluster.analytics.ssh }
output "addresses" { value = cluster.analytics.slaves[*].address }
output "names" { value = [for node in cluster.analytics.burst : node.name] }
output "cidr" { value = cluster.analytics.network.cidr }
output "secret" {
  value     = "the ${var.password}"
  sensitive = true
}
"#;

fn whole() -> Project {
    let files = [("~/.ssh/id_ed25519.pub", KEY), ("log4j.properties", "a=b\n")];
    Project::read(&[("main.disco.hcl", WHOLE)], &files, |_| VariableInputs::default())
}

#[test]
fn a_whole_definition_becomes_a_cluster() {
    let spec = whole().sound();
    let cluster = &spec.clusters["analytics"];
    assert_eq!(cluster.ssh.keys[0].value, KEY.trim());
    let NetworkSpec::New { cidr, external_network, dns_nameservers, .. } = &cluster.network else {
        panic!("a new network")
    };
    assert_eq!(cidr.value.to_string(), "10.20.0.0/24");
    assert_eq!(external_network.as_ref().map(|network| network.value.as_str()), Some("public"));
    assert_eq!(dns_nameservers[0].value.to_string(), "9.9.9.9");
    let named = WHOLE.replacen("dns_nameservers", "name = \"lab-net\"\n    dns_nameservers", 1);
    let named = Project::read(
        &[("main.disco.hcl", &named)],
        &[("~/.ssh/id_ed25519.pub", KEY), ("log4j.properties", "")],
        |_| VariableInputs::default(),
    );
    let NetworkSpec::New { name, .. } = &named.sound().clusters["analytics"].network else { panic!("a new network") };
    assert_eq!(name.as_ref().map(|name| name.value.as_str()), Some("lab-net"));
    let services: Vec<&Service> = cluster.security.iter().map(|rule| &rule.service).collect();
    let ports = vec![PortRange { first: 8443, last: 8443 }, PortRange { first: 9000, last: 9010 }];
    let custom = Service::Custom { protocol: Protocol::Tcp, ports };
    assert_eq!(services, [&Service::Ssh, &Service::WebUi, &Service::Named("yarn".to_owned()), &custom]);
    assert_eq!(cluster.security[0].to, RuleTarget::All);
    assert_eq!(cluster.security[3].to, RuleTarget::Group("master".to_owned()));
    let groups: Vec<_> = cluster
        .groups
        .iter()
        .map(|group| {
            (group.name.as_str(), group.count.value, group.image.value.as_str(), group.storage, group.floating_ip.value)
        })
        .collect();
    assert_eq!(
        groups,
        [
            ("master", 1, "debian-12", true, true),
            ("slaves", 3, "debian-12", true, false),
            ("burst", 2, "debian-12-hadoop", false, false)
        ]
    );
    assert_eq!(cluster.groups[1].volumes[0].mount, "/data/hdfs");
    assert_eq!(cluster.groups[1].volumes[0].size_gib.value, 200);
    let hadoop = &cluster.frameworks[0];
    assert_eq!(hadoop.settings["replication"].value, SettingValue::Integer(2));
    let set = &hadoop.files["hdfs-site.xml"].set;
    let text = |key: &str| set[key].value.as_ref().map(|text| (text.value.as_str(), text.secret));
    assert_eq!(text("dfs.blocksize"), Some(("256m", false)));
    assert_eq!(text("our.some.count"), Some(("3", false)));
    assert_eq!(text("our.removed"), None);
    assert_eq!(text("our.password"), Some(("correct horse", true)));
    assert_eq!(
        hadoop.files["log4j.properties"].content.as_ref().map(|parts| parts.value[0].value.as_str()),
        Some("a=b\n")
    );
    assert!(cluster.lifecycle.prevent_destroy.value);
    assert_eq!(cluster.lifecycle.on_failure.value, OnFailure::Rollback);
    assert_eq!(cluster.lifecycle.timeout_minutes.value, 90);
    assert!(!cluster.lifecycle.smoke_test.value);
}

fn outputs(project: &Project, known: &BTreeMap<String, KnownCluster>) -> String {
    let (spec, found_) = project.evaluate_with(known);
    assert!(found_.is_empty(), "{}", project.drawn(&found_));
    let mut members = BTreeMap::new();
    for (name, cluster) in &spec.clusters {
        members.insert(name.clone(), allocate(cluster, None, 1000).0);
    }
    let port = |name: &str, first: u16| OpenPort {
        framework: "hadoop".to_owned(),
        name: name.to_owned(),
        group: "master".to_owned(),
        protocol: Protocol::Tcp,
        ports: PortRange { first, last: first },
        web_ui: Some(WebUi { scheme: "http".to_owned(), path: "/".to_owned() }),
        endpoint: (name == "hdfs-rpc").then(|| "hdfs://".to_owned()),
        anybody: None,
    };
    let ports = BTreeMap::from([(
        "analytics".to_owned(),
        vec![port("hdfs", 9870), port("yarn", 8088), port("hdfs-rpc", 8020)],
    )]);
    let (outputs, found_) =
        project.definition.outputs(&spec, &members, &ports, known, &project.sources, &project.files);
    assert!(found_.is_empty(), "{}", project.drawn(&found_));
    outputs.iter().fold(String::new(), |text, output| {
        let value = if output.value.contains_unknown() || output.secret {
            found(&output.value)
        } else {
            to_json(&output.value).map_or_else(|error| format!("{error:?}"), |value| value.to_string())
        };
        text + &format!("{} = {value}\n", output.name)
    })
}

#[test]
fn outputs_are_known_as_far_as_the_cluster_is() {
    let project = whole();
    snapshot!("outputs-before-apply", outputs(&project, &BTreeMap::new()));
    let node = |address: &str, floating_ip: Option<&str>| KnownNode {
        id: Some("6a0c".to_owned()),
        address: address.parse().ok(),
        floating_ip: floating_ip.and_then(|address| address.parse().ok()),
    };
    let nodes =
        BTreeMap::from([("master".to_owned(), BTreeMap::from([(0, node("10.20.0.16", Some("198.51.100.9")))]))]);
    let known = BTreeMap::from([("analytics".to_owned(), KnownCluster { id: Some("1f".to_owned()), nodes })]);
    snapshot!("outputs-after-apply", outputs(&project, &known));
}

#[test]
fn clusters_may_use_what_is_said_of_each_other() {
    let spec = Project::of(
        r#"
cluster "big" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves {
    count  = 4
    flavor = "m1.large"
  }
}
cluster "small" {
  image = "debian-12"
  network { cidr = cidrsubnet("10.21.0.0/16", 8, length(cluster.big.slaves)) }
  master { flavor = "m1.large" }
  slaves {
    count  = length(cluster.big.slaves) / 2
    flavor = "m1.large"
  }
  security {
    allow "ssh" { from = [cluster.big.network.cidr] }
  }
}
"#,
    )
    .sound();
    let small = &spec.clusters["small"];
    assert_eq!(small.groups[1].count.value, 2);
    assert_eq!(small.network.addresses().unwrap().value.to_string(), "10.21.4.0/24");
    assert_eq!(small.security[0].from[0].value.to_string(), "10.20.0.0/24");
}

/// What is known of one cluster is known to those that use it, be it through others or both ways.
#[test]
fn what_clusters_say_of_each_other_is_followed_to_its_end() {
    let cluster = |name: &str, count: &str, image: &str| {
        format!(
            "cluster \"{name}\" {{\n  image = \"{image}\"\n  network {{ cidr = \"10.2{}.0.0/24\" }}\n  master {{ flavor = \
             \"m1.small\" }}\n  slaves {{\n    count = {count}\n    flavor = \"m1.small\"\n  }}\n}}\n",
            name.len()
        )
    };
    // The last is told first, and knows the first through two others, which know each other.
    let text = [
        cluster("aaaa", "length(cluster.aaa.slaves) + 1", "debian-12"),
        cluster("aaa", "length(cluster.aa.slaves) + 1", "debian-12"),
        cluster("aa", "length(cluster.a.slaves) + 1", "debian-12"),
        cluster("a", "3", "debian-${length(cluster.aa.slaves) + 8}"),
    ];
    let spec = Project::of(&text.concat()).sound();
    let counts: Vec<u32> = spec.clusters.values().map(|cluster| cluster.groups[1].count.value).collect();
    assert_eq!(counts, [3, 4, 5, 6]);
    assert_eq!(spec.clusters["a"].groups[0].image.value, "debian-12");
}

#[test]
fn files_of_a_project_are_one_whatever_their_order() {
    let a = ("a.disco.hcl", "variable \"size\" { default = 2 }\noutput \"x\" { value = local.x }\n");
    let b = ("b.disco.hcl", "locals { x = var.size + 1 }\n");
    for order in [[a, b], [b, a]] {
        Project::read(&order, &[], |_| VariableInputs::default()).sound();
    }
}

#[test]
fn room_for_nodes_is_what_the_allocation_finds() {
    for (prefix, count) in [(28, 11), (27, 27), (24, 239), (20, 3839)] {
        let text = |count: u32| {
            format!(
                "cluster \"a\" {{\n  image = \"debian-12\"\n  network {{ cidr = \"10.0.0.0/{prefix}\" }}\n  \
                 master {{ flavor = \"x\" }}\n  slaves {{\n    count = {}\n    flavor = \"x\"\n  }}\n}}\n",
                count - 1
            )
        };
        let fits = Project::of(&text(count)).sound();
        let (members, found) = allocate(&fits.clusters["a"], None, 1_000_000);
        assert!(found.is_empty() && members.count() == count as usize, "/{prefix}: {found:?}");
        let messages = Project::of(&text(count + 1)).messages();
        assert_eq!(messages.len(), 1, "/{prefix}: {messages:?}");
        assert!(messages[0].starts_with("disco::subnet_too_small"), "{messages:?}");
    }
}
