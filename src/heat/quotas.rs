//! What the project may still use, asked of the services that a plan needs more of.

use std::collections::{BTreeMap, BTreeSet};

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::catalog::Service;
use super::cloud::{Ask, Cloud, escaped};
use super::error::{Cause, HeatError};
use super::wire;
use crate::model::{Quota, QuotaKind, Quotas};

/// What a plan has to know before it changes something.
#[derive(Clone, Debug, Default)]
pub struct Allowance {
    /// Quotas of networks and volumes, where they were asked for and the cloud tells them.
    pub quotas: BTreeMap<QuotaKind, Quota>,
    /// Neutron's extensions by alias; `None` where they were not asked for, or the cloud does not tell them.
    pub extensions: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
struct VolumeAnswer {
    quota_set: VolumeQuota,
}

#[derive(Deserialize)]
struct VolumeQuota {
    volumes: Option<VolumeUsage>,
    gigabytes: Option<VolumeUsage>,
}

/// Cinder's way to tell a limit and what is used.
#[derive(Deserialize)]
struct VolumeUsage {
    limit: i64,
    #[serde(default)]
    in_use: i64,
    #[serde(default)]
    reserved: i64,
}

#[derive(Deserialize)]
struct Extensions {
    extensions: Vec<Extension>,
}

#[derive(Deserialize)]
struct Extension {
    alias: String,
}

/// Reads quotas of networks (with Neutron's extensions) and of volumes, side by side.
///
/// # Errors
/// A service that does not answer. One that keeps its quota to itself is no error: then it is not known.
pub async fn quotas(cloud: &Cloud, networks: bool, volumes: bool) -> Result<Allowance, HeatError> {
    let project = escaped(&cloud.project_id().await);
    let network = async {
        let path = format!("/v2.0/quotas/{project}/details");
        if networks {
            told::<wire::QuotaAnswer>(cloud, Service::Network, path, "network quota").await
        } else {
            Ok(None)
        }
    };
    let extensions = async {
        let path = "/v2.0/extensions".to_owned();
        if networks { told::<Extensions>(cloud, Service::Network, path, "extensions").await } else { Ok(None) }
    };
    let volume = async {
        let path = format!("/os-quota-sets/{project}?usage=True");
        if volumes { told::<VolumeAnswer>(cloud, Service::BlockStorage, path, "volume quota").await } else { Ok(None) }
    };
    let (network, extensions, volume) = tokio::try_join!(network, extensions, volume)?;
    let mut quotas = network.map(|answer| networked(&answer.quota)).unwrap_or_default();
    if let Some(VolumeAnswer { quota_set }) = volume {
        let of = [(QuotaKind::Volumes, quota_set.volumes), (QuotaKind::Gigabytes, quota_set.gigabytes)];
        quotas.extend(of.into_iter().filter_map(|(kind, usage)| {
            let usage = usage?;
            Some((kind, quota(usage.limit, usage.in_use.saturating_add(usage.reserved))))
        }));
    }
    let extensions = extensions.map(|all| all.extensions.into_iter().map(|extension| extension.alias).collect());
    Ok(Allowance { quotas, extensions })
}

/// An answer, if the service gives one to members of the project.
async fn told<T: DeserializeOwned>(
    cloud: &Cloud,
    service: Service,
    path: String,
    what: &'static str,
) -> Result<Option<T>, HeatError> {
    match cloud.read(Ask::new(service, Method::GET, path)).await {
        Ok(answer) => Ok(Some(answer)),
        Err(Cause::Fault(fault)) if matches!(fault.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) => Ok(None),
        Err(source) => Err(HeatError::ReadFacts { what, source }),
    }
}

/// -1 is unlimited.
fn quota(limit: i64, used: i64) -> Quota {
    Quota { limit: u64::try_from(limit).ok(), used: u64::try_from(used).ok() }
}

/// What Nova says.
pub(super) fn compute(limits: &wire::AbsoluteLimits) -> Quotas {
    let of = [
        (QuotaKind::Instances, limits.max_total_instances, limits.total_instances_used),
        (QuotaKind::Cores, limits.max_total_cores, limits.total_cores_used),
        (QuotaKind::Memory, limits.max_total_ram_size, limits.total_ram_used),
        (QuotaKind::ServerGroups, limits.max_server_groups, limits.total_server_groups_used),
    ];
    let of = of.into_iter().filter_map(|(kind, limit, used)| Some((kind, quota(limit?, used.unwrap_or(-1)))));
    let members = limits.max_server_group_members.and_then(|members| u64::try_from(members).ok());
    Quotas { of: of.collect(), server_group_members: members }
}

/// What Neutron says; what an extension brings may be missing.
fn networked(network: &wire::NetworkQuota) -> BTreeMap<QuotaKind, Quota> {
    let of = [
        (QuotaKind::Networks, &network.network),
        (QuotaKind::Subnets, &network.subnet),
        (QuotaKind::Ports, &network.port),
        (QuotaKind::Routers, &network.router),
        (QuotaKind::SecurityGroups, &network.security_group),
        (QuotaKind::SecurityGroupRules, &network.security_group_rule),
        (QuotaKind::FloatingIps, &network.floatingip),
    ];
    // What is reserved is about to be used.
    let of = of.into_iter().filter_map(|(kind, usage)| {
        let usage = usage.as_ref()?;
        Some((kind, quota(usage.limit, usage.used.saturating_add(usage.reserved))))
    });
    of.collect()
}
