//! When an action of a stack has ended, what is told of how it failed, and what is left afterwards.

use std::time::Duration;

use disco::apply::{ApplyError, End, Event, Outcome, Phase};
use serde_json::json;

use super::life::{Events, carry_out, created, error, phases};
use super::little_heat::LittleHeat;
use super::plans;

/// What comes of an update to so many slaves, to which something `happens` while Heat is at work.
async fn updating(slaves: u32, happens: impl AsyncFnOnce(&LittleHeat)) -> (Outcome, Events) {
    let heat = LittleHeat::default();
    let (cloud, state) = created(&heat).await;
    heat.world.lock().unwrap().slow = true;
    let plan = plans::update(&state, slaves, "two");
    let mut journal = Vec::new();
    let happens = async {
        // On a machine that has much to do the update may come late: what happened before it would be forgotten with it.
        while heat.world.lock().unwrap().stacks["analytics"].status != "UPDATE_IN_PROGRESS" {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        happens(&heat).await;
    };
    let (update, ()) = tokio::join!(carry_out(&plan, &cloud, state, &mut journal), happens);
    update
}

async fn moment() {
    tokio::time::sleep(Duration::from_millis(30)).await;
}

#[tokio::test]
async fn a_late_failure_of_the_operation_before_does_not_end_this_one() {
    let (outcome, _) = updating(2, async |heat| {
        moment().await;
        {
            let mut world = heat.world.lock().unwrap();
            world.status("analytics", "slaves-1-deployment", "UPDATE_IN_PROGRESS", "state changed");
            world.status("analytics", "analytics", "UPDATE_FAILED", "a deployment of the update before has failed");
        }
        moment().await;
        let mut world = heat.world.lock().unwrap();
        world.stacks.get_mut("analytics").unwrap().status = "UPDATE_IN_PROGRESS".to_owned();
        world.end("analytics");
    })
    .await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
}

#[tokio::test]
async fn others_are_followed_to_their_end_after_the_first_failure() {
    let (outcome, events) = updating(2, async |heat| {
        moment().await;
        {
            let mut world = heat.world.lock().unwrap();
            world.status("analytics", "slaves-1-deployment", "UPDATE_IN_PROGRESS", "state changed");
            world.status(
                "analytics",
                "slaves-0-deployment",
                "UPDATE_FAILED",
                "Error: resources.slaves-0-deployment: no",
            );
            world.status("analytics", "analytics", "UPDATE_FAILED", "Resource UPDATE failed");
        }
        moment().await;
        heat.world.lock().unwrap().status("analytics", "slaves-1-deployment", "UPDATE_COMPLETE", "state changed");
    })
    .await;
    let End::Failed(_) = &outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!(phases(&events, "slaves", 1).last(), Some(&Phase::Ready));
    assert!(matches!(error(&outcome), ApplyError::Step(failure) if failure.others.is_empty()), "{:?}", outcome.end);
}

#[tokio::test]
async fn what_heat_had_not_begun_with_is_named() {
    let (outcome, _) = updating(3, async |heat| {
        moment().await;
        let mut world = heat.world.lock().unwrap();
        world.status("analytics", "slaves-2-server", "INIT_COMPLETE", "");
        world.status("analytics", "slaves-2-deployment", "INIT_COMPLETE", "");
        world.status("analytics", "slaves-0-server", "UPDATE_FAILED", "Error: resources.slaves-0-server: no");
        world.status("analytics", "slaves-0-deployment", "INIT_COMPLETE", "");
        world.status("analytics", "analytics", "UPDATE_FAILED", "Resource UPDATE failed");
    })
    .await;
    let help = error(&outcome).diagnostic().help.unwrap();
    let line = "not begun, as Heat stops at the first failure: cluster.analytics.slaves[2]\n";
    assert!(help.contains(line), "{help}");
}

/// Heat goes on with the token of the request as long as it is good: then whoever runs Heat can do something about it.
#[tokio::test]
async fn a_token_that_ends_while_heat_works_is_said_to_be_heats() {
    for (reason, told) in [
        (
            "Unauthorized: resources.slaves-0-server: The request you have made requires authentication. (HTTP 401)",
            true,
        ),
        ("Unauthorized: resources.slaves-0-server: Unauthorized: bad credentials.", true),
        ("Forbidden: resources.slaves-0-server: Quota exceeded for instances (HTTP 403)", false),
    ] {
        let (outcome, _) = updating(1, async |heat| {
            moment().await;
            let mut world = heat.world.lock().unwrap();
            world.status("analytics", "slaves-0-server", "UPDATE_FAILED", reason);
            world.status("analytics", "analytics", "UPDATE_FAILED", "Resource UPDATE failed");
        })
        .await;
        let help = error(&outcome).diagnostic().help.unwrap();
        assert_eq!(help.contains("`reauthentication_auth_method = trusts` in heat.conf"), told, "{reason}: {help}");
    }
}

#[tokio::test]
async fn events_that_heat_has_thrown_away_are_not_waited_for() {
    let (outcome, events) = updating(2, async |heat| {
        moment().await;
        let mut world = heat.world.lock().unwrap();
        world.forgotten = world.stacks["analytics"].events.len();
        world.end("analytics");
    })
    .await;
    assert!(outcome.is_done(), "{:?}", outcome.end);
    let ready =
        events.iter().filter(|(_, event)| matches!(event, Event::NodePhase { phase: Phase::Ready, .. })).count();
    assert_eq!(ready, 3, "what came after is seen");
}

#[tokio::test]
async fn who_holds_a_network_is_named_and_heat_is_not_asked_again() {
    let heat = LittleHeat::default();
    let (cloud, state) = created(&heat).await;
    {
        let mut world = heat.world.lock().unwrap();
        world.stuck_deletions = 9;
        let port = |id: &str, owner: &str| {
            json!({ "id": id, "name": "byhand", "network_id": "analytics-network",
            "device_owner": owner, "device_id": "d1" })
        };
        world.ports = vec![port("p1", "compute:nova"), port("p2", "network:dhcp")];
    }
    let (outcome, events) = carry_out(&plans::destroy(&state), &cloud, state, &mut Vec::new()).await;
    assert!(events.iter().all(|(_, event)| !matches!(event, Event::Retried { .. })));
    let help = error(&outcome).diagnostic().help.unwrap();
    let line = "delete or detach what holds them first: port `byhand` (p1) of server d1 is on the cluster's network\n";
    assert!(help.contains(line), "{help}");
}

#[tokio::test]
async fn what_is_left_of_a_destroyed_cluster_is_named_and_not_forgotten() {
    let heat = LittleHeat::default();
    let (cloud, state) = created(&heat).await;
    let left = json!([{ "id": "analytics-network", "name": "analytics" }, { "id": "another", "name": "other" }]);
    heat.world.lock().unwrap().left.insert("networks".to_owned(), left.as_array().unwrap().clone());
    let (outcome, _) = carry_out(&plans::destroy(&state), &cloud, state, &mut Vec::new()).await;
    assert_eq!(
        error(&outcome).to_string(),
        "stack `analytics` was deleted, but something of it is left: network `analytics` (analytics-network)"
    );
    let resources = &outcome.state.clusters["analytics"].stacks["analytics"].resources;
    assert_eq!(resources.keys().collect::<Vec<_>>(), ["network"]);

    // Somebody has deleted it meanwhile: nothing is left to do but to forget it.
    heat.world.lock().unwrap().left.clear();
    let mut plan = plans::destroy(&outcome.state);
    plan.steps.clear();
    let (outcome, _) = carry_out(&plan, &cloud, outcome.state, &mut Vec::new()).await;
    assert!(outcome.is_done() && outcome.state.clusters.is_empty(), "{:?}", outcome.end);
}
