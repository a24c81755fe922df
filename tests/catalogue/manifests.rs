//! Manifests of one's own: what they can say, and what is said about them.

use std::collections::BTreeMap;
use std::fs;

use super::lab::{Lab, framework};
use disco::catalogue::Catalogue;
use disco::model::{SettingValue, Text};
use disco::node::{Hosts, bundle};
use disco::source::{Diagnostics, Sources};

fn added(lab: &mut Lab, name: &str, manifest: &str) -> Diagnostics {
    let files = BTreeMap::from([("framework.hcl".to_owned(), manifest.to_owned())]);
    lab.catalogue.add_folder(name, &format!("frameworks/{name}"), &files, &lab.sources)
}

/// A lab whose cluster has these frameworks too.
fn with(frameworks: &[(&str, &str)]) -> Lab {
    let mut lab = Lab::hadoop(3);
    for (name, manifest) in frameworks {
        let manifest = format!("description = \"a test\"\nversion \"1\" {{}}\n{manifest}");
        let diagnostics = added(&mut lab, name, &manifest);
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        let place = lab.place();
        lab.spec.frameworks.push(framework(name, "1", place));
    }
    lab
}

pub(super) fn complaints(manifest: &str) -> Vec<(&'static str, String, String)> {
    let mut lab = Lab::hadoop(1);
    let manifest = format!("description = \"a test\"\nversion \"1\" {{}}\n{manifest}");
    let diagnostics = added(&mut lab, "mine", &manifest);
    diagnostics
        .iter()
        .map(|diagnostic| {
            let place = diagnostic.span().map(|span| lab.sources.snippet(span)).unwrap_or_default();
            (diagnostic.code, diagnostic.message.clone(), place)
        })
        .collect()
}

/// Those inside the program are read without this check.
#[test]
fn what_is_embedded_has_no_mistakes() {
    let sources = Sources::new();
    let mut checked = Catalogue::default();
    let mut names = Vec::new();
    for folder in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let files = fs::read_dir(&folder).unwrap().map(|file| {
            let path = file.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
        });
        let diagnostics = checked.add_folder(&name, &format!("templates/{name}"), &files.collect(), &sources);
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        names.push(name);
    }
    names.sort();
    assert_eq!(Catalogue::embedded(&sources).framework_names().collect::<Vec<_>>(), names);
    assert_eq!(Catalogue::embedded(&sources).frameworks().count(), names.len());
}

#[test]
fn what_is_embedded_is_at_hand() {
    let sources = Sources::new();
    let catalogue = Catalogue::embedded(&sources);
    let names: Vec<&str> = catalogue.framework_names().collect();
    assert!(["hadoop", "spark", "zookeeper"].iter().all(|name| names.contains(name)), "{names:?}");
    let hadoop = catalogue.framework("hadoop").unwrap();
    assert_eq!(hadoop.default_version(), "3.5.0");
    assert_eq!(hadoop.web_ui_names().collect::<Vec<_>>(), ["hdfs", "yarn", "history"]);
    assert!(hadoop.settings.iter().all(|setting| !setting.description.is_empty()));
}

#[test]
fn a_framework_of_ones_own_is_configured_beside_hadoop() {
    let lab = with(&[(
        "mine",
        r#"
requires = ["hdfs"]
user "mine" {}
setting "greeting" {
  type        = "string"
  description = "What to say"
  default     = "hello from ${cluster.name}"
}
service "speaker" {
  description = "Speaker"
  on          = "slaves"
  unit        = "mine-speaker"
  user        = "mine"
  exec        = "${install.home}/speak"
  memory      = 64
}
file "mine.yaml" {
  format = "yaml"
  path   = "/etc/mine.yaml"
  keys   = { greeting = setting.greeting, cores = node.vcpus }
}
"#,
    )]);
    let (configuration, diagnostics) = lab.configure();
    // Hadoop takes all memory for containers; a second framework on the node is told so.
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.code == "disco::memory_overcommitted"), "{diagnostics:#?}");
    let slaves = &configuration.groups["slaves"];
    let file = slaves.files.iter().find(|file| file.framework == "mine").unwrap();
    assert_eq!(file.content.revealed(), "\"greeting\": \"hello from analytics\"\n\"cores\": 2\n");
    assert_eq!(slaves.units.last().unwrap().exec, ["/opt/mine-1/speak"]);
    assert!(configuration.groups["master"].units.iter().all(|unit| unit.framework == "hadoop"));
}

