//! A cluster's life, and everything that can go wrong in it, against a Heat that can be told to misbehave.

use std::time::Duration;

use disco::apply::{self, ApplyError, End, Event, Interrupt, OperationContext, Options, Outcome, Pace, Phase, WaitFor};
use disco::heat::{self, Cloud};
use disco::plan::{Found, Plan};
use disco::state::{Recorded, State, lineage_tag, template_digest};
use serde_json::json;

use super::little_heat::LittleHeat;
use super::plans::{self, LINEAGE, WallClock};

pub(super) type Events = Vec<(Duration, Event)>;

fn options() -> Options {
    let quick = Duration::from_millis(1);
    Options { pace: Some(Pace { shortest: quick, longest: quick }), ..Options::default() }
}

pub(super) async fn carry_out(plan: &Plan, cloud: &Cloud, state: State, journal: &mut Vec<State>) -> (Outcome, Events) {
    let mut events = Events::new();
    let outcome = apply::apply(
        plan,
        state,
        OperationContext { cloud, journal, clock: &WallClock, observer: &mut events, options: options() },
    )
    .await;
    assert_eq!(journal.last().unwrap_or(&outcome.state), &outcome.state, "the journal has the last word");
    (outcome, events)
}

async fn resume(cloud: &Cloud, state: State, wait: WaitFor) -> (Outcome, Events) {
    let mut events = Events::new();
    let mut journal = Vec::new();
    let seen = heat::observe(cloud, &lineage_tag(LINEAGE), &["analytics".to_owned()]).await.unwrap();
    let outcome = apply::resume(
        state,
        seen,
        wait,
        OperationContext { cloud, journal: &mut journal, clock: &WallClock, observer: &mut events, options: options() },
    )
    .await;
    (outcome, events)
}

/// A cluster of two slaves.
pub(super) async fn created(heat: &LittleHeat) -> (Cloud, State) {
    let (cloud, _) = heat.cloud().await;
    let state = plans::state();
    let (outcome, _) = carry_out(&plans::create(&state, 2), &cloud, state, &mut Vec::new()).await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
    (cloud, outcome.state)
}

pub(super) fn phases(events: &Events, group: &str, index: u32) -> Vec<Phase> {
    let wanted = plans::node(group, index);
    events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::NodePhase { address, phase, .. } if *address == wanted => Some(*phase),
            _ => None,
        })
        .collect()
}

