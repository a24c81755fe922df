//! Hadoop with three masters, what comes with it, and what the editions before have.

use super::lab::{Lab, file, key, number, told};
use crate::support::snapshot;
use disco::catalogue::{complete, told_additions};
use disco::model::SettingValue;
use disco::source::Severity;

/// Three masters and some slaves, with what Hadoop brings.
fn lab(frameworks: &[&str], slaves: u32) -> Lab {
    let mut lab = Lab::with(frameworks, slaves);
    lab.group("master").count.value = 3;
    lab.flavor("master", "m1.large").flavor("slaves", "m1.large");
    complete(&mut lab.spec, &lab.catalogue, &lab.sources);
    lab
}

#[test]
fn each_of_three_masters_can_take_the_place_of_another() {
    let lab = lab(&["hadoop"], 3);
    let configuration = lab.configured();
    snapshot!("hadoop-ha-master", told(&configuration, "master"));
    snapshot!("hadoop-ha-slaves", told(&configuration, "slaves"));
    let steps = configuration.steps.iter().chain(&configuration.groups["master"].steps);
    let steps = steps.chain(&configuration.groups["slaves"].steps);
    let steps = steps.map(|step| format!("{}: {}", step.name, serde_json::to_string_pretty(&step.action).unwrap()));
    snapshot!("hadoop-ha-steps", steps.collect::<Vec<_>>().join("\n"));
    let units = &configuration.groups["master"].units;
    let names: Vec<&str> = units.iter().map(|unit| unit.service.as_str()).collect();
    assert_eq!(
        names,
        ["server", "journalnode", "namenode", "zkfc", "resourcemanager", "historyserver"],
        "ZooKeeper comes first"
    );
    let only: Vec<Option<&str>> = units.iter().map(|unit| unit.only.as_deref()).collect();
    assert_eq!(only, [Some("zookeeper.servers"), None, None, None, None, Some("hadoop.history")]);
    let hosts = &configuration.groups["master"].ensembles;
    assert_eq!(hosts["zookeeper.servers"], ["analytics-master-0", "analytics-master-1", "analytics-master-2"]);
    assert_eq!(hosts["hadoop.history"], ["analytics-master-0"]);
    // All of a master counts.
    let memory: u64 = units.iter().map(|unit| unit.memory_mib).sum();
    assert!((5_500..=7_200).contains(&memory), "{memory}");
    assert_eq!(configuration.groups["master"].max_unavailable.as_ref().unwrap().nodes, 1);
}

#[test]
fn zookeeper_comes_by_itself_and_that_is_said() {
    let lab = lab(&["hadoop"], 3);
    let names: Vec<&str> = lab.spec.frameworks.iter().map(|asked| asked.name.as_str()).collect();
    assert_eq!(names, ["hadoop", "zookeeper"]);
    let told: Vec<_> = told_additions(&lab.spec).into_iter().collect();
    assert_eq!((told[0].code, told[0].severity, told.len()), ("disco::framework_added", Severity::Warning, 1));
    assert!(told[0].message.starts_with("zookeeper comes with hadoop: with three masters"), "{}", told[0].message);
    // Who has one master, or asks for it, gets nothing that he has not asked for.
    let mut asked = Lab::with(&["hadoop", "zookeeper"], 3);
    asked.group("master").count.value = 3;
    let mut alone = Lab::hadoop(3);
    for lab in [&mut asked, &mut alone] {
        let before = lab.spec.frameworks.len();
        complete(&mut lab.spec, &lab.catalogue, &lab.sources);
        assert_eq!(lab.spec.frameworks.len(), before);
        assert!(told_additions(&lab.spec).is_empty());
    }
}

#[test]
fn clients_are_told_a_name_and_not_a_master() {
    let lab = lab(&["hadoop", "spark"], 3);
    let configuration = lab.configured();
    for group in ["master", "slaves"] {
        assert_eq!(key(&configuration, group, "core-site.xml", "fs.defaultFS"), Some("hdfs://analytics"));
        assert_eq!(key(&configuration, group, "yarn-site.xml", "yarn.resourcemanager.hostname"), None);
        let address = key(&configuration, group, "hdfs-site.xml", "dfs.namenode.rpc-address.analytics.nn1");
        assert_eq!(address, Some("analytics-master-1:8020"));
        let logs = key(&configuration, group, "spark-defaults.conf", "spark.eventLog.dir");
        assert_eq!(logs, Some("hdfs://analytics/spark/history"));
    }
    assert_eq!(key(&configuration, "slaves", "hdfs-site.xml", "dfs.namenode.shared.edits.dir"), None);
    let of_spark = configuration.steps.iter().find(|step| step.framework == "spark" && step.name == "folders").unwrap();
    assert!(of_spark.action["active"]["hosts"].as_array().is_some_and(|hosts| hosts.len() == 3), "{}", of_spark.action);
}

