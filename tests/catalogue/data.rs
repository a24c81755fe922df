//! Which folders hold data that cannot be made again: losing them is what a plan warns of. All others are scratch.

use super::lab::Lab;
use disco::model::{SettingValue, Text};

/// Folders of a group that hold data, and those that do not.
fn folders(lab: &Lab, group: &str) -> (Vec<String>, Vec<String>) {
    let directories = lab.configured().groups[group].directories.clone();
    let (data, scratch): (Vec<_>, Vec<_>) = directories.into_iter().partition(|directory| directory.holds_data);
    let paths = |all: Vec<disco::catalogue::Directory>| all.into_iter().map(|directory| directory.path).collect();
    (paths(data), paths(scratch))
}

fn data(lab: &Lab, group: &str) -> Vec<String> {
    folders(lab, group).0
}

#[test]
fn hdfs_keeps_names_and_blocks_on_volumes_and_on_root_disks() {
    let mut lab = Lab::hadoop(3);
    assert_eq!(data(&lab, "master"), ["/var/lib/hadoop/hdfs/name"]);
    assert_eq!(data(&lab, "slaves"), ["/var/lib/hadoop/hdfs/data"]);
    lab.volume("master", "names").volume("slaves", "a").volume("slaves", "b");
    assert_eq!(data(&lab, "master"), ["/data/names/hdfs/name"]);
    let (data, scratch) = folders(&lab, "slaves");
    assert_eq!(data, ["/data/a/hdfs/data", "/data/b/hdfs/data"]);
    let work = ["/data/a/yarn/work", "/data/b/yarn/work", "/var/log/hadoop/containers", "/var/lib/hadoop/tmp"];
    for path in work {
        assert!(scratch.iter().any(|known| known == path), "{path} in {scratch:?}");
    }
    lab.add_group("burst", 2).storage = false;
    assert_eq!(folders(&lab, "burst").0, Vec::<String>::new(), "a group that stores nothing");
}

#[test]
fn spark_keeps_event_logs_on_its_master_unless_hdfs_has_them() {
    let mut lab = Lab::with(&["spark"], 3);
    lab.volume("slaves", "shuffle");
    assert_eq!(data(&lab, "master"), ["/var/lib/spark/history"]);
    let (held, scratch) = folders(&lab, "slaves");
    assert_eq!(held, Vec::<String>::new());
    for path in ["/data/shuffle/spark/work", "/var/lib/spark/worker", "/var/lib/spark/history"] {
        assert!(scratch.iter().any(|known| known == path), "{path} in {scratch:?}");
    }
    let mut lab = Lab::with(&["hadoop", "spark"], 3);
    lab.set_of("spark", "run_on", SettingValue::Text(Text::plain("standalone")));
    assert_eq!(data(&lab, "master"), ["/var/lib/hadoop/hdfs/name"]);
    assert_eq!(data(&lab, "slaves"), ["/var/lib/hadoop/hdfs/data"]);
}
