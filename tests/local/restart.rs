//! Killed at any moment, the engine goes on.

#![expect(clippy::disallowed_methods, reason = "it looks at files")]

use std::collections::BTreeSet;
use std::path::Path;

use disco::local::{Clock, Engine, EngineOptions, LocalError, held_by, served_at};
use http::Method;

use super::driver::{Cloud, cluster, manual};

/// What a kill leaves: the log as it is on disk, without a goodbye.
#[expect(clippy::unwrap_used, reason = "what a test leans on may end it")]
fn copy(from: &Path, to: &Path, torn: bool) {
    let mut log = std::fs::read(from.join("log.jsonl")).unwrap();
    if torn {
        log.extend_from_slice(b"{\"set\":{\"stack/half");
    }
    std::fs::write(to.join("log.jsonl"), log).unwrap();
}

#[tokio::test]
async fn killed_at_any_second_it_ends_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(1_790_000_000_000);
    let options = EngineOptions { time_scale: 1.0, clock: clock.clone(), ..EngineOptions::default() };
    let cloud = Cloud::open(folder.path(), options.clone()).await;
    let stack = cloud.create("a", &cluster(2)).await;
    for second in 0..16 {
        let other = tempfile::tempdir().unwrap();
        copy(folder.path(), other.path(), second % 2 == 0);
        let now = match &clock {
            Clock::Manual(time) => time.load(std::sync::atomic::Ordering::SeqCst),
            Clock::Wall => 0,
        };
        let again = Cloud::open(other.path(), EngineOptions { clock: Clock::manual(now), ..options.clone() }).await;
        again.pass(400);
        assert_eq!(again.status(&stack).await, "CREATE_COMPLETE", "{second}: {}", again.reason(&stack).await);
        let servers = again.call(Method::GET, "/compute/v2.1/servers", None).await.body;
        assert_eq!(servers["servers"].as_array().unwrap().len(), 3, "{second}");
        let ports = again.call(Method::GET, "/network/v2.0/ports", None).await.body;
        let ports = ports["ports"].as_array().unwrap().iter();
        let of_nodes = ports.filter(|port| port["device_owner"] != "network:router_interface").count();
        assert_eq!(of_nodes, 3, "{second}");
        let ids: BTreeSet<String> = again.ids(&stack).await.values().map(ToString::to_string).collect();
        assert_eq!(ids.len(), again.ids(&stack).await.len());
        again.heat(Method::DELETE, &stack, None).await;
        again.pass(100);
        assert_eq!(again.status(&stack).await, "DELETE_COMPLETE", "{second}");
        cloud.pass(8);
    }
}

#[tokio::test]
async fn a_second_engine_waits_outside() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(held_by(folder.path()), None);
    let engine = Engine::open(folder.path(), manual()).unwrap();
    let Err(LocalError::Busy { holder }) = Engine::open(folder.path(), manual()) else { panic!("two engines") };
    assert_eq!(holder.pid, std::process::id());
    assert_eq!(served_at(folder.path()), None);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    {
        engine.announce(Some(&format!("http://{address}")), false).unwrap();
        let serving = disco::local::serve(&engine, listener);
        tokio::select! {
            it = serving => panic!("{it:?}"),
            () = tokio::time::sleep(std::time::Duration::from_millis(50)) => {}
        }
    }
    assert_eq!(served_at(folder.path()), Some(format!("http://{address}")));
    engine.shutdown();
    assert_eq!(served_at(folder.path()), None);
    Engine::open(folder.path(), manual()).unwrap();
}

#[tokio::test]
async fn history_does_not_pile_up_and_nothing_is_lost_with_it() {
    const BOUND: u64 = 20_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let length = || std::fs::metadata(&path).map_or(0, |it| it.len());
    let options = EngineOptions { log_bound: BOUND, ..manual() };
    let cloud = Cloud::open(folder.path(), options.clone()).await;
    let stack = cloud.create("a", &cluster(1)).await;
    cloud.pass(300);
    let (mut written, mut rewritten, mut last) = (0, 0, length());
    for round in 0..60 {
        let mut template = cluster(1);
        template["resources"]["network"]["properties"]["name"] = format!("name-{round}").into();
        cloud.update(&stack, &template).await;
        cloud.pass(60);
        let now = length();
        if now < last {
            rewritten += 1;
        } else {
            written += now - last;
        }
        last = now;
    }
    assert!(rewritten > 0);
    assert!(last < written, "{last} of {written}");
    // Between two rewritings a log has at most four times what is true of it, and one transaction more.
    let (body, events) = (cloud.get(&stack).await, cloud.events(&stack).await);
    drop(cloud);
    let again = Cloud::open(folder.path(), options).await;
    let bare = length();
    assert!(bare > BOUND && last < 4 * bare + 40_000, "{last} of {bare}");
    assert_eq!(again.get(&stack).await, body);
    assert_eq!(again.events(&stack).await, events);
    again.update(&stack, &cluster(2)).await;
    again.pass(300);
    assert_eq!(again.status(&stack).await, "UPDATE_COMPLETE", "{}", again.reason(&stack).await);
}

#[tokio::test]
async fn a_clock_that_is_set_back_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(1_790_000_000_000);
    let options = EngineOptions { time_scale: 1.0, clock: clock.clone(), ..EngineOptions::default() };
    let set_back = || {
        if let Clock::Manual(time) = &clock {
            time.fetch_sub(3_600_000, std::sync::atomic::Ordering::SeqCst);
        }
    };
    let cloud = Cloud::open(folder.path(), options.clone()).await;
    let stack = cloud.create("a", &cluster(2)).await;
    cloud.pass(10);
    set_back();
    cloud.pass(10);
    drop(cloud);
    set_back();
    let cloud = Cloud::open(folder.path(), options).await;
    cloud.pass(400);
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE", "{}", cloud.reason(&stack).await);
    let events = cloud.get(&format!("{stack}/events?sort_dir=asc")).await;
    let times: Vec<String> =
        events["events"].as_array().unwrap().iter().map(|it| it["event_time"].to_string()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test]
async fn events_of_a_log_that_broke_meanwhile_are_refused_and_not_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("a", &cluster(1)).await;
    cloud.pass(300);
    drop(cloud);
    let cloud = Cloud::open(folder.path(), manual()).await;
    let told = cloud.get(&format!("{stack}/events")).await["events"].as_array().unwrap().clone();
    let id = told[0]["id"].as_str().unwrap();
    let one = format!("{stack}/resources/{}/events/{id}", told[0]["resource_name"].as_str().unwrap());
    assert_eq!(cloud.get(&one).await["event"]["id"], id);
    let log = std::fs::OpenOptions::new().write(true).open(folder.path().join("log.jsonl")).unwrap();
    log.set_len(0).unwrap();
    for path in [format!("{stack}/events"), format!("{stack}/events?marker={id}"), one] {
        let answer = cloud.heat(Method::GET, &path, None).await;
        assert_eq!((answer.status, &answer.body["error"]["type"]), (500, &"Error".into()), "{path}: {}", answer.body);
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("The embedded engine cannot read event ") && message.contains(": "), "{message}");
    }
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE", "what is known by heart is still told");
}