#[test]
fn growing_changes_nothing_on_three_masters() {
    let mut lab = lab(&["hadoop"], 3);
    let before = lab.configured();
    lab.members.fixed = before.fixed.clone();
    lab.group("slaves").count.value = 50;
    let (after, _) = lab.configure();
    for name in ["master", "slaves"] {
        assert_eq!(told(&before, name), told(&after, name));
    }
    assert_eq!(before.steps, after.steps);
}

#[test]
fn the_number_of_masters_is_decided_at_creation() {
    let mut lab = Lab::with(&["hadoop", "zookeeper"], 3);
    lab.flavor("master", "m1.large");
    lab.members.fixed = lab.configured().fixed;
    assert_eq!(lab.members.fixed["hadoop.high_availability"], "false");
    lab.group("master").count.value = 3;
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::assertion_failed");
    assert!(complaint.message.contains("was set up for one master"), "{}", complaint.message);
    lab.members.fixed.clear();
    lab.group("master").count.value = 2;
    let (_, found) = lab.configure();
    assert!(found.iter().any(|found| found.message.contains("of two JournalNodes none could be lost")), "{found:#?}");
    lab.group("master").count.value = 3;
    lab.set("edition", SettingValue::Integer(2));
    let (_, found) = lab.configure();
    assert!(found.iter().any(|found| found.message.contains("three are possible since edition 3")), "{found:#?}");
}

#[test]
fn a_heap_in_use_does_not_shrink_in_silence() {
    let mut lab = Lab::hadoop(3);
    lab.flavor("master", "m1.xlarge").flavor("slaves", "m1.xlarge");
    let before = lab.configured();
    lab.members.fixed = before.fixed.clone();
    let had = number(&before, "master", "namenode_heap");
    lab.add("spark");
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.severity), ("disco::assertion_warning", Severity::Warning));
    assert!(complaint.message.contains(&format!("`namenode_heap = {had}`")), "{}", complaint.message);
    lab.set("namenode_heap_created", SettingValue::Integer(128));
    lab.configured();
}

#[test]
fn a_line_of_ones_own_takes_nothing_from_the_heap() {
    let mut lab = Lab::hadoop(3);
    lab.set("namenode_java_options", SettingValue::List(vec![disco::model::Text::plain("-XX:+UseZGC")]));
    let configuration = lab.configured();
    let text = |lab: &Lab| file(&lab.configured(), "master", "hadoop-env.sh").content.revealed();
    assert!(text(&lab).contains("export HDFS_NAMENODE_OPTS='-XX:+UseZGC'"), "{}", text(&lab));
    let units = &configuration.groups["master"].units;
    let namenode = units.iter().find(|unit| unit.service == "namenode").unwrap();
    let heap = format!("-Xmx{}m", number(&configuration, "master", "namenode_heap"));
    assert!(namenode.environment["HADOOP_OPTS"].contains(&heap), "{:?}", namenode.environment);
    lab.set_key("hadoop-env.sh", "HDFS_NAMENODE_OPTS", Some("-XX:+UseParallelGC"));
    assert!(text(&lab).contains("export HDFS_NAMENODE_OPTS='-XX:+UseParallelGC'"));
}

#[test]
fn containers_are_small_and_tasks_large() {
    let mut lab = Lab::hadoop(3);
    for (flavor, container) in
        [("m1.small", 320..=512), ("m1.medium", 256..=512), ("m1.xlarge", 256..=512), ("x1.4tib", 256..=1024)]
    {
        lab.flavor("slaves", flavor);
        let configuration = lab.configured();
        let smallest = number(&configuration, "master", "container_memory");
        assert!(container.contains(&smallest) && smallest.is_multiple_of(32), "{flavor}: {smallest}");
        for name in ["map_memory", "reduce_memory", "application_master_memory"] {
            let task = number(&configuration, "master", name);
            assert_eq!(task % smallest, 0, "{flavor}: {name} is {task}, and {smallest} the smallest");
        }
    }
}

#[test]
fn editions_before_are_as_they_were() {
    for edition in [1, 2] {
        let mut lab = Lab::hadoop(3);
        lab.volume("master", "names");
        lab.set("edition", SettingValue::Integer(edition));
        let configuration = lab.configured();
        snapshot!(format!("hadoop-edition-{edition}-master"), told(&configuration, "master"));
        snapshot!(format!("hadoop-edition-{edition}-slaves"), told(&configuration, "slaves"));
        for (name, group) in &configuration.groups {
            assert!(group.ensembles.is_empty() && group.steps.is_empty(), "{name}");
            assert!(group.units.iter().all(|unit| unit.only.is_none() && unit.options.is_empty()), "{name}");
            assert!(group.units.iter().all(|unit| unit.environment.len() == 2), "{name}");
        }
        assert!(configuration.steps.iter().all(|step| step.action.get("active").is_none()));
    }
}
