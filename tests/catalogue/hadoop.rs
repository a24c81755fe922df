//! What Hadoop's manifest makes of clusters.

use std::collections::BTreeMap;

use super::lab::{Lab, file, key, number, told};
use crate::support::snapshot;
use disco::catalogue::{ClusterConfiguration, KillMode, StepMoment};
use disco::model::SettingValue;
use disco::source::Severity;

#[test]
fn a_master_gets_the_services_there_is_one_of() {
    let mut lab = Lab::hadoop(3);
    lab.volume("master", "names");
    snapshot!("hadoop-master", told(&lab.configured(), "master"));
}

#[test]
fn a_slave_gets_a_data_folder_for_each_volume() {
    let mut lab = Lab::hadoop(3);
    lab.volume("slaves", "a").volume("slaves", "b").volume("slaves", "c");
    snapshot!("hadoop-slaves", told(&lab.configured(), "slaves"));
}

#[test]
fn a_slave_without_volumes_stores_on_its_root_disk() {
    let configuration = Lab::hadoop(3).configured();
    let value = |name| key(&configuration, "slaves", "hdfs-site.xml", name);
    assert_eq!(value("dfs.datanode.data.dir"), Some("file:///var/lib/hadoop/hdfs/data"));
    assert_eq!(value("dfs.datanode.du.reserved.pct"), Some("25"));
    assert_eq!(value("dfs.datanode.failed.volumes.tolerated"), Some("0"));
}

#[test]
fn slaves_that_only_compute_have_no_datanode() {
    let mut lab = Lab::hadoop(2);
    lab.add_group("burst", 5).storage = false;
    let configuration = lab.configured();
    let units: Vec<&str> = configuration.groups["burst"].units.iter().map(|unit| unit.service.as_str()).collect();
    assert_eq!(units, ["nodemanager"]);
    assert_eq!(key(&configuration, "burst", "hdfs-site.xml", "dfs.datanode.data.dir"), None);
    assert_eq!(key(&configuration, "burst", "hdfs-site.xml", "dfs.replication"), Some("2"), "only two store");
    assert!(number(&configuration, "burst", "yarn_memory") > number(&configuration, "slaves", "yarn_memory"));
    let step = |name: &str| configuration.steps.iter().find(|step| step.name == name).unwrap().members_of.clone();
    assert_eq!(step("datanodes"), ["slaves"]);
    assert_eq!(step("nodemanagers"), ["slaves", "burst"]);
}

#[test]
fn of_each_block_one_copy_stays_while_nodes_change() {
    let mut lab = Lab::hadoop(5);
    lab.add_group("burst", 5).storage = false;
    assert_eq!(lab.configured().groups["slaves"].max_unavailable.as_ref().map(|most| most.nodes), Some(1));
    lab.set("edition", SettingValue::Integer(2));
    let away = |lab: &Lab, group: &str| lab.configured().groups[group].max_unavailable.as_ref().map(|most| most.nodes);
    assert_eq!(away(&lab, "slaves"), Some(2), "three copies, if nothing is said");
    assert_eq!([away(&lab, "burst"), away(&lab, "master")], [None, None]);
    for (replication, nodes) in [(1, 1), (2, 1), (3, 2), (5, 4)] {
        lab.set("replication", SettingValue::Integer(replication));
        assert_eq!(away(&lab, "slaves"), Some(nodes), "{replication} copies");
    }
}

#[test]
fn sizes_come_from_the_slaves_and_never_from_the_master() {
    let mut lab = Lab::hadoop(3);
    lab.flavor("slaves", "m1.large");
    let small = lab.configured();
    lab.flavor("master", "x1.4tib");
    let large = lab.configured();
    for name in ["yarn-site.xml", "mapred-site.xml"] {
        assert_eq!(file(&small, "slaves", name).content, file(&large, "slaves", name).content);
        assert_eq!(file(&small, "master", name).content, file(&large, "master", name).content);
    }
    for name in ["mapreduce.map.memory.mb", "mapreduce.reduce.memory.mb", "mapreduce.task.io.sort.mb"] {
        assert_eq!(
            key(&small, "master", "mapred-site.xml", name),
            key(&small, "slaves", "mapred-site.xml", name),
            "a job submitted on the master asks for containers that slaves have"
        );
    }
}

