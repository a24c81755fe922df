//! A state that was lost: it is rebuilt from Heat, and nothing is left to do.

use std::fs;

use serde_json::Value as Json;

use super::openstack::Cloud;
use super::salt::PROJECT;
use crate::support::TestProject;

/// Two slaves, and an output.
fn secrets() -> String {
    PROJECT.replace("count  = 1", "count  = 2") + "output \"master\" { value = cluster.lab.ui.hdfs }\n"
}

const STATE: &str = "disco.state.json";

/// What of a state has to come back; the times and the counter are its own.
fn told(project: &TestProject) -> Json {
    let mut state = project.state();
    for own in ["serial", "last"] {
        state.as_object_mut().unwrap().remove(own);
    }
    for stack in state["clusters"]["lab"]["stacks"].as_object_mut().unwrap().values_mut() {
        // Of hidden parameters no value can be read.
        stack.as_object_mut().unwrap().remove("parameters");
    }
    state
}

#[test]
fn a_lost_state_comes_back_whole_with_the_salt_of_its_secrets() {
    let project = TestProject::with(&secrets());
    project.disco("apply -auto-approve").ends_with(0);
    let before = told(&project);
    fs::remove_file(project.file(STATE)).unwrap();
    project.disco("plan").ends_with(1).says(&["disco::foreign_stack"]);
    let imported = project.disco("import cluster.lab lab").ends_with(0);
    assert_eq!(
        imported.stdout,
        "Imported cluster.lab: 1 stack, 3 nodes.\nRun `disco plan` to see what differs from the definition.\n"
    );
    assert_eq!(told(&project), before);
    project.disco("plan -detailed-exitcode").ends_with(0);
    project.disco("drift").ends_with(0);
    project.disco("import lab lab").ends_with(1).says(&["cluster `lab` is in the state already"]);
    project.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(project.state()["clusters"], Json::Object(serde_json::Map::new()));
    // What is passed on tells nothing of the salt.
    let salt = before["salt"].as_str().unwrap();
    for words in ["template", "template --json"] {
        assert!(!project.disco(words).ends_with(0).stdout.contains(salt));
    }
}

#[test]
fn further_stacks_come_with_it() {
    let cloud = Cloud::serve();
    let definition = cloud.project.read("cloud.disco.hcl").replace("{}", "{ max_resources_per_stack = 50 }");
    cloud.project.write("cloud.disco.hcl", &definition);
    cloud.disco("apply -auto-approve --var slaves=20").ends_with(0);
    let before = told(&cloud.project);
    let stacks = before["clusters"]["lab"]["stacks"].as_object().unwrap();
    assert!(stacks.len() > 1, "the cluster has shards");
    let id = stacks["lab"]["id"].as_str().unwrap().to_owned();
    fs::remove_file(cloud.project.file(STATE)).unwrap();
    let imported = cloud.disco(&format!("import lab {id} --var slaves=20 --json")).ends_with(0);
    let imported: Json = serde_json::from_str(&imported.stdout).unwrap();
    assert_eq!(imported["stacks"].as_array().unwrap().len(), stacks.len());
    assert_eq!(imported["nodes"], 21);
    assert_eq!(told(&cloud.project), before);
    cloud.disco("plan -detailed-exitcode --var slaves=20").ends_with(0);
    cloud.disco("destroy -auto-approve").ends_with(0);
}

/// Two slaves with HDFS, which keep its two copies of each block when there are three.
const GROWING: &str = r#"
cluster "lab" {
  image = "debian-12"
  network { cidr = "10.1.0.0/24" }
  master { flavor = "m1.large" }
  slaves {
    count  = 2
    flavor = "m1.large"
  }
  framework "hadoop" { edition = 1 }
}
"#;

