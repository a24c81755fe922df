//! What the project may use and what it uses: Nova's limits, Neutron's and Cinder's quotas.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value as Json, json};

use super::super::cloud::{Limits, VOLUME_TYPES, told};
use super::{Engine, answer};

/// Nova's `GET /limits`
pub(super) async fn limits(State(shared): Engine) -> Response {
    answer(shared.look(|world| {
        let limits = &world.limits;
        Ok(json!({"limits": {"rate": [], "absolute": {
            "maxTotalInstances": told(limits.instances),
            "maxTotalCores": told(limits.cores),
            "maxTotalRAMSize": told(limits.ram),
            "maxServerGroups": told(limits.server_groups),
            "maxServerGroupMembers": told(limits.server_group_members),
            "maxTotalFloatingIps": -1,
            "maxSecurityGroups": -1,
            "maxSecurityGroupRules": -1,
            "maxTotalKeypairs": 100,
            "maxServerMeta": 128,
            "maxImageMeta": 128,
            "maxPersonality": 5,
            "maxPersonalitySize": 10_240,
            "totalFloatingIpsUsed": 0,
            "totalSecurityGroupsUsed": 0,
            "totalInstancesUsed": world.servers.len(),
            "totalCoresUsed": world.used.0,
            "totalRAMUsed": world.used.1,
            "totalServerGroupsUsed": world.count("server_group"),
        }}}))
    }))
}

/// Neutron's kinds of things with their limits.
fn network_limits(limits: &Limits) -> [(&'static str, Json); 9] {
    let limit = |limit: u64| json!(told(limit));
    [
        ("network", limit(limits.networks)),
        ("subnet", limit(limits.networks)),
        ("port", limit(limits.ports)),
        ("router", limit(limits.networks)),
        ("floatingip", limit(limits.floating_ips)),
        ("security_group", limit(limits.security_groups)),
        ("security_group_rule", limit(limits.security_group_rules)),
        ("rbac_policy", json!(-1)),
        ("subnetpool", json!(-1)),
    ]
}

/// Neutron's `GET /quotas/PROJECT`
pub(super) async fn network(State(shared): Engine) -> Response {
    answer(shared.look(|world| {
        let quota: serde_json::Map<String, Json> =
            network_limits(&world.limits).map(|(kind, limit)| (kind.to_owned(), limit)).into_iter().collect();
        Ok(json!({"quota": quota}))
    }))
}

/// Neutron's `GET /quotas/PROJECT/details`
pub(super) async fn network_details(State(shared): Engine) -> Response {
    answer(shared.look(|world| {
        let details = network_limits(&world.limits)
            .map(|(kind, limit)| (kind.to_owned(), json!({"limit": limit, "used": world.count(kind), "reserved": 0})));
        let quota: serde_json::Map<String, Json> = details.into_iter().collect();
        Ok(json!({"quota": quota}))
    }))
}

/// Cinder's `GET /os-quota-sets/PROJECT?usage=True`
pub(super) async fn volumes(State(shared): Engine) -> Response {
    answer(shared.look(|world| {
        let usage =
            |limit: u64, used: u64| json!({"limit": told(limit), "in_use": used, "reserved": 0, "allocated": 0});
        Ok(json!({"quota_set": {
            "id": world.identity.project,
            "volumes": usage(world.limits.volumes, world.count("volume")),
            "gigabytes": usage(world.limits.gigabytes, world.gigabytes),
        }}))
    }))
}

/// Cinder's `GET /types`
pub(super) async fn volume_types() -> Response {
    let shown = |(name, id): (&str, &str)| json!({"id": id, "name": name, "is_public": true, "description": null, "extra_specs": {}});
    let types: Vec<Json> = VOLUME_TYPES.into_iter().map(shown).collect();
    answer(Ok(json!({ "volume_types": types })))
}

/// Cinder's `GET /limits`
pub(super) async fn volume_limits(State(shared): Engine) -> Response {
    answer(shared.look(|world| {
        Ok(json!({"limits": {"rate": [], "absolute": {
            "maxTotalVolumes": told(world.limits.volumes),
            "maxTotalVolumeGigabytes": told(world.limits.gigabytes),
            "maxTotalSnapshots": 0,
            "maxTotalBackups": 0,
            "maxTotalBackupGigabytes": 0,
            "totalVolumesUsed": world.count("volume"),
            "totalGigabytesUsed": world.gigabytes,
            "totalSnapshotsUsed": 0,
            "totalBackupsUsed": 0,
            "totalBackupGigabytesUsed": 0,
        }}}))
    }))
}