#[test]
fn growing_changes_nothing_that_is_there() {
    let mut lab = Lab::hadoop(3);
    let before = lab.configured();
    assert_eq!(before.fixed["hadoop.replication"], "3");
    lab.members.fixed = before.fixed.clone();
    lab.group("slaves").count.value = 50;
    let (after, mistakes) = lab.configure();
    assert!(mistakes.is_empty() && after.raised.is_empty(), "{mistakes:#?}");
    for (name, group) in &before.groups {
        assert_eq!(told(&before, name), told(&after, name));
        assert_eq!(group.units, after.groups[name].units);
    }
    assert_eq!((&before.steps, &before.open_ports, &before.fixed), (&after.steps, &after.open_ports, &after.fixed));
    lab.members.fixed.clear();
    let fresh = lab.configured();
    assert_eq!(fresh.fixed["hadoop.replication"], "3");
    assert_eq!(fresh.fixed["hadoop.namenode_handlers"], "78");
}

/// The one thing that growth changes on nodes that are there.
#[test]
fn copies_go_up_with_the_slaves() {
    let replication =
        |of: &ClusterConfiguration, group: &str| key(of, group, "hdfs-site.xml", "dfs.replication").map(str::to_owned);
    let mut lab = Lab::hadoop(1);
    let created = lab.configured();
    let raising = |of: &ClusterConfiguration| {
        let step = of.steps.iter().find(|step| step.name == "copies-of-files").unwrap();
        step.action["commands"].to_string()
    };
    let commands = raising(&created);
    assert!(commands.contains("|| echo 1)") && commands.contains("-lt 1 ]"), "nothing is stored yet: {commands}");
    lab.members.fixed = created.fixed.clone();
    lab.group("slaves").count.value = 2;
    let (grown, warned) = lab.configure();
    assert_eq!(
        warned.iter().map(|one| (one.code, one.severity)).collect::<Vec<_>>(),
        [("disco::setting_raised", Severity::Warning)]
    );
    assert_eq!((grown.fixed["hadoop.replication"].as_str(), grown.raised.len()), ("2", 1));
    for group in ["master", "slaves"] {
        assert_eq!(replication(&grown, group).as_deref(), Some("2"));
        let site = file(&grown, group, "hdfs-site.xml");
        let before = file(&created, group, "hdfs-site.xml");
        let differ = site.concerns.iter().filter(|(unit, content)| before.concerns.get(*unit) != Some(*content));
        let differ: Vec<&str> = differ.map(|(unit, _)| unit.as_str()).collect();
        let reader = if group == "master" { "hadoop-hdfs-namenode.service" } else { "hadoop-hdfs-datanode.service" };
        assert_eq!(differ, [reader], "who does not read it goes on");
    }
    // What else there is stays as it is, byte for byte.
    lab.set("replication", SettingValue::Integer(1));
    let held = lab.configured();
    for group in ["master", "slaves"] {
        assert_eq!(told(&held, group), told(&created, group));
    }
    lab.asked("hadoop").settings.remove("replication");
    // Files that are there follow: those with fewer copies alone.
    let commands = raising(&grown);
    assert!(commands.contains("|| echo 1)") && commands.contains("-lt 2 ]"), "{commands}");
    assert!(commands.contains("+(1) +") && commands.contains("-setrep 2 >"), "{commands}");
    // Then it is so, and is not told again; it goes on with a third one, and nothing takes it down.
    lab.members.fixed = grown.fixed;
    assert!(lab.configured().raised.is_empty());
    lab.group("slaves").count.value = 7;
    lab.members.fixed = lab.configure().0.fixed;
    assert_eq!(lab.members.fixed["hadoop.replication"], "3");
    lab.group("slaves").count.value = 2;
    assert_eq!(replication(&lab.configured(), "slaves").as_deref(), Some("2"), "no more than there are slaves");
    assert!(lab.configured().raised.is_empty());
    // Who says how many has them.
    lab.group("slaves").count.value = 7;
    lab.members.fixed.insert("hadoop.replication".to_owned(), "1".to_owned());
    lab.set("replication", SettingValue::Integer(1));
    assert_eq!(replication(&lab.configured(), "slaves").as_deref(), Some("1"));
}

