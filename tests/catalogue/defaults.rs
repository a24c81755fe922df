//! The manifest against Hadoop's own jars: `hadoop-3.5.0-defaults.txt`, which the script beside it takes from them.

use std::collections::{BTreeMap, BTreeSet};

use super::lab::Lab;
use disco::catalogue::FileFormat;
use disco::model::SettingValue;
use disco::syntax::tree::{Expression, ExpressionKind};

const DEFAULTS: &str = include_str!("hadoop-3.5.0-defaults.txt");

/// Keys made of a queue's name, which no list can hold.
const QUEUES: &str = "yarn.scheduler.capacity.root.";

/// Which key (or constant) of Hadoop has the default of each of the manifest's ports.
const PORTS: [(&str, &str); 22] = [
    ("hdfs", "dfs.namenode.http-address"),
    ("hdfs-rpc", "DFS_NAMENODE_RPC_PORT_DEFAULT"),
    ("datanode", "dfs.datanode.address"),
    ("datanode-web", "dfs.datanode.http.address"),
    ("datanode-ipc", "dfs.datanode.ipc.address"),
    ("hdfs-service", "dfs.namenode.servicerpc-address"),
    ("journal", "dfs.journalnode.rpc-address"),
    ("journal-web", "dfs.journalnode.http-address"),
    ("zkfc", "dfs.ha.zkfc.port"),
    ("secondary", "dfs.namenode.secondary.http-address"),
    ("yarn", "yarn.resourcemanager.webapp.address"),
    ("yarn-rpc", "yarn.resourcemanager.address"),
    ("yarn-scheduler", "yarn.resourcemanager.scheduler.address"),
    ("yarn-tracker", "yarn.resourcemanager.resource-tracker.address"),
    ("yarn-admin", "yarn.resourcemanager.admin.address"),
    ("nodemanager-rpc", "yarn.nodemanager.address"),
    ("nodemanager-localizer", "yarn.nodemanager.localizer.address"),
    ("nodemanager-web", "yarn.nodemanager.webapp.address"),
    ("shuffle", "mapreduce.shuffle.port"),
    ("history", "mapreduce.jobhistory.webapp.address"),
    ("history-rpc", "mapreduce.jobhistory.address"),
    ("history-admin", "mapreduce.jobhistory.admin.address"),
];

fn defaults() -> BTreeMap<&'static str, &'static str> {
    let mut defaults = BTreeMap::new();
    for (key, default) in DEFAULTS.lines().filter_map(|line| line.split_once('\t')) {
        // The files with defaults come first; keys among the constants have none.
        defaults.entry(key).or_insert(default);
    }
    defaults
}

#[test]
fn every_key_is_one_that_hadoop_knows() {
    let lab = Lab::hadoop(3);
    let defaults = defaults();
    assert!(defaults.len() > 2000, "{}", defaults.len());
    let hadoop = lab.catalogue.framework("hadoop").unwrap();
    let mut strangers = BTreeSet::new();
    let mut seen = 0;
    for file in hadoop.files.iter().filter(|file| file.format == FileFormat::HadoopXml) {
        for key in file.keys.iter().map(|(key, _)| key).chain(file.protected.keys()) {
            seen += 1;
            if !defaults.contains_key(key.as_str()) && !key.starts_with(QUEUES) {
                strangers.insert((file.name.as_str(), key.as_str()));
            }
        }
    }
    assert!(seen > 80, "{seen}");
    // With high availability a key has the id of a NameNode or a ResourceManager behind it.
    let of_one =
        |key: &str| key.contains(".analytics") || [".rm0", ".rm1", ".rm2"].iter().any(|part| key.ends_with(part));
    strangers.retain(|(_, key)| !of_one(key));
    assert_eq!(strangers, BTreeSet::new());
}

#[test]
fn every_port_is_hadoops_own_or_says_why_not() {
    let lab = Lab::hadoop(3);
    let defaults = defaults();
    let hadoop = lab.catalogue.framework("hadoop").unwrap();
    let known: BTreeMap<&str, &str> = PORTS.into();
    let named: BTreeSet<&str> = hadoop.ports.iter().map(|port| port.name.as_str()).collect();
    assert_eq!(named, known.keys().copied().collect());
    for port in &hadoop.ports {
        let default = defaults[known[port.name.as_str()]];
        let default = default.rsplit(':').next().unwrap();
        let ports = port.ports.unwrap();
        let same = default == ports.first.to_string() && ports.first == ports.last;
        assert_eq!(same, port.differs.is_empty(), "{}: {} and {default}", port.name, ports.first);
    }
}

#[test]
fn what_is_written_is_not_what_hadoop_does_anyway() {
    // Ports are written where probes and rules depend on them; anything else equal to its default is noise.
    let mut lab = Lab::hadoop(3);
    lab.set("block_size", SettingValue::Text(disco::model::Text::plain("256m")));
    let configuration = lab.configured();
    let defaults = defaults();
    let hadoop = lab.catalogue.framework("hadoop").unwrap();
    let mut seen = 0;
    for file in configuration.groups.values().flat_map(|group| &group.files) {
        let declared = hadoop.files.iter().find(|declared| declared.name == file.name).unwrap();
        for value in &file.values {
            // Keys that are computed have no expression of their own.
            let Some((_, expression)) = declared.keys.iter().find(|(key, _)| *key == value.key) else { continue };
            if !constants(expression).contains(&value.value.value) {
                continue;
            }
            seen += 1;
            let same = defaults.get(value.key.as_str()) == Some(&value.value.value.as_str());
            let port = value.value.value.contains(':');
            assert!(!same || port, "{} in {}", value.key, file.name);
        }
    }
    assert!(seen > 20, "{seen}");
}

/// What an expression can be without computing anything.
fn constants(expression: &Expression) -> Vec<String> {
    match &expression.kind {
        ExpressionKind::String(text) | ExpressionKind::Number(text) => vec![text.to_string()],
        ExpressionKind::Bool(value) => vec![value.to_string()],
        ExpressionKind::Parenthesis(inner) => constants(inner),
        ExpressionKind::Conditional(choice) => [constants(&choice.then), constants(&choice.otherwise)].concat(),
        _ => Vec::new(),
    }
}
