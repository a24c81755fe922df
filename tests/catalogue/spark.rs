//! What Spark's manifest makes of clusters.

use std::collections::{BTreeMap, BTreeSet};

use super::lab::{Lab, file, key, number_of, told};
use crate::support::snapshot;
use disco::catalogue::{ClusterConfiguration, FileFormat, StepMoment};
use disco::model::{SettingValue, Text};
use disco::plan::Answers;
use serde_json::json;

const KEYS: &str = include_str!("spark-4.3.0-keys.txt");

const DEFAULTS: &str = "spark-defaults.conf";

fn standalone(slaves: u32) -> Lab {
    Lab::with(&["spark"], slaves)
}

fn on_yarn(slaves: u32) -> Lab {
    let mut lab = Lab::with(&["hadoop", "spark"], slaves);
    lab.flavor("slaves", "m1.large");
    lab
}

/// Spark's own part of what a group gets.
fn own(configuration: &ClusterConfiguration, group: &str) -> String {
    let mut configuration = configuration.clone();
    let found = configuration.groups.get_mut(group).unwrap();
    found.archives.retain(|archive| archive.name == "spark");
    found.files.retain(|file| file.framework == "spark");
    found.units.retain(|unit| unit.framework == "spark");
    found.users.retain(|user| user.name == "spark");
    found.directories.retain(|directory| directory.path.contains("spark"));
    found.probes.retain(|probe| format!("{probe:?}").contains("Spark"));
    told(&configuration, group)
}

fn text(text: &str) -> SettingValue {
    SettingValue::Text(Text::plain(text))
}

#[test]
fn standalone_without_hdfs() {
    let mut lab = standalone(3);
    lab.volume("slaves", "a").volume("slaves", "b");
    let configuration = lab.configured();
    snapshot!("spark-standalone-master", told(&configuration, "master"));
    snapshot!("spark-standalone-slaves", told(&configuration, "slaves"));
}

#[test]
fn standalone_with_hdfs() {
    let mut lab = Lab::with(&["hadoop", "spark"], 3);
    lab.set_of("hadoop", "yarn", SettingValue::Boolean(false));
    let configuration = lab.configured();
    snapshot!("spark-hdfs-master", own(&configuration, "master"));
    snapshot!("spark-hdfs-slaves", own(&configuration, "slaves"));
}

#[test]
fn on_yarn_where_there_is_one() {
    let configuration = on_yarn(3).configured();
    snapshot!("spark-yarn-master", own(&configuration, "master"));
    snapshot!("spark-yarn-slaves", own(&configuration, "slaves"));
    let steps: Vec<String> = configuration
        .steps
        .iter()
        .filter(|step| step.framework == "spark")
        .map(|step| serde_json::to_string_pretty(&step.action).unwrap())
        .collect();
    snapshot!("spark-yarn-steps", steps.join("\n"));
}

#[test]
fn services_and_steps_follow_those_they_build_on() {
    // Whichever framework is written first.
    let mut lab = Lab::with(&["spark", "hadoop"], 3);
    lab.flavor("slaves", "m1.large");
    let configuration = lab.configured();
    let units: Vec<&str> = configuration.groups["master"].units.iter().map(|unit| unit.service.as_str()).collect();
    assert_eq!(units, ["namenode", "secondarynamenode", "resourcemanager", "historyserver", "history"]);
    let history = configuration.groups["master"].units.last().unwrap();
    assert!(history.after.contains(&"hadoop-hdfs-namenode.service".to_owned()), "{:?}", history.after);
    assert_eq!(history.needs_step.as_deref(), Some("folders"));
    let steps: Vec<(&str, &str)> =
        configuration.steps.iter().map(|step| (step.framework.as_str(), step.name.as_str())).collect();
    assert!(
        steps.iter().position(|step| *step == ("hadoop", "folders"))
            < steps.iter().position(|step| *step == ("spark", "folders"))
    );
}

