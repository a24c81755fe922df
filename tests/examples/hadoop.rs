//! The life of `examples/hadoop`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::support::TestProject;

/// Physical ids by logical name.
fn resources(project: &TestProject) -> BTreeMap<String, Json> {
    let shown: Json = serde_json::from_str(&project.disco("show --json").ends_with(0).stdout).unwrap();
    let mut found = BTreeMap::new();
    for cluster in shown["clusters"].as_object().unwrap().values() {
        for stack in cluster["stacks"].as_object().unwrap().values() {
            for (name, resource) in stack["resources"].as_object().unwrap() {
                found.insert(name.clone(), resource.clone());
            }
        }
    }
    found
}

fn ids(project: &TestProject) -> BTreeMap<String, String> {
    resources(project)
        .into_iter()
        .map(|(name, resource)| (name, resource["id"].as_str().unwrap_or_default().to_owned()))
        .collect()
}

#[test]
fn planned_applied_replanned_and_destroyed() {
    let project = TestProject::example("hadoop");
    project.disco("validate").ends_with(0);

    let plan = project.disco("plan --detailed-exitcode").ends_with(2);
    assert!(plan.last_line().starts_with("Plan: "), "{}", plan.stdout);
    assert!(plan.last_line().ends_with(" to add, 0 to change, 0 to destroy."), "{}", plan.stdout);

    project.disco("apply -auto-approve").ends_with(0);
    let again = project.disco("plan --detailed-exitcode").ends_with(0);
    assert!(again.stdout.contains("No changes."), "{}", again.stdout);
    let nodes = ids(&project).keys().filter(|name| name.ends_with("-server")).count();
    assert_eq!(nodes, 4);

    project.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(project.state()["clusters"], Json::Object(serde_json::Map::new()));
    project.disco("plan --detailed-exitcode").ends_with(2);
}

#[test]
fn growing_touches_no_existing_node() {
    let project = TestProject::example("hadoop");
    project.disco("apply -auto-approve").ends_with(0);
    let before = ids(&project);

    let plan = project.disco("plan --var slaves=5").ends_with(0);
    assert_eq!(plan.last_line(), "Plan: 2 to add, 0 to change, 0 to destroy.", "{}", plan.stdout);
    project.disco("apply -auto-approve --var slaves=5").ends_with(0);
    let after = ids(&project);
    for (name, id) in &before {
        assert_eq!(after.get(name), Some(id), "{name} was touched");
    }
    let new: Vec<&String> =
        after.keys().filter(|name| !before.contains_key(*name) && name.ends_with("-server")).collect();
    assert_eq!(new, ["slaves-3-server", "slaves-4-server"]);
    project.disco("plan --detailed-exitcode --var slaves=5").ends_with(0);
}

#[test]
fn shrinking_storage_is_refused_until_the_loss_is_accepted() {
    let project = TestProject::example("hadoop");
    project.disco("apply -auto-approve").ends_with(0);
    let before = ids(&project);
    let refused = project.disco("apply -auto-approve --var slaves=2").ends_with(1);
    assert!(refused.stderr.contains("disco::data_loss"), "{}", refused.stderr);
    assert_eq!(ids(&project), before);

    project.disco("apply -auto-approve --accept-data-loss --var slaves=2").ends_with(0);
    let after = ids(&project);
    assert!(!after.contains_key("slaves-2-server"));
    assert_eq!(after.get("slaves-1-server"), before.get("slaves-1-server"));
    project.disco("plan --detailed-exitcode --var slaves=2").ends_with(0);
}

#[test]
fn a_changed_value_is_an_update_in_place_with_a_diff() {
    let project = TestProject::example("hadoop");
    project.disco("apply -auto-approve").ends_with(0);
    let before = ids(&project);
    let plan = project.disco("plan --var block_size=256m").ends_with(0);
    assert!(plan.stdout.contains("256m") && plan.stdout.contains("128m"), "{}", plan.stdout);
    assert!(plan.stdout.contains("hdfs-site.xml"), "{}", plan.stdout);
    assert!(plan.last_line().contains("0 to add") && plan.last_line().contains("0 to destroy"), "{}", plan.stdout);

    project.disco("apply -auto-approve --var block_size=256m").ends_with(0);
    let after = ids(&project);
    for (name, id) in before.iter().filter(|(name, _)| name.ends_with("-server") || name.ends_with("-port")) {
        assert_eq!(after.get(name), Some(id), "{name} was replaced");
    }
    project.disco("plan --detailed-exitcode --var block_size=256m").ends_with(0);
}

#[test]
fn another_flavor_is_a_resize() {
    let project = TestProject::example("hadoop");
    project.disco("apply -auto-approve").ends_with(0);
    let before = ids(&project);
    let plan = project.disco("plan --var slave_flavor=m1.large").ends_with(0);
    assert!(plan.stdout.contains("m1.medium") && plan.stdout.contains("m1.large"), "{}", plan.stdout);
    assert!(plan.stdout.contains("restart"), "{}", plan.stdout);

    project.disco("apply -auto-approve --var slave_flavor=m1.large").ends_with(0);
    let after = ids(&project);
    assert_eq!(after.get("slaves-0-server"), before.get("slaves-0-server"));
    project.disco("plan --detailed-exitcode --var slave_flavor=m1.large").ends_with(0);
}

#[test]
fn only_yes_is_yes() {
    let project = TestProject::example("hadoop");
    for answer in ["y\n", "Yes\n", "no\n", ""] {
        project.disco_answering("apply", answer).ends_with(1);
        assert!(!project.file("disco.state.json").exists(), "{answer:?} was taken for yes");
    }
    project.disco_answering("apply", "yes\n").ends_with(0);
    project.disco_answering("destroy", "y\n").ends_with(1);
    assert_eq!(resources(&project).keys().filter(|name| name.ends_with("-server")).count(), 4);
    project.disco_answering("destroy", "yes\n").ends_with(0);
}
