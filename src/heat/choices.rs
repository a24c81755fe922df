//! What else a cloud lets its users choose from: availability zones, types of volumes, images that no listing shows.

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde::Deserialize;

use super::catalog::Service;
use super::cloud::{Ask, Cloud, escaped};
use super::error::{Cause, HeatError};
use super::facts::read;
use super::wire;
use crate::model::{CloudFacts, Offered};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Zones {
    availability_zone_info: Vec<Zone>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Zone {
    zone_name: String,
    #[serde(default)]
    zone_state: ZoneState,
}

#[derive(Deserialize)]
struct ZoneState {
    available: bool,
}

impl Default for ZoneState {
    fn default() -> Self {
        Self { available: true }
    }
}

#[derive(Deserialize)]
struct VolumeTypes {
    volume_types: Vec<VolumeType>,
}

#[derive(Deserialize)]
struct VolumeType {
    id: String,
    name: String,
}

/// The availability zones that take new servers.
pub async fn zones(cloud: &Cloud) -> Result<Offered<String>, HeatError> {
    let path = "/os-availability-zone".to_owned();
    let all: Zones = read(cloud, Service::Compute, path, "availability zones").await?;
    let open = all.availability_zone_info.into_iter().filter(|zone| zone.zone_state.available);
    Ok(open.map(|zone| (zone.zone_name.clone(), zone.zone_name)).collect())
}

/// The types of volumes.
pub async fn volume_types(cloud: &Cloud) -> Result<Offered<String>, HeatError> {
    let all: VolumeTypes = read(cloud, Service::BlockStorage, "/types".to_owned(), "volume types").await?;
    Ok(all.volume_types.into_iter().map(|of| (of.name, of.id)).collect())
}

/// Adds the images with these ids that listings leave out, because somebody else's community has them or they are hidden.
/// Returns whether there are any.
pub async fn add_images(cloud: &Cloud, facts: &mut CloudFacts, ids: &BTreeSet<String>) -> Result<bool, HeatError> {
    let mut found = Vec::new();
    for id in ids {
        let ask = Ask::new(Service::Image, Method::GET, format!("/v2/images/{}", escaped(id)));
        match cloud.read::<wire::Image>(ask).await {
            Ok(image) => found.push(image),
            Err(Cause::Fault(fault)) if matches!(fault.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) => {}
            Err(source) => return Err(HeatError::ReadFacts { what: "an image", source }),
        }
    }
    let any = !found.is_empty();
    facts.images.extend(found.into_iter().map(super::facts::image).collect());
    Ok(any)
}