#[test]
fn what_a_framework_needs_must_be_there() {
    let lab = with(&[("mine", "requires = [\"zookeeper\"]"), ("other", "")]);
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.message.as_str()), ("disco::missing_requirement", "mine needs `zookeeper`"));
    assert_eq!(complaint.span(), Some(lab.spec.frameworks[1].origin));
}

#[test]
fn needs_in_a_circle_are_explained() {
    let lab =
        with(&[("one", "requires = [\"two\"]"), ("three", "requires = [\"one\"]"), ("two", "requires = [\"three\"]")]);
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::framework_cycle");
    assert_eq!(complaint.message, "these frameworks depend on each other: one → two → three → one");
    assert_eq!(complaint.labels.len(), 3);
}

#[test]
fn frameworks_that_do_not_go_together_are_refused() {
    let complaint = with(&[("mine", "conflicts = [\"yarn\"]")]).complaint();
    assert_eq!(complaint.message, "mine and hadoop cannot share a cluster");
    let complaint = with(&[("mine", "provides = [\"hdfs\"]")]).complaint();
    assert_eq!(complaint.message, "hadoop and mine both provide `hdfs`");
}

#[test]
fn mistakes_in_a_manifest_are_said_in_the_manifest() {
    assert_eq!(
        complaints("descripton = \"x\"\nprovides = [1]"),
        [
            (
                "disco::manifest_type",
                "`provides` of framework `mine` must be a literal: a string".to_owned(),
                "1".to_owned()
            ),
            (
                "disco::manifest_unknown",
                "framework `mine` has no attribute `descripton`".to_owned(),
                "descripton".to_owned()
            ),
        ]
    );
    assert_eq!(
        complaints("setting \"a\" {\n  type = \"strin\"\n  description = \"b\"\n}"),
        [("disco::manifest_unknown", "`type` of `setting \"a\"` cannot be `strin`".to_owned(), "\"strin\"".to_owned())]
    );
    assert_eq!(
        complaints("locals {\n  a = setting.b + nod.memory\n}"),
        [
            ("disco::unknown_name", "`setting` has no `b`".to_owned(), "setting.b".to_owned()),
            ("disco::unknown_name", "`nod` does not exist in manifests".to_owned(), "nod.memory".to_owned()),
        ]
    );
    let circle = complaints("locals {\n  a = local.b\n  b = slaves.c\n  c = local.a\n}");
    assert_eq!(circle.len(), 1, "{circle:?}");
    assert_eq!(circle[0].1, "these values depend on each other: local.a → local.b → local.c → local.a");
    let file = complaints("file \"f\" {\n  format = \"template\"\n  path = \"/f\"\n  template = \"g\"\n}");
    assert_eq!(file[0].1, "text file `g` does not exist beside the manifest");
    let digest = "version \"2\" {\n  sha512 = \"abc\"\n  sha512_url = \"http://x\"\n}";
    assert_eq!(complaints(digest).len(), 2);
    let service = "service \"s\" {\n  description = \"S\"\n  on = \"slaves\"\n  unit = \"s\"\n  user = \"nobody\"\n  exec = \"x\"\n  memory = 1\n}";
    assert_eq!(complaints(service)[0].1, "the manifest declares no user `nobody`");
}