#[test]
fn a_cluster_that_shrank_stores_no_more_copies_than_it_has_nodes() {
    let mut lab = Lab::hadoop(1);
    lab.members.fixed.insert("hadoop.replication".to_owned(), "3".to_owned());
    let configuration = lab.configured();
    assert_eq!(key(&configuration, "slaves", "hdfs-site.xml", "dfs.replication"), Some("1"));
}

#[test]
fn what_is_set_is_respected_and_what_is_derived_follows() {
    let mut lab = Lab::hadoop(3);
    let line = lab.set("map_memory", SettingValue::Integer(512));
    let configuration = lab.configured();
    assert_eq!(key(&configuration, "slaves", "mapred-site.xml", "mapreduce.map.memory.mb"), Some("512"));
    assert_eq!(key(&configuration, "slaves", "mapred-site.xml", "mapreduce.map.java.opts"), Some("-Xmx384m"));
    assert_eq!(key(&configuration, "slaves", "mapred-site.xml", "mapreduce.task.io.sort.mb"), Some("153"));
    let values = &file(&configuration, "slaves", "mapred-site.xml").values;
    let value = values.iter().find(|value| value.key == "mapreduce.map.memory.mb").unwrap();
    assert_eq!(value.overridden_at, Some(line));
}

#[test]
fn a_key_that_is_a_setting_is_followed_too() {
    let mut lab = Lab::hadoop(3);
    let line = lab.set_key("yarn-site.xml", "yarn.nodemanager.resource.memory-mb", Some("1000"));
    let configuration = lab.configured();
    let value = |name| key(&configuration, "slaves", "yarn-site.xml", name);
    assert_eq!(value("yarn.nodemanager.resource.memory-mb"), Some("1000"));
    let value = |name| key(&configuration, "master", "yarn-site.xml", name);
    assert_eq!(value("yarn.scheduler.maximum-allocation-mb"), Some("1000"));
    assert_eq!(value("yarn.scheduler.minimum-allocation-mb"), Some("320"));
    assert_eq!(key(&configuration, "master", "yarn-site.xml", "yarn.nodemanager.resource.memory-mb"), None);
    let values = &file(&configuration, "slaves", "yarn-site.xml").values;
    let value = values.iter().find(|value| value.key == "yarn.nodemanager.resource.memory-mb").unwrap();
    assert_eq!(value.overridden_at, Some(line));
}

#[test]
fn keys_are_set_added_and_removed() {
    let mut lab = Lab::hadoop(3);
    lab.set_key("hdfs-site.xml", "dfs.blocksize", Some("256m"));
    lab.set_key("hdfs-site.xml", "dfs.domain.socket.path", Some("<true> & more"));
    lab.set_key("core-site.xml", "io.file.buffer.size", None);
    let configuration = lab.configured();
    assert_eq!(key(&configuration, "slaves", "hdfs-site.xml", "dfs.blocksize"), Some("256m"));
    assert_eq!(key(&configuration, "slaves", "core-site.xml", "io.file.buffer.size"), None);
    let text = file(&configuration, "slaves", "hdfs-site.xml").content.revealed();
    assert!(text.contains("<name>dfs.domain.socket.path</name>\n    <value>&lt;true&gt; &amp; more</value>"));
}

