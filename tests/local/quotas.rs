//! What the project may not have is refused in the services' words.

use disco::local::{EngineOptions, Limits};
use serde_json::{Value as Json, json};

use super::driver::{Cloud, manual};

fn limited(limits: Limits) -> EngineOptions {
    EngineOptions { limits, ..manual() }
}

fn template(resources: &Json) -> Json {
    json!({"heat_template_version": "2021-04-16", "resources": resources})
}

fn server(flavor: &str) -> Json {
    json!({"type": "OS::Nova::Server", "properties": {"flavor": flavor, "image": "debian-12"}})
}

/// Creates a stack within the limits and says what came of it, without the request's id.
async fn reason(limits: Limits, resources: &Json) -> String {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), limited(limits)).await;
    let stack = cloud.create("a", &template(resources)).await;
    cloud.pass(120);
    let reason = cloud.reason(&stack).await;
    let end = reason.find(" (Request-ID: req-").or_else(|| reason.find("\nNeutron server returns request_ids: ['req-"));
    end.map_or(reason.clone(), |end| reason[..end].to_owned())
}

#[tokio::test]
async fn too_many_servers() {
    let limits = Limits { instances: 2, ..Limits::default() };
    let resources = json!({"s0": server("m1.small"), "s1": server("m1.small"), "s2": server("m1.small")});
    assert_eq!(
        reason(limits, &resources).await,
        "Resource CREATE failed: Forbidden: resources.s2: Quota exceeded for instances: Requested 1, but already used 2 of 2 instances (HTTP 403)"
    );
}

#[tokio::test]
async fn a_server_too_large_is_told_every_limit_it_breaks() {
    let limits = Limits { cores: 4, ram: 8_192, ..Limits::default() };
    assert_eq!(
        reason(limits, &json!({"v": server("m1.xlarge")})).await,
        "Resource CREATE failed: Forbidden: resources.v: Quota exceeded for cores, ram: Requested 8, 16384, but already used 0, 0 of 4, 8192 cores, ram (HTTP 403)"
    );
}

#[tokio::test]
async fn every_service_refuses_in_its_own_words() {
    let net = || json!({"type": "OS::Neutron::Net"});
    let group = || json!({"type": "OS::Neutron::SecurityGroup"});
    let port = |after: &str| json!({"type": "OS::Neutron::Port", "depends_on": after, "properties": {"network": {"get_resource": "n"}}});
    let floating = || json!({"type": "OS::Neutron::FloatingIP", "properties": {"floating_network": "public"}});
    let volume = |size: u64| json!({"type": "OS::Cinder::Volume", "properties": {"size": size}});
    let servers = json!({"type": "OS::Nova::ServerGroup", "properties": {"policies": ["anti-affinity"]}});
    let member = json!({"type": "OS::Nova::Server", "properties": {
        "flavor": "m1.tiny", "image": "cirros", "scheduler_hints": {"group": {"get_resource": "g"}},
    }});
    let usual = Limits::default;
    let table = [
        (
            Limits { networks: 1, ..usual() },
            json!({"n0": net(), "n1": net()}),
            "OverQuotaClient: resources.n1: Quota exceeded for resources: ['network'].",
        ),
        (
            Limits { ports: 1, ..usual() },
            json!({"n": net(), "p0": port("n"), "p1": port("p0")}),
            "OverQuotaClient: resources.p1: Quota exceeded for resources: ['port'].",
        ),
        (
            Limits { floating_ips: 1, ..usual() },
            json!({"f0": floating(), "f1": floating()}),
            "OverQuotaClient: resources.f1: Quota exceeded for resources: ['floatingip'].",
        ),
        (
            Limits { security_groups: 1, ..usual() },
            json!({"g0": group(), "g1": group()}),
            "OverQuotaClient: resources.g1: Quota exceeded for resources: ['security_group'].",
        ),
        (
            Limits { security_group_rules: 0, ..usual() },
            json!({"g": group(), "r": {"type": "OS::Neutron::SecurityGroupRule", "properties": {"security_group": {"get_resource": "g"}}}}),
            "OverQuotaClient: resources.r: Quota exceeded for resources: ['security_group_rule'].",
        ),
        (
            Limits { server_groups: 0, ..usual() },
            json!({"g": servers}),
            "Forbidden: resources.g: Quota exceeded, too many server groups. (HTTP 403)",
        ),
        (
            Limits { server_group_members: 1, ..usual() },
            json!({"g": servers, "s0": member, "s1": member}),
            "Forbidden: resources.s1: Quota exceeded, too many servers in group (HTTP 403)",
        ),
        (
            Limits { volumes: 1, ..usual() },
            json!({"v0": volume(1), "v1": volume(1)}),
            "OverLimit: resources.v1: VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes'. (HTTP 413)",
        ),
        (
            Limits { gigabytes: 100, ..usual() },
            json!({"v0": volume(80), "v1": volume(50)}),
            "OverLimit: resources.v1: VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 50G, quota is 100G and 80G has been consumed. (HTTP 413)",
        ),
    ];
    for (limits, resources, expected) in table {
        assert_eq!(reason(limits, &resources).await, format!("Resource CREATE failed: {expected}"));
    }
}

#[tokio::test]
async fn without_a_limit_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), EngineOptions::default()).await;
    let limits = cloud.call(http::Method::GET, "/compute/v2.1/limits", None).await.body;
    assert_eq!(limits["limits"]["absolute"]["maxTotalInstances"], -1, "{limits}");
    let quota = cloud.call(http::Method::GET, "/network/v2.0/quotas/p/details", None).await.body;
    assert_eq!(quota["quota"]["port"]["limit"], -1, "{quota}");
}

#[tokio::test]
async fn what_is_deleted_or_shrunk_can_be_had_again() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { instances: 1, cores: 4, gigabytes: 100, ..Limits::default() };
    let cloud = Cloud::open(folder.path(), limited(limits)).await;
    let resources = |flavor: &str| {
        json!({
            "s": server(flavor), "v": {"type": "OS::Cinder::Volume", "properties": {"size": 100}},
        })
    };
    let first = cloud.create("first", &template(&resources("m1.medium"))).await;
    cloud.pass(120);
    assert_eq!(cloud.status(&first).await, "CREATE_COMPLETE");
    // Only what a resize adds counts: from two processors to four.
    cloud.update(&first, &template(&resources("m1.large"))).await;
    cloud.pass(120);
    assert_eq!(cloud.status(&first).await, "UPDATE_COMPLETE", "{}", cloud.reason(&first).await);
    cloud.update(&first, &template(&resources("m1.xlarge"))).await;
    cloud.pass(120);
    let reason = cloud.reason(&first).await;
    assert!(
        reason.starts_with("Resource UPDATE failed: Forbidden: resources.s: Quota exceeded for cores: Requested 4, but already used 4 of 4 cores (HTTP 403)"),
        "{reason}"
    );
    cloud.heat(http::Method::DELETE, &first, None).await;
    cloud.pass(60);
    let second = cloud.create("second", &template(&resources("m1.large"))).await;
    cloud.pass(120);
    assert_eq!(cloud.status(&second).await, "CREATE_COMPLETE", "{}", cloud.reason(&second).await);
}
