//! What a cloud offers: a constant number of (paged) listings.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::de::DeserializeOwned;

use super::catalog::Service;
use super::cloud::{Ask, Cloud};
use super::error::{Cause, HeatError};
use super::wire;
use crate::model::{CloudFacts, Flavor, Image, Quota, QuotaKind, Quotas};

/// Most pages read of one listing; a cloud that never ends its pages does not hold us forever.
pub(super) const MOST_PAGES: usize = 100;

/// The cloud's lists as they came over the wire; the embedded engine fills them without a wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CloudLists {
    /// Flavors.
    pub flavors: Vec<wire::Flavor>,
    /// Images.
    pub images: Vec<wire::Image>,
    /// Networks; those that are not external are left out of the facts.
    pub networks: Vec<wire::Network>,
    /// Nova's limits.
    pub compute: wire::AbsoluteLimits,
    /// Neutron's quota.
    pub network: wire::NetworkQuota,
}

impl From<CloudLists> for CloudFacts {
    fn from(lists: CloudLists) -> Self {
        let flavors = lists.flavors.into_iter().map(|flavor| {
            let wire::Flavor { id, name, vcpus, ram: memory_mib, disk: disk_gib, disabled } = flavor;
            (name, Flavor { id, vcpus, memory_mib, disk_gib, disabled })
        });
        let images = lists.images.into_iter().map(|image| {
            let wire::Image { id, name, status, min_ram: min_memory_mib, min_disk: min_disk_gib } = image;
            let unusable = Some(status).filter(|status| !matches!(status.as_str(), "" | "active"));
            // An image without a name is meant by its id.
            (name.unwrap_or_else(|| id.clone()), Image { id, min_disk_gib, min_memory_mib, unusable })
        });
        let networks = lists.networks.into_iter().filter(|network| network.external);
        Self {
            complete: true,
            flavors: flavors.collect(),
            images: images.collect(),
            external_networks: networks.map(|network| (network.name, network.id)).collect(),
            quotas: quotas(&lists.compute, &lists.network),
            ..Self::default()
        }
    }
}

/// What both services say of the project's quota. What one of them keeps to itself is not known.
fn quotas(compute: &wire::AbsoluteLimits, network: &wire::NetworkQuota) -> Quotas {
    use QuotaKind as Kind;
    // -1 is unlimited.
    let number = |value: i64| u64::try_from(value).ok();
    let computed = [
        (Kind::Instances, compute.max_total_instances, compute.total_instances_used),
        (Kind::Cores, compute.max_total_cores, compute.total_cores_used),
        (Kind::Memory, compute.max_total_ram_size, compute.total_ram_used),
        (Kind::ServerGroups, compute.max_server_groups, compute.total_server_groups_used),
    ];
    let mut of: BTreeMap<_, _> = computed
        .into_iter()
        .filter_map(|(kind, limit, used)| Some((kind, Quota { limit: number(limit?), used: used.and_then(number) })))
        .collect();
    let networked = [
        (Kind::Networks, &network.network),
        (Kind::Subnets, &network.subnet),
        (Kind::Ports, &network.port),
        (Kind::Routers, &network.router),
        (Kind::SecurityGroups, &network.security_group),
        (Kind::SecurityGroupRules, &network.security_group_rule),
        (Kind::FloatingIps, &network.floatingip),
    ];
    of.extend(networked.into_iter().filter_map(|(kind, usage)| {
        let usage = usage.as_ref()?;
        // What is reserved is about to be used.
        Some((kind, Quota { limit: number(usage.limit), used: number(usage.used.saturating_add(usage.reserved)) }))
    }));
    Quotas { of, server_group_members: compute.max_server_group_members.and_then(number) }
}

/// Reads flavors, images, external networks and limits.
pub async fn facts(cloud: &Cloud) -> Result<CloudFacts, HeatError> {
    let (flavors, images, networks, compute, network) = tokio::try_join!(
        flavors(cloud),
        images(cloud),
        external_networks(cloud),
        compute_limits(cloud),
        network_quota(cloud),
    )?;
    Ok(CloudLists { flavors, images, networks, compute, network }.into())
}

async fn flavors(cloud: &Cloud) -> Result<Vec<wire::Flavor>, HeatError> {
    let mut all: Vec<wire::Flavor> = Vec::new();
    for _ in 0..MOST_PAGES {
        let marker = all.last().map(|last| format!("&marker={}", super::cloud::escaped(&last.id)));
        let path = format!("/flavors/detail?limit=1000{}", marker.unwrap_or_default());
        let page: wire::FlavorList = read(cloud, Service::Compute, path, "flavors").await?;
        all.extend(page.flavors);
        if !has_next(&page.flavors_links) {
            break;
        }
    }
    Ok(all)
}

async fn images(cloud: &Cloud) -> Result<Vec<wire::Image>, HeatError> {
    let mut all: Vec<wire::Image> = Vec::new();
    for _ in 0..MOST_PAGES {
        let marker = all.last().map(|last| format!("&marker={}", super::cloud::escaped(&last.id)));
        let path = format!("/v2/images?limit=1000{}", marker.unwrap_or_default());
        let page: wire::ImageList = read(cloud, Service::Image, path, "images").await?;
        let empty = page.images.is_empty();
        all.extend(page.images);
        if empty || page.next.is_none() {
            break;
        }
    }
    Ok(all)
}

async fn external_networks(cloud: &Cloud) -> Result<Vec<wire::Network>, HeatError> {
    let mut all: Vec<wire::Network> = Vec::new();
    for _ in 0..MOST_PAGES {
        let marker = all.last().map(|last| format!("&limit=1000&marker={}", super::cloud::escaped(&last.id)));
        let path = format!("/v2.0/networks?router%3Aexternal=true{}", marker.unwrap_or_default());
        let page: wire::NetworkList = read(cloud, Service::Network, path, "networks").await?;
        let empty = page.networks.is_empty();
        all.extend(page.networks);
        if empty || !has_next(&page.networks_links) {
            break;
        }
    }
    Ok(all)
}

async fn compute_limits(cloud: &Cloud) -> Result<wire::AbsoluteLimits, HeatError> {
    let answer: wire::LimitsAnswer = read(cloud, Service::Compute, "/limits".to_owned(), "limits").await?;
    Ok(answer.limits.absolute)
}

/// Clouds may keep their quota to themselves: then it is not known.
async fn network_quota(cloud: &Cloud) -> Result<wire::NetworkQuota, HeatError> {
    let path = format!("/v2.0/quotas/{}/details", super::cloud::escaped(&cloud.project_id().await));
    let answer: Result<wire::QuotaAnswer, _> = read(cloud, Service::Network, path, "network quota").await;
    match answer {
        Ok(answer) => Ok(answer.quota),
        Err(HeatError::ReadFacts { source: Cause::Fault(fault), .. })
            if matches!(fault.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) =>
        {
            Ok(wire::NetworkQuota::default())
        }
        Err(error) => Err(error),
    }
}

/// Reads one answer; `what` is asked for.
pub(super) async fn read<T: DeserializeOwned>(
    cloud: &Cloud,
    service: Service,
    path: String,
    what: &'static str,
) -> Result<T, HeatError> {
    cloud.read(Ask::new(service, http::Method::GET, path)).await.map_err(|source| HeatError::ReadFacts { what, source })
}

/// Whether a listing goes on with another page.
pub(super) fn has_next(links: &[wire::Link]) -> bool {
    links.iter().any(|link| link.rel == "next")
}
