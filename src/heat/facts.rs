//! What a cloud offers: a constant number of (paged) listings.

use http::StatusCode;
use serde::de::DeserializeOwned;

use super::catalog::Service;
use super::cloud::{Ask, Cloud};
use super::error::{Cause, HeatError};
use super::wire;
use crate::model::{CloudFacts, Flavor, Image, Limits};

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
        let mut facts = Self { complete: true, ..Self::default() };
        for flavor in lists.flavors {
            let fact = Flavor { id: flavor.id, vcpus: flavor.vcpus, memory_mib: flavor.ram, disk_gib: flavor.disk };
            facts.flavors.insert(flavor.name, fact);
        }
        for image in lists.images {
            // An image that is still being uploaded cannot be booted.
            if !matches!(image.status.as_str(), "" | "active") {
                continue;
            }
            let fact = Image { id: image.id, min_disk_gib: image.min_disk, min_memory_mib: image.min_ram };
            if let Some(name) = image.name {
                facts.images.entry(name).or_insert(fact);
            }
        }
        facts.external_networks =
            lists.networks.into_iter().filter(|network| network.external).map(|network| network.name).collect();
        facts.external_networks.sort();
        facts.external_networks.dedup();
        // -1 is unlimited.
        let limit = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
        facts.limits = Limits {
            instances: limit(lists.compute.max_total_instances),
            vcpus: limit(lists.compute.max_total_cores),
            memory_mib: limit(lists.compute.max_total_ram_size),
            floating_ips: limit(lists.network.floatingip),
            server_group_members: limit(lists.compute.max_server_group_members),
        };
        facts
    }
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
    let path = format!("/v2.0/quotas/{}", super::cloud::escaped(&cloud.project_id().await));
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