/// What was computed when the cluster was created, and would be something else now, comes back, too.
#[test]
fn settings_that_were_fixed_at_creation_come_back() {
    let cloud = Cloud::serve();
    cloud.project.write("main.disco.hcl", GROWING);
    cloud.disco("apply -auto-approve").ends_with(0);
    cloud.project.write("main.disco.hcl", &GROWING.replace("count  = 2", "count  = 4"));
    cloud.disco("apply -auto-approve").ends_with(0);
    let before = told(&cloud.project);
    assert_eq!(before["clusters"]["lab"]["fixed"]["hadoop.replication"], "2");
    fs::remove_file(cloud.project.file(STATE)).unwrap();
    cloud.disco("import lab lab").ends_with(0);
    assert_eq!(told(&cloud.project), before);
    cloud.disco("plan -detailed-exitcode").ends_with(0);

    // A stack of an older version, whose tags do not tell them.
    let (project, lineage) = (before["cloud"]["project_id"].as_str().unwrap(), before["lineage"].as_str().unwrap());
    let id = before["clusters"]["lab"]["stacks"]["lab"]["id"].as_str().unwrap();
    let tags = serde_json::json!({ "tags": format!("disco,disco-lineage-{lineage}") });
    cloud.by_hand("PATCH", &format!("/heat/v1/{project}/stacks/lab/{id}"), &tags.to_string());
    fs::remove_file(cloud.project.file(STATE)).unwrap();
    let imported = cloud.disco("import lab lab").ends_with(0);
    // Edition 1 does nothing with the only one that no stack of it tells.
    let anew = imported.stdout.lines().find(|line| line.contains("computed anew")).unwrap_or_default();
    assert!(anew.starts_with("`hadoop.high_availability` is"), "{}", imported.stdout);
    assert_eq!(told(&cloud.project)["clusters"]["lab"]["fixed"], before["clusters"]["lab"]["fixed"]);
    cloud.disco("plan -detailed-exitcode").ends_with(0);

    // So where the definition has changed meanwhile.
    fs::remove_file(cloud.project.file(STATE)).unwrap();
    let other = "  framework \"hadoop\" { block_size = \"64m\" }\n";
    let changed = GROWING.replace("count  = 2", "count  = 4").replace("  framework \"hadoop\" {}\n", other);
    cloud.project.write("main.disco.hcl", &changed);
    cloud.disco("import lab lab").ends_with(0);
    assert_eq!(told(&cloud.project)["clusters"]["lab"]["fixed"], before["clusters"]["lab"]["fixed"]);
}

#[test]
fn what_is_not_ours_is_refused() {
    let cloud = Cloud::serve();
    cloud.disco("apply -auto-approve").ends_with(0);
    let other = TestProject::with("");
    for (file, text) in
        ["main.disco.hcl", "cloud.disco.hcl", "clouds.yaml"].map(|file| (file, cloud.project.read(file)))
    {
        other.write(file, &text.replace("cluster \"lab\"", "cluster \"loft\""));
    }
    other
        .disco("import loft lab")
        .ends_with(1)
        .says(&["stack `lab` is of cluster `lab`, not of `loft`", "disco import cluster.lab lab"]);
    other.disco("import lab lab").ends_with(1).says(&["cluster `lab` is not in the definition"]);
    other.disco("import loft lob").ends_with(1).says(&["stack `lob` does not exist", "did you mean `lab`?"]);
    let project = cloud.project.state()["cloud"]["project_id"].as_str().unwrap().to_owned();
    cloud.by_hand(
        "POST",
        &format!("/heat/v1/{project}/stacks"),
        r#"{"stack_name": "loft", "template": {"heat_template_version": "2021-04-16"}}"#,
    );
    other.disco("import loft loft").ends_with(1).says(&["stack `loft` was not created by DISCO"]);
    assert!(!other.file(STATE).exists(), "nothing was begun");
}