#[test]
fn what_a_service_stores_lies_in_a_folder_that_says_so() {
    let manifest = |directory: &str| {
        let service =
            "description = \"S\"\n  on = \"storage\"\n  unit = \"s\"\n  user = \"root\"\n  exec = \"x\"\n  memory = 1";
        format!("service \"s\" {{\n  {service}\n  stores_data = true\n}}\ndirectory {{\n  path = \"/s\"\n{directory}}}")
    };
    let missing = "service `s` has `stores_data`, but no `directory` on its nodes has `holds_data`".to_owned();
    assert_eq!(complaints(&manifest("")), [("disco::manifest_missing", missing.clone(), "\"s\"".to_owned())]);
    let elsewhere = "  holds_data = true\n  on = \"master\"\n";
    assert_eq!(complaints(&manifest(elsewhere)).first().map(|found| &found.1), Some(&missing));
    assert_eq!(complaints(&manifest("  holds_data = true\n")), []);
    assert_eq!(complaints(&manifest("  holds_data = true\n  on = \"slaves\"\n")), []);
}

/// A setting `name` with these lines.
fn setting(name: &str, lines: &str) -> String {
    format!("setting \"{name}\" {{\n  description = \"N\"\n  {lines}\n}}\n")
}

/// A service `name` on all slaves with one line of its own.
fn service(name: &str, line: &str) -> String {
    let lines = ["description = \"S\"", "on = \"slaves\"", "user = \"root\"", "exec = \"/x\"", "memory = 1", line];
    format!("service \"{name}\" {{\n  unit = \"{name}\"\n  {}\n}}\n", lines.join("\n  "))
}

#[test]
fn a_secret_that_is_set_by_its_key_is_one_all_the_same() {
    let file = "file \"f\" {\n  format = \"yaml\"\n  path = \"/f\"\n  mode = \"0600\"\n  keys = { k = setting.n }\n}";
    let manifest = setting("n", "type = \"size\"\n  secret = true") + file;
    let mut lab = with(&[("mine", &manifest)]);
    let line = lab.set_key_of("mine", "f", "k", Some("128 MB"));
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.span()), ("disco::setting_form", Some(line)));
    assert!(!format!("{complaint:?}").contains("128"), "{complaint:?}");
    lab.set_key_of("mine", "f", "k", Some("128m"));
    let configuration = lab.configured();
    let written = configuration.groups["slaves"].files.iter().find(|file| file.name == "f").unwrap();
    assert!(written.content.is_secret(), "{:?}", written.content);
}

#[test]
fn whose_a_file_is_may_follow_from_the_cluster() {
    let file = |owner: &str, mode: &str| {
        format!(
            "file \"f\" {{\n format = \"yaml\"\n path = \"/f\"\n keys = {{ a = 1 }}\n owner = {owner}\n mode = {mode}\n}}"
        )
    };
    let manifest = file("has.hdfs ? \"root:root\" : \"me:me\"", "\"06${cluster.slaves}0\"");
    let manifest = format!("uses = [\"hdfs\"]\n{manifest}");
    let lab = with(&[("mine", manifest.as_str())]);
    let (configuration, _) = lab.configure();
    let written = configuration.groups["master"].files.iter().find(|file| file.framework == "mine").unwrap();
    assert_eq!((written.owner.as_str(), written.mode.as_str()), ("root:root", "0630"));
    for (owner, mode, message) in [
        ("\"${cluster.name} x\"", "\"0640\"", "`owner` of file `f` is `analytics x`"),
        ("\"root\"", "\"${cluster.slaves}\"", "`mode` of file `f` is `3`"),
        ("\"root\"", "[\"0640\"]", "`mode` of file `f` is a list, expected a string, a number or a bool"),
    ] {
        let lab = with(&[("mine", file(owner, mode).as_str())]);
        let (_, diagnostics) = lab.configure();
        assert_eq!(diagnostics.iter().next().map(|wrong| wrong.message.as_str()), Some(message));
    }
}

