//! What frameworks ask of one another.

use std::collections::BTreeMap;

use super::lab::{Lab, framework};
use disco::model::SettingValue;
use disco::source::Diagnostic;

/// A lab with Hadoop and these frameworks: name, version, and the rest of the manifest.
fn lab(frameworks: &[(&str, &str, &str)]) -> Lab {
    let mut lab = Lab::hadoop(3);
    add(&mut lab, frameworks);
    lab
}

fn add(lab: &mut Lab, frameworks: &[(&str, &str, &str)]) {
    for (name, version, rest) in frameworks {
        let manifest = format!("description = \"a test\"\nversion \"{version}\" {{}}\n{rest}");
        let files = BTreeMap::from([("framework.hcl".to_owned(), manifest)]);
        let mistakes = lab.catalogue.add_folder(name, &format!("frameworks/{name}"), &files, &lab.sources);
        assert!(mistakes.is_empty(), "{mistakes:#?}");
        let place = lab.place();
        lab.spec.frameworks.push(framework(name, version, place));
    }
}

fn help(complaint: &Diagnostic) -> &str {
    complaint.help.as_deref().unwrap_or_default()
}

#[test]
fn one_of_several_is_enough() {
    lab(&[("mine", "1", "requires = [\"s3 | hdfs\"]")]).configured();
    let complaint = lab(&[("mine", "1", "requires = [\"s3 | ceph\"]")]).complaint();
    assert_eq!(complaint.message, "mine needs `s3 | ceph`");
    assert_eq!(help(&complaint), "remove it: no framework of the catalogue provides `s3 | ceph`");
}

#[test]
fn who_could_help_is_named_with_the_block_to_add() {
    let mut lab = Lab::with(&[], 3);
    add(&mut lab, &[("mine", "1", "requires = [\"yarn\"]"), ("store", "2", "provides = [\"s3\"]")]);
    lab.spec.frameworks.pop();
    assert_eq!(help(&lab.complaint()), "add `framework \"hadoop\" {}`, which provides `yarn`");
    let mut lab = Lab::with(&[], 3);
    add(&mut lab, &[("mine", "1", "requires = [\"hadoop < 3.5 | s3\"]"), ("store", "2", "provides = [\"s3\"]")]);
    lab.spec.frameworks.pop();
    let expected =
        "add `framework \"hadoop\" { version = \"3.4.3\" }`\nor add `framework \"store\" {}`, which provides `s3`";
    assert_eq!(help(&lab.complaint()), expected);
}

#[test]
fn versions_are_part_of_what_is_asked() {
    lab(&[("mine", "1", "requires = [\"hadoop >= 3.4, < 4\"]")]).configured();
    let complaint = lab(&[("mine", "1", "requires = [\"hdfs < 3.5\"]")]).complaint();
    assert_eq!(complaint.message, "mine needs `hdfs < 3.5`");
    assert_eq!(complaint.labels[1].text, "hdfs here is 3.5.0");
    assert_eq!(help(&complaint), "write `version = \"3.4.3\"` in framework \"hadoop\"");
}

#[test]
fn versions_that_do_not_go_together_say_why_and_which_would() {
    let manifest = "version \"2\" {\n  compatible = { hadoop = [\"3.4\"] }\n  compatible_reason = \"it is old\"\n}";
    let mut lab = lab(&[("mine", "3", manifest)]);
    lab.asked("mine").version.value = "2".to_owned();
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::incompatible_versions");
    assert_eq!(complaint.message, "mine 2 is not compatible with hadoop 3.5.0: it is old");
    assert_eq!(help(&complaint), "use hadoop 3.4: write `version = \"3.4.3\"` in framework \"hadoop\"");
}

const USER: &str = r#"
uses = ["hdfs", "s3"]
file "mine.conf" {
  format = "properties"
  path   = "/etc/mine.conf"
  keys   = {
    store   = has.hdfs ? with.hdfs.url : "file:///srv"
    objects = has.s3 ? "yes" : null
  }
}
"#;