pub(super) fn error(outcome: &Outcome) -> &ApplyError {
    match &outcome.end {
        End::Failed(errors) => &errors[0],
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_cluster_is_created_grown_changed_and_destroyed() {
    let heat = LittleHeat::default();
    let (cloud, scripted) = heat.cloud().await;
    let state = plans::state();
    let mut journal = Vec::new();
    let (outcome, events) = carry_out(&plans::create(&state, 2), &cloud, state, &mut journal).await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
    // The intent was durable before the call, the id after it, the resources at the end; all in one serial.
    assert_eq!(journal.len(), 3);
    assert!(journal.iter().all(|state| state.serial == 1));
    let first = &journal[0].clusters["analytics"];
    assert_eq!(
        first.stacks["analytics"].intent.as_ref().unwrap().template_digest,
        template_digest(&plans::template(2, "one"))
    );
    assert_eq!(first.stacks["analytics"].id, None);
    assert_eq!(journal[1].clusters["analytics"].stacks["analytics"].id.as_deref(), Some("id-1"));
    let last = &outcome.state.clusters["analytics"];
    assert_eq!(last.stacks["analytics"].intent, None);
    assert_eq!(last.members.count(), 3);
    let server = &last.stacks["analytics"].resources["slaves-1-server"];
    assert_eq!(server.physical_id.as_deref(), Some("analytics-slaves-1-server"));
    assert_eq!(server.properties["value"], Recorded::of(&json!("s")));
    let life = [Phase::Building, Phase::Booting, Phase::Configuring, Phase::Ready];
    assert_eq!(phases(&events, "slaves", 1), life);
    let known = apply::known(&outcome.state, &outcome.seen);
    let master = &known["analytics"].nodes["master"][&0];
    assert_eq!(master.id.as_deref(), Some("analytics-master-0-server"));
    assert_eq!(master.floating_ip.unwrap().to_string(), "172.24.4.17");
    assert_eq!(master.address.unwrap().to_string(), "10.20.0.10");
    // One creation, and no call a node.
    let lines = scripted.lines();
    assert_eq!(lines.iter().filter(|line| line.starts_with("POST")).count(), 1);
    assert!(lines.len() <= 8, "{lines:?}");

    let plan = plans::update(&outcome.state, 3, "two");
    let (outcome, _) = carry_out(&plan, &cloud, outcome.state, &mut Vec::new()).await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
    assert_eq!((outcome.state.serial, outcome.state.clusters["analytics"].members.count()), (2, 4));
    {
        let world = heat.world.lock().unwrap();
        let stack = &world.stacks["analytics"];
        assert_eq!(stack.tags, ["disco".to_owned(), format!("disco-lineage-{LINEAGE}")]);
        assert_eq!(stack.parameters, json!({ "key": "v" }));
    }

    let plan = plans::destroy(&outcome.state);
    let (outcome, _) = carry_out(&plan, &cloud, outcome.state, &mut Vec::new()).await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
    assert!(outcome.state.clusters.is_empty());
    assert!(heat.world.lock().unwrap().stacks.is_empty());
}

#[tokio::test]
async fn a_node_that_leaves_is_seen_leaving() {
    let heat = LittleHeat::default();
    let (cloud, state) = created(&heat).await;
    let (outcome, events) = carry_out(&plans::update(&state, 1, "one"), &cloud, state, &mut Vec::new()).await;
    assert!(outcome.is_done());
    assert_eq!(phases(&events, "slaves", 1), [Phase::Deleting, Phase::Deleted]);
    assert!(!outcome.state.clusters["analytics"].stacks["analytics"].resources.contains_key("slaves-1-server"));
    assert_eq!(outcome.state.clusters["analytics"].members.count(), 2);
}

#[tokio::test]
async fn a_node_made_anew_is_ready_only_at_the_end() {
    let heat = LittleHeat::default();
    let (cloud, state) = created(&heat).await;
    let again = ["slaves-1-server", "slaves-1-deployment"].map(str::to_owned);
    heat.world.lock().unwrap().replacing.extend(again);
    let (outcome, events) = carry_out(&plans::update(&state, 2, "two"), &cloud, state, &mut Vec::new()).await;
    assert!(outcome.is_done());
    let life = [Phase::Changing, Phase::Booting, Phase::Configuring, Phase::Ready];
    assert_eq!(phases(&events, "slaves", 1), life);
}

#[tokio::test]
async fn an_answer_that_is_lost_makes_nothing_twice() {
    for (answers, requests) in [(1, 0), (0, 1), (0, 2)] {
        let heat = LittleHeat::default();
        {
            let mut world = heat.world.lock().unwrap();
            (world.lose_answers, world.lose_requests) = (answers, requests);
        }
        let (cloud, _) = heat.cloud().await;
        let state = plans::state();
        let (outcome, _) = carry_out(&plans::create(&state, 1), &cloud, state, &mut Vec::new()).await;
        assert!(outcome.is_done(), "{answers} {requests}: {:?}", outcome.end);
        {
            let mut world = heat.world.lock().unwrap();
            (world.lose_answers, world.lose_requests) = (answers, requests);
        }
        let plan = plans::update(&outcome.state, 1, "two");
        let (outcome, _) = carry_out(&plan, &cloud, outcome.state, &mut Vec::new()).await;
        assert!(outcome.is_done(), "{answers} {requests}: {:?}", outcome.end);
        let world = heat.world.lock().unwrap();
        let begun = |status: &str| {
            let events = world.stacks["analytics"].events.iter();
            events.filter(|event| event["resource_name"] == "analytics" && event["resource_status"] == status).count()
        };
        assert_eq!((begun("CREATE_IN_PROGRESS"), begun("UPDATE_IN_PROGRESS")), (1, 1));
    }
}

#[tokio::test]
async fn a_strangers_stack_is_refused() {
    let heat = LittleHeat::default();
    let (_, _) = created(&heat).await;
    let (cloud, _) = heat.cloud().await;
    let mut stranger = plans::state();
    stranger.lineage = "99999999-0000-0000-0000-000000000000".to_owned();
    let (outcome, _) = carry_out(&plans::create(&stranger, 2), &cloud, stranger, &mut Vec::new()).await;
    assert!(matches!(error(&outcome), ApplyError::ForeignStack { .. }));
    assert_eq!(error(&outcome).diagnostic().code, "disco::foreign_stack");
    assert!(outcome.state.clusters.is_empty());
}

#[tokio::test]
async fn a_refusal_leaves_no_trace() {
    let heat = LittleHeat::default();
    heat.world.lock().unwrap().refuse = true;
    let (cloud, _) = heat.cloud().await;
    let state = plans::state();
    let (outcome, _) = carry_out(&plans::create(&state, 2), &cloud, state, &mut Vec::new()).await;
    let message = error(&outcome).diagnostic().message;
    assert!(message.ends_with("Property error: flavor not found (HTTP 400)"), "{message}");
    assert!(outcome.state.clusters.is_empty());
}

#[tokio::test]
async fn a_stale_plan_is_refused() {
    let heat = LittleHeat::default();
    let (cloud, state) = created(&heat).await;
    let mut plan = plans::update(&state, 3, "one");
    plan.base.serial = 0;
    let (outcome, _) = carry_out(&plan, &cloud, state.clone(), &mut Vec::new()).await;
    assert!(matches!(error(&outcome), ApplyError::Stale { planned: 0, found: 1, .. }));
    assert_eq!(outcome.state, state);
}

#[tokio::test]
async fn a_failure_names_the_node_and_shows_its_log() {
    let heat = LittleHeat::default();
    let (cloud, state) = created(&heat).await;
    heat.world.lock().unwrap().failing.insert("slaves-1-deployment".to_owned());
    let before = state.clusters["analytics"].stacks["analytics"].resources["slaves-1-deployment"].clone();
    let (outcome, events) = carry_out(&plans::update(&state, 2, "two"), &cloud, state, &mut Vec::new()).await;
    let ApplyError::Step(failure) = error(&outcome) else { panic!("{:?}", outcome.end) };
    let culprit = failure.culprit.as_ref().unwrap();
    assert_eq!((culprit.address.clone(), culprit.reason.as_str()), (plans::node("slaves", 1), "it went wrong"));
    assert_eq!(culprit.log, ["unpacking", "no space left on device"]);
    assert_eq!(failure.status.to_string(), "UPDATE_FAILED");
    assert!(events.iter().any(|(_, event)| matches!(event, Event::Failed { address: Some(_), .. })));
    assert_eq!(phases(&events, "slaves", 1).last(), Some(&Phase::Failed));
    // What was reached is remembered as new, what was not as it was.
    let resources = &outcome.state.clusters["analytics"].stacks["analytics"].resources;
    assert_eq!(resources["slaves-0-deployment"].properties["value"], Recorded::of(&json!("two")));
    assert_eq!(resources["slaves-1-deployment"].properties, before.properties);
    assert_eq!(outcome.state.clusters["analytics"].stacks["analytics"].intent, None);
    // Mended, the next apply gets there.
    heat.world.lock().unwrap().failing.clear();
    let plan = plans::update(&outcome.state, 2, "two");
    let (outcome, _) = carry_out(&plan, &cloud, outcome.state, &mut Vec::new()).await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
}

#[tokio::test]
async fn a_deletion_that_sticks_is_tried_again_and_then_named() {
    let heat = LittleHeat::default();
    let (cloud, state) = created(&heat).await;
    heat.world.lock().unwrap().stuck_deletions = 2;
    let (outcome, events) = carry_out(&plans::destroy(&state), &cloud, state, &mut Vec::new()).await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
    assert_eq!(events.iter().filter(|(_, event)| matches!(event, Event::Retried { .. })).count(), 2);

    let (cloud, state) = created(&heat).await;
    heat.world.lock().unwrap().stuck_deletions = 3;
    let (outcome, _) = carry_out(&plans::destroy(&state), &cloud, state, &mut Vec::new()).await;
    let diagnostic = error(&outcome).diagnostic();
    assert_eq!(diagnostic.message, "cluster.analytics.network failed: one port still in use");
    assert!(diagnostic.help.unwrap().contains("network: one port still in use"));
    let plan = plans::destroy(&outcome.state);
    let (outcome, _) = carry_out(&plan, &cloud, outcome.state, &mut Vec::new()).await;
    assert!(outcome.is_done() && outcome.state.clusters.is_empty());
}

#[tokio::test]
async fn a_deletion_ends_when_the_name_is_free_again() {
    let heat = LittleHeat::default();
    let (cloud, state) = created(&heat).await;
    heat.world.lock().unwrap().unburied = 3;
    let (outcome, _) = carry_out(&plans::destroy(&state), &cloud, state, &mut Vec::new()).await;
    assert!(outcome.is_done() && outcome.state.clusters.is_empty(), "{:?}", outcome.end);
    assert!(heat.world.lock().unwrap().stacks.is_empty());

    // A Heat that never lets go holds nothing up for ever: everything that cost something is gone.
    let (cloud, state) = created(&heat).await;
    heat.world.lock().unwrap().unburied = u32::MAX;
    let (outcome, _) = carry_out(&plans::destroy(&state), &cloud, state, &mut Vec::new()).await;
    assert!(outcome.is_done() && outcome.state.clusters.is_empty(), "{:?}", outcome.end);
}

#[tokio::test]
async fn an_interrupt_stops_watching_and_the_next_run_goes_on() {
    let heat = LittleHeat::default();
    heat.world.lock().unwrap().slow = true;
    let (cloud, _) = heat.cloud().await;
    let (interrupter, interrupt) = Interrupt::new();
    let state = plans::state();
    let plan = plans::create(&state, 1);
    let (mut journal, mut events) = (Vec::new(), Events::new());
    let options = Options { interrupt, ..options() };
    let apply = apply::apply(
        &plan,
        state,
        OperationContext { cloud: &cloud, journal: &mut journal, clock: &WallClock, observer: &mut events, options },
    );
    let (outcome, ()) = tokio::join!(apply, async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        interrupter.interrupt();
    });
    assert!(matches!(outcome.end, End::Detached), "{:?}", outcome.end);
    assert!(matches!(&events.last().unwrap().1, Event::Detached { stacks } if stacks == &["analytics".to_owned()]));
    assert_eq!(journal.last(), Some(&outcome.state));

    // Without waiting nothing is decided; while it is waited for, Heat ends.
    let (looked, _) = resume(&cloud, outcome.state.clone(), WaitFor::Nothing).await;
    assert_eq!(looked.state, outcome.state);
    let (resumed, ()) = tokio::join!(resume(&cloud, outcome.state, WaitFor::All), async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        heat.world.lock().unwrap().end("analytics");
    });
    let (resumed, events) = resumed;
    assert!(resumed.is_done(), "{:?}", resumed.end);
    assert!(matches!(events[0].1, Event::Reattached { .. }));
    let cluster = &resumed.state.clusters["analytics"];
    assert_eq!(cluster.stacks["analytics"].intent, None);
    assert_eq!(cluster.stacks["analytics"].template_digest, template_digest(&plans::template(1, "one")));
    assert_eq!(
        cluster.stacks["analytics"].resources["slaves-0-server"].physical_id.as_deref(),
        Some("analytics-slaves-0-server")
    );
    assert_eq!(resumed.seen.stacks["analytics"].status.to_string(), "CREATE_COMPLETE");
}