#[test]
fn nothing_is_computed_from_what_heat_generates() {
    let secret = setting("n", "type = \"string\"\n  secret = true\n  generated = true");
    let written = |value: &str| {
        let keys = format!("keys = {{ a = {value} }}");
        let locals = "locals {\n  whole = \"x-${setting.n}\"\n}";
        format!("{secret}\n{locals}\nfile \"f\" {{\n format = \"yaml\"\n path = \"/f\"\n mode = \"0600\"\n {keys}\n}}")
    };
    for fine in [
        "setting.n",
        "\"a ${setting.n} b\"",
        "(setting.n)",
        "setting.n != null && has.hdfs ? setting.n : null",
        "\"%{ if setting.n != null }${local.whole}%{ endif }\"",
    ] {
        assert_eq!(complaints(&format!("uses = [\"hdfs\"]\n{}", written(fine))), []);
    }
    for (wrong, name) in [
        ("base64encode(setting.n)", "setting.n"),
        ("upper(local.whole)", "local.whole"),
        ("setting.n == \"x\" ? 1 : 2", "setting.n"),
        ("[for letter in [setting.n] : letter]", "setting.n"),
        ("\"%{ for x in [setting.n] }${x}%{ endfor }\"", "setting.n"),
    ] {
        let message = format!("`{name}` is generated by Heat, so nothing can be computed from it");
        assert_eq!(complaints(&written(wrong)), [("disco::generated_value", message, name.to_owned())], "{wrong}");
    }
    // A piece of its own, whatever stands around it.
    let manifest = written("\"a ${setting.n} b\"");
    let lab = with(&[("mine", manifest.as_str())]);
    let (configuration, _) = lab.configure();
    let written = configuration.groups["master"].files.iter().find(|file| file.framework == "mine").unwrap();
    let pieces: Vec<_> =
        written.content.pieces.iter().map(|piece| (piece.text.value.as_str(), &piece.generated)).collect();
    let named = pieces.iter().filter_map(|(text, generated)| Some((*text, generated.as_ref()?.setting.as_str())));
    assert_eq!(named.collect::<Vec<_>>(), [("", "n")]);
    assert_eq!(written.content.revealed(), "\"a\": \"a  b\"\n");
    let bundle = bundle(&lab.spec, &lab.spec.groups[0], &configuration, &Hosts::of(&lab.spec, &lab.members), "salt");
    assert!(bundle.to_json().contains("{\"secret\":\"secret-mine.n\"}"), "{}", bundle.to_json());
    assert_eq!(bundle.secrets().generated().collect::<Vec<_>>(), ["secret-mine.n"]);
}

#[test]
fn secrets_are_told_by_their_own_keys() {
    let keys = "a = trimprefix(setting.n, \"x\"), b = setting.n";
    let file = format!(
        "file \"f\" {{\n  format = \"properties\"\n  path = \"/f\"\n  mode = \"0600\"\n  keys = {{ {keys} }}\n}}"
    );
    let manifest = setting("n", "type = \"string\"\n  secret = true") + &file;
    let mut lab = with(&[("mine", &manifest)]);
    lab.set_of("mine", "n", SettingValue::Text(Text { value: "x".to_owned(), secret: true }));
    let hosts = Hosts::of(&lab.spec, &lab.members);
    let bundle = bundle(&lab.spec, &lab.spec.groups[1], &lab.configured(), &hosts, "salt");
    let purposes: Vec<String> = bundle.secrets().iter().map(|(.., purpose)| purpose).collect();
    assert_eq!(purposes, ["b in f of mine"]);
}

#[test]
fn what_was_stored_by_an_old_setting_counts_through_locals_too() {
    for limit in ["local.safe", "setting.copies > 5 ? 7 : local.safe"] {
        let manifest = setting("copies", "type = \"integer\"\n  fixed = true\n  default = 2")
            + "locals { safe = setting.copies - 1 }\n"
            + &service("s", &format!("max_unavailable = {limit}"))
            + &service("t", "environment = { SAFE = local.safe }");
        let mut lab = with(&[("mine", &manifest)]);
        lab.set_of("hadoop", "edition", SettingValue::Integer(2));
        lab.members.fixed.insert("mine.copies".to_owned(), "2".to_owned());
        lab.set_of("mine", "copies", SettingValue::Integer(9));
        let configuration = lab.configured();
        let slaves = &configuration.groups["slaves"];
        let away = slaves.max_unavailable.as_ref().unwrap();
        assert_eq!((away.framework.as_str(), away.nodes), ("mine", 1), "{limit}");
        // What was reached under the old setting does not stay.
        let unit = slaves.units.iter().find(|unit| unit.service == "t").unwrap();
        assert_eq!(unit.environment["SAFE"], "8", "{limit}");
    }
}

