//! What the second form of manifests says beyond the first: ensembles, values of the node itself, Python environments,
//! packages, units of packages, readiness, steps of nodes, assertions.

use std::collections::BTreeMap;

use super::lab::{Lab, framework};
use super::manifests::complaints;
use disco::catalogue::ProbeKind;
use disco::model::SettingValue;
use disco::node::{Hosts, bundle};
use serde_json::{Value as Json, json};

const QUORUM: &str = r#"
manifest    = 2
description = "Servers that vote"
version "1" {
  requirements = "lock.txt"
}
setting "servers" {
  type        = "integer"
  description = "How many"
  default     = cluster.nodes >= 3 ? 3 : 1
  fixed       = true
}
setting "group" {
  type        = "string"
  description = "Whose"
  default     = cluster.slave_groups[0]
  fixed       = true
}
ensemble "voters" {
  on    = ["master", "slaves"]
  group = setting.group
  size  = setting.servers
}
assert {
  condition = setting.servers % 2 == 1
  message   = "an odd number of servers votes, not ${setting.servers}"
}
packages {
  names = ["munge", cluster.nodes > 2 ? "netcat-openbsd" : null]
  on    = ["slaves"]
}
directory {
  path = "/var/lib/quorum"
  on   = "voters"
}
file "quorum.cfg" {
  format   = "properties"
  path     = "/etc/quorum.cfg"
  on       = "voters"
  restarts = ["voter"]
  keys = {
    "id"    = node.place
    "me"    = "${node.name}@${node.address}"
    "peers" = join(",", [for m in ensemble.voters : "${m.place}=${m.name}"])
  }
}
port "vote" {
  description = "Votes"
  service     = "voter"
  port        = 4242
}
service "voter" {
  description = "Voter"
  on          = "voters"
  unit        = "quorum-voter"
  user        = "root"
  exec        = ["${install.home}/bin/vote", "--me", node.number]
  memory      = 64
  options     = { LimitNOFILE = 1048576, TasksMax = "infinity", Nice = null }
  needs_step  = "prepare"
  ready {
    port   = "vote"
    send   = "ok?"
    expect = "ok"
  }
}
service "munge" {
  description = "Munge"
  on          = "slaves"
  unit        = "munge"
  packaged    = true
  memory      = 8
  ready {
    command = ["munge", "-n"]
  }
}
step "prepare" {
  moment = "before-start"
  on     = "voters"
  action = { kind = "command", commands = [["/bin/prepare", node.name]] }
}
"#;

fn lab(slaves: u32) -> Lab {
    lab_of(QUORUM, slaves)
}

fn lab_of(manifest: &str, slaves: u32) -> Lab {
    let mut lab = Lab::with(&[], slaves);
    let texts = [("framework.hcl", manifest), ("lock.txt", "a==1 --hash=sha256:00\n")];
    let texts: BTreeMap<String, String> =
        texts.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let diagnostics = lab.catalogue.add_folder("quorum", "frameworks/quorum", &texts, &lab.sources);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let place = lab.place();
    lab.spec.frameworks.push(framework("quorum", "1", place));
    lab
}

#[test]
fn a_few_nodes_are_chosen_once() {
    let mut lab = lab(3);
    let configuration = lab.configured();
    let members = ["analytics-master-0", "analytics-slaves-0", "analytics-slaves-1"];
    for group in ["master", "slaves"] {
        let group = &configuration.groups[group];
        assert_eq!(group.ensembles["quorum.voters"], members);
        let file = group.files.iter().find(|file| file.name == "quorum.cfg").unwrap();
        assert_eq!((file.only.as_deref(), file.is_filled_in), (Some("quorum.voters"), true));
        let text = "id=@@node.place@@\nme=@@node.name@@@@@node.address@@\npeers=1=analytics-master-0,2=analytics-slaves-0,3=analytics-slaves-1\n";
        assert_eq!(file.content.revealed(), text);
        let unit = group.units.iter().find(|unit| unit.service == "voter").unwrap();
        assert_eq!(unit.exec, ["/opt/quorum-1/bin/vote", "--me", "@@node.number@@"]);
        let options: Vec<(&str, &str)> =
            unit.options.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(options, [("LimitNOFILE", "1048576"), ("TasksMax", "infinity")]);
        assert_eq!((group.steps.len(), group.pythons.len()), (1, 1));
    }
    // Growth changes nothing of it: both numbers are kept.
    lab.members.fixed.extend(configuration.fixed.clone());
    lab.group("slaves").count.value = 9;
    lab.add_group("early", 4);
    assert_eq!(lab.configured().groups["slaves"].ensembles, configuration.groups["slaves"].ensembles);
    assert!(lab.configured().groups["early"].units.iter().all(|unit| unit.service == "munge"));
    lab.group("slaves").count.value = 1;
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::ensemble_too_small");
    assert_eq!(complaint.message, "quorum needs 3 nodes for its voters, and there are 2");
}