#[test]
fn a_whole_file_is_taken_byte_for_byte() {
    let mut lab = Lab::hadoop(3);
    let bytes = "a = ${b}\r\n\t%{x}\u{e9}";
    lab.content("log4j.properties", bytes);
    let configuration = lab.configured();
    assert_eq!(file(&configuration, "slaves", "log4j.properties").content.revealed(), bytes);
    assert!(file(&configuration, "slaves", "log4j.properties").values.is_empty());
}

#[test]
fn mirrors_and_digests_can_be_ones_own() {
    let mut lab = Lab::hadoop(3);
    lab.set("mirrors", SettingValue::List(vec![disco::model::Text::plain("http://mirror.lab/apache/")]));
    lab.set("sha512", SettingValue::Text(disco::model::Text::plain("ab".repeat(64))));
    let configuration = lab.configured();
    let archive = &configuration.groups["slaves"].archives[0];
    assert_eq!(archive.urls, ["http://mirror.lab/apache/hadoop/common/hadoop-3.5.0/hadoop-3.5.0.tar.gz"]);
    assert_eq!((archive.sha512.as_deref(), archive.sha512_url.as_deref()), (Some(&*"ab".repeat(64)), None));
}

#[test]
fn steps_come_in_order_and_expect_members_by_name() {
    let configuration = Lab::hadoop(3).configured();
    let steps: Vec<(&str, StepMoment)> =
        configuration.steps.iter().map(|step| (step.name.as_str(), step.moment)).collect();
    assert_eq!(
        steps,
        [
            ("format", StepMoment::BeforeStart),
            ("folders", StepMoment::BeforeStart),
            ("drain-nodemanagers", StepMoment::Verify),
            ("drain-datanodes", StepMoment::Verify),
            ("datanodes", StepMoment::Verify),
            ("safe-mode", StepMoment::Verify),
            ("finalize", StepMoment::Verify),
            ("copies-of-files", StepMoment::Verify),
            ("nodemanagers", StepMoment::Verify),
            ("smoke-test", StepMoment::SmokeTest),
        ]
    );
    let actions: Vec<String> =
        configuration.steps.iter().map(|step| serde_json::to_string_pretty(&step.action).unwrap()).collect();
    snapshot!("hadoop-steps", actions.join("\n"));
}

/// How systemd ends a NodeManager and takes its end, and which steps there are.
fn ends_and_steps(lab: &Lab) -> (Option<KillMode>, Option<u8>, usize) {
    let configuration = lab.configured();
    let units = &configuration.groups["slaves"].units;
    let unit = units.iter().find(|unit| unit.name == "hadoop-yarn-nodemanager.service").unwrap();
    (unit.kill_mode, unit.success_exit_status, configuration.steps.len())
}

#[test]
fn clusters_of_an_earlier_edition_stay_as_they_are() {
    let mut lab = Lab::hadoop(3);
    assert_eq!(ends_and_steps(&lab), (Some(KillMode::Process), Some(143), 10));
    // What a state of DISCO 0.1 has of such a cluster.
    let recorded = BTreeMap::from([("hadoop.namenode_handlers".to_owned(), "21".to_owned())]);
    lab.members.fixed = lab.catalogue.fixed(&recorded, std::iter::empty());
    assert_eq!(lab.members.fixed["hadoop.edition"], "1");
    assert_eq!(ends_and_steps(&lab), (None, None, 4));
    lab.members.fixed = lab.catalogue.fixed(&BTreeMap::new(), [&"hadoop".to_owned()].into_iter());
    assert_eq!(ends_and_steps(&lab), (None, None, 4));
    // Who wants the new one says so.
    lab.set("edition", SettingValue::Integer(2));
    assert_eq!(ends_and_steps(&lab), (Some(KillMode::Process), Some(143), 8));
    // A framework that is new in a cluster is of today's edition.
    assert_eq!(lab.catalogue.fixed(&BTreeMap::new(), [&"spark".to_owned()].into_iter()).get("hadoop.edition"), None);
}