/// Every journal entry is a place where DISCO may have been killed: from each the next run gets to the same end.
#[tokio::test]
async fn killed_anywhere_the_next_run_converges() {
    let heat = LittleHeat::default();
    let (cloud, scripted) = heat.cloud().await;
    let state = plans::state();
    let mut journal = Vec::new();
    carry_out(&plans::create(&state, 2), &cloud, state, &mut journal).await;
    for killed in journal {
        let (resumed, _) = resume(&cloud, killed, WaitFor::All).await;
        assert!(resumed.is_done());
        assert_eq!(resumed.state.clusters["analytics"].stacks["analytics"].intent, None);
        let plan = plans::update(&resumed.state, 2, "one");
        let (outcome, _) = carry_out(&plan, &cloud, resumed.state, &mut Vec::new()).await;
        assert!(outcome.is_done(), "{:?}", outcome.end);
    }
    assert_eq!(scripted.lines().iter().filter(|line| line.starts_with("POST")).count(), 1);

    // Before the call: the intent is there, the stack is not.
    let fresh = LittleHeat::default();
    let (cloud, _) = fresh.cloud().await;
    let state = plans::state();
    let mut journal = Vec::new();
    fresh.world.lock().unwrap().lose_requests = 9;
    carry_out(&plans::create(&state, 2), &cloud, state, &mut journal).await;
    fresh.world.lock().unwrap().lose_requests = 0;
    let (resumed, _) = resume(&cloud, journal[0].clone(), WaitFor::All).await;
    assert!(resumed.state.clusters.is_empty());
    let (outcome, _) = carry_out(&plans::create(&resumed.state, 2), &cloud, resumed.state, &mut Vec::new()).await;
    assert!(outcome.is_done(), "{:?}", outcome.end);

    // During deletion.
    let mut journal = Vec::new();
    carry_out(&plans::destroy(&outcome.state), &cloud, outcome.state, &mut journal).await;
    let (resumed, _) = resume(&cloud, journal[0].clone(), WaitFor::All).await;
    assert!(resumed.state.clusters.is_empty());
}

