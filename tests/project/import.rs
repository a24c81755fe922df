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
