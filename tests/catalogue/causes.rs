//! Which lines of a definition values come from: what a plan draws beside what changes.

use super::lab::Lab;
use disco::catalogue::{Cause, CauseKind, Causes, Part};
use disco::model::{SettingValue, Text};

fn causes(lab: &Lab, group: &str, part: Part<'_>) -> Vec<Cause> {
    Causes::new(lab.context(&lab.composed().0)).of(group, part)
}

fn setting(framework: &str, name: &str) -> CauseKind {
    CauseKind::Setting { framework: framework.to_owned(), name: name.to_owned() }
}

fn flavor(group: &str) -> CauseKind {
    CauseKind::Flavor { group: group.to_owned() }
}

const BLOCK_SIZE: Part<'_> = Part::Key("hdfs-site.xml", "dfs.blocksize");

#[test]
fn a_setting_a_key_and_a_whole_file_are_at_their_lines() {
    let mut lab = Lab::hadoop(3);
    let unset = &causes(&lab, "slaves", BLOCK_SIZE)[0];
    assert_eq!((&unset.kind, unset.place), (&setting("hadoop", "block_size"), None), "a default");
    let line = lab.set("block_size", SettingValue::Text(Text::plain("64m")));
    let found = causes(&lab, "slaves", BLOCK_SIZE);
    assert_eq!((&found[0].kind, found[0].place), (&setting("hadoop", "block_size"), Some(line)));
    lab.asked("hadoop").settings.clear();
    let line = lab.set_key("hdfs-site.xml", "dfs.blocksize", Some("64m"));
    let found = causes(&lab, "slaves", BLOCK_SIZE);
    assert_eq!((found.len(), found[0].place), (1, Some(line)), "{found:?}");
    assert!(matches!(&found[0].kind, CauseKind::Key { key, .. } if key == "dfs.blocksize"));
    let added = lab.set_key("hdfs-site.xml", "dfs.namenode.audit.log.async", Some("true"));
    let found = causes(&lab, "master", Part::Key("/etc/hadoop/hdfs-site.xml", "dfs.namenode.audit.log.async"));
    assert_eq!(found[0].place, Some(added), "a key that the manifest does not write, in a file named by its path");
}

#[test]
fn a_master_is_changed_by_the_flavor_of_the_slaves() {
    let mut lab = Lab::hadoop(3);
    lab.set("edition", SettingValue::Integer(2));
    let part = Part::Key("yarn-site.xml", "yarn.scheduler.maximum-allocation-mb");
    let found = causes(&lab, "master", part);
    let slaves = found.iter().find(|cause| cause.kind == flavor("slaves")).unwrap();
    assert_eq!(slaves.place, lab.spec.groups[1].flavor.origin);
    assert!(found.iter().all(|cause| cause.kind != flavor("master")), "{found:?}");
    let own = causes(&lab, "master", Part::Key("hadoop-env.sh", "HDFS_NAMENODE_OPTS"));
    assert!(own.iter().any(|cause| cause.kind == flavor("master")), "{own:?}");
    assert!(own.iter().all(|cause| cause.kind != flavor("slaves")), "{own:?}");
}

#[test]
fn what_one_framework_tells_another_leads_to_the_other_ones_lines() {
    let mut lab = Lab::with(&["hadoop", "spark"], 3);
    lab.flavor("slaves", "m1.large");
    let line = lab.set_of("hadoop", "nodemanager_heap", SettingValue::Integer(400));
    let found = causes(&lab, "slaves", Part::Key("spark-defaults.conf", "spark.executor.memory"));
    let heap = found.iter().find(|cause| cause.kind == setting("hadoop", "nodemanager_heap")).unwrap();
    assert_eq!(heap.place, Some(line));
    // The memory of a machine is shared, so that a framework which comes changes everybody's.
    let mut lab = Lab::with(&["hadoop", "spark"], 3);
    lab.set("edition", SettingValue::Integer(2));
    let heap = causes(&lab, "master", Part::Key("hadoop-env.sh", "HDFS_NAMENODE_OPTS"));
    let spark = CauseKind::Framework { framework: "spark".to_owned() };
    assert!(heap.iter().any(|cause| cause.kind == spark && cause.place.is_some()), "{heap:?}");
}

#[test]
fn services_folders_and_archives_have_lines_too() {
    let mut lab = Lab::hadoop(3);
    lab.volume("slaves", "a");
    let found = causes(&lab, "slaves", Part::Directory("/data/a/hdfs/data"));
    let volume = CauseKind::Volume { group: "slaves".to_owned(), name: "a".to_owned() };
    assert_eq!((&found[0].kind, found[0].place), (&volume, Some(lab.spec.groups[1].volumes[0].origin)));
    let line = lab.set("mirrors", SettingValue::List(vec![Text::plain("https://mirror.example.org")]));
    let found = causes(&lab, "slaves", Part::Archive("hadoop"));
    assert!(found.iter().any(|cause| cause.kind == setting("hadoop", "mirrors") && cause.place == Some(line)));
    let version = CauseKind::Version { framework: "hadoop".to_owned() };
    for part in [Part::Unit("hadoop-hdfs-datanode.service"), Part::Archive("hadoop")] {
        assert!(causes(&lab, "slaves", part).iter().any(|cause| cause.kind == version), "{part:?}");
    }
}

/// Whatever is written has a line: at least the one that asks for its framework.
#[test]
fn everything_that_is_written_has_a_line() {
    let mut lab = Lab::with(&["hadoop", "spark"], 3);
    lab.flavor("slaves", "m1.large").volume("slaves", "a");
    lab.add_group("burst", 2).storage = false;
    lab.flavor("burst", "m1.large");
    let configuration = lab.configured();
    let (composition, _) = lab.composed();
    let made = Causes::new(lab.context(&composition));
    for (group, items) in &configuration.groups {
        let has = |part: Part<'_>| {
            assert!(made.of(group, part).iter().any(|cause| cause.place.is_some()), "{part:?} of {group}");
        };
        for file in &items.files {
            has(Part::File(&file.name));
            file.values.iter().for_each(|value| has(Part::Key(&file.name, &value.key)));
        }
        items.units.iter().for_each(|unit| has(Part::Unit(&unit.name)));
        items.directories.iter().for_each(|directory| has(Part::Directory(&directory.path)));
        items.archives.iter().for_each(|archive| has(Part::Archive(&archive.name)));
    }
}
