//! What did not go well before.

use disco::model::{Action, ActionStatus, Status};
use disco::plan::{ChangeKind, Found, Plan, StepAction, destroy};
use disco::state::{Intent, Operation, StackState};

use disco::template::Folded;
use serde_json::{Map, Value as Json, json};

use super::little_cluster::LittleCluster;
use super::little_heat::LittleHeat;

fn of<'a>(plan: &'a Plan, address: &str) -> Option<&'a disco::plan::Change> {
    plan.changes.iter().find(|change| change.address.to_string().ends_with(address))
}

#[test]
fn a_failed_creation_is_continued() {
    let wanted = LittleCluster::default().wanted();
    let mut heat = LittleHeat::with(&wanted);
    heat.stack().status.status = Status::parse("FAILED");
    heat.stack().status.action = Action::parse("CREATE");
    heat.stack().resources.remove("slaves-2-server");
    heat.stack().resources.remove("slaves-2-deployment");
    let server = heat.resource("slaves-1-server");
    server.status = ActionStatus::parse("CREATE_FAILED");
    server.reason = "No valid host was found".to_owned();
    heat.resource("slaves-0-deployment").status = ActionStatus::parse("CREATE_FAILED");
    let plan = heat.plan(&wanted);
    assert_eq!(of(&plan, "slaves[2]").unwrap().kind, ChangeKind::Create);
    let healed = of(&plan, "slaves[1]").unwrap();
    assert_eq!(healed.kind, ChangeKind::Heal);
    assert_eq!(healed.reasons, ["server failed and is replaced: No valid host was found"]);
    assert!(!plan.diagnostics.has_errors(), "what was never made held nothing: {:?}", plan.diagnostics);
    assert_eq!(of(&plan, "slaves[0]").unwrap().kind, ChangeKind::Update);
    assert_eq!(plan.steps.len(), 1);
    heat.apply(&plan, &wanted);
    assert!(heat.plan(&wanted).is_empty());
}

#[test]
fn a_failed_stack_is_continued_even_where_nothing_else_shows() {
    let wanted = LittleCluster::default().wanted();
    let mut heat = LittleHeat::with(&wanted);
    heat.stack().status.status = Status::parse("FAILED");
    heat.stack().reason = "Timed out".to_owned();
    let plan = heat.plan(&wanted);
    assert_eq!(plan.changes.len(), 1);
    assert!(plan.changes[0].reasons[0].contains("Timed out"));
    assert_eq!(plan.steps[0].title, "continue");
    assert_eq!(plan.summary().change, 1);
    heat.apply(&plan, &wanted);
    assert!(heat.plan(&wanted).is_empty());
}

#[test]
fn what_a_failed_update_did_not_reach_is_read_from_the_state() {
    let before = LittleCluster::default();
    let after = LittleCluster { flavor: "m1.large".to_owned(), ..LittleCluster::default() };
    let mut heat = LittleHeat::with(&before.wanted());
    // Heat has the new template; only one server was reached, and the state knows which.
    heat.stack().template = Some(super::little_heat::hot(&after.template()));
    heat.stack().status.action = Action::parse("UPDATE");
    heat.stack().status.status = Status::parse("FAILED");
    let record = heat.state.clusters.get_mut("analytics").unwrap().stacks.get_mut("analytics").unwrap();
    let reached = std::sync::Arc::make_mut(&mut record.resources).get_mut("slaves-0-server").unwrap();
    reached.properties.insert("flavor".into(), disco::state::Recorded::of(&serde_json::json!("m1.large")));
    let plan = heat.plan(&after.wanted());
    assert_eq!(of(&plan, "slaves[1]").unwrap().kind, ChangeKind::Resize);
    assert_ne!(of(&plan, "slaves[0]").map(|change| change.kind), Some(ChangeKind::Resize));
}

#[test]
fn a_machine_that_heat_calls_unhealthy_is_healed_and_its_data_is_lost() {
    let wanted = LittleCluster::default().wanted();
    let mut heat = LittleHeat::with(&wanted);
    heat.resource("slaves-1-server").status = ActionStatus::parse("CHECK_FAILED");
    let plan = heat.plan(&wanted);
    let change = of(&plan, "slaves[1]").unwrap();
    assert_eq!(change.kind, ChangeKind::Heal);
    assert!(!change.lost.is_empty());
    assert!(plan.diagnostics.has_errors());
    let deployment = change.resources.iter().find(|resource| resource.name == "slaves-1-deployment").unwrap();
    assert_eq!(deployment.kind, ChangeKind::Replace);
}

