//! Names of secrets: salted from the first template on, with a salt that the state keeps.

use serde_json::Value as Json;

use crate::support::TestProject;

pub(super) const PROJECT: &str = r#"
variable "key" {
  default   = "swordfish"
  sensitive = true
}
cluster "lab" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves {
    count  = 1
    flavor = "m1.large"
  }
  framework "hadoop" {
    config "core-site.xml" { set = { "fs.s3a.secret.key" = var.key } }
  }
}
"#;

const STATE: &str = "disco.state.json";

/// Names and descriptions of the secret parameters that a template has.
fn secrets(project: &TestProject) -> Vec<(String, String)> {
    let template: Json = serde_json::from_str(&project.disco("template --json").ends_with(0).stdout).unwrap();
    let parameters = template["parameters"].as_object().unwrap().iter();
    parameters.map(|(name, told)| (name.clone(), told["description"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn the_template_before_the_first_apply_is_that_of_the_first_apply() {
    let project = TestProject::with(PROJECT);
    let before = secrets(&project);
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].1, "Secret: fs.s3a.secret.key in core-site.xml of hadoop; value of `var.key`");
    assert_eq!(secrets(&project), before);
    project.disco("apply -auto-approve").ends_with(0);
    assert_eq!(secrets(&project), before);
    project.disco("plan -detailed-exitcode").ends_with(0);
    // Nobody can tell the value by trying names: another project has another salt.
    assert_ne!(secrets(&TestProject::with(PROJECT))[0].0, before[0].0);
}

#[test]
fn only_a_template_with_secrets_begins_a_state() {
    let project = TestProject::with(PROJECT);
    for command in ["validate", "plan", "graph"] {
        project.disco(command).ends_with(0);
        assert!(!project.file(STATE).exists(), "{command}");
    }
    let plain = TestProject::with(&PROJECT.replace("var.key", "\"plain\""));
    plain.disco("template").ends_with(0);
    assert!(!plain.file(STATE).exists());
}

#[test]
fn a_saved_plan_names_secrets_as_they_stay() {
    let project = TestProject::with(PROJECT);
    project.disco("plan --out first.plan").ends_with(0);
    let planned = secrets(&project);
    project.disco("apply first.plan").ends_with(0);
    assert_eq!(secrets(&project), planned);
}

#[test]
fn a_state_without_a_salt_keeps_the_names_that_it_has() {
    let project = TestProject::with(PROJECT);
    project.disco("apply -auto-approve").ends_with(0);
    let mut state = project.state();
    let salt = state.as_object_mut().unwrap().remove("salt").unwrap();
    // As if the lineage had been the salt from the beginning.
    state["lineage"] = salt;
    state["version"] = 2.into();
    let old = secrets(&project);
    project.write(STATE, &state.to_string());
    assert_eq!(secrets(&project), old);
}