/// A template with a server, which takes its time.
const SERVER: &str = r#"{"heat_template_version": "2021-04-16", "resources": {
    "net": {"type": "OS::Neutron::Net"},
    "subnet": {"type": "OS::Neutron::Subnet", "properties": {"network": {"get_resource": "net"}, "cidr": "10.3.0.0/24"}},
    "port": {"type": "OS::Neutron::Port", "properties": {"network": {"get_resource": "net"}}, "depends_on": "subnet"},
    "server": {"type": "OS::Nova::Server", "properties": {
        "image": "debian-12", "flavor": "m1.small", "networks": [{"port": {"get_resource": "port"}}]}}}}"#;

#[test]
fn a_stack_of_another_state_is_for_a_folder_of_its_own() {
    let cloud = Cloud::serve();
    cloud.disco("apply -auto-approve").ends_with(0);
    let lineage = cloud.project.state()["lineage"].as_str().unwrap().to_owned();
    let other = TestProject::with("");
    for file in ["main.disco.hcl", "cloud.disco.hcl", "clouds.yaml"] {
        other.write(file, &cloud.project.read(file));
    }
    let loft = cloud.project.read("main.disco.hcl").replace("cluster \"lab\"", "cluster \"loft\"");
    let loft = loft.split_once("cluster ").unwrap().1;
    other.write("loft.disco.hcl", &format!("cluster {}", loft.replace("10.1.0.0", "10.2.0.0")));
    let lab = other.read("main.disco.hcl");
    other.write("main.disco.hcl", lab.split("cluster ").next().unwrap());
    other.disco("apply -auto-approve").ends_with(0);
    other.write("main.disco.hcl", &lab);
    let before = other.read(STATE);
    other.disco("import lab lab").ends_with(1).says(&[
        &format!("stack `lab` was created from another state, of lineage {lineage}"),
        "help: import it in a folder of its own: a state has one lineage",
    ]);
    assert_eq!(other.read(STATE), before, "nothing was begun");
    // Where nothing of the own lineage stands, the state takes up the stack's.
    other.disco("destroy -auto-approve").ends_with(0);
    other.disco("import lab lab").ends_with(0);
    assert_eq!(other.state()["lineage"], lineage.as_str());
}

#[test]
fn a_stack_that_heat_works_on_has_to_be_waited_for() {
    let cloud = Cloud::serve_at("60");
    let project = {
        let planned = cloud.disco("plan -json").ends_with(0);
        assert!(!planned.stdout.is_empty());
        cloud.by_hand("GET", "/identity/v3/projects", "")["projects"][0]["id"].as_str().unwrap().to_owned()
    };
    let asked = format!(r#"{{"stack_name": "lab", "template": {SERVER}, "tags": "disco,disco-lineage-l1"}}"#);
    cloud.by_hand("POST", &format!("/heat/v1/{project}/stacks"), &asked);
    cloud.disco("import lab lab").ends_with(1).says(&[
        "Heat is still working on stack `lab` (CREATE_IN_PROGRESS)",
        "help: wait until it has finished, then import it",
    ]);
    assert!(!cloud.project.file(STATE).exists(), "nothing was begun");
}

#[test]
fn a_stack_without_its_base_is_no_cluster() {
    let cloud = Cloud::serve();
    let project = cloud.by_hand("GET", "/identity/v3/projects", "")["projects"][0]["id"].as_str().unwrap().to_owned();
    let stacks = format!("/heat/v1/{project}/stacks");
    let asked = r#"{"stack_name": "lab.shard-1", "template": {"heat_template_version": "2021-04-16"}, "tags": "disco,disco-lineage-l1"}"#;
    cloud.by_hand("POST", &stacks, asked);
    cloud.disco("import lab lab.shard-1").ends_with(1).says(&[
        "stack `lab`, the base of `lab.shard-1`, does not exist",
        "help: delete what is left of the cluster, and apply",
    ]);
    // The same name, and no sign of whose it is.
    let asked = format!(r#"{{"stack_name": "lab", "template": {SERVER}}}"#);
    cloud.by_hand("POST", &stacks, &asked);
    cloud.disco("import lab lab").ends_with(1).says(&["stack `lab` was not created by DISCO"]);
    assert!(!cloud.project.file(STATE).exists(), "nothing was begun");
}