#[test]
fn workers_are_expected_by_name_and_alive() {
    let mut lab = standalone(3);
    lab.add_group("burst", 2).storage = false;
    let configuration = lab.configured();
    let step = configuration.steps.iter().find(|step| step.moment == StepMoment::Verify).unwrap();
    assert_eq!(step.members_of, ["slaves", "burst"]);
    assert_eq!(step.action["where"], serde_json::json!({ "state": "ALIVE" }));
    assert_eq!(step.action["names"], "host");
}

fn secret(value: &str) -> SettingValue {
    SettingValue::Text(Text { value: value.to_owned(), secret: true })
}

/// Whose the file with the secret is on the slaves, who may read it, and which steps there are.
fn guarded(configuration: &ClusterConfiguration) -> (String, Vec<&str>) {
    let defaults = file(configuration, "slaves", DEFAULTS);
    let steps = configuration.steps.iter().filter(|step| step.framework == "spark");
    (format!("{} {}", defaults.owner, defaults.mode), steps.map(|step| step.name.as_str()).collect())
}

#[test]
fn only_sparks_group_reads_its_secret() {
    let mut lab = standalone(2);
    lab.set("secret", secret("tell-nobody"));
    let configuration = lab.configured();
    assert_eq!(guarded(&configuration), ("root:spark 0640".to_owned(), vec!["workers", "smoke-test"]));
    for group in ["master", "slaves"] {
        let files = &configuration.groups[group].files;
        let open = files.iter().filter(|file| file.framework == "spark" && file.mode != "0640");
        assert!(open.clone().count() >= 2);
        assert!(open.clone().all(|file| !file.content.is_secret()), "{group}");
    }
    // Whoever is not of the group is told what to do.
    let environment = file(&configuration, "master", "spark-env.sh").content.revealed();
    assert!(environment.contains("usermod --append --groups spark $(id -un)"), "{environment}");
    // On YARN nothing is shared: everybody may submit.
    let configuration = on_yarn(2).configured();
    assert_eq!(guarded(&configuration), ("root:root 0644".to_owned(), vec!["folders", "smoke-test"]));
    assert!(!file(&configuration, "master", "spark-env.sh").content.revealed().contains("usermod"));
}

#[test]
fn nobody_has_to_invent_a_secret() {
    let secret_of = |lab: &Lab| {
        let configuration = lab.configured();
        let all: Vec<_> =
            configuration.generated.into_iter().map(|(secret, length)| (secret.setting, length)).collect();
        let pieces = configuration.groups["slaves"].files.iter().flat_map(|file| &file.content.pieces);
        (all, pieces.filter(|piece| piece.generated.is_some()).count())
    };
    let mut lab = standalone(2);
    assert_eq!(secret_of(&lab), (vec![("secret".to_owned(), 64)], 1));
    let configuration = lab.configured();
    for group in ["master", "slaves"] {
        assert_eq!(key(&configuration, group, DEFAULTS, "spark.authenticate"), Some("true"));
        let content = file(&configuration, group, DEFAULTS).content.revealed();
        assert!(content.contains("spark.authenticate.secret=\n"), "what stands for it is no text: {content}");
    }
    lab.set("secret", secret("my-own-invention"));
    assert_eq!(secret_of(&lab), (vec![], 0));
    // On YARN each job has its own.
    assert_eq!(secret_of(&on_yarn(2)), (vec![], 0));
}

