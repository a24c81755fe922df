//! Labels of YARN for slaves that may go.

use std::collections::BTreeMap;

use super::lab::{Lab, cases, key, told};
use disco::catalogue::ClusterConfiguration;
use disco::model::{SettingValue, Text};
use proptest::prelude::*;

const PARTITION: &str = "yarn.nodemanager.node-labels.provider.configured-node-partition";

/// Slaves that store, and others that do not.
fn lab(storing: u32, computing: u32) -> Lab {
    let mut lab = Lab::hadoop(storing);
    lab.add_group("burst", computing).storage = false;
    lab
}

fn yarn<'a>(configuration: &'a ClusterConfiguration, group: &str, name: &str) -> Option<&'a str> {
    key(configuration, group, "yarn-site.xml", name)
}

fn scheduler<'a>(configuration: &'a ClusterConfiguration, name: &str) -> Option<&'a str> {
    key(configuration, "master", "capacity-scheduler.xml", &format!("yarn.scheduler.capacity.{name}"))
}

/// All lines that are about labels, with the group that they are of.
fn about_labels(configuration: &ClusterConfiguration) -> Vec<String> {
    let of = |group: &str| {
        let text = told(configuration, group);
        let lines = text.lines().filter(|line| line.contains("node-label"));
        lines.map(|line| format!("{group}: {}", line.trim())).collect::<Vec<_>>()
    };
    ["master", "slaves", "burst"].into_iter().flat_map(of).collect()
}

#[test]
fn slaves_that_do_not_store_tell_yarn_that_they_may_go() {
    let configuration = lab(3, 2).configured();
    let provider = "yarn.nodemanager.node-labels.provider";
    assert_eq!(yarn(&configuration, "burst", provider), Some("config"));
    assert_eq!(yarn(&configuration, "burst", PARTITION), Some("compute"));
    for name in [provider, PARTITION, "yarn.node-labels.enabled"] {
        assert_eq!(yarn(&configuration, "slaves", name), None, "slaves that store have none: {name}");
    }
    for group in ["master", "burst"] {
        assert_eq!(yarn(&configuration, group, "yarn.node-labels.enabled"), Some("true"));
        assert_eq!(yarn(&configuration, group, "yarn.node-labels.configuration-type"), Some("distributed"));
    }
    let store = yarn(&configuration, "master", "yarn.node-labels.fs-store.root-dir");
    assert_eq!(store, Some("file:///var/lib/hadoop/node-labels/compute"));
    for queue in ["root", "root.default"] {
        let of = |name: &str| scheduler(&configuration, &format!("{queue}.accessible-node-labels{name}"));
        assert_eq!([of(""), of(".compute.capacity")], [Some("compute"), Some("100")]);
    }
    // Application masters stay on slaves that store because the label is not exclusive: what is only lent they never get.
    let step = configuration.groups["master"].steps.iter().find(|step| step.name == "node-label").unwrap();
    let commands = step.action["commands"].to_string();
    assert!(commands.contains("\"compute(exclusive=false)\""), "{commands}");
    let units = &configuration.groups["master"].units;
    let manager = units.iter().find(|unit| unit.service == "resourcemanager").unwrap();
    assert_eq!(manager.needs_step.as_deref(), Some("node-label"));
}

#[test]
fn each_of_three_masters_knows_the_label_by_itself() {
    let mut lab = lab(3, 2);
    lab.add("zookeeper");
    lab.group("master").count.value = 3;
    lab.flavor("master", "m1.large");
    let configuration = lab.configured();
    let step = configuration.groups["master"].steps.iter().find(|step| step.name == "node-label").unwrap();
    assert_eq!(step.only, None, "every master runs it");
    let store = yarn(&configuration, "master", "yarn.node-labels.fs-store.root-dir");
    assert_eq!(store, Some("file:///var/lib/hadoop/node-labels/compute"), "no master writes where another one does");
}

