//! Keys that a framework gives to a file of another one, keys that are computed, formats with levels; and what else follows
//! from formulas: ports, paths, files, software, machines.

use std::collections::BTreeMap;

use super::lab::{Lab, framework};
use disco::catalogue::{ConfiguredFile, ProbeKind, explain};
use disco::model::{GroupFramework, SettingValue, Text};
use disco::node::{Hosts, bundle};
use serde_json::{Value as Json, json};

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

/// A manifest with all that was once a literal as a formula.
const OWN: &str = r#"
manifest    = 2
description = "One's own"
version "1" {}
setting "port" {
  type        = "port"
  description = "Where it listens"
  default     = 8000
}
setting "files" {
  type        = "map(string)"
  description = "Files of one's own"
  default     = {}
}
setting "mirrors" {
  type        = "list(url)"
  description = "Where archives are"
  default     = ["https://mirror.example.org/"]
}
user "own" {
  uid       = 4000
  groups    = ["video"]
  shell     = "/bin/bash"
  home_mode = "0700"
}
archive "plugin" {
  path     = "plugins/a-1.jar"
  sha512   = "@"
  to       = "/opt/own/plugins"
  unpack   = false
  restarts = ["own"]
  on       = ["slaves"]
}
archive "tool" {
  path    = "tool.tar.gz"
  sha512  = "@"
  mirrors = ["https://other.example.org"]
  to      = "/opt/tool"
  strip   = 0
}
machine {
  sysctl                = { "vm.swappiness" = 1 }
  transparent_hugepages = "never"
  shared_memory         = node.memory / 4
  modules               = ["br_netfilter"]
  on                    = ["slaves"]
}
service "own" {
  description = "One's own"
  on          = "slaves"
  unit        = "own"
  user        = "own"
  exec        = ["/bin/own", "--port", port.own]
  memory      = 1
  ready {
    port = "own"
    path = "/${cluster.name}/health"
  }
}
port "own" {
  description = "Own"
  service     = "own"
  port        = setting.port
  users       = true
}
file "own.properties" {
  format   = "properties"
  path     = "/etc/own/${cluster.name}.properties"
  restarts = { "server.*" = ["own"], "*" = [] }
  keys     = { "server.port" = port.own, "client.name" = "x" }
}
file "own" {
  format   = "template"
  for_each = setting.files
  path     = each.key
  content  = each.value
}
file "own.key" {
  format   = "template"
  path     = "/etc/own/key"
  content  = "AAECAw=="
  encoding = "base64"
}
"#;

fn own() -> Lab {
    lab(&[("own", &OWN.replace('@', &"a".repeat(128)))])
}

#[test]
fn ports_paths_and_files_follow_settings() {
    let mut lab = own();
    lab.set("port", SettingValue::Integer(9000));
    let texts = [("/etc/a", "one\n"), ("/etc/b", "two\n")].map(|(path, text)| (path.to_owned(), Text::plain(text)));
    lab.set("files", SettingValue::Map(texts.into()));
    let configuration = lab.configured();
    let slaves = &configuration.groups["slaves"];
    assert_eq!(slaves.units[0].exec, ["/bin/own", "--port", "9000"]);
    let probe = ProbeKind::Http { port: 9000, path: "/analytics/health".to_owned() };
    assert_eq!(slaves.probes[0].kind, probe);
    assert_eq!(configuration.open_ports[0].ports.first, 9000);
    let files: Vec<(&str, &str, String)> =
        slaves.files.iter().map(|file| (file.name.as_str(), file.path.as_str(), file.content.revealed())).collect();
    assert_eq!(files[0].1, "/etc/own/analytics.properties");
    assert_eq!(files[1], ("own /etc/a", "/etc/a", "one\n".to_owned()));
    assert_eq!(files[2], ("own /etc/b", "/etc/b", "two\n".to_owned()));
    lab.set("port", SettingValue::Integer(70000));
    assert!(lab.configure().1.has_errors());
}