#[test]
fn clusters_of_an_earlier_edition_stay_as_they_are() {
    let mut lab = standalone(2);
    let recorded = BTreeMap::from([("spark.shuffle_partitions".to_owned(), "200".to_owned())]);
    lab.members.fixed = lab.catalogue.fixed(&recorded, std::iter::empty());
    let configuration = lab.configured();
    assert_eq!(guarded(&configuration), ("root:root 0644".to_owned(), vec!["workers"]));
    assert_eq!(key(&configuration, "master", DEFAULTS, "spark.deploy.recoveryMode"), None);
    assert_eq!(key(&configuration, "master", DEFAULTS, "spark.authenticate"), None);
    assert!(configuration.generated.is_empty());
    assert!(!file(&configuration, "master", "spark-env.sh").content.revealed().contains("usermod"));
    // What everybody on a node can read is said.
    lab.set("secret", secret("tell-nobody"));
    let (_, diagnostics) = lab.configure();
    let warning = diagnostics.iter().next().unwrap();
    assert_eq!((warning.code, warning.span()), ("disco::readable_secret", Some(lab.asked("spark").origin)));
    assert_eq!(warning.message, "`spark-defaults.conf` of spark contains a secret and has the mode 0644");
    lab.set("edition", SettingValue::Integer(2));
    let configuration = lab.configured();
    assert_eq!(guarded(&configuration), ("root:spark 0640".to_owned(), vec!["workers", "smoke-test"]));
    assert_eq!(key(&configuration, "master", DEFAULTS, "spark.deploy.recoveryMode"), Some("FILESYSTEM"));
}

#[test]
fn growing_changes_nothing_that_is_there() {
    for mut lab in [standalone(3), on_yarn(3), Lab::with(&["hadoop", "spark"], 3)] {
        if lab.spec.frameworks.len() == 2 && lab.group("slaves").flavor.value == "m1.medium" {
            lab.set_of("spark", "run_on", text("standalone"));
        }
        let before = lab.configured();
        lab.members.fixed = before.fixed.clone();
        lab.group("slaves").count.value = 500;
        let (after, outgrown) = lab.configure();
        assert!(outgrown.iter().all(|diagnostic| diagnostic.code == "disco::setting_outgrown"), "{outgrown:#?}");
        for name in before.groups.keys() {
            assert_eq!(told(&before, name), told(&after, name));
        }
        assert_eq!(before.fixed, after.fixed);
        assert_eq!(before.fixed["spark.shuffle_partitions"], "200");
    }
    let large = standalone(500).configured();
    assert_eq!(large.fixed["spark.shuffle_partitions"], "3000", "three for each of a thousand cores");
}

#[test]
fn a_key_with_a_unit_is_its_setting() {
    let mut lab = standalone(3);
    lab.flavor("slaves", "m1.large");
    let line = lab.set_key(DEFAULTS, "spark.executor.memory", Some("1g"));
    let configuration = lab.configured();
    assert_eq!(key(&configuration, "slaves", DEFAULTS, "spark.executor.memory"), Some("1g"), "as written");
    let memory = number_of(&configuration, "slaves", "spark.worker_memory");
    assert_eq!(memory % 1024, 0, "{memory} is for whole executors");
    let values = &file(&configuration, "slaves", DEFAULTS).values;
    let value = values.iter().find(|value| value.key == "spark.executor.memory").unwrap();
    assert_eq!(value.overridden_at, Some(line));
    lab.asked("spark").files.clear();
    lab.set_key(DEFAULTS, "spark.executor.memory", Some("plenty"));
    let complaint = lab.complaint();
    assert_eq!(complaint.message, "`spark.executor.memory` is string \"plenty\", expected a size");
}

#[test]
fn what_is_set_is_respected_and_what_is_derived_follows() {
    let mut lab = on_yarn(3);
    lab.set_of("hadoop", "container_memory", SettingValue::Integer(1000));
    let configuration = lab.configured();
    let heap = number_of(&configuration, "slaves", "spark.executor_memory");
    assert_eq!((heap + 384) % 1000, 0, "{heap}: executors fill whole containers");
    let mut lab = standalone(3);
    lab.set("worker_heap", SettingValue::Integer(1024));
    let less = number_of(&lab.configured(), "slaves", "spark.worker_memory");
    assert!(less < number_of(&standalone(3).configured(), "slaves", "spark.worker_memory"));
}