#[test]
fn a_fixed_size_is_lowered_to_what_is_possible() {
    for (maximum, lowered) in [
        ("setting.most", "64m"),
        ("67108864", "67108864"),
        ("200000000 / 3", "66666666"),
        ("\"${min(slaves.memory...) / 64}m\"", "64m"),
        ("min(slaves.memory...) * 16384", "67108864"),
    ] {
        let manifest = setting("most", "type = \"size\"\n  default = \"64m\"")
            + &setting("n", &format!("type = \"size\"\n  fixed = true\n  default = \"1m\"\n  maximum = {maximum}"));
        let mut lab = with(&[("mine", &manifest)]);
        lab.members.fixed.insert("mine.n".to_owned(), "256m".to_owned());
        let configuration = lab.configured();
        let settings = &configuration.groups["slaves"].settings;
        let value = settings.iter().find(|value| value.key == "mine.n").unwrap();
        assert_eq!(value.value.value, lowered, "{maximum}");
    }
}

#[test]
fn a_folder_without_a_manifest_is_named() {
    let mut lab = Lab::hadoop(1);
    let diagnostics = lab.catalogue.add_folder("x", "frameworks/x", &BTreeMap::new(), &lab.sources);
    assert_eq!(diagnostics.iter().next().unwrap().message, "the folder `frameworks/x` has no `framework.hcl`");
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let mut lab = Lab::hadoop(1);
    let manifest = "# my own Hadoop\ndescription = \"mine\"\nversion \"1\" {}";
    let diagnostics = added(&mut lab, "hadoop", manifest);
    let complaint = diagnostics.iter().next().unwrap();
    assert_eq!(complaint.code, "disco::duplicate_framework");
    assert_eq!(complaint.message, "two frameworks have the name `hadoop`");
    let places: Vec<String> = complaint.labels.iter().map(|label| lab.sources.locate(label.span).0).collect();
    assert_eq!(places, ["frameworks/hadoop/framework.hcl", "templates/hadoop/framework.hcl"]);
    assert_eq!(lab.catalogue.framework("hadoop").unwrap().default_version(), "3.5.0", "the first one stays");
}

/// The page tells everything: what the program knows of each block is in that block's row.
#[test]
fn the_page_tells_all_that_a_manifest_can_say() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/README.md")).unwrap();
    let named = [
        "version",
        "setting",
        "ensemble",
        "user",
        "service",
        "port",
        "file",
        "step",
        "status",
        "provide",
        "requirement",
    ];
    let blocks = named.map(|kind| (format!("`{kind}`"), format!("{kind} \"x\" {{\n  qqqqqqqqqqqq = 1\n}}")));
    let ready = "service \"x\" {\n  ready {\n    qqqqqqqqqqqq = 1\n  }\n}".to_owned();
    let more = ["directory", "masters", "assert", "packages", "installation"]
        .map(|kind| (format!("`{kind}`"), format!("{kind} {{\n  qqqqqqqqqqqq = 1\n}}")));
    let whole = [("the manifest".to_owned(), "qqqqqqqqqqqq = 1".to_owned()), ("`ready`".to_owned(), ready)];
    for (block, manifest) in blocks.into_iter().chain(more).chain(whole) {
        let row = page.lines().find(|line| line.starts_with(&format!("| {block} |")));
        let row = row.unwrap_or_else(|| panic!("no row for {block}"));
        let found = added(&mut Lab::hadoop(1), "mine", &manifest);
        let unknown = found.iter().find(|found| found.message.contains("`qqqqqqqqqqqq`")).unwrap();
        let help = unknown.help.clone().unwrap();
        for name in help.split('`').skip(1).step_by(2) {
            assert!(row.contains(name), "{block} has {name}, and the page does not say so");
        }
    }
}
