//! What a plan is not applied for.

use disco::model::Action;
use disco::plan::{ChangeKind, PlanOptions, Wanted, destroy, plan};

use super::little_cluster::LittleCluster;
use super::little_heat::LittleHeat;

fn codes(plan: &disco::plan::Plan) -> Vec<&'static str> {
    plan.diagnostics.iter().map(|found| found.code).collect()
}

#[test]
fn a_strangers_stack_is_never_adopted() {
    let mut other = LittleHeat::with(&LittleCluster::default().wanted());
    let mut heat = LittleHeat::new();
    other.stack().tags = vec!["disco".to_owned(), "disco-lineage-other".to_owned()];
    heat.seen = other.seen.clone();
    let plan = heat.plan(&LittleCluster::default().wanted());
    assert_eq!(codes(&plan), ["disco::foreign_stack"]);
    assert!(plan.steps.is_empty());
    other.stack().tags.clear();
    heat.seen = other.seen.clone();
    assert_eq!(codes(&heat.plan(&LittleCluster::default().wanted())), ["disco::foreign_stack"]);
    // Ours, although somebody's update has lost the tags: the id is the one we know.
    assert!(other.plan(&LittleCluster::default().wanted()).is_empty());
}

#[test]
fn protection_is_kept_in_the_state() {
    let mut cluster = LittleCluster { prevent_destroy: true, ..LittleCluster::default() };
    let mut heat = LittleHeat::with(&cluster.wanted());
    assert!(codes(&heat.plan(&Wanted::default())).contains(&"disco::prevent_destroy"));
    let gone = destroy(&heat.state, &heat.seen);
    assert!(codes(&gone).contains(&"disco::prevent_destroy"));
    cluster.prevent_destroy = false;
    let wanted = cluster.wanted();
    let lift = heat.plan(&wanted);
    assert!(lift.has_changes() && lift.steps.is_empty());
    assert_eq!(lift.changes[0].reasons, ["prevent_destroy: true → false"]);
    heat.apply(&lift, &wanted);
    assert!(heat.plan(&wanted).is_empty());
    assert!(!destroy(&heat.state, &heat.seen).diagnostics.has_errors());
}

#[test]
fn accepted_data_loss_is_still_said() {
    let heat = LittleHeat::with(&LittleCluster::default().wanted());
    let options = PlanOptions { accept_data_loss: true, ..PlanOptions::default() };
    let plan = plan(&LittleCluster::with_slaves([0]).wanted(), &heat.state, &heat.seen, &options);
    assert_eq!(codes(&plan), ["disco::data_loss"]);
    assert!(!plan.diagnostics.has_errors());
}

#[test]
fn removing_the_block_of_a_storage_cluster_is_refused_and_destroying_it_names_the_data() {
    let heat = LittleHeat::with(&LittleCluster::default().wanted());
    let removed = heat.plan(&Wanted::default());
    assert_eq!(codes(&removed), ["disco::data_loss"]);
    assert!(removed.diagnostics.has_errors());
    let plan = destroy(&heat.state, &heat.seen);
    assert!(!plan.diagnostics.has_errors());
    let said: Vec<&str> = plan.diagnostics.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "stored data of `cluster.analytics.master[0], slaves[0..2]` is lost: `/var/lib/hdfs` (the nodes are destroyed)"
        ]
    );
    assert!(plan.changes.iter().all(|change| change.kind == ChangeKind::Delete));
    assert!(plan.changes.iter().any(|change| !change.lost.is_empty()));
}

#[test]
fn a_suspended_stack_is_said_before_heat_refuses_it() {
    let mut heat = LittleHeat::with(&LittleCluster::default().wanted());
    heat.stack().status.action = Action::parse("SUSPEND");
    let nothing = heat.plan(&LittleCluster::default().wanted());
    assert!(!nothing.has_changes() && !nothing.diagnostics.has_errors());
    assert!(nothing.suspended.contains("analytics"));
    assert_eq!(codes(&heat.plan(&LittleCluster::with_slaves(0..4).wanted())), ["disco::suspended_stack"]);
}
