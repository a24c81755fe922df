//! Clusters beyond one stack, by the real program.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::support::TestProject;

/// A cluster whose stacks have room for a dozen nodes each.
const CLUSTER: &str = r#"
provider "local" {
  max_resources_per_stack = 50
}
variable "slaves" { default = 20 }
variable "burst" { default = 0 }
variable "block" { default = "128m" }
variable "batch" { default = 4 }
variable "allow" { default = false }

cluster "lab" {
  image = "debian-12"
  network {
    cidr             = "10.20.0.0/22"
    external_network = "public"
  }
  security {
    allow "ssh" {
      from = ["203.0.113.0/24"]
      to   = var.allow ? "slaves" : "master"
    }
  }
  master { flavor = "m1.large" }
  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }
  slaves "burst" {
    count   = var.burst
    flavor  = "m1.small"
    storage = false
  }
  framework "hadoop" {
    config "hdfs-site.xml" {
      set = { "dfs.blocksize" = var.block }
    }
  }
  lifecycle { batch_size = var.batch }
}
"#;

/// Physical ids of machines by stack and logical name.
fn machines(project: &TestProject) -> BTreeMap<(String, String), String> {
    let shown: Json = serde_json::from_str(&project.disco("show --json").ends_with(0).stdout).unwrap();
    let mut machines = BTreeMap::new();
    for (stack, known) in shown["clusters"]["lab"]["stacks"].as_object().unwrap() {
        for (name, resource) in known["resources"].as_object().unwrap() {
            if resource["type"] == "OS::Nova::Server" {
                let id = resource["id"].as_str().unwrap().to_owned();
                machines.insert((stack.clone(), name.clone()), id);
            }
        }
    }
    machines
}

fn stacks(project: &TestProject) -> BTreeSet<String> {
    machines(project).into_keys().map(|(stack, _)| stack).collect()
}

/// The list of steps at the end of a plan.
fn steps(plan: &str) -> Vec<&str> {
    let lines = plan.lines().skip_while(|line| !line.starts_with("Steps")).skip(1);
    lines.take_while(|line| !line.is_empty()).map(str::trim).collect()
}

#[test]
fn a_life_in_several_stacks() {
    let project = TestProject::with(CLUSTER);
    let plan = project.disco("plan").ends_with(0).stdout;
    assert_eq!(
        steps(&plan),
        [
            "1. lab: create lab",
            "2. lab.shard-1: create lab.shard-1",
            "2. lab.shard-2: create lab.shard-2",
            "3. lab: verify"
        ],
        "{plan}"
    );
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);
    let first = machines(&project);
    assert_eq!(first.len(), 21);

    // Growing fills the last stack and makes another one; nobody is touched.
    let plan = project.disco("plan --var slaves=34 --var burst=3").ends_with(0).stdout;
    assert!(steps(&plan).iter().any(|step| step.ends_with("create lab.shard-3")), "{plan}");
    project.disco("apply -auto-approve --var slaves=34 --var burst=3").ends_with(0);
    project.disco("plan -detailed-exitcode --var slaves=34 --var burst=3").ends_with(0);
    let grown = machines(&project);
    assert_eq!(grown.len(), 38);
    assert!(first.iter().all(|(name, id)| grown.get(name) == Some(id)), "nobody was replaced");

    // A changed setting goes batch by batch through all stacks, a rule touches no machine.
    let changed = "--var slaves=34 --var burst=3 --var block=256m --var allow=true";
    let plan = project.disco(&format!("plan {changed}")).ends_with(0).stdout;
    let batches: Vec<&str> = steps(&plan).into_iter().filter(|step| step.contains("batches of")).collect();
    assert_eq!(batches.len(), 4, "{plan}");
    project.disco(&format!("apply -auto-approve {changed}")).ends_with(0);
    project.disco(&format!("plan -detailed-exitcode {changed}")).ends_with(0);
    assert_eq!(machines(&project), grown);

    // What the base stack lent goes only after the others have given it back.
    let back = "--var slaves=34 --var burst=3 --var block=256m";
    let run = project.disco(&format!("apply -auto-approve {back}")).ends_with(0);
    assert!(!run.stderr.contains("FAILED"), "{}", run.stderr);
    project.disco(&format!("plan -detailed-exitcode {back}")).ends_with(0);

    // Stacks that nobody lives in any more go with their last node.
    let small = "--var slaves=12 --var block=256m";
    project.disco(&format!("apply -auto-approve --accept-data-loss {small}")).ends_with(0);
    project.disco(&format!("plan -detailed-exitcode {small}")).ends_with(0);
    assert_eq!(stacks(&project), BTreeSet::from(["lab".to_owned(), "lab.shard-1".to_owned()]));
    assert!(machines(&project).iter().all(|(name, id)| grown.get(name) == Some(id)));

    project.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(project.state()["clusters"], Json::Object(serde_json::Map::new()));
}

#[test]
fn batches_are_as_large_as_the_owner_says() {
    let project = TestProject::with(CLUSTER);
    project.disco("apply -auto-approve --var slaves=6").ends_with(0);
    let plan = |batch: u32| {
        let words = format!("plan --var slaves=6 --var block=64m --var batch={batch}");
        project.disco(&words).ends_with(0).stdout
    };
    assert_eq!(steps(&plan(2)), ["1-4. lab: reconfigure: master[0], slaves[0..5], in 4 batches of up to 2 nodes"]);
    assert_eq!(steps(&plan(100)), ["1-2. lab: reconfigure: master[0], slaves[0..5], in 2 batches of up to 6 nodes"]);
    assert!(plan(2).contains("restarts hadoop-hdfs-datanode"));
    // A setting that no running service reads restarts nobody, so all nodes get it at once.
    let keys = CLUSTER.replace("  image = ", "  ssh_keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOJ8wnYovhgowU/RsbT3t7GY8C9l6kgiVX+GsYWab6fv a\"]\n  image = ");
    project.write("main.disco.hcl", &keys);
    let plan = project.disco("plan --var slaves=6").ends_with(0).stdout;
    assert!(steps(&plan).is_empty() && !plan.contains("restarts"), "{plan}");
}
