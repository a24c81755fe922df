//! What a cloud offers: a constant number of (paged) listings.

use serde::de::DeserializeOwned;

use super::catalog::Service;
use super::cloud::{Ask, Cloud};
use super::error::HeatError;
use super::listing::Listing;
use super::quotas;
use super::wire;
use crate::model::{CloudFacts, Flavor, Image};

/// The cloud's lists as they came over the wire; the embedded engine fills them without a wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CloudLists {
    /// Flavors.
    pub flavors: Vec<wire::Flavor>,
    /// Images.
    pub images: Vec<wire::Image>,
    /// Networks; those that are not external are left out of the facts.
    pub networks: Vec<wire::Network>,
    /// Nova's limits, with what is used.
    pub compute: wire::AbsoluteLimits,
}

impl From<CloudLists> for CloudFacts {
    fn from(lists: CloudLists) -> Self {
        let flavors = lists.flavors.into_iter().map(|flavor| {
            let wire::Flavor { id, name, vcpus, ram: memory_mib, disk: disk_gib, disabled } = flavor;
            (name, Flavor { id, vcpus, memory_mib, disk_gib, disabled })
        });
        let images = lists.images.into_iter().map(image);
        let networks = lists.networks.into_iter().filter(|network| network.external);
        Self {
            complete: true,
            flavors: flavors.collect(),
            images: images.collect(),
            external_networks: networks.map(|network| (network.name, network.id)).collect(),
            quotas: quotas::compute(&lists.compute),
            ..Self::default()
        }
    }
}

/// An image with its name; one without is meant by its id.
pub(super) fn image(image: wire::Image) -> (String, Image) {
    let wire::Image { id, name, status, min_ram: min_memory_mib, min_disk: min_disk_gib } = image;
    let unusable = Some(status).filter(|status| !matches!(status.as_str(), "" | "active"));
    (name.unwrap_or_else(|| id.clone()), Image { id, min_disk_gib, min_memory_mib, unusable })
}

/// Reads flavors, images, external networks and Nova's limits. What else a plan needs to know is asked when it is known
/// that it needs it: see [`quotas()`](super::quotas()) and [`existing()`](super::existing()).
pub async fn facts(cloud: &Cloud) -> Result<CloudFacts, HeatError> {
    let (flavors, images, networks, compute) =
        tokio::try_join!(flavors(cloud), images(cloud), external_networks(cloud), compute_limits(cloud))?;
    Ok(CloudLists { flavors, images, networks, compute }.into())
}

async fn flavors(cloud: &Cloud) -> Result<Vec<wire::Flavor>, HeatError> {
    let flavors = Listing { service: Service::Compute, path: "/flavors/detail", field: "flavors", what: "flavors" };
    flavors.all(cloud, |flavor: &wire::Flavor| &flavor.id).await
}

async fn images(cloud: &Cloud) -> Result<Vec<wire::Image>, HeatError> {
    let images = Listing { service: Service::Image, path: "/v2/images", field: "images", what: "images" };
    images.all(cloud, |image: &wire::Image| &image.id).await
}

async fn external_networks(cloud: &Cloud) -> Result<Vec<wire::Network>, HeatError> {
    let path = "/v2.0/networks?router%3Aexternal=true";
    let networks = Listing { service: Service::Network, path, field: "networks", what: "networks" };
    networks.all(cloud, |network: &wire::Network| &network.id).await
}

async fn compute_limits(cloud: &Cloud) -> Result<wire::AbsoluteLimits, HeatError> {
    let answer: wire::LimitsAnswer = read(cloud, Service::Compute, "/limits".to_owned(), "limits").await?;
    Ok(answer.limits.absolute)
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
