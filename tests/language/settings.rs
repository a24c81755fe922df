//! `disco` and `provider`.

use disco::language::{Settings, VariableInputs};
use disco::model::{NodeDriver, Provider};

use super::project::Project;

fn settings(text: &str) -> Settings {
    let project = Project::read(&[("main.disco.hcl", text)], &[], |_| VariableInputs::default());
    assert!(project.found.is_empty(), "{}", project.drawn(&project.found));
    let (settings, found) = project.definition.settings(&project.sources, &project.files);
    assert!(found.is_empty(), "{}", project.drawn(&found));
    settings
}

#[test]
fn nothing_said_is_the_embedded_engine() {
    let settings = settings("");
    assert_eq!(settings, Settings::default());
    assert_eq!(settings.state_path, "disco.state.json");
    assert!(matches!(
        settings.provider,
        Provider::Local { nodes: NodeDriver::Simulated, max_resources_per_stack: 1000, .. }
    ));
}

#[test]
fn variables_and_locals_are_allowed() {
    let settings = settings(
        r#"
variable "name" { default = "lake" }
locals { path = "states/${var.name}.json" }
disco {
  required_version = ">= 0.1"
  catalogues       = ["./frameworks"]
  state "local" { path = local.path }
}
provider "openstack" {
  cloud                   = "lab"
  max_resources_per_stack = 500
}
"#,
    );
    assert_eq!(settings.state_path, "states/lake.json");
    assert_eq!(settings.catalogues[0].value, "./frameworks");
    assert!(
        matches!(settings.provider, Provider::OpenStack { cloud: Some(ref cloud), max_resources_per_stack: 500, .. } if cloud == "lab")
    );
}

#[test]
fn what_only_a_cluster_knows_comes_too_late() {
    let project = Project::of(
        r#"
disco {
  state "local" { path = cluster.lake.id }
}
cluster "lake" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
}
"#,
    );
    let (settings, found) = project.definition.settings(&project.sources, &project.files);
    assert_eq!(settings.state_path, "disco.state.json");
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["disco::unknown_before_apply"]);
    let (_, again) = project.evaluate();
    assert_eq!(again, found);
}
