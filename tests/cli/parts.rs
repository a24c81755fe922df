//! `--target`, `--exclude`, `--replace` and `--input=false`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::support::TestProject;

const DEFINITION: &str = "\
variable \"slaves\" {
  type    = number
  default = 2
}

variable \"burst\" {
  type    = number
  default = null
}

variable \"flavor\" {
  type    = string
  default = \"m1.small\"
}

variable \"cidr\" {
  type    = string
  default = \"10.20.0.0/24\"
}

cluster \"lab\" {
  image = \"debian-12\"
  network {
    cidr             = var.cidr
    external_network = \"public\"
  }
  master { flavor = var.flavor }
  slaves {
    count  = var.slaves
    flavor = var.flavor
    volume \"hdfs\" { size = 10 }
  }
  slaves \"burst\" {
    count   = coalesce(var.burst, var.slaves)
    flavor  = var.flavor
    storage = false
  }
  framework \"hadoop\" {}
}

cluster \"db\" {
  image = \"debian-12\"
  network {
    cidr             = \"10.21.0.0/24\"
    external_network = \"public\"
  }
  security {
    allow \"ssh\" { from = [\"${cluster.lab.master[0].address}/32\"] }
  }
  master { flavor = var.flavor }
}

cluster \"other\" {
  image = \"debian-12\"
  network {
    cidr             = \"10.22.0.0/24\"
    external_network = \"public\"
  }
  master { flavor = var.flavor }
}

output \"lab\" { value = cluster.lab.slaves[*].address }
output \"other\" { value = cluster.other.master[0].address }
";

/// Ids of the servers, by the addresses of their nodes.
fn servers(project: &TestProject) -> BTreeMap<String, String> {
    let state: Json = serde_json::from_str(&project.disco("show --json").ends_with(0).stdout).unwrap();
    let clusters = state["clusters"].as_object().unwrap();
    let nodes = clusters.values().flat_map(|cluster| cluster["nodes"].as_array().unwrap());
    nodes
        .map(|node| {
            (node["address"].as_str().unwrap().to_owned(), node["server_id"].as_str().unwrap_or_default().to_owned())
        })
        .collect()
}

fn clusters(project: &TestProject) -> Vec<String> {
    project.state()["clusters"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn a_targeted_cluster_comes_with_what_it_refers_to() {
    let project = TestProject::with(DEFINITION);
    let run = project.disco("plan --target cluster.db").ends_with(0);
    let top = "This is not the whole plan: it is about `cluster.db`.\n\
               With it, because of what refers to what: `cluster.lab`.\n\
               Left out although it would change: `cluster.other`.\n";
    assert!(run.stdout.starts_with(top), "{}", run.stdout);
    assert!(!run.stdout.contains("cluster.other."), "{}", run.stdout);
    project
        .disco("plan --target dbx")
        .ends_with(1)
        .says(&["--target: there is no `dbx`", "did you mean `cluster.db`?"]);
    project.disco("plan --target lab.slaves").ends_with(1).says(&["does not exist yet", "--target cluster.lab"]);
    project.disco("plan --target lab.network").ends_with(1).says(&["`lab.network` cannot be named here"]);
    project.disco("plan --target db --exclude lab").ends_with(1);

    let run = project.disco("apply --auto-approve --target db").ends_with(0);
    assert!(run.stdout.contains("lab = [") && !run.stdout.contains("other = \"10"), "{}", run.stdout);
    run.says(&["This was not the whole plan: `cluster.other` may still change. Run `disco plan` to see it."]);
    assert_eq!(clusters(&project), ["db", "lab"]);
    project.disco("plan --detailed-exitcode --target db --target lab").ends_with(0);
    let run = project.disco("plan --detailed-exitcode").ends_with(2);
    assert!(run.stdout.contains("cluster.other.master[0]") && !run.stdout.contains("cluster.db"), "{}", run.stdout);
    project.disco("plan --detailed-exitcode --exclude other").ends_with(0);
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);

    // Whatever refers to an excluded one is excluded too.
    let run = project.disco("plan --json --exclude lab --var flavor=m1.medium").ends_with(0);
    let plan: Json = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|line: &Json| line["type"] == "plan")
        .unwrap();
    let scope = &plan["plan"]["scope"];
    assert_eq!(scope["excluded"], serde_json::json!(["cluster.lab"]));
    assert_eq!(scope["left_out"], serde_json::json!(["cluster.db", "cluster.lab"]));

    // A saved plan is about the same part.
    project.disco("plan --target other --var flavor=m1.medium --out other.plan").ends_with(0);
    assert!(project.disco("show other.plan").ends_with(0).stdout.starts_with("This is not the whole plan"));
    project.disco("apply other.plan --target other").ends_with(1).says(&["--target and --exclude belong to"]);
    project.disco("apply other.plan").ends_with(0);
    project.disco("plan --detailed-exitcode --var flavor=m1.medium --target other").ends_with(0);
    project.disco("plan --detailed-exitcode --target lab --target db").ends_with(0);

    // Who refers to it goes before it.
    let run = project.disco("destroy --auto-approve --target lab").ends_with(0);
    assert!(run.stdout.contains("because of what refers to what: `cluster.db`"), "{}", run.stdout);
    assert_eq!(clusters(&project), ["other"]);
    let run = project.disco("plan --destroy --exclude other").ends_with(0);
    assert!(run.stdout.contains("No changes in what is targeted."), "{}", run.stdout);
    project.disco("destroy --auto-approve").ends_with(0);
}

