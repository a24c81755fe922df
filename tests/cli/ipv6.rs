//! A cluster with IPv6 through its whole life.

use std::fs;

use serde_json::Value as Json;

use crate::support::{Store, TestProject, snapshot};

const DEFINITION: &str = r#"variable "from" {
  type    = list(string)
  default = ["203.0.113.0/24", "2001:db8::/32"]
}

variable "slaves" { default = 2 }

cluster "lab" {
  image = "debian-12"
  network {
    cidr             = "10.20.0.0/24"
    ipv6_cidr        = "fd00:20::/64"
    external_network = "public"
  }
  security {
    allow "ssh" { from = var.from }
  }
  master {
    flavor      = "m1.small"
    floating_ip = true
  }
  slaves {
    count  = var.slaves
    flavor = "m1.small"
  }
}

output "master" {
  value = cluster.lab.master[0].ipv6_address
}

output "slaves" {
  value = [for slave in cluster.lab.slaves : slave.ipv6_address]
}
"#;

/// The addresses of the ports of nodes, by name, as Neutron has them.
fn addresses(project: &TestProject) -> Vec<(String, Vec<String>)> {
    let store = Store::read(project.path());
    let ports = store.of("thing").filter(|(_, thing)| thing["kind"] == "port");
    let mut told: Vec<(String, Vec<String>)> = ports
        .map(|(_, port)| {
            let fixed = port["addresses"].as_array().unwrap().iter();
            let addresses = fixed.map(|fixed| fixed[1].as_str().unwrap().to_owned()).collect();
            (port["name"].as_str().unwrap().to_owned(), addresses)
        })
        .collect();
    told.sort();
    told
}

fn without_ipv6(definition: &str) -> String {
    definition.split_inclusive('\n').filter(|line| !line.contains("ipv6_cidr")).collect()
}

#[test]
fn a_cluster_with_addresses_of_both_kinds_lives() {
    let project = TestProject::with(DEFINITION);
    let plan = project.disco("plan").ends_with(0);
    snapshot!("plan-with-ipv6", plan.stdout);
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let pair = |name: &str, last: u8| {
        let both = vec![format!("10.20.0.{last}"), format!("fd00:20::a14:{last:x}")];
        (format!("lab-{name}"), both)
    };
    assert_eq!(addresses(&project), [pair("master-0", 16), pair("slaves-0", 32), pair("slaves-1", 33)]);
    let outputs = project.disco("output --json").ends_with(0);
    let outputs: Json = serde_json::from_str(&outputs.stdout).unwrap();
    assert_eq!(outputs["master"]["value"], "fd00:20::a14:10");
    assert_eq!(outputs["slaves"]["value"], serde_json::json!(["fd00:20::a14:20", "fd00:20::a14:21"]));
    let shown = project.disco("show").ends_with(0);
    assert!(shown.stdout.contains("master[0]  10.20.0.16, fd00:20::a14:10 "), "{}", shown.stdout);
    let shown: Json = serde_json::from_str(&project.disco("show --json").ends_with(0).stdout).unwrap();
    assert_eq!(shown["clusters"]["lab"]["nodes"][0]["ipv6_address"], "fd00:20::a14:10");
    project.disco("status").ends_with(0);

    // Who may come in is changed in place; more nodes have both addresses, and the others keep theirs.
    let mine = "--var slaves=3 --var";
    let from = r#"from=["2001:db8:1::/48"]"#;
    let grown = project.disco(&format!("plan {mine} {from}")).ends_with(0);
    for words in ["from 2001:db8:1::/48", "from 2001:db8::/32", "slaves[2]"] {
        assert!(grown.stdout.contains(words), "{}", grown.stdout);
    }
    project.disco(&format!("apply --auto-approve {mine} {from}")).ends_with(0);
    project.disco(&format!("plan --detailed-exitcode {mine} {from}")).ends_with(0);
    assert_eq!(addresses(&project)[3], pair("slaves-2", 34));

    // A state that was lost is made of the stacks again.
    fs::remove_file(project.file("disco.state.json")).unwrap();
    let _ = fs::remove_dir_all(project.file(".disco/states"));
    project.disco(&format!("import cluster.lab lab {mine} {from}")).ends_with(0);
    project.disco(&format!("plan --detailed-exitcode {mine} {from}")).ends_with(0);
    assert!(project.disco("show").stdout.contains("fd00:20::a14:10"));

    project.disco("destroy --auto-approve").ends_with(0);
    assert_eq!(addresses(&project), []);
}

#[test]
fn everybody_is_everybody_by_ipv6_too() {
    let project = TestProject::with(DEFINITION);
    let everybody = r#"--var from=["203.0.113.0/24","::/0"]"#;
    let plan = project.disco(&format!("plan {everybody}")).ends_with(0);
    plan.says(&["disco::open_to_the_world", "open to everybody"]);
    let markdown = project.disco(&format!("plan --format markdown {everybody}")).ends_with(0);
    let lines: Vec<&str> = markdown.stdout.lines().filter(|line| line.contains("(everybody)")).collect();
    assert!(matches!(lines.as_slice(), [line] if line.contains("`::/0`")), "{}", markdown.stdout);
    project.write("disco.vars.hcl", "from = [\"::/0\"]\n");
    project.disco("lint").ends_with(2).says(&["disco::open_to_the_world"]);
    project.write("disco.vars.hcl", "from = [\"2001:db8::/32\"]\n");
    assert!(!project.disco("lint").stderr.contains("open_to_the_world"));
}

/// Neutron would give a living port another address, and its node would never learn of it.
#[test]
fn it_is_neither_added_to_living_nodes_nor_taken_from_them() {
    let project = TestProject::with(&without_ipv6(DEFINITION));
    let mine = r#"--var from=["203.0.113.0/24"]"#;
    project.disco(&format!("apply --auto-approve {mine}")).ends_with(0);
    project.write("main.disco.hcl", DEFINITION);
    for command in ["plan", "apply --auto-approve --accept-data-loss"] {
        let refused = project.disco(&format!("{command} {mine}")).ends_with(1);
        refused.says(&["disco::addresses_are_fixed", "would add addresses to nodes that exist", "main.disco.hcl:12"]);
    }
    project.disco(&format!("destroy --auto-approve {mine}")).ends_with(0);
    project.disco(&format!("apply --auto-approve {mine}")).ends_with(0);
    project.write("main.disco.hcl", &without_ipv6(DEFINITION));
    let removed = project.disco(&format!("plan {mine}")).ends_with(1);
    removed.says(&["disco::addresses_are_fixed", "had an `ipv6_cidr`", "main.disco.hcl:10"]);
    project.write("main.disco.hcl", &DEFINITION.replace("fd00:20::/64", "fd00:21::/64"));
    let moved = project.disco(&format!("plan {mine}")).ends_with(1);
    moved.says(&["disco::addresses_are_fixed", "would change their addresses", "main.disco.hcl:12"]);
    // A part of the plan leaves it out, and says so.
    project.write("main.disco.hcl", DEFINITION);
    project.disco(&format!("plan --detailed-exitcode {mine}")).ends_with(0);
}
