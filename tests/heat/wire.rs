//! What crosses the wire, and what happens when the wire is bad.

use disco::heat::auth::{ApplicationCredential, Secret, SignIn};
use disco::heat::{self, Cause, Certificates, CloudConfig, HeatError, StackRef, Transport, wire};
use disco::model::{Quota, QuotaKind};
use serde_json::json;

use super::scripted::{Scripted, fault, json_answer, lost};

fn new_stack() -> wire::CreateStack {
    wire::CreateStack { stack_name: "analytics".to_owned(), template: json!({}), ..Default::default() }
}

/// A closure that counts its calls from 1.
fn counted<T>(mut answer: impl FnMut(u32) -> T) -> impl FnMut() -> T {
    let mut count = 0;
    move || {
        count += 1;
        answer(count)
    }
}

#[tokio::test]
async fn a_lost_creation_is_not_sent_twice() {
    let scripted = Scripted::new(|_| lost());
    let error = scripted.cloud().await.create_stack(&new_stack()).await.unwrap_err();
    assert!(error.may_have_arrived(), "{error:?}");
    assert_eq!(scripted.lines(), ["POST /stacks"]);
}

#[tokio::test]
async fn a_trust_that_keystone_refuses_is_explained() {
    // All that Heat says of it is that it failed.
    let scripted = Scripted::new(|_| json_answer(500, &json!({ "code": 500, "error": { "type": "RemoteError" } })));
    let refused = async |config| scripted.cloud_as(config).await.create_stack(&new_stack()).await.unwrap_err();
    let with_password = CloudConfig::password("http://cloud.test/identity/v3", "demo", "secret", "demo");
    let credential = ApplicationCredential::Id("lab".to_owned());
    let delegated = SignIn::ApplicationCredential { credential, secret: Secret::new("s") };
    let error = refused(CloudConfig { sign_in: delegated, ..with_password.clone() }).await;
    assert_eq!(error.to_string(), "creating stack `analytics` with an application credential failed");
    assert!(error.way_out().unwrap().starts_with("sign in with user and password"), "{:?}", error.way_out());
    let error = refused(with_password).await;
    assert!(error.way_out().unwrap().starts_with("run the same command again"), "{:?}", error.way_out());
}

#[tokio::test]
async fn a_creation_answered_by_a_proxy_is_not_sent_twice() {
    let scripted = Scripted::new(|_| json_answer(504, &json!({})));
    let error = scripted.cloud().await.create_stack(&new_stack()).await.unwrap_err();
    assert!(error.may_have_arrived());
    assert_eq!(scripted.lines(), ["POST /stacks"]);
}

#[tokio::test]
async fn reading_is_repeated_through_every_kind_of_trouble() {
    let mut next = counted(|count| match count {
        1 => lost(),
        2 => json_answer(503, &json!({})),
        3 => fault(429, "TooMany", "slow down"),
        _ => json_answer(200, &json!({ "resources": [] })),
    });
    let scripted = Scripted::new(move |_| next());
    let resources = scripted.cloud().await.resources(&StackRef::new("analytics", "1")).await.unwrap();
    assert!(resources.is_empty());
    assert_eq!(scripted.lines().len(), 4);
}

#[tokio::test]
async fn patience_ends() {
    let scripted = Scripted::new(|_| json_answer(503, &json!({})));
    let error = scripted.cloud().await.resources(&StackRef::new("analytics", "1")).await.unwrap_err();
    assert_eq!(error.fault().unwrap().status.as_u16(), 503);
    assert_eq!(scripted.lines().len(), 4);
}

#[tokio::test]
async fn refusals_are_not_repeated_and_speak_heats_words() {
    let scripted = Scripted::new(|_| fault(409, "StackExists", "The Stack (analytics) already exists."));
    let error = scripted.cloud().await.create_stack(&new_stack()).await.unwrap_err();
    assert!(error.is_conflict() && !error.may_have_arrived());
    assert_eq!(error.sentence(), "creating stack `analytics` failed: The Stack (analytics) already exists. (HTTP 409)");
}

