//! A cluster of which only some groups become what is wanted: everything else is wanted as it is.
//!
//! That is the template that Heat has, in which the resources of those groups are the definition's. It is refused where what
//! these need would have to change too (their network, what their servers begin with), and where Heat's template is not
//! known.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::WantedCluster;
use super::intermediate::IntermediateTemplate;
use super::known::KnownStack;
use super::scope::NotAlone;
use crate::model::{Address, GroupMembers, Members, node_name};
use crate::state::{ClusterState, Observation};
use crate::template::Template;

/// The cluster with what is reached as it is wanted, and everything else as it is.
///
/// # Errors
/// What stands in the way.
pub(super) fn narrowed(
    name: &str,
    wanted: &WantedCluster,
    remembered: Option<&ClusterState>,
    observation: &Observation,
    reaches: &dyn Fn(&Address) -> bool,
) -> Result<WantedCluster, NotAlone> {
    let whole = || format!("plan the whole cluster: --target cluster.{name}");
    let refused = |message: String| NotAlone { message, help: whole() };
    let Some(remembered) = remembered.filter(|known| !known.stacks.is_empty()) else {
        return Err(refused(format!(
            "cluster `{name}` does not exist yet, so that its groups cannot be planned alone"
        )));
    };
    if !observation.asked {
        return Err(NotAlone {
            message: format!("groups of cluster `{name}` cannot be planned alone offline: only Heat has its template"),
            help: format!("plan without --offline, or {}", whole()),
        });
    }
    let members = mixed_members(name, wanted, remembered, reaches);
    let (before, after) = (host_names(name, &remembered.members), host_names(name, &members));
    let mut templates: BTreeMap<String, Template> = BTreeMap::new();
    let stacks: BTreeSet<&String> = wanted.templates.keys().chain(remembered.stacks.keys()).collect();
    for stack in stacks {
        let seen = observation.stacks.get(stack);
        let template = wanted.templates.get(stack);
        let compared = template.map(|template| {
            let same = seen.and_then(|seen| seen.template.as_ref()).is_some_and(|seen| template.is(seen));
            (template, same)
        });
        let known = KnownStack::of(name, remembered.stacks.get(stack), seen, compared, true);
        match (known, template) {
            (known, Some(template)) => {
                if let Some(known) = &known
                    && let Some(other) = needed_and_other(known, template, reaches)
                {
                    return Err(refused(format!("`{other}` would have to change as well: what is targeted needs it")));
                }
                let mixed = IntermediateTemplate::with(known.as_ref(), template, Vec::new()).and_then(|mut mixed| {
                    mixed.reach(reaches);
                    mixed.drop_unused(reaches);
                    mixed.verify(&(&after - &before), &(&before - &after));
                    mixed.template()
                });
                let Some(mixed) = mixed else {
                    return Err(refused(format!(
                        "what stack `{stack}` has is not known well enough to plan a part of it"
                    )));
                };
                if known.is_some() || !mixed.resources.is_empty() {
                    templates.insert(stack.clone(), mixed);
                }
            }
            (Some(known), None) => {
                let mut nodes = known.resources.values().map(|known| &known.address);
                let stays = nodes.find(|address| matches!(address, Address::Node(..)) && !reaches(address));
                let Some(stays) = stays else { continue };
                let goes = known.resources.values().any(|known| reaches(&known.address));
                let template = if goes { None } else { as_it_is(&known) };
                let Some(template) = template else {
                    return Err(refused(format!("`{stays}` would be removed as well, with its stack `{stack}`")));
                };
                templates.insert(stack.clone(), template);
            }
            (None, None) => {}
        }
    }
    let mut addresses = BTreeSet::new();
    let mut nodes = members.groups.values().flat_map(|group| group.nodes.values());
    if nodes.any(|node| node.address.is_some_and(|address| !addresses.insert(address))) {
        return Err(refused(format!("groups of cluster `{name}` are given addresses that nodes of others still have")));
    }
    let mut mixed = WantedCluster { templates, members, ..wanted.clone() };
    mixed.prevent_destroy = remembered.prevent_destroy;
    mixed.refers_to.extend(remembered.refers_to.iter().cloned());
    mixed.facts.flavors.extend(remembered.facts.flavors.clone());
    mixed.facts.images.extend(remembered.facts.images.clone());
    mixed.facts.external_networks.extend(remembered.facts.external_networks.clone());
    for (group, frameworks) in &remembered.storage_groups {
        if !reaches(&Address::Group(name.to_owned(), group.clone())) {
            mixed.storage_groups.insert(group.clone(), frameworks.clone());
        }
    }
    Ok(mixed)
}

/// The template that a stack has, of which nothing is wanted; `None` where it is not wholly known.
fn as_it_is(known: &KnownStack<'_>) -> Option<Template> {
    let told = known.seen?.template.as_ref()?.get("description");
    let description = told.and_then(Json::as_str).unwrap_or_default().to_owned();
    IntermediateTemplate::begin(known, &Template { description, ..Template::default() })?.template()
}

/// What the reached resources refer to, directly or not, and what is there and would have to change for it.
fn needed_and_other(known: &KnownStack<'_>, wanted: &Template, reaches: &dyn Fn(&Address) -> bool) -> Option<Address> {
    let targeted = wanted.resources.values().filter(|resource| reaches(&resource.address));
    let mut waiting: Vec<&str> = targeted.flat_map(|resource| IntermediateTemplate::referred_by(resource)).collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let Some(resource) = wanted.resources.get(name).filter(|_| seen.insert(name)) else { continue };
        if !reaches(&resource.address) && known.resources.get(name).is_some_and(|known| known.differs(resource)) {
            return Some(resource.address.clone());
        }
        waiting.extend(IntermediateTemplate::referred_by(resource));
    }
    None
}

fn host_names(cluster: &str, members: &Members) -> BTreeSet<String> {
    let groups = members.groups.iter();
    groups.flat_map(|(group, nodes)| nodes.nodes.keys().map(move |index| node_name(cluster, group, *index))).collect()
}

/// The nodes of the reached groups as they shall be, those of the others as they are.
fn mixed_members(
    name: &str,
    wanted: &WantedCluster,
    remembered: &ClusterState,
    reaches: &dyn Fn(&Address) -> bool,
) -> Members {
    let is_meant = |group: &str| reaches(&Address::Group(name.to_owned(), group.to_owned()));
    let of = |members: &Members, meant: bool| -> Vec<(String, GroupMembers)> {
        let groups = members.groups.iter().filter(|(group, _)| is_meant(group) == meant);
        groups.map(|(group, members)| (group.clone(), members.clone())).collect()
    };
    let groups = of(&wanted.members, true).into_iter().chain(of(&remembered.members, false)).collect();
    Members { groups, ..wanted.members.clone() }
}
