//! Every folder of `examples/` lives a whole life.

use std::fs;
use std::path::Path;

use crate::support::TestProject;

/// Names of all examples, sorted.
fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders.map(|folder| folder.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_example_is_planned_applied_replanned_to_nothing_and_destroyed() {
    let examples = examples();
    assert!(examples.len() >= 5, "{examples:?}");
    for name in examples {
        let project = TestProject::example(&name);
        project.disco("validate").ends_with(0);
        let plan = project.disco("plan --detailed-exitcode").ends_with(2);
        assert!(plan.last_line().ends_with(" to add, 0 to change, 0 to destroy."), "{name}:\n{}", plan.stdout);
        assert!(plan.stderr.is_empty(), "{name} has something to warn of:\n{}", plan.stderr);
        project.disco("apply -auto-approve").ends_with(0);
        let again = project.disco("plan --detailed-exitcode").ends_with(0);
        assert!(again.stdout.contains("No changes."), "{name}:\n{}", again.stdout);
        project.disco("destroy -auto-approve").ends_with(0);
        assert_eq!(project.state()["clusters"], serde_json::json!({}), "{name}");
    }
}

#[test]
fn every_example_says_what_it_is() {
    for name in examples() {
        let project = TestProject::example(&name);
        let text = project.read("README.md");
        assert!(text.starts_with("# ") && text.contains("```console\n$ disco plan\n"), "{name}: {text}");
        assert!(text.lines().count() <= 30, "{name}: a few lines are enough");
    }
}