#[test]
fn a_targeted_group_changes_alone() {
    let project = TestProject::with(DEFINITION);
    project.disco("apply --auto-approve").ends_with(0);
    let before = servers(&project);
    let grown = "--var slaves=3";
    let run = project.disco(&format!("plan {grown} --target lab.burst")).ends_with(0);
    assert!(
        run.stdout.contains("cluster.lab.burst[2]") && !run.stdout.contains("cluster.lab.slaves[2]"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("Left out although it would change: "), "{}", run.stdout);
    project.disco(&format!("apply --auto-approve {grown} --target lab.burst")).ends_with(0);
    let now = servers(&project);
    assert!(now.contains_key("cluster.lab.burst[2]") && !now.contains_key("cluster.lab.slaves[2]"), "{now:?}");
    assert!(before.iter().all(|(address, id)| now[address] == *id), "{now:?}");
    project.disco(&format!("plan --detailed-exitcode {grown} --target lab.burst")).ends_with(0);
    project.disco(&format!("plan --offline {grown} --target lab.burst")).ends_with(1).says(&["offline"]);

    // Where nothing else differs the whole plan is empty then.
    project.disco("apply --auto-approve --var burst=12 --target lab.burst").ends_with(0);
    project.disco("plan --detailed-exitcode --var burst=12").ends_with(0);
    project.disco("apply --auto-approve --var burst=3 --target lab.burst").ends_with(0);
    project.disco("plan --detailed-exitcode --var burst=3").ends_with(0);

    // A flavor of one group, and the other way round.
    let larger = "--var slaves=3 --var flavor=m1.medium";
    let run = project.disco(&format!("plan {larger} --exclude lab.slaves --exclude other --exclude db")).ends_with(0);
    assert!(
        !run.stdout.contains("~ cluster.lab.slaves") && run.stdout.contains("cluster.lab.master[0]"),
        "{}",
        run.stdout
    );
    project.disco(&format!("apply --auto-approve {larger} --target lab.burst")).ends_with(0);
    project.disco(&format!("plan --detailed-exitcode {larger} --target lab.burst")).ends_with(0);

    // What the group needs would have to change too.
    project
        .disco("plan --var cidr=10.30.0.0/24 --target lab.burst")
        .ends_with(1)
        .says(&["would have to change as well", "--target cluster.lab"]);
    project.disco("plan --destroy --target lab.burst").ends_with(1).says(&["cannot be destroyed alone"]);

    // The whole plan does what was left out, and is empty then.
    project.disco(&format!("apply --auto-approve --accept-data-loss {larger}")).ends_with(0);
    project.disco(&format!("plan --detailed-exitcode {larger}")).ends_with(0);
}

#[test]
fn groups_in_further_stacks_change_alone() {
    let project = TestProject::with(&format!("{DEFINITION}\nprovider \"local\" {{ max_resources_per_stack = 100 }}\n"));
    project.disco("apply --auto-approve --var slaves=20").ends_with(0);
    let before = servers(&project);
    let fewer = "--var slaves=4 --target lab.burst";
    project.disco(&format!("apply --auto-approve {fewer}")).ends_with(0);
    project.disco(&format!("plan --detailed-exitcode {fewer}")).ends_with(0);
    let now = servers(&project);
    let gone: Vec<&String> = before.keys().filter(|address| !now.contains_key(*address)).collect();
    assert_eq!(gone.len(), 16);
    assert!(gone.iter().all(|address| address.starts_with("cluster.lab.burst[")), "{gone:?}");
    let more = "--var slaves=24 --target lab.slaves";
    project.disco(&format!("apply --auto-approve {more}")).ends_with(0);
    project.disco(&format!("plan --detailed-exitcode {more}")).ends_with(0);
    assert_eq!(servers(&project).len(), now.len() + 4);
    project.disco("apply --auto-approve --var slaves=6 --accept-data-loss").ends_with(0);
    project.disco("plan --detailed-exitcode --var slaves=6").ends_with(0);
}

#[test]
fn servers_are_replaced_on_demand() {
    let project = TestProject::with(DEFINITION);
    project.disco("apply --auto-approve").ends_with(0);
    let before = servers(&project);
    project.disco("plan --replace lab.slaves[7]").ends_with(1).says(&["there is no `lab.slaves[7]`"]);
    project.disco("plan --replace lab").ends_with(1).says(&["--replace: `lab` cannot be named here"]);
    project.disco("plan --replace lab.burst[0] --target other").ends_with(1).says(&["is not targeted"]);
    // The master holds the name space.
    project.disco("plan --replace lab.master[0]").ends_with(1).says(&["disco::data_loss", "--accept-data-loss"]);
    let run = project.disco("plan --replace cluster.lab.burst --target lab").ends_with(0);
    assert!(run.stdout.contains("server is replaced because --replace names the node"), "{}", run.stdout);

    project.disco("plan --replace lab.burst[1] --out one.plan").ends_with(0);
    project.disco("apply one.plan").ends_with(0);
    let now = servers(&project);
    let differing = |now: &BTreeMap<String, String>| -> Vec<String> {
        before.iter().filter(|(address, id)| now[*address] != **id).map(|(address, _)| address.clone()).collect()
    };
    assert_eq!(differing(&now), ["cluster.lab.burst[1]"]);
    project.disco("plan --detailed-exitcode").ends_with(0);
    project.disco("apply --auto-approve --accept-data-loss --replace lab.burst --replace lab.slaves[0]").ends_with(0);
    let now = servers(&project);
    assert_eq!(differing(&now), ["cluster.lab.burst[0]", "cluster.lab.burst[1]", "cluster.lab.slaves[0]"]);
    project.disco("plan --detailed-exitcode").ends_with(0);
}

#[test]
fn nobody_is_asked_without_input() {
    let project = TestProject::with(DEFINITION);
    project
        .disco("apply -input=false")
        .ends_with(1)
        .says(&["`apply --input=false` cannot ask for approval", "--auto-approve"]);
    project.disco("plan --input=false").ends_with(0);
    project.disco("plan --input").ends_with(0);
    project.disco("plan --input=maybe").ends_with(1);
    project.disco("apply --input=false --auto-approve --parallelism 2 --target other").ends_with(0);
    project.disco("destroy --input=false").ends_with(1).says(&["`destroy --input=false` cannot ask"]);
    project.disco("apply --input=false --target other").ends_with(0);
    project.disco("destroy --input=false --auto-approve").ends_with(0);
}
