//! How an interrupted call ended.

use disco::model::{Action, ActionStatus, Status};
use disco::state::{Intent, Operation, Resolution, author_tag, lineage_tag, observed_template_digest, template_digest};

use crate::plan::little_cluster::LittleCluster;
use crate::plan::little_heat::{LittleHeat, hot};

/// A cluster of three slaves with an open intent to make it one of five.
fn open(operation: Operation) -> (LittleHeat, LittleCluster) {
    let after = LittleCluster::with_slaves(0..5);
    let mut heat = LittleHeat::with(&LittleCluster::default().wanted());
    let intent = Intent {
        operation,
        template_digest: template_digest(&after.template()),
        step: "grow: slaves[3..4]".to_owned(),
        since: "2026-11-23T20:00:00Z".to_owned(),
        deadline_minutes: None,
    };
    let stacks = &mut heat.state.clusters.get_mut("analytics").unwrap().stacks;
    stacks.get_mut("analytics").unwrap().intent = Some(intent);
    (heat, after)
}

fn resolved(heat: &LittleHeat) -> Resolution {
    let mut all = heat.state.resolve(&heat.seen);
    assert_eq!(all.len(), 1);
    all.remove(0).resolution
}

#[test]
fn a_template_has_one_digest_on_both_sides_of_the_wire() {
    let template = LittleCluster::default().template();
    assert_eq!(template_digest(&template), observed_template_digest(&hot(&template)));
    let other = LittleCluster::with_slaves(0..5).template();
    assert_ne!(template_digest(&template), template_digest(&other));
}

#[test]
fn an_update_is_recognised_by_its_template() {
    let (mut heat, after) = open(Operation::Update);
    assert_eq!(resolved(&heat), Resolution::NeverAccepted);
    heat.stack().template = Some(hot(&after.template()));
    assert!(matches!(resolved(&heat), Resolution::Ended { succeeded: true, .. }));
    heat.stack().status.status = Status::parse("FAILED");
    assert!(matches!(resolved(&heat), Resolution::Ended { succeeded: false, .. }));
    heat.stack().status.status = Status::parse("IN_PROGRESS");
    assert_eq!(resolved(&heat), Resolution::InProgress { id: "stack-analytics".to_owned() });
    heat.stack().template = Some(hot(&LittleCluster::with_slaves([7]).template()));
    assert!(matches!(resolved(&heat), Resolution::Overtaken { .. }));
    heat.stack().template = None;
    heat.stack().status.status = Status::parse("COMPLETE");
    assert_eq!(resolved(&heat), Resolution::Unknown);
    heat.seen.stacks.clear();
    assert!(matches!(resolved(&heat), Resolution::Overtaken { .. }));
}

#[test]
fn a_creation_is_recognised_by_its_lineage() {
    let (mut heat, _) = open(Operation::Create);
    assert!(matches!(resolved(&heat), Resolution::Ended { succeeded: true, .. }));
    heat.stack().tags = vec!["disco".to_owned(), "disco-lineage-other".to_owned()];
    assert_eq!(resolved(&heat), Resolution::Foreign);
    heat.seen.stacks.clear();
    assert_eq!(resolved(&heat), Resolution::NeverAccepted);
    heat.seen.asked = false;
    assert_eq!(resolved(&heat), Resolution::Unknown);
}

#[test]
fn a_deletion_is_over_when_nothing_is_left() {
    let (mut heat, _) = open(Operation::Delete);
    assert_eq!(resolved(&heat), Resolution::NeverAccepted);
    heat.stack().status.action = Action::parse("DELETE");
    heat.stack().status.status = Status::parse("IN_PROGRESS");
    assert!(matches!(resolved(&heat), Resolution::InProgress { .. }));
    heat.stack().status.status = Status::parse("FAILED");
    assert!(matches!(resolved(&heat), Resolution::Ended { succeeded: false, .. }));
    heat.seen.stacks.clear();
    assert!(matches!(resolved(&heat), Resolution::Ended { id: None, succeeded: true, .. }));
}

#[test]
fn after_a_crash_the_record_is_made_from_what_heat_says() {
    let (mut heat, after) = open(Operation::Update);
    let wanted = after.wanted();
    let plan = heat.plan(&wanted);
    let mut other = LittleHeat::with(&LittleCluster::default().wanted());
    other.apply(&plan, &wanted);
    let seen = other.seen.stacks["analytics"].clone();
    let record = heat.state.clusters.get_mut("analytics").unwrap().stacks.get_mut("analytics").unwrap();
    record.record_observed("analytics", &seen);
    let known = &other.state.clusters["analytics"].stacks["analytics"];
    assert_eq!(record.resources, known.resources);
    assert_eq!(record.template_digest, known.template_digest);
}

