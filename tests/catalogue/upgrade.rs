//! Another version of HDFS, which can be taken back until it is final.

use std::collections::BTreeMap;

use super::lab::{Lab, told};
use disco::catalogue::{ClusterConfiguration, ClusterStep};
use disco::model::{SettingValue, Text};
use disco::source::Severity;

/// A cluster that was made with the older version, and what it is like.
fn older() -> (Lab, ClusterConfiguration) {
    let mut lab = Lab::hadoop(3);
    with_both(&mut lab);
    version(&mut lab, "3.4.3");
    let configuration = lab.configured();
    lab.members.fixed = configuration.fixed.clone();
    assert_eq!(lab.members.fixed["hadoop.hdfs_version"], "3.4.3");
    assert_eq!(lab.members.fixed["hadoop.hdfs_version_created"], "3.4.3");
    (lab, configuration)
}

/// An image on which both versions run.
fn with_both(lab: &mut Lab) {
    lab.spec.groups.iter_mut().for_each(|group| "ubuntu-22.04".clone_into(&mut group.image.value));
}

fn version(lab: &mut Lab, version: &str) {
    version.clone_into(&mut lab.asked("hadoop").version.value);
}

fn step<'a>(configuration: &'a ClusterConfiguration, name: &str) -> Option<&'a ClusterStep> {
    configuration.steps.iter().find(|step| step.name == name)
}

fn namenode(configuration: &ClusterConfiguration) -> String {
    let units = &configuration.groups["master"].units;
    units.iter().find(|unit| unit.service == "namenode").unwrap().exec.join(" ")
}

/// The words of a step's commands behind the program.
fn commands(step: &ClusterStep) -> Vec<String> {
    let words = |command: &serde_json::Value| {
        let words = command.as_array().unwrap().iter().skip(1).map(|word| word.as_str().unwrap());
        words.collect::<Vec<_>>().join(" ")
    };
    step.action["commands"].as_array().unwrap().iter().map(words).collect()
}

const OLD: &str = "/opt/hadoop-3.4.3";

#[test]
fn a_new_version_can_be_taken_back_until_it_is_final() {
    let (mut lab, created) = older();
    assert_eq!(namenode(&created), format!("{OLD}/bin/hdfs namenode"));
    version(&mut lab, "3.5.0");
    let (during, found) = lab.configure();
    let warned: Vec<_> = found.into_iter().collect();
    assert_eq!(warned.len(), 1, "{warned:#?}");
    assert_eq!((warned[0].code, warned[0].severity), ("disco::assertion_warning", Severity::Warning));
    for words in
        ["HDFS is on 3.4.3 for good", "the NameNode is away", "`version = \"3.4.3\"`", "`hdfs_version = \"3.5.0\"`"]
    {
        assert!(warned[0].message.contains(words), "{words}: {}", warned[0].message);
    }
    // HDFS saves what it goes back to, before anything of the master stops, in the new version's words.
    let saves = step(&during, "rollback-image").unwrap();
    assert_eq!(
        commands(saves),
        ["dfsadmin -safemode enter", "dfsadmin -rollingUpgrade prepare", "dfsadmin -rollingUpgrade query"]
    );
    assert_eq!(saves.action["expect"], "Proceed with rolling upgrade");
    assert!(step(&during, "finalize").is_none(), "nobody has said that it stays");
    let first = &during.groups["master"].units[0];
    assert!(first.needs_step.as_ref().unwrap().starts_with("rollback-image"), "{:?}", first.needs_step);
    assert_eq!(namenode(&during), "/opt/hadoop-3.5.0/bin/hdfs namenode -rollingUpgrade started");
    for group in ["master", "slaves"] {
        let folders = &during.groups[group].directories;
        assert!(folders.iter().any(|folder| folder.path == OLD), "{group}: what runs names it in its class path");
    }
    // It is taken back: everything is as it was, byte for byte, and the upgrade ends.
    version(&mut lab, "3.4.3");
    let back = lab.configured();
    for group in ["master", "slaves"] {
        assert_eq!(told(&back, group), told(&created, group));
    }
    assert_eq!(commands(step(&back, "finalize").unwrap()), ["dfsadmin -rollingUpgrade finalize"]);
    // Or it stays: no service starts again for that.
    version(&mut lab, "3.5.0");
    lab.set("hdfs_version", SettingValue::Text(Text::plain("3.5.0")));
    let last = lab.configured();
    for group in ["master", "slaves"] {
        let programs =
            |of: &ClusterConfiguration| of.groups[group].units.iter().map(|unit| unit.exec.clone()).collect::<Vec<_>>();
        assert_eq!(programs(&last), programs(&during), "{group}");
        assert!(last.groups[group].directories.iter().all(|folder| folder.path != OLD), "{group}");
    }
    assert!(step(&last, "rollback-image").is_none());
    assert_eq!(commands(step(&last, "finalize").unwrap()), ["dfsadmin -rollingUpgrade finalize"]);
    // Then it is so, also when nobody says it any more.
    assert!(last.raised.contains("hadoop.hdfs_version"), "what the state has is no longer so");
    lab.members.fixed = last.fixed;
    lab.asked("hadoop").settings.remove("hdfs_version");
    let after = lab.configured();
    assert_eq!(told(&after, "master"), told(&lab.configured(), "master"));
    assert!(step(&after, "rollback-image").is_none());
}

#[test]
fn three_masters_follow_each_other() {
    let mut lab = Lab::with(&["hadoop", "zookeeper"], 3);
    lab.group("master").count.value = 3;
    lab.flavor("master", "m1.large");
    with_both(&mut lab);
    version(&mut lab, "3.4.3");
    lab.members.fixed = lab.configured().fixed;
    version(&mut lab, "3.5.0");
    let (during, found) = lab.configure();
    assert!(found.iter().any(|one| one.message.contains("masters follow each other")), "{found:#?}");
    // A standby saves the image; the one that is active is asked whether that has been done.
    let saves = step(&during, "rollback-image").unwrap();
    assert_eq!(commands(saves), ["dfsadmin -rollingUpgrade prepare", "dfsadmin -rollingUpgrade query"]);
    assert!(saves.action["unless"]["url"].as_str().unwrap().starts_with("http://{host}:"), "{}", saves.action);
    assert_eq!(saves.action["active"]["hosts"].as_array().map(Vec::len), Some(3));
    let master = &during.groups["master"];
    assert_eq!(master.max_unavailable.as_ref().map(|most| most.nodes), Some(1));
    let journal = master.units.iter().find(|unit| unit.service == "journalnode").unwrap();
    assert_eq!(journal.needs_step.as_deref(), Some("rollback-image"), "before any of them is another one");
}

#[test]
fn clusters_of_before_know_nothing_of_it() {
    for edition in [1, 2] {
        let mut lab = Lab::hadoop(3);
        lab.set("edition", SettingValue::Integer(edition));
        lab.members.fixed = BTreeMap::from([("hadoop.hdfs_version".to_owned(), "3.4.3".to_owned())]);
        let configuration = lab.configured();
        assert!(step(&configuration, "rollback-image").is_none() && step(&configuration, "finalize").is_none());
        assert_eq!(namenode(&configuration), "/opt/hadoop-3.5.0/bin/hdfs namenode");
        assert!(configuration.groups["slaves"].directories.iter().all(|folder| folder.path != OLD));
    }
}
