//! Keys that a framework gives to a file of another one, keys that are computed, and formats with levels.

use std::collections::BTreeMap;

use super::lab::{Lab, framework};
use disco::catalogue::{ConfiguredFile, explain};
use disco::model::{SettingValue, Text};

const STORE: &str = r#"
description = "Keeps things"
version "1" {}
file "store.properties" {
  format    = "properties"
  path      = "/etc/store.properties"
  keys      = { "plugins" = "core", "port" = 1 }
  protected = { "port" = "everybody finds it by it" }
}
"#;

const READER: &str = r#"
manifest    = 2
description = "Reads things"
uses        = ["store"]
version "1" {}
setting "who" {
  type        = "string"
  description = "Who may"
  default     = "reader"
}
contribute "store/store.properties" {
  keys   = { "proxy.users" = setting.who, "absent" = null }
  append = { "plugins" = "reader" }
}
"#;

/// A cluster with these frameworks, each of a name and its manifest.
fn lab(manifests: &[(&str, &str)]) -> Lab {
    let mut lab = Lab::with(&[], 2);
    for (name, manifest) in manifests {
        let texts = BTreeMap::from([("framework.hcl".to_owned(), (*manifest).to_owned())]);
        let diagnostics = lab.catalogue.add_folder(name, &format!("frameworks/{name}"), &texts, &lab.sources);
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        let place = lab.place();
        lab.spec.frameworks.push(framework(name, "1", place));
    }
    lab
}

fn file(lab: &Lab, name: &str) -> ConfiguredFile {
    lab.configured().groups["slaves"].files.iter().find(|file| file.name == name).unwrap().clone()
}

fn explained(lab: &Lab, question: &str) -> String {
    let (answer, diagnostics) = explain(lab.context(&lab.composed().0), question);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    format!("{answer:?}")
}

#[test]
fn another_framework_gives_keys_where_both_are() {
    let text = |lab: &Lab| file(lab, "store.properties").content.revealed();
    assert_eq!(text(&lab(&[("store", STORE)])), "plugins=core\nport=1\n");
    let mut both = lab(&[("store", STORE), ("reader", READER)]);
    assert_eq!(text(&both), "plugins=core,reader\nport=1\nproxy.users=reader\n");
    both.set_of("reader", "who", SettingValue::Text(Text::plain("anybody")));
    assert_eq!(text(&both), "plugins=core,reader\nport=1\nproxy.users=anybody\n");
    // The definition has the last word.
    for key in ["plugins", "proxy.users"] {
        both.set_key("store.properties", key, Some("mine"));
    }
    assert_eq!(text(&both), "plugins=mine\nport=1\nproxy.users=mine\n");
}

#[test]
fn what_is_given_is_explained_with_its_giver() {
    let lab = lab(&[("store", STORE), ("reader", READER)]);
    let told = explained(&lab, "store.properties");
    assert!(told.contains("proxy.users") && told.contains("setting.who"), "{told}");
    let told = explained(&lab, "slaves/store.properties:plugins");
    assert!(told.contains("core,reader") && told.contains("plugins of reader"), "{told}");
}

#[test]
fn what_cannot_be_given_is_said() {
    for (from, to, message) in [
        (
            "\"plugins\" = \"reader\" }",
            "\"port\" = 2 }",
            "reader cannot give `port` to `store.properties`: the key is DISCO's own",
        ),
        (
            "\"absent\" = null",
            "\"plugins\" = \"x\"",
            "reader cannot give `plugins` to `store.properties`: it has another value already",
        ),
        ("store/store.properties", "store/stor.properties", "framework `store` has no file `stor.properties`"),
    ] {
        let reader = READER.replace(from, to);
        assert_eq!(lab(&[("store", STORE), ("reader", &reader)]).complaint().message, message);
    }
}

#[test]
fn keys_can_be_computed() {
    let manifest = r#"
manifest    = 2
description = "Servers"
version "1" {}
file "servers.cfg" {
  format    = "lines"
  separator = " = "
  path      = "/etc/servers.cfg"
  keys      = merge({ "size" = 2 }, { for index, name in cluster.masters : "server.${index + 1}" => name })
}
file "settings.json" {
  format = "json"
  nested = "."
  path   = "/etc/settings.json"
  keys = {
    "server.port"  = 80
    "server.names" = ["a", "b"]
    "ratio"        = 0.5
    "none"         = null
  }
}
"#;
    let mut lab = lab(&[("servers", manifest)]);
    assert_eq!(file(&lab, "servers.cfg").content.revealed(), "server.1 = analytics-master-0\nsize = 2\n");
    let json = "{\n  \"server\": {\n    \"port\": 80,\n    \"names\": [\"a\",\"b\"]\n  },\n  \"ratio\": 0.5\n}\n";
    assert_eq!(file(&lab, "settings.json").content.revealed(), json);
    lab.set_key("servers.cfg", "size", Some("3"));
    assert_eq!(file(&lab, "servers.cfg").content.revealed(), "server.1 = analytics-master-0\nsize = 3\n");
}