#[test]
fn what_is_only_for_some_says_so_in_the_bundle() {
    let lab = lab(3);
    let configuration = lab.configured();
    let slaves = &configuration.groups["slaves"];
    assert_eq!(slaves.packages, ["munge", "netcat-openbsd", "python3-venv"]);
    assert_eq!(configuration.groups["master"].packages, ["python3-venv"]);
    assert!(matches!(&slaves.probes[1].kind, ProbeKind::Command { command, .. } if command == &["munge", "-n"]));
    let hosts = Hosts::of(&lab.spec, &lab.members);
    let text = bundle(&lab.spec, &lab.spec.groups[1], &configuration, &hosts, "salt");
    let bundle: Json = serde_json::from_str(text.to_json()).unwrap();
    let units: Vec<&Json> = bundle["units"].as_array().unwrap().iter().collect();
    assert_eq!((&units[0]["only"], &units[1]["packaged"]), (&json!("quorum.voters"), &json!(true)));
    assert_eq!((&bundle["steps"][0]["of_node"], &bundle["steps"][0]["only"]), (&json!(true), &json!("quorum.voters")));
    assert_eq!(bundle["probes"][0]["kind"], "words");
    assert_eq!(bundle["pythons"][0]["requirements"], "a==1 --hash=sha256:00\n");
}

#[test]
fn the_secrets_of_members_are_for_members_alone() {
    let secret = "setting \"word\" {\n type = \"string\"\n description = \"W\"\n secret = true\n generated = true\n}\n";
    let manifest = QUORUM.replace(
        "  memory      = 64\n",
        "  memory      = 64\n  environment = { WORD = \"${node.name}:${setting.word}\" }\n",
    );
    let lab = lab_of(&(manifest + secret), 3);
    let configuration = lab.configured();
    let file = configuration.groups["slaves"].files.iter().find(|file| file.name == "quorum-voter.env").unwrap();
    assert_eq!((file.only.as_deref(), file.is_filled_in), (Some("quorum.voters"), true));
}

#[test]
fn what_does_not_hold_is_said_in_the_words_of_the_manifest() {
    let mut lab = lab(4);
    lab.set("servers", SettingValue::Integer(2));
    let complaint = lab.complaint();
    assert_eq!(
        (complaint.code, complaint.message.as_str()),
        ("disco::assertion_failed", "an odd number of servers votes, not 2")
    );
}

/// A service with some lines of its own.
fn service(lines: &str) -> String {
    format!(
        "service \"s\" {{\n description = \"S\"\n unit = \"s\"\n user = \"root\"\n exec = [\"/x\"]\n memory = 1\n {lines}\n}}"
    )
}