#[test]
fn what_is_there_is_made_use_of_and_what_is_not_is_done_without() {
    let text = |lab: &Lab| {
        let configuration = lab.configured();
        let files = &configuration.groups["slaves"].files;
        files.iter().find(|file| file.name == "mine.conf").unwrap().content.revealed()
    };
    assert_eq!(text(&lab(&[("mine", "1", USER)])), "store=hdfs://analytics-master-0:8020\n");
    let mut alone = Lab::with(&[], 3);
    add(&mut alone, &[("mine", "1", USER)]);
    assert_eq!(text(&alone), "store=file:///srv\n");
    add(&mut alone, &[("store", "1", "provides = [\"s3\"]")]);
    assert_eq!(text(&alone), "store=file:///srv\nobjects=yes\n", "whoever was written first");
}

#[test]
fn the_strictest_framework_says_how_many_nodes_may_be_away() {
    let mut with = Lab::hadoop(5);
    with.set("edition", SettingValue::Integer(2));
    let service = |most: &str| {
        format!(
            "service \"s\" {{\n  description = \"S\"\n  on = \"slaves\"\n  unit = \"s-{most}\"\n  user = \"s\"\n  exec = \"s\"\n  memory = 1\n  max_unavailable = {most}\n}}\nuser \"s\" {{}}"
        )
    };
    let strictest = |lab: &Lab| lab.configured().groups["slaves"].max_unavailable.clone().unwrap();
    add(&mut with, &[("lax", "1", &service("4"))]);
    assert_eq!((strictest(&with).nodes, strictest(&with).framework.as_str()), (2, "hadoop"));
    // None at all would be no change at all.
    add(&mut with, &[("strict", "1", &service("0"))]);
    let most = strictest(&with);
    assert_eq!((most.nodes, most.framework.as_str(), most.stores_data), (1, "strict", false));
}

#[test]
fn a_condition_decides_what_is_asked_and_what_is_provided() {
    let manifest = r#"
setting "shared" {
  type        = "bool"
  description = "Whether files are shared"
  default     = false
}
requirement "nfs" {
  when   = setting.shared
  reason = "shared files need a server"
}
"#;
    let server = "setting \"serves\" {\n  type = \"bool\"\n  description = \"Whether it serves\"\n  default = true\n}\nprovide \"nfs\" {\n  when = setting.serves\n}";
    let mut lab = lab(&[("mine", "1", manifest), ("server", "1", server)]);
    lab.set_of("server", "serves", SettingValue::Boolean(false));
    lab.configured();
    lab.set_of("mine", "shared", SettingValue::Boolean(true));
    let complaint = lab.complaint();
    assert_eq!(complaint.message, "mine needs `nfs`: shared files need a server");
    assert_eq!(help(&complaint), "have server provide `nfs`: setting.serves");
    lab.asked("server").settings.clear();
    lab.configured();
}

#[test]
fn what_one_provides_is_known_only_to_those_who_ask() {
    let mut lab = Lab::hadoop(1);
    let manifest = "description = \"a test\"\nversion \"1\" {}\nlocals {\n  a = with.hdfs.url\n  b = has.yarn\n}\nuses = [\"hdfs\"]";
    let files = BTreeMap::from([("framework.hcl".to_owned(), manifest.to_owned())]);
    let mistakes = lab.catalogue.add_folder("mine", "frameworks/mine", &files, &lab.sources);
    let mistakes: Vec<(&str, &str)> =
        mistakes.iter().map(|mistake| (mistake.message.as_str(), help(mistake))).collect();
    assert_eq!(mistakes, [("`has` has no `yarn`", "add `uses = [\"yarn\"]`")]);
}