#[test]
fn settings_that_mean_nothing_here_are_refused() {
    let mut lab = on_yarn(3);
    let line = lab.set_of("spark", "worker_memory", SettingValue::Integer(4096));
    let complaint = lab.complaint();
    assert_eq!((complaint.code, complaint.span()), ("disco::setting_without_effect", Some(line)));
    assert_eq!(complaint.message, "`worker_memory` of spark has no effect in this cluster");
    let help = complaint.help.unwrap();
    assert_eq!(help, "remove it: it only applies when setting.run_on == \"standalone\"");
}

#[test]
fn yarn_is_needed_where_spark_shall_run_on_it() {
    let mut lab = standalone(3);
    lab.set("run_on", text("yarn"));
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::missing_requirement");
    assert!(complaint.message.starts_with("spark needs `yarn >= 3.5`: run_on = \"yarn\" runs Spark in"));
    assert_eq!(complaint.help.as_deref(), Some("add `framework \"hadoop\" {}`, which provides `yarn`"));

    let mut lab = on_yarn(3);
    lab.asked("hadoop").version.value = "3.4.3".to_owned();
    lab.spec.groups.iter_mut().for_each(|group| group.image.value = "ubuntu-22.04".to_owned());
    let complaint = lab.complaint();
    assert_eq!(complaint.labels[1].text, "yarn here is 3.4.3");
    assert!(complaint.help.unwrap().starts_with("write `version = \"3.5.0\"` in framework \"hadoop\""));
    lab.set_of("spark", "run_on", text("standalone"));
    lab.configured();

    let mut lab = on_yarn(3);
    lab.set_of("hadoop", "yarn", SettingValue::Boolean(false));
    lab.set_of("spark", "run_on", text("yarn"));
    let complaint = lab.complaint();
    assert_eq!(complaint.labels[1].text, "provides `yarn` when setting.yarn");
    assert_eq!(complaint.help.as_deref(), Some("have hadoop provide `yarn`: setting.yarn"));
}

#[test]
fn pythons_are_old_enough_and_the_same() {
    let mut lab = standalone(2);
    lab.group("slaves").image.value = "ubuntu-22.04".to_owned();
    let complaint = lab.complaint();
    assert_eq!(complaint.code, "disco::mixed_python");
    assert!(complaint.message.contains("`master` has 3.11 and `slaves` has 3.10"), "{}", complaint.message);
    // An image of one's own may have anything.
    lab.group("slaves").image.value = "our-own".to_owned();
    lab.configured();
}

#[test]
fn the_master_is_asked_for_its_workers() {
    let questions = standalone(3).configured().questions;
    let names: Vec<&str> = questions.iter().map(|question| question.name.as_str()).collect();
    assert_eq!(names, ["standalone", "history"]);
    let asked = &questions[0];
    let worker = |host: &str, state: &str| json!({ "host": host, "state": state, "cores": 4, "coresused": 1, "memory": 2048, "memoryused": 1024 });
    // One that has come back is listed as it was, too, for a quarter of an hour.
    let workers = [
        worker("lab-slaves-0", "ALIVE"),
        worker("lab-slaves-1", "DEAD"),
        worker("lab-slaves-1", "ALIVE"),
        worker("lab-slaves-2", "DEAD"),
    ];
    let page = json!({ "workers": workers, "cores": 8, "coresused": 2, "memory": 4096, "memoryused": 2048, "status": "RECOVERING" });
    let pages = [(asked.ask["master"].key(), Ok(page))].into();
    let expected = ["lab-slaves-0", "lab-slaves-1", "lab-slaves-2"].map(str::to_owned);
    let told = Answers { pages, units: Vec::new() }.of(asked, &expected);
    let members = told.members.unwrap();
    let troubles: Vec<Option<&str>> = members.each.iter().map(|member| member.trouble.as_deref()).collect();
    assert_eq!((members.title.as_str(), troubles), ("Workers", vec![None, None, Some("is DEAD")]));
    let facts: Vec<(&str, Option<&str>)> =
        told.facts.iter().map(|fact| (fact.name.as_str(), fact.trouble.as_deref())).collect();
    assert_eq!(facts, [("state", Some("the master is RECOVERING")), ("cores", None), ("memory", None)]);
    assert_eq!(on_yarn(3).configured().questions.last().unwrap().title, "Spark history");
}