#[test]
fn mistakes_in_it_are_said_at_their_place() {
    let own = "`node.name` is filled in by each node itself, so nothing can be computed from it";
    for (manifest, code, message, place) in [
        ("manifest = 3".to_owned(), "manifest_value", "the manifest has the form 3, this DISCO reads up to 2", "3"),
        (service("on = \"voters\""), "manifest_unknown", "`on` of `service \"s\"` cannot be `voters`", "\"voters\""),
        (service("on = \"slaves\"\n environment = { A = upper(node.name) }"), "generated_value", own, "node.name"),
        (
            service("on = \"slaves\"\n environment = { A = node.nam }"),
            "unknown_name",
            "`node` has no `nam`",
            "node.nam",
        ),
        (
            "ensemble \"e\" {\n on = [\"slaves\"]\n size = 1\n}".to_owned(),
            "manifest_missing",
            "ensemble `e` has slaves and no `group`",
            "\"e\"",
        ),
        (
            "version \"2\" {\n requirements = \"lock.txt\"\n}".to_owned(),
            "manifest_missing",
            "text file `lock.txt` does not exist beside the manifest",
            "\"lock.txt\"",
        ),
        (
            "step \"t\" {\n moment = \"verify\"\n action = { kind = \"decommission\", each = [[\"x\"]] }\n}".to_owned(),
            "manifest_missing",
            "`action` of `step \"t\"` of the kind `decommission` has no `url`, `path`, `names`, `state`, and no `command`, `pattern`",
            "{ kind = \"decommission\", each = [[\"x\"]] }",
        ),
        (
            "ensemble \"e\" {\n on = [\"master\"]\n size = cluster.nodes\n}".to_owned(),
            "manifest_value",
            "ensemble `e` follows from what may change",
            "cluster.nodes",
        ),
        (
            service("on = \"slaves\"\n environment = { A = node.place }"),
            "manifest_value",
            "`node.place` is used where nodes have none",
            "node.place",
        ),
        (
            "port \"p\" {\n description = \"P\"\n port = 1\n on = \"slaves\"\n page = \"/\"\n}".to_owned(),
            "manifest_value",
            "`port \"p\"` has a `page`, but no rule can let users in",
            "\"/\"",
        ),
        (
            "file \"f\" {\n path = \"/f\"\n}".to_owned(),
            "manifest_missing",
            "`file \"f\"` has no `format`",
            "file \"f\"",
        ),
        (
            "step \"t\" {\n action = { kind = \"command\", commands = [] }\n}".to_owned(),
            "manifest_missing",
            "`step \"t\"` has no `moment`",
            "step \"t\"",
        ),
        ("assert {\n condition = true\n}".to_owned(), "manifest_missing", "`assert` has no `message`", "assert"),
        (
            "ensemble \"e\" {\n on = [\"master\"]\n size = 1\n}\n".to_owned() + &service("on = [\"e\", \"slaves\"]"),
            "manifest_value",
            "`on` of `service \"s\"` names the ensemble `e` beside others",
            "\"e\"",
        ),
    ] {
        let found = complaints(&manifest);
        let first = found.first().map(|(code, message, place)| (*code, message.as_str(), place.as_str()));
        assert_eq!(
            first.map(|(code, message, _)| (code, message)),
            Some((&*format!("disco::{code}"), message)),
            "{manifest}"
        );
        assert!(first.is_some_and(|(.., found)| found.starts_with(place)), "{manifest}: {found:?}");
    }
}

/// A framework of one's own with one line more in a service.
fn with_line(line: &str) -> Lab {
    let manifest =
        format!("description = \"a test\"\nversion \"1\" {{}}\n{}", service(&format!("on = \"slaves\"\n {line}")));
    let mut lab = Lab::hadoop(3);
    let files = BTreeMap::from([("framework.hcl".to_owned(), manifest)]);
    let found = lab.catalogue.add_folder("mine", "frameworks/mine", &files, &lab.sources);
    assert!(found.is_empty(), "{found:#?}");
    let place = lab.place();
    lab.spec.frameworks.push(framework("mine", "1", place));
    lab
}

#[test]
fn what_is_no_size_and_no_number_is_refused() {
    for (line, message) in [
        ("workload_memory = \"lots\"", "`workload_memory` of service `s` is not a size in MiB"),
        ("workload_memory = -5", "`workload_memory` of service `s` is not a size in MiB"),
        ("max_unavailable = \"one\"", "`max_unavailable` of service `s` is not a number of nodes"),
    ] {
        let (_, found) = with_line(line).configure();
        assert_eq!(found.iter().next().map(|one| one.message.as_str()), Some(message), "{line}");
    }
    let mut lab = lab(3);
    lab.set("servers", SettingValue::Integer(0));
    let (_, found) = lab.configure();
    assert_eq!(
        found.iter().next().map(|one| one.message.as_str()),
        Some("the size of quorum's voters is not a whole number of at least 1")
    );
}

#[test]
fn a_lock_file_has_a_digest_for_everything() {
    let mut lab = Lab::hadoop(1);
    let manifest = "description = \"a test\"\nversion \"1\" {\n requirements = \"lock.txt\"\n}";
    for (lock, fine) in [("a==1 \\\n    --hash=sha256:00\n# b==2\n", true), ("a==1 --hash=sha256:00\nb==2\n", false)] {
        let files = [("framework.hcl", manifest), ("lock.txt", lock)];
        let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let name = if fine { "fine" } else { "open" };
        let found = lab.catalogue.add_folder(name, "frameworks/mine", &files, &lab.sources);
        let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
        let expected: &[&str] = if fine { &[] } else { &["`b==2` in the lock file has no digest"] };
        assert_eq!(messages, expected);
    }
}

#[test]
fn lines_that_are_disco_s_own_are_not_added_to_a_unit() {
    for name in ["ExecStart", "User", "Bad=Name"] {
        let lab = with_line(&format!("options = {{ \"{name}\" = 1 }}"));
        let complaint = lab.complaint();
        assert_eq!(
            complaint.message,
            format!("`options.{name}` of service `s` is no line that may be added to a unit")
        );
    }
}