#[test]
fn a_server_that_was_deleted_elsewhere_is_created_again_and_heat_is_told_first() {
    let wanted = LittleCluster::default().wanted();
    let mut heat = LittleHeat::with(&wanted);
    heat.resource("slaves-1-server").found = Found::Deleted;
    let plan = heat.plan(&wanted);
    let healed = of(&plan, "slaves[1]").unwrap();
    assert_eq!(healed.kind, ChangeKind::Heal);
    assert_eq!(healed.reasons[0], "server was deleted outside of DISCO and is created again");
    assert!(!plan.diagnostics.has_errors(), "what it held is gone already: {:?}", plan.diagnostics);
    assert!(of(&plan, "slaves[0]").is_none() && of(&plan, "slaves[2]").is_none());
    let told: Vec<&[String]> = plan.steps.iter().map(|step| &step.heal[..]).filter(|heal| !heal.is_empty()).collect();
    assert_eq!(told, [["slaves-1-server"]]);
    heat.apply(&plan, &wanted);
    assert!(heat.plan(&wanted).is_empty());

    // One that goes anyway is nothing to be healed.
    heat.resource("slaves-2-server").found = Found::Deleted;
    let fewer = LittleCluster::with_slaves(0..2).wanted();
    let plan = heat.plan(&fewer);
    assert_eq!(of(&plan, "slaves[2]").unwrap().kind, ChangeKind::Delete);
    assert!(plan.steps.iter().all(|step| step.heal.is_empty()), "{:?}", plan.steps);
}

#[test]
fn a_failed_resize_does_not_cost_the_machine() {
    let wanted = LittleCluster::default().wanted();
    let mut heat = LittleHeat::with(&wanted);
    heat.stack().status.status = Status::parse("FAILED");
    heat.resource("slaves-1-server").status = ActionStatus::parse("UPDATE_FAILED");
    let plan = heat.plan(&wanted);
    assert_eq!(of(&plan, "slaves[1]").unwrap().kind, ChangeKind::Update);
    assert!(!plan.diagnostics.has_errors());
}

#[test]
fn a_stack_that_was_deleted_elsewhere_is_made_again() {
    let wanted = LittleCluster::default().wanted();
    let mut heat = LittleHeat::with(&wanted);
    heat.seen.stacks.clear();
    let plan = heat.plan(&wanted);
    assert!(matches!(plan.steps[0].action, StepAction::Create(..)));
    assert!(of(&plan, "slaves[0]").unwrap().reasons.contains(&"deleted outside of DISCO".to_owned()));
    assert!(plan.diagnostics.iter().any(|found| found.code == "disco::stack_gone"));
    heat.apply(&plan, &wanted);
    assert!(heat.plan(&wanted).is_empty());
}

#[test]
fn what_is_under_way_is_not_judged() {
    let wanted = LittleCluster::default().wanted();
    let mut heat = LittleHeat::with(&wanted);
    heat.stack().status.status = Status::parse("IN_PROGRESS");
    heat.stack().resources.remove("slaves-2-server");
    heat.resource("slaves-1-server").status = ActionStatus::parse("CREATE_IN_PROGRESS");
    let plan = heat.plan(&wanted);
    assert_eq!(plan.in_progress, ["analytics"]);
    assert!(plan.changes.is_empty() && plan.steps.is_empty());
}

#[test]
fn an_interrupted_destroy_ends_before_anything_is_made_anew() {
    let wanted = LittleCluster::default().wanted();
    let mut heat = LittleHeat::with(&wanted);
    heat.stack().status.action = Action::parse("DELETE");
    heat.stack().status.status = Status::parse("FAILED");
    let plan = heat.plan(&wanted);
    assert_eq!(plan.steps[0].action, StepAction::Delete);
    assert!(matches!(plan.steps[1].action, StepAction::Create(..)));
}

#[test]
fn destroy_finds_a_stack_that_only_an_intent_names() {
    let mut heat = LittleHeat::with(&LittleCluster::default().wanted());
    let known = heat.state.clusters.get_mut("analytics").unwrap();
    let intent = Intent {
        operation: Operation::Create,
        template_digest: String::new(),
        step: "create analytics".to_owned(),
        since: String::new(),
        deadline_minutes: None,
    };
    known.stacks = [("analytics".to_owned(), StackState { intent: Some(intent), ..StackState::default() })].into();
    let plan = destroy(&heat.state, &heat.seen);
    assert_eq!(plan.steps.len(), 1);
    heat.seen.stacks.clear();
    let plan = destroy(&heat.state, &heat.seen);
    assert!(plan.steps.is_empty());
    assert_eq!(plan.changes[0].kind, ChangeKind::Forget);
}

#[test]
fn a_change_of_dependencies_alone_is_planned_and_sent() {
    let wanted = LittleCluster::default().wanted();
    let mut heat = LittleHeat::with(&wanted);
    let name = "slaves-1-server";
    let stack = heat.stack();
    let mut template: Map<String, Json> =
        stack.template.as_ref().unwrap().iter().map(|(name, part)| (name.clone(), part.clone())).collect();
    template["resources"][name]["depends_on"] = json!(["network"]);
    stack.template = Some(Folded::from(template));
    let plan = heat.plan(&wanted);
    let change = of(&plan, "slaves[1]").unwrap();
    assert_eq!(change.kind, ChangeKind::Update);
    assert!(change.reasons[0].contains("depends_on"), "{:?}", change.reasons);
    assert_eq!(plan.steps.len(), 1);
    assert!(of(&plan, "slaves[0]").is_none());
    heat.apply(&plan, &wanted);
    assert!(heat.plan(&wanted).is_empty());
}
