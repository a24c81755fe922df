//! The comparison notices lies: a true plan, doctored, one lie at a time.

use disco::model::Address;
use disco::plan::{Change, ChangeKind, OutputChange, Plan, StepAction};

use super::compare::lies;
use super::life::{Life, Lived};

/// A change in which much happens: a flavor, a rule, a node that goes, one that is replaced, a setting, an output.
fn lived() -> Lived {
    let mut life = Life::begin();
    life.edit(&[
        ("replication = 2\n", "replication = 2\n    block_size = \"64m\"\n"),
        ("count   = 2", "count   = 1"),
        ("    storage = false", "    storage = false\n    anti_affinity = \"soft\""),
        ("master {\n    flavor      = \"m1.large\"", "master {\n    flavor      = \"m1.xlarge\""),
        ("allow \"ssh\" { from = [\"203.0.113.0/24\"] }", "allow \"ssh\" { from = [\"198.51.100.0/24\"] }"),
        ("master[0].name", "network.cidr"),
    ]);
    life.apply()
}

fn node(group: &str, index: u32) -> Address {
    Address::Node("lab".to_owned(), group.to_owned(), index)
}

fn change<'p>(plan: &'p mut Plan, address: &Address) -> &'p mut Change {
    plan.changes.iter_mut().find(|change| change.address == *address).unwrap()
}

/// Makes a plan lie.
type Doctor = fn(&mut Plan);

/// What the lie is, who makes it, and the words that it must be found out by.
const DOCTORS: &[(&str, Doctor, &str)] = &[
    ("a change is left out", |plan| plan.changes.retain(|change| change.address != node("slaves", 1)), "NoChange"),
    ("an update is called a replacement", |plan| kind_of(plan, "deployment", ChangeKind::Replace), "promised Replace"),
    (
        "a replacement is called an update",
        |plan| kind_of(plan, "burst-0-server", ChangeKind::Update),
        "promised Update",
    ),
    ("a deletion is called an update", |plan| kind_of(plan, "burst-1-server", ChangeKind::Update), "promised Update"),
    ("a creation is made up", |plan| kind_of(plan, "slaves-0-deployment", ChangeKind::Create), "promised Create"),
    ("a deletion is made up", |plan| kind_of(plan, "slaves-0-deployment", ChangeKind::Delete), "promised Delete"),
    ("a resize is called harmless", |plan| change(plan, &node("master", 0)).kind = ChangeKind::Update, "had Resize"),
    ("a rebuild is made up", |plan| change(plan, &node("slaves", 0)).kind = ChangeKind::Rebuild, "promised Rebuild"),
    (
        "a restart is not told",
        |plan| change(plan, &node("slaves", 2)).services.restarted.clear(),
        "promised ``, and its agent says `restarts hadoop-hdfs-datanode`",
    ),
    (
        "a restart is made up",
        |plan| change(plan, &node("slaves", 2)).services.restarted.push("hadoop-yarn-nodemanager".to_owned()),
        "and its agent says `restarts hadoop-hdfs-datanode`",
    ),
    ("a step is made up", |plan| plan.steps.push(plan.steps[0].clone()), "steps, and there were"),
    (
        "the order of batches is another one",
        |plan| {
            let batches = batches(plan);
            plan.steps.swap(batches[0], batches[1]);
        },
        "promised to touch",
    ),
    (
        "a batch names somebody else's node",
        |plan| {
            let first = batches(plan)[0];
            plan.steps[first].addresses.push(node("slaves", 2));
        },
        "promised to touch",
    ),
    ("an output is not told", |plan| plan.outputs.clear(), "output master"),
    ("an output has another value", |plan| plan.outputs[0].after = Some("10.9.9.0/24".into()), "output master"),
    (
        "an output is made up",
        |plan| {
            let made_up = OutputChange { name: "other".to_owned(), before: None, ..plan.outputs[0].clone() };
            plan.outputs.push(made_up);
        },
        "output other",
    ),
];

fn kind_of(plan: &mut Plan, name: &str, kind: ChangeKind) {
    let mut resources = plan.changes.iter_mut().flat_map(|change| &mut change.resources);
    resources.find(|change| change.name.contains(name) && change.kind != kind).unwrap().kind = kind;
}

fn batches(plan: &Plan) -> Vec<usize> {
    (0..plan.steps.len()).filter(|at| plan.steps[*at].batch.is_some()).collect()
}

#[test]
fn each_lie_is_noticed() {
    let mut lived = lived();
    assert_eq!(lies(&lived, 1), [""; 0]);
    let honest = lived.plan.clone();
    for (what, doctor, word) in DOCTORS {
        doctor(&mut lived.plan);
        let found = lies(&lived, 1);
        assert!(found.iter().any(|lie| lie.contains(word)), "{what}: nothing of `{word}` in {found:#?}");
        lived.plan = honest.clone();
    }
    // Where no node may be away, every batch is too large.
    assert!(lies(&lived, 0).iter().any(|lie| lie.contains("without services at once")));
    lived.again = honest;
    assert!(lies(&lived, 1).iter().any(|lie| lie.contains("is not empty")));
}

/// A disk that goes before its node has unmounted it.
#[test]
fn a_disk_that_goes_too_early_is_noticed() {
    let mut life = Life::begin();
    life.edit(&[("size = 100", "size = 200")]);
    let mut lived = life.apply();
    assert_eq!(lies(&lived, 1), [""; 0]);
    for event in lived.record.events.iter_mut().filter(|event| event.place.1 == "slaves-0-volume-hdfs") {
        event.number = 0;
    }
    let found = lies(&lived, 1);
    let word = "slaves-0-volume-hdfs: UPDATE_IN_PROGRESS while it is mounted at /data/hdfs";
    assert!(found.iter().any(|lie| lie == word), "nothing of `{word}` in {found:#?}");
}

/// Nothing is there that the comparison could not see: events, machines, deliveries.
#[test]
fn the_record_is_not_empty() {
    let lived = lived();
    let record = &lived.record;
    assert!(record.events.len() > 20 && record.before.resources.len() > 30 && record.before.machines.len() == 6);
    assert_eq!(record.after.machines.len(), 5);
    let delivered: usize = record.deliveries.values().map(|(all, before)| all.len() - before).sum();
    assert_eq!(delivered, 5, "each node that is left has another configuration, or is another machine");
    assert!(lived.plan.steps.iter().all(|step| matches!(step.action, StepAction::Update(..))));
}