#[test]
fn circles_are_told_with_what_is_asked_on_the_way() {
    let lab = lab(&[
        ("one", "1", "uses = [\"b\"]\nprovides = [\"a\"]"),
        ("two", "1", "requires = [\"c\"]\nprovides = [\"b\"]"),
        ("three", "1", "requires = [\"a\"]\nprovides = [\"c\"]"),
        ("four", "1", "requires = [\"one\"]"),
    ]);
    let complaint = lab.complaint();
    assert_eq!(complaint.message, "these frameworks depend on each other: one → two → three → one");
    let ways: Vec<&str> = complaint.labels.iter().map(|label| label.text.as_str()).collect();
    assert_eq!(ways, ["depends on `b` of two", "depends on `c` of three", "depends on `a` of one"]);
}

#[test]
fn what_is_in_each_others_way_is_refused() {
    let complaint = lab(&[("mine", "1", "conflicts = [\"hadoop < 4\"]")]).complaint();
    assert_eq!(complaint.message, "mine and hadoop cannot share a cluster");
    assert_eq!(complaint.labels[0].text, "conflicts with `hadoop < 4`");
    lab(&[("mine", "1", "conflicts = [\"hadoop >= 4\"]")]).configured();

    let service = "user \"mine\" {}\nservice \"s\" {\n  description = \"S\"\n  on = \"master\"\n  unit = \"UNIT\"\n  user = \"mine\"\n  exec = \"x\"\n  memory = 0\n}\nport \"NAME\" {\n  description = \"P\"\n  service = \"s\"\n  port = PORT\n}";
    let with =
        |unit: &str, name: &str, port: &str| service.replace("UNIT", unit).replace("NAME", name).replace("PORT", port);
    lab(&[("mine", "1", &with("mine", "mine", "4444"))]).configured();
    let complaint = lab(&[("mine", "1", &with("hadoop-hdfs-namenode", "mine", "4444"))]).complaint();
    assert_eq!(complaint.message, "hadoop and mine both use the unit `hadoop-hdfs-namenode.service`");
    let complaint = lab(&[("mine", "1", &with("mine", "mine", "8033"))]).complaint();
    assert_eq!(complaint.message, "hadoop and mine both use port 8033", "ports between nodes too");
    let complaint = lab(&[("mine", "1", &with("mine", "yarn", "4444"))]).complaint();
    assert_eq!(complaint.message, "hadoop and mine both have a port `yarn`");
}

#[test]
fn what_cannot_be_asked_is_said_in_the_manifest() {
    let mut lab = Lab::hadoop(1);
    let mut mistakes = |manifest: &str| -> Vec<String> {
        let manifest = format!("description = \"a test\"\nversion \"1\" {{}}\n{manifest}");
        let files = BTreeMap::from([("framework.hcl".to_owned(), manifest)]);
        let mistakes = lab.catalogue.add_folder("mine", "frameworks/mine", &files, &lab.sources);
        mistakes.iter().map(|mistake| mistake.message.clone()).collect()
    };
    assert_eq!(
        mistakes("requires = [\"hdfs 3\"]"),
        ["`hdfs 3` is not a valid requirement: `3` does not begin with `>=`, `<` …"]
    );
    assert_eq!(mistakes("provides = [\"a\"]\nprovide \"a\" {}"), ["`a` is provided twice"]);
    assert_eq!(
        mistakes("locals {\n  much = node.memory > 4096\n}\nrequirement \"hdfs\" {\n  when = local.much\n}"),
        ["`node.memory` is not known yet when this is computed"]
    );
    assert_eq!(
        mistakes("minimum_memory = { slave = node.memory }"),
        ["`node.memory` is not known yet when this is computed"]
    );
    let greedy = "user \"mine\" {}\nservice \"s\" {\n  description = \"S\"\n  on = \"slaves\"\n  unit = \"s\"\n  user = \"mine\"\n  exec = \"x\"\n  memory = node.share\n}";
    assert_eq!(mistakes(greedy), ["the memory of `s` on a slave comes from `node.share`"]);
    assert_eq!(mistakes("locals {\n  a = 1\n}\nlocals {\n  a = 2\n}"), ["`local.a` is defined twice"]);
}