#[test]
fn software_and_machines_reach_the_bundle() {
    let lab = own();
    let configuration = lab.configured();
    let hosts = Hosts::of(&lab.spec, &lab.members);
    let text = bundle(&lab.spec, &lab.spec.groups[1], &configuration, &hosts, "salt");
    let bundle: Json = serde_json::from_str(text.to_json()).unwrap();
    let digest = "a".repeat(128);
    let expected = json!([
        {"name": "own plugin", "version": "1", "urls": ["https://mirror.example.org/plugins/a-1.jar"], "sha512": digest,
            "directory": "/opt/own/plugins", "file": "/opt/own/plugins/a-1.jar", "restarts": ["own.service"]},
        {"name": "own tool", "version": "1", "urls": ["https://other.example.org/tool.tar.gz"], "sha512": digest,
            "directory": "/opt/tool", "strip": 0},
    ]);
    assert_eq!(bundle["archives"], expected);
    let expected = json!({"sysctl": {"vm.swappiness": "1"}, "transparent_hugepages": "never", "shared_memory_mib": 1024,
        "modules": ["br_netfilter"]});
    assert_eq!(bundle["machine"], expected);
    let expected = json!([{"name": "own", "group": "own", "home": "/var/lib/own", "uid": 4000, "groups": ["video"],
        "shell": "/bin/bash", "home_mode": "0700"}]);
    assert_eq!(bundle["users"], expected);
    assert_eq!(bundle["files"][1]["base64"], true);
    // The master has none of it.
    let master = disco::node::bundle(&lab.spec, &lab.spec.groups[0], &configuration, &hosts, "salt");
    assert_eq!(serde_json::from_str::<Json>(master.to_json()).unwrap().get("machine"), None);
}

#[test]
fn a_key_restarts_only_what_it_concerns() {
    let concerns = |lab: &Lab| {
        let configuration = lab.configured();
        let hosts = Hosts::of(&lab.spec, &lab.members);
        let text = bundle(&lab.spec, &lab.spec.groups[1], &configuration, &hosts, "salt");
        let bundle: Json = serde_json::from_str(text.to_json()).unwrap();
        (bundle["files"][0]["content"].clone(), bundle["files"][0]["concerns"].clone())
    };
    let mut lab = own();
    let (content, before) = concerns(&lab);
    assert_eq!(before["own.service"].as_str().map(str::len), Some(64));
    lab.set_key("own.properties", "client.name", Some("y"));
    let (changed, after) = concerns(&lab);
    assert_ne!(content, changed);
    assert_eq!(before, after);
    lab.set("port", SettingValue::Integer(9000));
    assert_ne!(before, concerns(&lab).1);
}

#[test]
fn mistakes_of_them_are_said_at_their_place() {
    for (from, to, code, message) in [
        (
            "setting.port\n  users",
            "node.memory\n  users",
            "manifest_too_early",
            "`node.memory` is not known yet when this is computed",
        ),
        (
            "port        = setting.port",
            "port        = 70000",
            "manifest_type",
            "port `own` needs a number from 1 to 65535",
        ),
        ("exec        = [\"/bin/own\"", "exec        = [each.key", "unknown_name", "`each` has no value here"),
        (
            "\"server.*\" =",
            "\"ser*er\" =",
            "manifest_value",
            "`ser*er` in `restarts` of `file \"own.properties\"` is no pattern of keys",
        ),
        ("\"*\" = []", "\"*\" = [\"other\"]", "manifest_unknown", "the manifest declares no service `other`"),
        (
            "restarts = [\"own\"]\n  on       = [\"slaves\"]\n}\narchive",
            "restarts = [\"owm\"]\n  on       = [\"slaves\"]\n}\narchive",
            "manifest_unknown",
            "the manifest declares no service `owm`",
        ),
        (
            "encoding = \"base64\"",
            "encoding = \"hex\"",
            "manifest_unknown",
            "`encoding` of `file \"own.key\"` cannot be `hex`",
        ),
        ("to       = \"/opt/own/plugins\"\n", "", "manifest_missing", "`archive \"plugin\"` has no `to`"),
    ] {
        let manifest = OWN.replace('@', &"a".repeat(128));
        assert!(manifest.contains(from), "{from}");
        let complaints = complaints_of(&manifest.replace(from, to));
        let expected = (format!("disco::{code}"), message.to_owned());
        assert!(complaints.contains(&expected), "{message}: {complaints:#?}");
    }
    for (from, to, message) in [
        ("\"never\"", "\"sometimes\"", "`transparent_hugepages` of a machine is no way to use huge pages"),
        ("node.memory / 4", "-1", "`shared_memory` of a machine is no size in MiB"),
        (
            "= \"@\"\n  to       =",
            "= \"abc\"\n  to       =",
            "`sha512` of archive `plugin` is not what is expected here",
        ),
        ("for_each = setting.files", "for_each = [\"a\"]", "`for_each` of file `own` is not a map"),
    ] {
        assert!(OWN.contains(from), "{from}");
        let manifest = OWN.replace(from, to).replace('@', &"a".repeat(128));
        let (_, complaints) = lab(&[("own", &manifest)]).configure();
        assert_eq!(complaints.iter().next().map(|one| one.message.as_str()), Some(message));
    }
}

