//! Every way to lose stored data is named and refused, and nothing else is.

use disco::model::ActionStatus;
use disco::plan::{ChangeKind, Plan, destroy};

use super::little_cluster::LittleCluster;
use super::little_heat::LittleHeat;

/// What is lost on the first slave, if its change loses anything.
fn lost(plan: &Plan) -> Vec<String> {
    let change = plan.changes.iter().find(|change| change.address.to_string().ends_with("slaves[0]"));
    let lost: Vec<String> = change.iter().flat_map(|change| &change.lost).map(ToString::to_string).collect();
    assert_eq!(lost.is_empty(), !plan.diagnostics.has_errors(), "what loses data is refused, and nothing else");
    lost
}

fn with_volume() -> LittleCluster {
    LittleCluster { volume: Some(100), ..LittleCluster::default() }
}

/// What one cluster loses by becoming another.
fn by(before: &LittleCluster, after: &LittleCluster) -> Vec<String> {
    lost(&LittleHeat::with(&before.wanted()).plan(&after.wanted()))
}

#[test]
fn a_rebuild_wipes_the_machines_own_disk_and_no_volume() {
    let rebuilt = |cluster: LittleCluster| LittleCluster { image: "debian-13".to_owned(), ..cluster };
    assert_eq!(by(&LittleCluster::default(), &rebuilt(LittleCluster::default())), ["/var/lib/hdfs"]);
    assert_eq!(by(&with_volume(), &rebuilt(with_volume())), [""; 0]);
    let scratch = || LittleCluster { scratch: true, ..with_volume() };
    assert_eq!(by(&scratch(), &rebuilt(scratch())), ["/var/lib/hdfs"]);
}

#[test]
fn a_replaced_machine_keeps_its_volumes() {
    let apart = |cluster: LittleCluster| LittleCluster { server_group: true, ..cluster };
    assert_eq!(by(&LittleCluster::default(), &apart(LittleCluster::default())), ["/var/lib/hdfs"]);
    assert_eq!(by(&with_volume(), &apart(with_volume())), [""; 0]);
}

#[test]
fn a_volume_with_scratch_goes_without_a_word() {
    let scratch = LittleCluster { scratch: true, ..with_volume() };
    assert_eq!(by(&scratch, &LittleCluster::default()), [""; 0]);
    assert_eq!(by(&with_volume(), &LittleCluster::default()), ["/data/data/hdfs on volume data"]);
}

#[test]
fn a_volume_that_no_framework_uses_may_hold_anything() {
    let owners = LittleCluster { framework: false, ..with_volume() };
    assert_eq!(by(&owners, &LittleCluster { volume: None, ..owners.clone() }), ["volume data"]);
}

#[test]
fn a_folder_that_begins_again_on_another_disk_is_lost() {
    assert_eq!(by(&LittleCluster::default(), &with_volume()), ["/var/lib/hdfs"]);
    // A volume that is mounted elsewhere takes what is on it along.
    let elsewhere = LittleCluster { mount: "/srv/data".to_owned(), ..with_volume() };
    assert_eq!(by(&with_volume(), &elsewhere), [""; 0]);
}

#[test]
fn a_framework_that_is_removed_leaves_its_folders() {
    let without = LittleCluster { framework: false, ..LittleCluster::default() };
    let plan = LittleHeat::with(&LittleCluster::default().wanted()).plan(&without.wanted());
    assert_eq!(lost(&plan), [""; 0]);
    let node = plan.changes.iter().find(|change| change.address.to_string().ends_with("slaves[0]")).unwrap();
    let said = "data in /var/lib/hdfs is kept, but nothing uses it any more";
    assert!(node.reasons.iter().any(|reason| reason == said), "{:?}", node.reasons);
}

#[test]
fn a_machine_that_is_healed_loses_its_own_disk() {
    for (cluster, expected) in [(LittleCluster::default(), vec!["/var/lib/hdfs"]), (with_volume(), vec![])] {
        let mut heat = LittleHeat::with(&cluster.wanted());
        heat.resource("slaves-0-server").status = ActionStatus::parse("CHECK_FAILED");
        let plan = heat.plan(&cluster.wanted());
        assert!(plan.changes.iter().any(|change| change.kind == ChangeKind::Heal));
        assert_eq!(lost(&plan), expected);
    }
}

#[test]
fn destroying_names_what_goes_and_where_it_lies() {
    let heat = LittleHeat::with(&with_volume().wanted());
    let plan = destroy(&heat.state, &heat.seen);
    let said: Vec<&str> = plan.diagnostics.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "stored data of `cluster.analytics.slaves[0..2]` is lost: `/data/data/hdfs` on volume `data` (the nodes are destroyed)",
            "stored data of `cluster.analytics.master[0]` is lost: `/var/lib/hdfs` (the node is destroyed)",
        ]
    );
}
