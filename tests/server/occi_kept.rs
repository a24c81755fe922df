//! What is kept of a cluster, and what it looks like with what is seen of it.

use disco::model::NodeId;
use disco::project::Order;
use disco::server::occi::{
    ClusterRequest, KeptCluster, Kind, Progress, Secret, Seen, SeenOperation, ServiceState, Verb,
};
use disco::state::{ClusterState, StackState};
use proptest::prelude::*;

use super::occi_memory::Memory;
use crate::support::snapshot;

fn kept() -> KeptCluster {
    let request = ClusterRequest {
        key_pair: Some("laptop".to_owned()),
        jupyter_password: Some(Secret::new("open sesame")),
        ignored: vec!["icclab.haas.slave.name".to_owned()],
        given: [("icclab.haas.slave.number".to_owned(), "3".to_owned())].into(),
        ..ClusterRequest::new(Kind::Haas)
    };
    let kept = KeptCluster::new(Memory::id(1), "id-of-mesz", &request);
    KeptCluster { under_way: Some(Order::Suspend), created_by: Some(1), ..kept }
}

#[test]
fn a_record_has_nothing_secret_and_comes_back() {
    let text = String::from_utf8(kept().encode()).unwrap();
    assert!(!text.contains("sesame"));
    snapshot!("occi-record", text);
    assert_eq!(KeptCluster::decode(text.as_bytes()), Ok(kept()));
    for (from, to, part) in [
        ("disco-occi/1", "disco-occi/2", "its format is `disco-occi/2`"),
        ("\"haas\"", "\"saas\"", "`saas` is not a kind"),
        ("\"suspend\"", "\"suspect\"", "`suspect` is not an operation"),
        ("\"tenant\"", "\"owner\"", "unknown field"),
    ] {
        let refused = KeptCluster::decode(text.replace(from, to).as_bytes()).unwrap_err();
        assert!(refused.contains(part), "{refused}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_record_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = KeptCluster::decode(&bytes);
    }
}

#[test]
fn the_state_follows_the_last_operation() {
    let shown = |operation: Option<(Verb, Progress)>| {
        let operation = operation.map(|(verb, progress)| SeenOperation { id: "7".to_owned(), verb, progress });
        kept().view("lab", Seen { operation, ..Seen::default() })
    };
    assert_eq!(shown(None).state, ServiceState::Initialise);
    let failed = || Progress::Failed("no valid host".to_owned());
    for (verb, progress, state) in [
        (Verb::Create, Progress::Queued, ServiceState::Activate),
        (Verb::Create, Progress::Running, ServiceState::Deploy),
        (Verb::Create, Progress::Done, ServiceState::Provision),
        (Verb::Create, failed(), ServiceState::Fail),
        (Verb::Change, Progress::Running, ServiceState::Update),
        (Verb::Change, Progress::Done, ServiceState::Provision),
        (Verb::Suspend, Progress::Running, ServiceState::Update),
        (Verb::Resume, Progress::Done, ServiceState::Provision),
        (Verb::Destroy, Progress::Queued, ServiceState::Destroy),
        (Verb::Destroy, failed(), ServiceState::Fail),
    ] {
        assert_eq!(shown(Some((verb, progress))).state, state);
    }
    let attributes = shown(Some((Verb::Create, failed()))).attributes();
    assert_eq!(attributes["status"], "deployment didn't work out because: no valid host");
    assert_eq!(attributes["disco.operation"], "7");
    assert_eq!(attributes["ssh_key_name"], "laptop");
    let planned = KeptCluster { plan_only: true, ..kept() };
    assert_eq!(planned.view("lab", Seen::default()).state, ServiceState::Activate);
}

#[test]
fn what_is_remembered_is_shown_without_asking_the_cloud() {
    let mut known = ClusterState::default();
    let last = |verb, progress| Some(SeenOperation { id: "7".to_owned(), verb, progress });
    let shown = |known: Option<&ClusterState>, operation| {
        kept().view("lab", Seen::remembered("disco", known, operation)).attributes()
    };
    let nothing = shown(None, last(Verb::Create, Progress::Running));
    assert_eq!((nothing["disco_status"].as_str(), nothing["external_ip"].as_str()), ("nothing here right now", "none"));
    known.stacks.insert("disco".to_owned(), StackState::default());
    let unanswered = shown(Some(&known), last(Verb::Create, Progress::Running));
    assert!(!unanswered.contains_key("stackid"), "Heat has not answered yet");
    known.stacks.get_mut("disco").unwrap().id = Some("5b1c".to_owned());
    known.floating_ips.insert(NodeId::new("gateway", 0), "203.0.113.6".parse().unwrap());
    known.floating_ips.insert(NodeId::new("master", 0), "203.0.113.7".parse().unwrap());
    for (operation, status) in [
        (None, "CREATE_COMPLETE"),
        (last(Verb::Create, Progress::Running), "CREATE_IN_PROGRESS"),
        (last(Verb::Create, Progress::Done), "CREATE_COMPLETE"),
        (last(Verb::Change, Progress::Queued), "UPDATE_IN_PROGRESS"),
        (last(Verb::Change, Progress::Failed("x".to_owned())), "UPDATE_FAILED"),
        (last(Verb::Destroy, Progress::Running), "DELETE_IN_PROGRESS"),
    ] {
        let all = shown(Some(&known), operation);
        assert_eq!((all["stack_status"].as_str(), all["external_ip"].as_str()), (status, "203.0.113.7"));
    }
    known.stacks.get_mut("disco").unwrap().failed = Some("CREATE_FAILED: no valid host".to_owned());
    let failed = shown(Some(&known), last(Verb::Create, Progress::Failed("x".to_owned())));
    assert_eq!(failed["stack_status_reason"], "CREATE_FAILED: no valid host");
    known.stacks.get_mut("disco").unwrap().suspended = true;
    known.stacks.get_mut("disco").unwrap().failed = None;
    let suspended = shown(Some(&known), last(Verb::Change, Progress::Done));
    assert_eq!((suspended["stack_status"].as_str(), suspended["runstate"].as_str()), ("SUSPEND_COMPLETE", "suspended"));
    // What was asked for last is what it is to be.
    for (operation, status, run_state) in [
        (last(Verb::Suspend, Progress::Done), "SUSPEND_COMPLETE", "suspended"),
        (last(Verb::Resume, Progress::Queued), "RESUME_IN_PROGRESS", "running"),
        (last(Verb::Resume, Progress::Failed("x".to_owned())), "RESUME_FAILED", "suspended"),
        (last(Verb::Destroy, Progress::Running), "DELETE_IN_PROGRESS", "suspended"),
    ] {
        let all = shown(Some(&known), operation);
        assert_eq!((all["stack_status"].as_str(), all["runstate"].as_str()), (status, run_state));
    }
    known.stacks.get_mut("disco").unwrap().suspended = false;
    let suspending = shown(Some(&known), last(Verb::Suspend, Progress::Running));
    assert_eq!(
        (suspending["stack_status"].as_str(), suspending["runstate"].as_str()),
        ("SUSPEND_IN_PROGRESS", "suspended")
    );
    let again = KeptCluster { was_suspended: true, ..kept() };
    let again = again.view("lab", Seen::remembered("disco", Some(&known), last(Verb::Change, Progress::Done)));
    assert_eq!(again.attributes()["runstate"], "running");
}
