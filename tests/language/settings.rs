//! `disco` and `provider`.

use disco::language::{Settings, VariableInputs};
use disco::model::{Key, NodeDriver, Provider, StatePlace};

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
    assert_eq!(settings.state, StatePlace::Local { path: "disco.state.json".to_owned() });
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
    assert_eq!(settings.state, StatePlace::Local { path: "states/lake.json".to_owned() });
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
    assert_eq!(settings.state, StatePlace::Local { path: "disco.state.json".to_owned() });
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["disco::unknown_before_apply"]);
    let (_, again) = project.evaluate();
    assert_eq!(again, found);
}

#[test]
fn a_server_and_keys_are_read() {
    let settings = settings(
        r#"
variable "words" {
  default   = "correct horse battery"
  sensitive = true
}
disco {
  state "http" {
    address     = "https://state.example.org/lab"
    lock_method = "POST"
    password    = var.words
  }
  encryption {
    passphrase = var.words
    previous   = [{ key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=" }]
  }
}
"#,
    );
    let StatePlace::Http(place) = &settings.state else { panic!("{:?}", settings.state) };
    assert_eq!((place.lock_address.as_str(), place.lock_method.as_str()), ("https://state.example.org/lab", "POST"));
    assert_eq!((place.update_method.as_str(), place.unlock_method.as_str()), ("POST", "UNLOCK"));
    assert!(place.password.as_ref().unwrap().secret);
    let keys: Vec<Key> = settings.encryption.as_ref().unwrap().keys.iter().map(|key| key.value.clone()).collect();
    assert_eq!(keys, [Key::Passphrase("correct horse battery".to_owned()), Key::Bytes([1; 32])]);
    assert!(!format!("{settings:?}").contains("correct horse"));
}

#[test]
fn what_is_wrong_with_them_is_said() {
    let http = |address: &str| format!("disco {{ state \"http\" {{ address = \"{address}\" }} }}");
    let rows = [
        (http("state.example.org"), "disco::invalid_state_server"),
        (http("https://"), "disco::invalid_state_server"),
        (http("https://a:b@c/d"), "disco::invalid_state_server"),
        (http("https://a/ b"), "disco::invalid_state_server"),
        ("disco { state \"http\" {} }".to_owned(), "disco::missing_attribute"),
        ("disco {\n  state \"http\" {\n    address = \"https://a\"\n    lock_method = \"lo ck\"\n  }\n}".to_owned(), "disco::invalid_state_server"),
        ("disco { state \"gcs\" {} }".to_owned(), "disco::unknown_state"),
        ("disco {\n  encryption {}\n}".to_owned(), "disco::missing_attribute"),
        ("disco {\n  encryption { key = \"short\" }\n}".to_owned(), "disco::invalid_encryption_key"),
        ("disco {\n  encryption { passphrase = \"correct horse battery\" }\n}".to_owned(), "disco::exposed_secret"),
        ("disco {\n  encryption {\n    key = \"a\"\n    passphrase = \"b\"\n  }\n}".to_owned(), "disco::conflicting_attributes"),
        ("disco {\n  encryption {\n    key = \"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\"\n    previous = [\"x\"]\n  }\n}".to_owned(), "disco::wrong_type"),
    ];
    for (text, code) in rows {
        let project = Project::of(&text);
        let (settings, found) = project.definition.settings(&project.sources, &project.files);
        let codes: Vec<&str> = found.iter().map(|found| found.code).collect();
        assert_eq!(codes, [code], "{text}: {}", project.drawn(&found));
        assert!(found.iter().all(|found| found.help.is_some() && found.span().is_some()), "{text}");
        assert_eq!(settings, Settings::default(), "{text}");
    }
}