#[test]
fn clients_get_folders_that_are_not_the_nodes_own() {
    let keys = |lab: &Lab| {
        let files = lab.configured().client_files;
        let spark = files.iter().find(|file| file.framework == "spark").unwrap();
        spark.keys.iter().map(|(key, value)| (key.clone(), value.text.value.clone())).collect::<BTreeMap<_, _>>()
    };
    let alone = keys(&standalone(3));
    assert_eq!(alone["spark.master"], "spark://analytics-master-0:7077");
    assert!(!alone.contains_key("spark.eventLog.dir"), "{alone:?}");
    let shared = keys(&on_yarn(3));
    assert_eq!(
        (shared["spark.master"].as_str(), shared["spark.eventLog.dir"].as_str()),
        ("yarn", "hdfs://analytics-master-0:8020/spark/history")
    );
}

/// Keys and variables that Spark knows, with their defaults.
fn known() -> BTreeMap<&'static str, &'static str> {
    let mut known = BTreeMap::new();
    for (key, default) in KEYS.lines().map(|line| line.split_once('\t').unwrap_or((line, ""))) {
        // Entries with their defaults come first; constants have none.
        known.entry(key).or_insert(default);
    }
    known
}

#[test]
fn every_key_is_one_that_spark_knows() {
    let lab = standalone(1);
    let known = known();
    assert!(known.len() > 1500, "{}", known.len());
    let spark = lab.catalogue.framework("spark").unwrap();
    let files = spark.files.iter().filter(|file| file.name == DEFAULTS || file.format == FileFormat::Shell);
    let keys: Vec<&str> = files
        .flat_map(|file| file.keys.iter().map(|(key, _)| key).chain(file.protected.keys()))
        .map(String::as_str)
        .collect();
    assert!(keys.len() > 40, "{}", keys.len());
    let strangers: BTreeSet<&&str> = keys.iter().filter(|key| !known.contains_key(**key)).collect();
    assert_eq!(strangers, BTreeSet::new());
}

#[test]
fn what_is_written_is_not_what_spark_does_anyway() {
    let known = known();
    for lab in [standalone(3), on_yarn(3)] {
        let configuration = lab.configured();
        for group in configuration.groups.values() {
            let files = group.files.iter().filter(|file| file.name == DEFAULTS);
            for value in files.flat_map(|file| &file.values) {
                assert_ne!(known[value.key.as_str()], value.value.value, "{}", value.key);
            }
        }
    }
}

#[test]
fn every_port_is_sparks_own_or_says_why_not() {
    let lab = standalone(1);
    let known = known();
    let ports = [
        ("spark", "spark.master.ui.port"),
        ("spark-history", "spark.history.ui.port"),
        ("spark-driver", "spark.ui.port"),
        ("spark-driver-rpc", "spark.driver.port"),
        ("spark-blocks", "spark.blockManager.port"),
    ];
    let spark = lab.catalogue.framework("spark").unwrap();
    for (name, key) in ports {
        let port = spark.ports.iter().find(|port| port.name == name).unwrap();
        assert_eq!(known[key] == port.ports.unwrap().first.to_string(), port.differs.is_empty(), "{name}");
    }
}

#[test]
fn ports_go_with_their_services() {
    let names = |lab: &Lab| -> BTreeSet<String> {
        let configuration = lab.configured();
        configuration.open_ports.into_iter().filter(|port| port.framework == "spark").map(|port| port.name).collect()
    };
    let both = ["spark-driver", "spark-history"].map(str::to_owned);
    assert_eq!(names(&on_yarn(2)), both.clone().into());
    let own = ["spark", "spark-rpc", "spark-worker"].map(str::to_owned);
    assert_eq!(names(&standalone(2)), both.into_iter().chain(own).collect());
}
