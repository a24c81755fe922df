//! Projects whose definitions are gone, or name another cloud: what the state remembers is enough, and counts.
#![expect(clippy::disallowed_methods, reason = "takes definitions away")]

use std::fs;

use serde_json::Value as Json;

use crate::support::TestProject;

const OUTPUTS: &str = "\noutput \"master\" {\n  value = cluster.lab.master[0].address\n}\n";

/// The lab, applied, and its definition deleted.
fn left_alone() -> TestProject {
    let project = TestProject::applied_lab();
    project.write("main.disco.hcl", &(project.read("main.disco.hcl") + OUTPUTS));
    project.disco("apply -auto-approve").ends_with(0);
    fs::remove_file(project.file("main.disco.hcl")).unwrap();
    project
}

#[test]
fn clusters_are_shown_and_destroyed_without_a_definition() {
    let project = left_alone();
    assert!(project.disco("show").ends_with(0).stdout.contains("# cluster.lab"));
    assert_eq!(project.disco("output -raw master").ends_with(0).stdout.trim(), "10.1.0.16");
    // What makes no sense without a definition says what does.
    for command in ["plan", "apply -auto-approve", "validate", "template", "explain cluster.lab"] {
        project.disco(command).ends_with(1).says(&[
            "no `*.disco.hcl` file in `.`",
            "help: put the definitions back",
            "`disco destroy`",
        ]);
    }
    let planned = project.disco("plan -destroy").ends_with(0);
    let refused = project.disco_answering("destroy --var slaves=9", "no\n").ends_with(1);
    assert!(refused.stderr.contains("Do you really want to destroy all of this"), "{}", refused.stderr);
    assert_eq!(refused.stdout, planned.stdout, "the plan is shown before the question");
    assert!(planned.stdout.contains("- cluster.lab.slaves[0]"), "{}", planned.stdout);
    project.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(project.state()["clusters"], serde_json::json!({}));
    assert!(project.disco("show").ends_with(0).stdout.contains("this project has no clusters"));
    project.disco("destroy -auto-approve").ends_with(0);
}

#[test]
fn a_saved_plan_to_destroy_needs_no_definition_either() {
    let project = left_alone();
    project.disco("plan -destroy -out=end.plan").ends_with(0);
    project.disco("apply end.plan").ends_with(0);
    assert_eq!(project.state()["clusters"], serde_json::json!({}));
}

#[test]
fn a_state_that_does_not_say_its_cloud_is_the_embedded_engines() {
    let project = left_alone();
    let mut state = project.state();
    assert_eq!(state["cloud"], serde_json::json!({ "provider": "local" }));
    state["version"] = 3.into();
    state.as_object_mut().unwrap().remove("cloud");
    project.write("disco.state.json", &state.to_string());
    // Without the engine's store nobody can tell where the clusters are.
    fs::rename(project.file(".disco/engine"), project.file("engine")).unwrap();
    project
        .disco("destroy -auto-approve")
        .ends_with(1)
        .says(&["`disco.state.json` does not say which cloud its clusters are on", "bring back .disco/engine"]);
    assert_eq!(project.read("disco.state.json"), state.to_string());
    let _ = fs::remove_dir_all(project.file(".disco/engine"));
    fs::rename(project.file("engine"), project.file(".disco/engine")).unwrap();
    project.disco("destroy -auto-approve").ends_with(0);
}

#[test]
fn a_folder_where_nothing_was_ever_applied_says_what_it_always_said() {
    let project = TestProject::with("");
    fs::remove_file(project.file("main.disco.hcl")).unwrap();
    for command in ["destroy -auto-approve", "show", "output", "plan"] {
        project.disco(command).ends_with(1).says(&["no `*.disco.hcl` file in `.`", "help: go to a project's folder"]);
    }
    assert!(!project.file(".disco").exists());
}

#[test]
fn a_state_kept_elsewhere_is_asked_for() {
    let project = TestProject::lab();
    let kept = "disco {\n  state \"local\" { path = \"kept/lab.json\" }\n}\n";
    project.write("kept/.keep", "");
    project.write("state.disco.hcl", kept);
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("apply -auto-approve --var slaves=3").ends_with(0);
    for name in ["state.disco.hcl", "main.disco.hcl"] {
        fs::remove_file(project.file(name)).unwrap();
    }
    project.disco("destroy -auto-approve").ends_with(1).says(&["clusters were applied here", "state \"local\""]);
    // The way out.
    project.write("name.disco.hcl", kept);
    project.disco("destroy -auto-approve").ends_with(0);
    let state: Json = serde_json::from_str(&project.read("kept/lab.json")).unwrap();
    assert_eq!(state["clusters"], serde_json::json!({}));
}

#[test]
fn another_cloud_than_that_of_the_clusters_is_refused() {
    let project = TestProject::applied_lab();
    let before = project.read("disco.state.json");
    project.write("provider.disco.hcl", "provider \"openstack\" {}\n");
    for command in ["plan", "apply -auto-approve", "destroy -auto-approve", "plan -destroy"] {
        project.disco(command).ends_with(1).says(&[
            "disco::another_cloud",
            "cluster `lab` is on the embedded Heat, `provider \"openstack\"` is another cloud",
            "provider.disco.hcl:1:1",
            "write `provider \"local\" {}` again",
        ]);
    }
    assert_eq!(project.read("disco.state.json"), before);
    // The other way round: the file with the provider was deleted, and the default is another cloud.
    fs::remove_file(project.file("provider.disco.hcl")).unwrap();
    let mut state = project.state();
    state["cloud"] = serde_json::json!({
        "provider": "openstack", "auth_url": "https://keystone.example.org", "region": "north",
        "project_id": "p1", "project_name": "lab"
    });
    project.write("disco.state.json", &state.to_string());
    for command in ["plan", "apply -auto-approve", "destroy -auto-approve"] {
        project.disco(command).ends_with(1).says(&[
            "cluster `lab` is on the OpenStack at https://keystone.example.org, region `north`, project",
            "`lab`, without a `provider` block the embedded Heat is used",
            "write `provider \"openstack\" { … }` again",
        ]);
    }
    project.disco("show").ends_with(0);
    fs::remove_file(project.file("main.disco.hcl")).unwrap();
    project.disco("destroy -auto-approve").ends_with(1).says(&["no credentials for an OpenStack were found"]);
    assert_eq!(project.state(), state);
    // Where nothing lives, nothing can be forgotten.
    project.write("disco.state.json", &before);
    project.disco("destroy -auto-approve").ends_with(0);
    project.write("main.disco.hcl", "provider \"openstack\" {}\n");
    project.disco("plan").ends_with(1).says(&["no credentials for an OpenStack were found"]);
}