#[test]
fn a_label_may_have_another_name_or_there_is_none() {
    let mut lab = lab(3, 2);
    lab.set("node_label", SettingValue::Text(Text::plain("task")));
    assert_eq!(yarn(&lab.configured(), "burst", PARTITION), Some("task"));
    lab.set("node_label", SettingValue::Text(Text::plain("")));
    let configuration = lab.configured();
    assert_eq!(about_labels(&configuration), Vec::<String>::new());
    assert!(configuration.groups["master"].steps.is_empty());
    for wrong in ["-task", "of two words", "a.b", &"x".repeat(256)] {
        lab.set("node_label", SettingValue::Text(Text::plain(wrong)));
        let complaint = lab.complaint();
        assert_eq!(complaint.code, "disco::assertion_failed");
        let sentence = format!("`node_label` is `{wrong}`: a label of YARN's is of letters, digits, `-` and `_`");
        assert!(complaint.message.starts_with(&sentence), "{}", complaint.message);
    }
    // Where there is no YARN, or an edition without labels, nobody looks at it.
    lab.set("edition", SettingValue::Integer(2));
    let (_, found) = lab.configure();
    assert!(found.iter().all(|one| one.code != "disco::assertion_failed"), "{found:#?}");
}

#[test]
fn whose_queues_are_his_own_says_what_they_take() {
    let mut lab = lab(3, 2);
    lab.set_key("capacity-scheduler.xml", "yarn.scheduler.capacity.root.queues", Some("day,night"));
    let configuration = lab.configured();
    assert_eq!(scheduler(&configuration, "root.queues"), Some("day,night"));
    assert!(about_labels(&configuration).iter().all(|line| !line.contains("accessible")), "no share would add up");
    assert_eq!(yarn(&configuration, "burst", PARTITION), Some("compute"), "they are lent all the same");
}

#[test]
fn the_label_is_nobodys_to_set_by_hand() {
    for (name, value) in [("yarn.node-labels.enabled", "false"), (PARTITION, "x")] {
        let mut lab = lab(3, 2);
        let place = lab.set_key("yarn-site.xml", name, Some(value));
        let complaint = lab.complaint();
        assert_eq!((complaint.code, complaint.span()), ("disco::protected_key", Some(place)), "{complaint:#?}");
    }
}

/// A cluster that was made before there were labels.
#[test]
fn clusters_of_before_have_no_labels() {
    let recorded = BTreeMap::from([("hadoop.edition".to_owned(), "3".to_owned())]);
    let mut lab = lab(3, 2);
    lab.members.fixed = lab.catalogue.fixed(&recorded, std::iter::empty());
    assert_eq!(about_labels(&lab.configured()), Vec::<String>::new());
    // Who wants them says so.
    lab.set("node_label", SettingValue::Text(Text::plain("compute")));
    assert_eq!(yarn(&lab.configured(), "burst", PARTITION), Some("compute"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(24), failure_persistence: None, ..ProptestConfig::default() })]

    /// Slaves come and go, also the first and the last that does not store: of labels nothing changes on those that are
    /// there, and those that store never have one. Where some were there before, nothing changes at all.
    #[test]
    fn slaves_that_come_and_go_change_no_byte(storing in 1_u32..40, before in 0_u32..40, after in 0_u32..40) {
        let mut lab = lab(storing, before);
        let first = lab.configured();
        lab.members.fixed = first.fixed.clone();
        lab.group("burst").count.value = after;
        let second = lab.configured();
        prop_assert_eq!(about_labels(&first), about_labels(&second));
        for group in ["master", "slaves", "burst"] {
            if before > 0 && after > 0 {
                prop_assert_eq!(told(&first, group), told(&second, group), "{} of {} to {}", group, before, after);
            }
            prop_assert_eq!(&first.groups[group].steps, &second.groups[group].steps);
        }
        prop_assert_eq!(yarn(&second, "burst", PARTITION), Some("compute"));
        prop_assert_eq!(yarn(&second, "slaves", PARTITION), None);
    }
}