#[test]
fn ports_for_users_have_names() {
    let configuration = Lab::hadoop(3).configured();
    let ports: Vec<String> = configuration
        .open_ports
        .iter()
        .map(|port| {
            let page = port.web_ui.as_ref().map(|page| format!(" {}{}", page.scheme, page.path)).unwrap_or_default();
            format!("{} {} on {}{page}", port.name, port.ports.first, port.group)
        })
        .collect();
    snapshot!("hadoop-ports", ports.join("\n"));
}

#[test]
fn nothing_tuned_is_written_where_the_flavor_is_not_known() {
    let mut lab = Lab::hadoop(3);
    lab.facts.complete = false;
    lab.facts.flavors = disco::model::Offered::default();
    let configuration = lab.configured();
    let files: Vec<&str> = configuration.groups["slaves"].files.iter().map(|file| file.name.as_str()).collect();
    assert!(files.contains(&"core-site.xml") && files.contains(&"hdfs-site.xml"), "{files:?}");
    assert!(!files.contains(&"yarn-site.xml") && !files.contains(&"mapred-site.xml"), "{files:?}");
}

#[test]
fn hdfs_alone_leaves_everything_of_yarn_out() {
    let mut lab = Lab::hadoop(3);
    lab.set("yarn", SettingValue::Boolean(false));
    let configuration = lab.configured();
    for (group, services) in [("master", &["namenode", "secondarynamenode"][..]), ("slaves", &["datanode"])] {
        let units: Vec<&str> = configuration.groups[group].units.iter().map(|unit| unit.service.as_str()).collect();
        assert_eq!(units, services);
        let files: Vec<&str> = configuration.groups[group].files.iter().map(|file| file.name.as_str()).collect();
        assert!(files.contains(&"hdfs-site.xml"), "{files:?}");
        assert!(files.iter().all(|file| !file.contains("yarn") && !file.contains("mapred")), "{files:?}");
    }
    assert!(configuration.open_ports.iter().all(|port| port.name.contains("hdfs") || port.name.contains("datanode")));
    assert_eq!(
        configuration.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(),
        ["format", "folders", "drain-datanodes", "datanodes", "safe-mode", "finalize", "copies-of-files", "smoke-test"]
    );
    let folders = configuration.steps[1].action.to_string();
    assert!(!folders.contains("yarn") && folders.contains("/user/debian"), "{folders}");
}

#[test]
fn a_cluster_that_has_outgrown_its_replication_is_told_the_line_that_lifts_it() {
    let mut lab = Lab::hadoop(1);
    lab.set("edition", SettingValue::Integer(2));
    lab.members.fixed = lab.configured().fixed;
    assert_eq!(lab.members.fixed["hadoop.replication"], "1");
    lab.group("slaves").count.value = 5;
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.severity), ("disco::setting_outgrown", Severity::Warning));
    assert_eq!(
        complaint.message,
        "`replication` of hadoop is 1, fixed when the cluster was created; its default is now 3"
    );
    assert!(complaint.help.unwrap().starts_with("write `replication = 3`, or `replication = 1` to keep it"));
    // Whatever line is written, nobody warns any more; what is stored with one copy keeps its slave while others restart.
    for (copies, away) in [(1, 1), (3, 1)] {
        lab.set("replication", SettingValue::Integer(copies));
        let limit = lab.configured().groups["slaves"].max_unavailable.clone().unwrap();
        assert_eq!(limit.nodes, away, "{copies}");
    }
    // One that was created with it may lose two at a time.
    lab.members.fixed.clear();
    assert_eq!(lab.configured().groups["slaves"].max_unavailable.clone().unwrap().nodes, 2);
}
