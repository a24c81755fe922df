//! Whether the servers that Heat holds for complete exist: it does not notice that one was deleted behind its back.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::catalog::Service;
use super::cloud::{Cloud, escaped};
use super::error::HeatError;
use super::facts::{has_next, read};
use super::wire::Link;
use crate::model::heat_type;
use crate::plan::{Observation, ObservedResource, ObservedStack};

/// How many servers are asked for at a time.
const SIDE_BY_SIDE: usize = 8;

#[derive(Deserialize)]
struct Servers {
    servers: Vec<Server>,
    #[serde(default)]
    servers_links: Vec<Link>,
}

#[derive(Deserialize)]
struct Server {
    id: String,
}

/// Marks the servers that do not exist any more. One listing tells which are not in it; these are asked for one by one,
/// because a listing leaves out what lives in a part of the cloud that does not answer at the moment.
pub(super) async fn look_for(cloud: &Cloud, observation: &mut Observation) -> Result<(), HeatError> {
    let expected: BTreeSet<String> = observation.stacks.values().flat_map(expected).map(str::to_owned).collect();
    if expected.is_empty() {
        return Ok(());
    }
    let listed = ids(cloud).await?;
    let missing = expected.difference(&listed).map(|id| exists(cloud, id));
    let missing: Vec<_> = missing.collect();
    let gone: BTreeSet<&str> = stream::iter(missing)
        .buffer_unordered(SIDE_BY_SIDE)
        .try_filter_map(async |(id, exists)| Ok((!exists).then_some(id)))
        .try_collect()
        .await?;
    for resource in observation.stacks.values_mut().flat_map(|stack| stack.resources.values_mut()) {
        resource.vanished = resource.physical_id.as_deref().is_some_and(|id| gone.contains(id));
    }
    Ok(())
}

/// Ids of the servers that a stack holds for complete. While Heat is at work on it, that says nothing.
fn expected(stack: &ObservedStack) -> impl Iterator<Item = &str> {
    let complete = |resource: &&ObservedResource| {
        resource.heat_type == heat_type::SERVER && resource.exists() && resource.status.is_complete()
    };
    let servers = stack.resources.values().filter(|_| !stack.status.in_progress()).filter(complete);
    servers.filter_map(|resource| resource.physical_id.as_deref())
}

/// Ids of all servers of the project. The listing has to be whole, so its pages are not counted.
async fn ids(cloud: &Cloud) -> Result<BTreeSet<String>, HeatError> {
    let mut all = BTreeSet::new();
    let mut marker = String::new();
    loop {
        let path = format!("/servers?limit=1000{marker}");
        let page: Servers = read(cloud, Service::Compute, path, "servers").await?;
        let Some(last) = page.servers.last() else { return Ok(all) };
        marker = format!("&marker={}", escaped(&last.id));
        let known = all.len();
        all.extend(page.servers.into_iter().map(|server| server.id));
        // A cloud that gives the same page again would be asked for ever.
        if !has_next(&page.servers_links) || all.len() == known {
            return Ok(all);
        }
    }
}

/// Whether a server exists.
async fn exists<'i>(cloud: &Cloud, id: &'i str) -> Result<(&'i str, bool), HeatError> {
    match read::<IgnoredAny>(cloud, Service::Compute, format!("/servers/{}", escaped(id)), "a server").await {
        Ok(_) => Ok((id, true)),
        Err(error) if error.is_not_found() => Ok((id, false)),
        Err(error) => Err(error),
    }
}