#[tokio::test]
async fn many_requests_that_meet_an_expired_token_log_in_once() {
    let scripted = Scripted::new(|asked| match asked.token.as_str() {
        "token-1" => json_answer(401, &json!({ "error": { "code": 401, "title": "Unauthorized", "message": "" } })),
        _ => json_answer(200, &json!({ "resources": [] })),
    });
    let cloud = scripted.cloud().await;
    let stack = StackRef::new("analytics", "1");
    let all = futures_util::future::join_all((0..8).map(|_| cloud.resources(&stack))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(scripted.logins(), 2);
}

#[tokio::test]
async fn a_token_that_is_refused_again_is_the_end() {
    let scripted = Scripted::new(|_| json_answer(401, &json!({ "error": { "message": "no" } })));
    let error = scripted.cloud().await.create_stack(&new_stack()).await.unwrap_err();
    assert_eq!(error.fault().unwrap().status.as_u16(), 401);
    assert_eq!((scripted.logins(), scripted.lines().len()), (2, 2));
}

#[tokio::test]
async fn a_stack_is_found_by_its_name() {
    let scripted = Scripted::new(|asked| match asked.path.as_str() {
        "/stacks/analytics" => {
            let mut answer = json_answer(302, &json!({ "code": "302 Found" }));
            let place = "http://elsewhere:8004/v1/p1/stacks/analytics/abc-1";
            answer.headers_mut().insert("location", place.parse().unwrap());
            answer
        }
        "/stacks/analytics/abc-1" => json_answer(
            200,
            &json!({ "stack": {
                "id": "abc-1", "stack_name": "analytics", "stack_status": "UPDATE_COMPLETE",
                "stack_status_reason": "fine", "updated_time": null, "tags": ["disco"], "timeout_mins": null,
                "parameters": { "OS::stack_id": "abc-1" },
                "outputs": [{ "output_key": "ip", "description": "", "output_value": null }],
            } }),
        ),
        _ => fault(404, "EntityNotFound", "The Stack could not be found."),
    });
    let cloud = scripted.cloud().await;
    let stack = cloud.find_stack("analytics").await.unwrap().unwrap();
    assert_eq!((stack.id.as_str(), stack.tags), ("abc-1", Some(vec!["disco".to_owned()])));
    assert!(cloud.find_stack("other").await.unwrap().is_none());
    let lines = scripted.lines();
    assert_eq!(lines, ["GET /stacks/analytics", "GET /stacks/analytics/abc-1", "GET /stacks/other"]);
}

#[tokio::test]
async fn tagged_stacks_are_read_page_by_page() {
    let stack =
        |number: u32| json!({ "id": format!("{number}"), "stack_name": "s", "stack_status": "CREATE_COMPLETE" });
    let scripted = Scripted::new(move |asked| {
        let after: u32 = asked.path.rsplit_once("marker=").map_or(0, |(_, marker)| marker.parse().unwrap());
        // Five stacks, two a page whatever is asked for.
        let page: Vec<_> = (after + 1..=5).take(2).map(stack).collect();
        json_answer(200, &json!({ "stacks": page }))
    });
    let all = scripted.cloud().await.stacks_tagged("disco-lineage-1").await.unwrap();
    assert_eq!(all.iter().map(|stack| stack.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3", "4", "5"]);
    assert!(scripted.lines()[0].starts_with("GET /stacks?tags=disco-lineage-1&limit="));
}

#[tokio::test]
async fn events_are_asked_for_by_marker() {
    let event = json!({ "id": "e2", "event_time": "2026-11-22T08:14:18Z", "resource_name": "network",
        "resource_status": "CREATE_COMPLETE", "resource_status_reason": null });
    let scripted = Scripted::new(move |asked| {
        if asked.path.contains("gone") {
            fault(404, "EntityNotFound", "no")
        } else {
            json_answer(200, &json!({ "events": [event] }))
        }
    });
    let cloud = scripted.cloud().await;
    let events = cloud.events_after(&StackRef::new("analytics", "1"), Some("e 1")).await.unwrap().unwrap();
    assert_eq!(events[0].id, "e2");
    assert_eq!(
        scripted.lines()[0],
        format!("GET /stacks/analytics/1/events?sort_dir=asc&limit={}&marker=e%201", heat::EVENTS_PAGE)
    );
    assert!(cloud.events_after(&StackRef::new("gone", "1"), None).await.unwrap().is_none());
}

#[tokio::test]
async fn a_damaged_machine_is_named_to_heat() {
    let scripted = Scripted::new(|_| json_answer(200, &json!(null)));
    let cloud = scripted.cloud().await;
    cloud.mark_unhealthy(&StackRef::new("analytics", "1"), "slaves-3-server", "dead").await.unwrap();
    let asked = &scripted.all()[0];
    assert_eq!(asked.line(), "PATCH /stacks/analytics/1/resources/slaves-3-server");
    assert_eq!(asked.body, json!({ "mark_unhealthy": true, "resource_status_reason": "dead" }));
}

#[tokio::test]
async fn facts_are_five_listings() {
    let scripted = Scripted::new(|asked| {
        let path = asked.path.as_str();
        if path.starts_with("/flavors") {
            json_answer(
                200,
                &json!({ "flavors": [{ "id": "2", "name": "m1.small", "ram": 2048, "disk": 20, "vcpus": 1 }] }),
            )
        } else if path.starts_with("/limits") {
            json_answer(
                200,
                &json!({ "limits": { "rate": [], "absolute": { "maxTotalInstances": 10,
                "totalInstancesUsed": 4, "maxTotalCores": -1, "maxTotalRAMSize": 51200, "maxServerGroupMembers": 10, "maxTotalFloatingIps": -1 } } }),
            )
        } else if path.starts_with("/image/v2/images") {
            json_answer(
                200,
                &json!({ "images": [
                { "id": "i1", "name": "debian-12", "status": "active", "min_ram": 512, "min_disk": 2 },
                { "id": "i2", "name": "half", "status": "saving", "min_ram": 0, "min_disk": 0 },
            ], "first": "/v2/images" }),
            )
        } else if path.starts_with("/network/v2.0/networks") {
            json_answer(200, &json!({ "networks": [{ "id": "n1", "name": "public", "router:external": true }] }))
        } else {
            fault(403, "Forbidden", "not yours")
        }
    });
    let facts = heat::facts(&scripted.cloud().await).await.unwrap();
    assert!(facts.complete);
    assert_eq!(facts.flavors.get("m1.small").unwrap().memory_mib, 2048);
    assert_eq!(facts.images.names().collect::<Vec<_>>(), ["debian-12", "half"]);
    assert_eq!(facts.images.get("i1").unwrap().min_disk_gib, 2, "an image is known by its id, too");
    assert_eq!(facts.images.get("half").unwrap().unusable.as_deref(), Some("saving"));
    assert_eq!(facts.external_networks.get("public").map(String::as_str), Some("n1"));
    let quota = |kind| facts.quotas.of.get(&kind).copied();
    assert_eq!(quota(QuotaKind::Instances), Some(Quota { limit: Some(10), used: Some(4) }));
    assert_eq!(quota(QuotaKind::Cores), Some(Quota { limit: None, used: None }), "-1 is unlimited");
    assert_eq!(quota(QuotaKind::FloatingIps), None, "Neutron is asked where a plan needs more of it");
    assert_eq!(scripted.lines().len(), 4);
}

#[tokio::test]
async fn a_wrong_password_says_so() {
    let router = axum::Router::new().fallback(|| async {
        json_answer(
            401,
            &json!({ "error": { "code": 401, "title": "Unauthorized",
            "message": "The request you have made requires authentication." } }),
        )
    });
    let credentials = CloudConfig::password("http://cloud.test/identity", "demo", "hunter2", "demo");
    let error = heat::Cloud::connect(Transport::in_process(router), credentials).await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
    assert_eq!(
        error.sentence(),
        "signing in at http://cloud.test/identity with user `demo` failed: The request you have made requires \
         authentication. (HTTP 401)"
    );
}

#[tokio::test]
async fn the_network_carries_the_same_values() {
    let scripted = Scripted::new(|_| json_answer(200, &json!({})));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = scripted.router();
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let credentials = CloudConfig::password(format!("http://127.0.0.1:{port}/identity/v3"), "demo", "secret", "demo");
    let cloud =
        heat::Cloud::connect(Transport::network(&Certificates::default()).unwrap(), credentials.clone()).await.unwrap();
    assert_eq!(cloud.project_id().await, "p1");
    server.abort();
    let _ = server.await;
    let retry = heat::Retry { attempts: 1, ..Default::default() };
    let error = heat::Cloud::connect_with(Transport::network(&Certificates::default()).unwrap(), credentials, retry)
        .await
        .unwrap_err();
    assert!(matches!(error.cause(), Some(Cause::Unreachable { .. })), "{error:?}");
}

#[tokio::test]
async fn a_cloud_without_heat_says_so() {
    let router = axum::Router::new().fallback(|| async {
        let mut answer = json_answer(201, &json!({ "token": { "project": { "id": "p1" }, "catalog": [] } }));
        answer.headers_mut().insert("x-subject-token", "t".parse().unwrap());
        answer
    });
    let credentials = CloudConfig::password("http://cloud.test/identity", "demo", "secret", "demo");
    let cloud = heat::Cloud::connect(Transport::in_process(router), credentials).await.unwrap();
    let error = cloud.find_stack("analytics").await.unwrap_err();
    assert!(matches!(error, HeatError::ReadStack { source: Cause::NoService { service: "orchestration", .. }, .. }));
}