fn complaints_of(manifest: &str) -> Vec<(String, String)> {
    let mut lab = Lab::with(&[], 1);
    let texts = BTreeMap::from([("framework.hcl".to_owned(), manifest.to_owned())]);
    let diagnostics = lab.catalogue.add_folder("own", "frameworks/own", &texts, &lab.sources);
    diagnostics.iter().map(|one| (one.code.to_owned(), one.message.clone())).collect()
}

#[test]
fn nodes_may_only_use_a_framework_or_have_nothing_of_it() {
    let manifest = OWN.replace('@', &"a".repeat(128))
        + "role \"client\" {}\nfile \"user.conf\" {\n format = \"lines\"\n path = \"/etc/user.conf\"\n on = [\"client\"]\n keys = { slaves = cluster.slaves, role = group.role }\n}\n";
    let mut lab = lab(&[("own", &manifest)]);
    let place = lab.place();
    let listed = |name: &str, is_client: bool| GroupFramework { name: name.to_owned(), is_client, origin: Some(place) };
    lab.add_group("edge", 1).frameworks = Some(vec![listed("own", true)]);
    lab.add_group("bare", 1).frameworks = Some(Vec::new());
    let configuration = lab.configured();
    let (edge, bare) = (&configuration.groups["edge"], &configuration.groups["bare"]);
    assert!(bare.files.is_empty() && bare.users.is_empty() && bare.archives.is_empty() && bare.settings.is_empty());
    assert!(edge.units.is_empty() && edge.probes.is_empty());
    assert_eq!((edge.users.len(), edge.archives.len()), (1, 1));
    let file = edge.files.iter().find(|file| file.name == "user.conf").unwrap();
    assert_eq!(file.content.revealed(), "slaves 2\nrole client\n");
    assert!(configuration.groups["slaves"].files.iter().all(|file| file.name != "user.conf"));
    lab.group("bare").frameworks = Some(vec![listed("owm", false)]);
    assert_eq!(lab.complaint().message, "`bare` lists framework `owm`, which the cluster does not have");
}

#[test]
fn who_works_on_nodes_needs_what_it_works_with_there() {
    let mut lab = Lab::with(&["hadoop", "spark"], 3);
    let place = lab.place();
    let listed = |name: &str, is_client: bool| GroupFramework { name: name.to_owned(), is_client, origin: Some(place) };
    lab.add_group("edge", 1).frameworks = Some(vec![listed("spark", true), listed("hadoop", true)]);
    let configuration = lab.configured();
    let edge = &configuration.groups["edge"];
    assert!(
        edge.units.is_empty()
            && edge.archives.len() == 2
            && edge.files.iter().any(|file| file.name == "spark-defaults.conf")
    );
    // They are nobody's slaves: nothing on the others follows from them.
    let without = Lab::with(&["hadoop", "spark"], 3).configured();
    assert_eq!(configuration.groups["slaves"], without.groups["slaves"]);
    // On YARN its slaves go by YARN's memory, which these nodes do not have.
    lab.group("edge").frameworks = Some(vec![listed("spark", false), listed("hadoop", true)]);
    let (_, complaints) = lab.configure();
    let told: Vec<_> =
        complaints.iter().map(|one| (one.message.clone(), one.help.clone().unwrap_or_default())).collect();
    let message = "`edge` has spark, which goes by what hadoop has on the same nodes, and only the client of that";
    let help = "write \"spark.client\": the nodes can use spark then, and are none of its slaves\nor write \"hadoop\", and its services run there too";
    assert_eq!(told, [(message.to_owned(), help.to_owned())]);
    // Its own workers only need HDFS.
    lab.set_of("spark", "run_on", SettingValue::Text(Text::plain("standalone")));
    lab.configured();
    lab.asked("spark").settings.clear();
    lab.group("edge").frameworks = Some(vec![listed("spark", false)]);
    let (_, complaints) = lab.configure();
    let first = complaints.iter().next().map(|one| (one.message.clone(), one.help.clone()));
    let message = "`edge` has spark, which works with hadoop, and nothing of that".to_owned();
    assert_eq!(first, Some((message, Some("add \"hadoop.client\" to `frameworks`".to_owned()))));
}