#[test]
fn a_suspension_is_recognised_by_what_heat_does() {
    let (mut heat, _) = open(Operation::Suspend);
    assert_eq!(resolved(&heat), Resolution::NeverAccepted);
    heat.stack().status = ActionStatus::parse("SUSPEND_IN_PROGRESS");
    assert!(matches!(resolved(&heat), Resolution::InProgress { .. }));
    heat.stack().status = ActionStatus::parse("SUSPEND_FAILED");
    assert!(matches!(resolved(&heat), Resolution::Ended { succeeded: false, .. }));
    let (mut heat, _) = open(Operation::Resume);
    heat.stack().status = ActionStatus::parse("SUSPEND_COMPLETE");
    assert_eq!(resolved(&heat), Resolution::NeverAccepted);
    heat.stack().status = ActionStatus::parse("RESUME_COMPLETE");
    assert!(matches!(resolved(&heat), Resolution::Ended { succeeded: true, .. }));
}

#[test]
fn what_nobody_here_has_asked_for_is_somebody_elses() {
    let others = |heat: &LittleHeat| -> Vec<String> {
        heat.state.moved_by_others(&heat.seen).into_iter().map(|(name, _)| name.to_owned()).collect()
    };
    let mut heat = LittleHeat::with(&LittleCluster::default().wanted());
    assert_eq!(others(&heat), [] as [&str; 0], "nothing is under way");
    heat.stack().status = ActionStatus::parse("UPDATE_IN_PROGRESS");
    assert_eq!(others(&heat), ["analytics"]);
    heat.seen.asked = false;
    assert_eq!(others(&heat), [] as [&str; 0], "nobody was asked");
    heat.seen.asked = true;
    // A stack that this copy of the state has never heard of.
    heat.state.clusters.clear();
    let ours = lineage_tag(&heat.state.lineage);
    heat.stack().tags = vec![ours, author_tag("alice", "laptop")];
    assert_eq!(others(&heat), ["analytics"]);
    heat.stack().tags = vec![lineage_tag("another")];
    assert_eq!(others(&heat), [] as [&str; 0], "a stranger's stack is another matter");

    // What this state was about to ask for is its own.
    for (operation, status, theirs) in [
        (Operation::Create, "CREATE_IN_PROGRESS", false),
        (Operation::Update, "UPDATE_IN_PROGRESS", true),
        (Operation::Update, "ROLLBACK_IN_PROGRESS", false),
        (Operation::Delete, "UPDATE_IN_PROGRESS", false),
        (Operation::Suspend, "SUSPEND_IN_PROGRESS", false),
        (Operation::Suspend, "RESUME_IN_PROGRESS", true),
    ] {
        let (mut heat, _) = open(operation);
        heat.stack().status = ActionStatus::parse(status);
        assert_eq!(!others(&heat).is_empty(), theirs, "{operation:?} {status}");
    }
    let (mut heat, after) = open(Operation::Update);
    heat.stack().template = Some(hot(&after.template()));
    heat.stack().status = ActionStatus::parse("UPDATE_IN_PROGRESS");
    assert_eq!(others(&heat), [] as [&str; 0], "its template was sent from here");
}

#[test]
fn who_is_at_a_stack_is_a_tag_that_heat_takes() {
    assert_eq!(author_tag("alice", "laptop.example.org"), "disco-by-alice@laptop.example.org");
    let long = author_tag("a, b\u{e9}@c", &"host".repeat(30));
    assert!(long.starts_with("disco-by-a--b--c@hosthost"), "{long}");
    assert!(author_tag(&"u".repeat(99), &"h".repeat(99)).len() <= 80);

    let mut heat = LittleHeat::with(&LittleCluster::default().wanted());
    heat.stack().tags.push(author_tag("alice", "laptop"));
    heat.stack().created = Some("2026-11-29T20:00:00Z".to_owned());
    heat.stack().status = ActionStatus::parse("CREATE_IN_PROGRESS");
    let under_way = |heat: &mut LittleHeat| heat.stack().under_way("lab");
    assert_eq!(under_way(&mut heat), "stack `lab` is being created by alice on laptop since 2026-11-29T20:00:00Z");
    heat.stack().updated = Some("2026-11-29T21:00:00Z".to_owned());
    heat.stack().status = ActionStatus::parse("DELETE_IN_PROGRESS");
    // Whoever deletes it has sent no tag.
    assert_eq!(under_way(&mut heat), "stack `lab` is being deleted since 2026-11-29T21:00:00Z");
}
