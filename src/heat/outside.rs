//! What Nova and Neutron say of what Heat holds for complete: it does not notice what happens behind its back.
//!
//! Four listings, whatever the number of nodes and clusters: servers, ports, floating IPs and rules. A port lives only as
//! long as its network, its subnet and its security group do, and a router's interface as long as the router, so that
//! these are asked for only where ports are missing.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::de::IgnoredAny;

use super::catalog::Service;
use super::cloud::{Cloud, escaped};
use super::error::HeatError;
use super::facts::read;
use super::{networking, servers};
use crate::model::Action;
use crate::plan::{Found, Observation, ObservedResource, ObservedStack};

/// How many things are asked for at a time.
const SIDE_BY_SIDE: usize = 8;

/// The stacks that say what should be there. While Heat is at work on one, or has suspended it, it says nothing.
pub(super) struct Expected<'o> {
    pub(super) stacks: Vec<&'o ObservedStack>,
}

impl<'o> Expected<'o> {
    fn of(observation: &'o Observation) -> Self {
        let settled = |stack: &&ObservedStack| {
            !stack.status.in_progress() && !matches!(stack.status.action, Action::Delete | Action::Suspend)
        };
        Self { stacks: observation.stacks.values().filter(settled).collect() }
    }

    /// Ids of all resources of a type.
    pub(super) fn ids(&self, heat_type: &str) -> BTreeSet<&'o str> {
        self.stacks.iter().flat_map(|stack| complete(stack, heat_type)).map(|(_, id)| id).collect()
    }
}

/// The resources of a type that a stack holds for complete: logical name and id.
pub(super) fn complete<'o>(stack: &'o ObservedStack, heat_type: &str) -> impl Iterator<Item = (&'o str, &'o str)> {
    let complete = move |resource: &ObservedResource| {
        resource.heat_type == heat_type && resource.exists() && resource.status.is_complete()
    };
    let resources = stack.resources.iter().filter(move |(_, resource)| complete(resource));
    resources.filter_map(|(name, resource)| Some((name.as_str(), resource.physical_id.as_deref()?)))
}

/// Notes what is found behind the resources of all stacks.
pub(super) async fn look(cloud: &Cloud, observation: &mut Observation) -> Result<(), HeatError> {
    let (mut found, network) = {
        let expected = Expected::of(observation);
        tokio::try_join!(servers::look(cloud, &expected), networking::look(cloud, &expected))?
    };
    found.extend(network.found);
    for resource in observation.stacks.values_mut().flat_map(|stack| stack.resources.values_mut()) {
        let found = resource.physical_id.as_ref().and_then(|id| found.get(id));
        resource.found = found.copied().unwrap_or_default();
    }
    for ((stack, name), found) in network.connections {
        let stack = observation.stacks.values_mut().find(|known| known.id == stack);
        if let Some(resource) = stack.and_then(|stack| stack.resources.get_mut(&name)) {
            resource.found = found;
        }
    }
    let mut foreign: BTreeMap<String, Vec<_>> = network.foreign_rules;
    for stack in observation.stacks.values_mut() {
        stack.foreign_rules = foreign.remove(&stack.id).unwrap_or_default();
    }
    Ok(())
}

/// Those of some things that do not exist: each is asked for by itself, a few at a time.
pub(super) async fn gone(
    cloud: &Cloud,
    service: Service,
    collection: &str,
    what: &'static str,
    ids: &BTreeSet<&str>,
) -> Result<BTreeSet<String>, HeatError> {
    let asked = ids.iter().map(|id| exists(cloud, service, collection, what, id));
    let asked: Vec<_> = asked.collect();
    stream::iter(asked)
        .buffer_unordered(SIDE_BY_SIDE)
        .try_filter_map(async |(id, exists)| Ok((!exists).then(|| id.to_owned())))
        .try_collect()
        .await
}

async fn exists<'i>(
    cloud: &Cloud,
    service: Service,
    collection: &str,
    what: &'static str,
    id: &'i str,
) -> Result<(&'i str, bool), HeatError> {
    match read::<IgnoredAny>(cloud, service, format!("{collection}/{}", escaped(id)), what).await {
        Ok(_) => Ok((id, true)),
        Err(error) if error.is_not_found() => Ok((id, false)),
        Err(error) => Err(error),
    }
}

/// What is found, for those that are gone.
pub(super) fn deleted(gone: BTreeSet<String>) -> impl Iterator<Item = (String, Found)> {
    gone.into_iter().map(|id| (id, Found::Deleted))
}
