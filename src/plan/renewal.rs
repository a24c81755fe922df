//! Which node agent the configurations of a cluster that is there bring.
//!
//! An agent alone changes no machine: a group whose configuration differs by the agent of 0.1.0 only goes on having that
//! one. With any other change, and where disks of nodes that stay change, which that agent does not know how to unmount,
//! the current one comes along.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::WantedCluster;
use super::disks::Disks;
use super::known::{KnownResource, KnownStack, Unchanged};
use crate::model::{Address, DIGEST_DIGITS, ResourceName, heat_type};
use crate::node::{digest, with_current_agent, with_first_agent};
use crate::state::{ClusterState, Observation, StackState};
use crate::template::{Template, TemplateResource};

/// The cluster with the agents that its nodes need.
pub(super) fn renewed<'w>(
    cluster: &str,
    wanted: &'w WantedCluster,
    remembered: Option<&ClusterState>,
    observation: &Observation,
    unchanged: &Unchanged<'_>,
) -> Cow<'w, WantedCluster> {
    let mut changed: BTreeMap<&str, Template> = BTreeMap::new();
    for (stack, template) in &wanted.templates {
        let remembered = remembered.and_then(|cluster| cluster.stacks.get(stack));
        if remembered.is_some_and(|remembered| has_what_it_needs(remembered, template)) {
            continue;
        }
        let seen = observation.stacks.get(stack).filter(|_| observation.asked);
        let compared = unchanged.compared(stack, template, seen);
        let known = KnownStack::of(cluster, remembered, seen, Some(compared), observation.asked);
        let other = known.filter(|known| !known.is_as_wanted()).and_then(|known| with_agents(&known, template));
        changed.extend(other.map(|template| (stack.as_str(), template)));
    }
    if changed.is_empty() {
        return Cow::Borrowed(wanted);
    }
    let mut wanted = wanted.clone();
    wanted.templates.extend(changed.into_iter().map(|(stack, template)| (stack.to_owned(), template)));
    Cow::Owned(wanted)
}

/// Whether it shows without asking Heat that no agent is to be another one: there are no volumes, and all configurations
/// are there.
fn has_what_it_needs(remembered: &StackState, wanted: &Template) -> bool {
    let mut types = remembered.resources.values().map(|known| known.heat_type.as_str());
    let mut resources = wanted.resources.iter();
    !types.any(|heat_type| heat_type == heat_type::VOLUME)
        && resources.all(|(name, resource)| match resource.heat_type.as_str() {
            heat_type::VOLUME => false,
            heat_type::SOFTWARE_CONFIG => remembered.resources.contains_key(name),
            _ => true,
        })
}

/// A stack's template with the agents that its nodes have where that is all that differs; `None` where there are none.
fn with_agents(known: &KnownStack<'_>, wanted: &Template) -> Option<Template> {
    let mut disks = Disks::new(known, wanted);
    let mut template: Option<Template> = None;
    for (name, resource) in &wanted.resources {
        let Some(ResourceName::Configuration(group, _)) = ResourceName::parse(name) else { continue };
        let Some((new, renewed)) = with_agent(group, resource, with_first_agent) else { continue };
        let is_there = known.resources.get(new.as_str()).is_some_and(KnownResource::exists);
        if !is_there || disks.need_current_agent(group, &new, name) {
            continue;
        }
        let template = template.get_or_insert_with(|| wanted.clone());
        template.resources.remove(name);
        template.resources.insert(new.clone(), Arc::new(renewed));
        let own = |resource: &TemplateResource| {
            resource.heat_type == heat_type::SOFTWARE_DEPLOYMENT
                && matches!(&resource.address, Address::Node(_, own, _) if own == group)
        };
        for deployment in template.resources.values_mut().filter(|resource| own(resource)) {
            Arc::make_mut(deployment).properties.insert("config", json!({ "get_resource": new }));
        }
    }
    template
}

/// A group's configuration with the current agent, and the name of its resource.
pub(super) fn with_current_form(group: &str, resource: &TemplateResource) -> Option<(String, TemplateResource)> {
    with_agent(group, resource, with_current_agent)
}

/// A group's configuration with another agent, and the name of its resource, which carries its digest.
fn with_agent(
    group: &str,
    resource: &TemplateResource,
    other: impl Fn(&str) -> Option<String>,
) -> Option<(String, TemplateResource)> {
    let text = other(resource.properties.get("config")?.as_str()?)?;
    let digest = digest(&text);
    let name = ResourceName::Configuration(group, digest.get(..DIGEST_DIGITS)?).to_string();
    let mut resource = resource.clone();
    resource.properties.insert("config", text.into());
    Some((name, resource))
}
