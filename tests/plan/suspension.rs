//! Which stacks are suspended and resumed, in which order, and what is refused.

use disco::model::ActionStatus;
use disco::plan::{Found, Suspension, Switch, suspension};
use disco::state::StackState;

use super::little_cluster::LittleCluster;
use super::little_heat::LittleHeat;

/// A cluster of a base stack and two further ones, and another cluster beside it, all in one status.
fn clusters(status: &str) -> LittleHeat {
    let mut heat = LittleHeat::with(&LittleCluster::default().wanted());
    let base = heat.stack().clone();
    for (cluster, stack) in [("analytics", "analytics.1"), ("analytics", "analytics.2"), ("lab", "lab")] {
        let id = Some(format!("stack-{stack}"));
        let known = heat.state.clusters.entry(cluster.to_owned()).or_default();
        known.stacks.insert(stack.to_owned(), StackState { id, ..StackState::default() });
        let mut seen = base.clone();
        seen.id = format!("stack-{stack}");
        heat.seen.stacks.insert(stack.to_owned(), seen);
    }
    for seen in heat.seen.stacks.values_mut() {
        seen.status = ActionStatus::parse(status);
    }
    heat
}

fn steps(plan: &Suspension) -> Vec<(u32, &str, &str)> {
    plan.steps.iter().map(|step| (step.stage, step.switch.verb(), step.stack.as_str())).collect()
}

fn codes(plan: &Suspension) -> Vec<&str> {
    plan.diagnostics.iter().map(|found| found.code).collect()
}

fn planned(heat: &LittleHeat, switch: Switch, names: &[&str]) -> Suspension {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    suspension(switch, &names, &heat.state, &heat.seen)
}

#[test]
fn the_base_stack_is_suspended_last_and_resumed_first() {
    let living = clusters("UPDATE_COMPLETE");
    assert_eq!(
        steps(&planned(&living, Switch::Suspend, &["analytics"])),
        [(0, "suspend", "analytics.1"), (0, "suspend", "analytics.2"), (1, "suspend", "analytics")]
    );
    let by_address = planned(&living, Switch::Suspend, &["cluster.analytics"]);
    assert_eq!(steps(&by_address), steps(&planned(&living, Switch::Suspend, &["analytics"])));
    assert!(planned(&living, Switch::Resume, &[]).steps.is_empty());
    let asleep = clusters("SUSPEND_COMPLETE");
    assert!(planned(&asleep, Switch::Suspend, &[]).steps.is_empty());
    assert_eq!(
        steps(&planned(&asleep, Switch::Resume, &[])),
        [(2, "resume", "analytics"), (2, "resume", "lab"), (3, "resume", "analytics.1"), (3, "resume", "analytics.2")]
    );
}

#[test]
fn what_failed_half_way_is_continued() {
    let half = clusters("SUSPEND_FAILED");
    assert_eq!(steps(&planned(&half, Switch::Suspend, &["lab"])), [(1, "suspend", "lab")]);
    // Heat resumes only what is wholly suspended.
    assert_eq!(steps(&planned(&half, Switch::Resume, &["lab"])), [(1, "suspend", "lab"), (2, "resume", "lab")]);
    let half = clusters("RESUME_FAILED");
    assert_eq!(steps(&planned(&half, Switch::Resume, &["lab"])), [(2, "resume", "lab")]);
    assert_eq!(codes(&planned(&half, Switch::Suspend, &["lab"])), ["disco::not_suspendable"]);
}

#[test]
fn what_heat_could_not_resume_is_not_suspended() {
    for status in ["CREATE_FAILED", "CREATE_IN_PROGRESS", "INIT_COMPLETE", "CHECK_FAILED"] {
        let mut heat = clusters("UPDATE_FAILED");
        heat.resource("slaves-1-server").status = ActionStatus::parse(status);
        let plan = planned(&heat, Switch::Suspend, &["analytics"]);
        let said: Vec<&str> = plan.diagnostics.iter().map(|found| found.message.as_str()).collect();
        assert_eq!(said, [format!("stack `analytics` cannot be suspended: its `slaves-1-server` is {status}")]);
    }
    let mut heat = clusters("UPDATE_COMPLETE");
    heat.resource("slaves-1-server").found = Found::Deleted;
    assert_eq!(codes(&planned(&heat, Switch::Suspend, &[])), ["disco::not_suspendable"]);
}

#[test]
fn names_and_stacks_that_do_not_exist_are_named() {
    let mut heat = clusters("UPDATE_COMPLETE");
    let plan = planned(&heat, Switch::Suspend, &["analytic"]);
    let said = plan.diagnostics.iter().next().unwrap();
    assert_eq!(said.message, "cluster `analytic` does not exist");
    assert_eq!(said.help.as_deref(), Some("did you mean `analytics`?"));
    heat.seen.stacks.remove("lab");
    assert_eq!(codes(&planned(&heat, Switch::Suspend, &["lab"])), ["disco::stack_gone"]);
    heat.stack().tags = vec!["disco-lineage-another".to_owned()];
    assert_eq!(codes(&planned(&heat, Switch::Suspend, &["analytics"])), ["disco::foreign_stack"]);
}

/// Clusters that need nothing are not said to be resumed.
#[test]
fn only_what_changes_is_named() {
    let mut heat = clusters("SUSPEND_COMPLETE");
    heat.seen.stacks.get_mut("lab").unwrap().status = ActionStatus::parse("UPDATE_COMPLETE");
    let named = |plan: Suspension| plan.clusters.into_iter().collect::<Vec<_>>();
    assert_eq!(named(planned(&heat, Switch::Resume, &[])), ["analytics"]);
    assert_eq!(named(planned(&heat, Switch::Resume, &["lab"])), ["lab"], "nothing is to be done with it");
}