#[tokio::test]
async fn an_operation_can_be_run_on_any_thread() {
    fn sendable<T: Send>(value: T) -> T {
        value
    }
    let heat = LittleHeat::default();
    let (cloud, _) = heat.cloud().await;
    let state = plans::state();
    let plan = plans::create(&state, 1);
    let (mut journal, mut events) = (Vec::new(), Events::new());
    let apply = sendable(apply::apply(
        &plan,
        state,
        OperationContext {
            cloud: &cloud,
            journal: &mut journal,
            clock: &WallClock,
            observer: &mut events,
            options: options(),
        },
    ));
    assert!(apply.await.is_done());
}

#[tokio::test]
async fn a_server_that_a_listing_leaves_out_is_asked_for() {
    let heat = LittleHeat::default();
    let (cloud, _) = created(&heat).await;
    let vanished = async || {
        let seen = heat::observe(&cloud, &lineage_tag(LINEAGE), &["analytics".to_owned()]).await.unwrap();
        let resources = seen.stacks["analytics"].resources.iter();
        resources
            .filter(|(_, resource)| resource.found == Found::Deleted)
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(vanished().await, [] as [String; 0]);
    heat.world.lock().unwrap().unlisted.insert("analytics-slaves-0-server".to_owned());
    assert_eq!(vanished().await, [] as [String; 0], "it exists, and may hold data");
    heat.world.lock().unwrap().gone.insert("analytics-slaves-1-server".to_owned());
    assert_eq!(vanished().await, ["slaves-1-server"]);
}
