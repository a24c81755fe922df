//! The templates on the way from a stack as it is to the stack that is wanted: first fewer nodes, then more, then
//! everything else, each an update of its own.
//!
//! Growing sends what the existing nodes already have, byte for byte, so that nothing of theirs is touched.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::compare::{CONFIG, is_verification};
use super::known::KnownStack;
use super::object::brief;
use super::reference::{Reference, has_resource, references};
use super::schema::effect;
use super::{Change, ChangeKind, Step, StepAction, WantedCluster};
use crate::model::{Address, OnFailure};
use crate::template::{Template, TemplateResource};

const SERVER: &str = "OS::Nova::Server";

/// What all steps of one stack have in common.
pub(super) struct Composer<'a> {
    pub(super) cluster: &'a str,
    pub(super) stack: &'a str,
    pub(super) wanted: &'a WantedCluster,
    pub(super) template: &'a Template,
    pub(super) tags: Vec<String>,
}

impl Composer<'_> {
    fn step(&self, title: String, action: StepAction, addresses: Vec<Address>, rollback: bool) -> Step {
        Step {
            title,
            cluster: self.cluster.to_owned(),
            stack: self.stack.to_owned(),
            action,
            addresses,
            timeout_minutes: self.wanted.timeout_minutes,
            rollback: rollback && self.wanted.on_failure == OnFailure::Rollback,
            stage: 0,
            heal: Vec::new(),
        }
    }

    /// The one step that makes a stack.
    pub(super) fn create(&self, changes: &[Change]) -> Step {
        let addresses = changes.iter().map(|change| change.address.clone()).collect();
        let title = format!("create {}", self.stack);
        self.step(title, StepAction::Create(self.template.clone(), self.tags.clone()), addresses, true)
    }

    /// The steps that change a stack.
    pub(super) fn update(&self, known: &KnownStack<'_>, changes: &[Change]) -> Vec<Step> {
        let nodes = |kind| {
            let of_kind = changes.iter().filter(move |change| change.kind == kind);
            of_kind.map(|change| &change.address).filter(|address| matches!(address, Address::Node(..)))
        };
        let there: BTreeSet<&Address> = known.resources.values().map(|resource| &resource.address).collect();
        let removed: BTreeSet<&Address> = nodes(ChangeKind::Delete).collect();
        let added: BTreeSet<&Address> = nodes(ChangeKind::Create).filter(|address| !there.contains(address)).collect();
        let mut steps = Vec::new();
        // Where the network itself is made anew, nothing is gained by going in small steps.
        let stands = !changes.iter().any(|change| change.kind == ChangeKind::Replace && is_network(&change.address));
        let mut reached = if stands && (!removed.is_empty() || !added.is_empty()) { self.present(known) } else { None };
        let update = |template: Template| StepAction::Update(template, self.tags.clone());
        let mut titles: Vec<String> = Vec::new();
        if !removed.is_empty() {
            let title = format!("shrink: {}", brief(removed.iter().copied()));
            match reached.take().and_then(|present| self.without(present, &removed)) {
                Some(smaller) if self.remains(&smaller) => {
                    let addresses = removed.iter().map(|address| (*address).clone()).collect();
                    steps.push(self.step(title, update(smaller.clone()), addresses, false));
                    reached = Some(smaller);
                }
                _ => titles.push(title),
            }
        }
        let mut growing = false;
        if !added.is_empty() {
            let title = format!("grow: {}", brief(added.iter().copied()));
            match reached.and_then(|reached| self.with(reached, &added)) {
                Some(larger) if self.remains(&larger) => {
                    let addresses = added.iter().map(|address| (*address).clone()).collect();
                    steps.push(self.step(title, update(larger), addresses, true));
                }
                _ => {
                    growing = titles.is_empty();
                    titles.push(title);
                }
            }
        }
        let done = |address: &Address| {
            !titles.is_empty() && (removed.contains(address) || added.contains(address))
                || !removed.contains(address) && !added.contains(address)
        };
        let last: Vec<&Change> = changes.iter().filter(|change| done(&change.address)).collect();
        let others: Vec<&Address> = last
            .iter()
            .filter(|change| change.kind != ChangeKind::Verify && !is_plumbing(&change.address))
            .map(|change| &change.address)
            .filter(|address| !removed.contains(address) && !added.contains(address))
            .collect();
        if !others.is_empty() {
            growing = false;
            titles.push(format!("reconfigure: {}", brief(others.iter().copied())));
        }
        if titles.is_empty() {
            let failed = known.seen.is_some_and(|seen| seen.status == "FAILED");
            titles.push(if failed { "continue" } else { "update" }.to_owned());
        }
        let addresses = last.iter().map(|change| change.address.clone()).collect();
        steps.push(self.step(titles.join("; "), update(self.template.clone()), addresses, growing));
        steps
    }

    /// The template as it stands now, with the parameters to send; `None` where it is not wholly known, or needs a
    /// parameter whose value is not.
    fn present(&self, known: &KnownStack<'_>) -> Option<Template> {
        let mut present = Template {
            description: self.template.description.clone(),
            parameters: self.template.parameters.clone(),
            ..Template::default()
        };
        for (name, resource) in &known.resources {
            let definition = resource.definition(self.template.resources.get(*name))?;
            present.resources.insert((*name).to_owned(), definition);
        }
        let mut complete = true;
        for value in present.resources.values().flat_map(|resource| resource.properties.values()) {
            references(value, &mut |reference| {
                if let Reference::Parameter(name) = reference {
                    complete &= name.starts_with("OS::") || present.parameters.contains_key(name);
                }
            });
        }
        complete.then_some(present)
    }

    /// Heat makes the verification again, because its dependencies differ: it shall not ask for those who leave.
    fn without(&self, mut present: Template, removed: &BTreeSet<&Address>) -> Option<Template> {
        let leaves = |resource: &TemplateResource| removed.contains(&resource.address);
        let servers = present.resources.values().filter(|resource| leaves(resource) && resource.heat_type == SERVER);
        let names = servers.filter_map(|server| server.properties.get("name")?.as_str().map(str::to_owned));
        let names: BTreeSet<String> = names.collect();
        present.resources.retain(|_, resource| !leaves(resource));
        let verifications = present.resources.iter_mut().filter(|(name, _)| is_verification(name));
        for (_, verification) in verifications {
            let inputs = verification.properties.get_mut("input_values");
            if let Some(Json::String(members)) = inputs.and_then(|inputs| inputs.get_mut("members")) {
                let staying: Vec<&str> = members.split(' ').filter(|member| !names.contains(*member)).collect();
                *members = staying.join(" ");
            }
        }
        self.closed(present)
    }

    fn with(&self, mut present: Template, added: &BTreeSet<&Address>) -> Option<Template> {
        let new = self.template.resources.iter().filter(|(_, resource)| added.contains(&resource.address));
        let mut waiting: Vec<&str> = new.map(|(name, _)| name.as_str()).collect();
        while let Some(name) = waiting.pop() {
            if present.resources.contains_key(name) {
                continue;
            }
            let (name, resource) = self.template.resources.get_key_value(name)?;
            for value in resource.properties.values() {
                references(value, &mut |reference| {
                    if let Reference::Resource(target) = reference {
                        waiting.push(target);
                    }
                });
            }
            waiting.extend(resource.depends_on.iter().map(String::as_str));
            present.resources.insert(name.clone(), resource.clone());
        }
        self.closed(present)
    }

    /// Drops dependencies on, and outputs of, what is not there; `None` if a property refers to it.
    fn closed(&self, mut template: Template) -> Option<Template> {
        let names: BTreeSet<String> = template.resources.keys().cloned().collect();
        let dangling = |value: &Json| has_resource(value, &|name| !names.contains(name));
        for resource in template.resources.values_mut() {
            if resource.properties.values().any(dangling) {
                return None;
            }
            resource.depends_on.retain(|name| names.contains(name));
        }
        let outputs = self.template.outputs.iter().filter(|(_, output)| !dangling(&output.value));
        template.outputs = outputs.map(|(name, output)| (name.clone(), output.clone())).collect();
        Some(template)
    }

    /// Whether something that matters still differs from what is wanted: neither the verification, which comes last
    /// anyway, nor configurations that nobody uses any more.
    fn remains(&self, reached: &Template) -> bool {
        let matters = |name: &str, heat_type: &str| !is_verification(name) && heat_type != CONFIG;
        let gone = reached.resources.iter().any(|(name, resource)| {
            !self.template.resources.contains_key(name)
                && matters(name, &resource.heat_type)
                && !is_plumbing(&resource.address)
        });
        gone || self.template.resources.iter().any(|(name, wanted)| {
            if !matters(name, &wanted.heat_type) && reached.resources.contains_key(name) {
                return false;
            }
            let Some(before) = reached.resources.get(name) else { return matters(name, &wanted.heat_type) };
            before.heat_type != wanted.heat_type
                || wanted.properties.iter().any(|(property, value)| {
                    before.properties.get(property) != Some(value)
                        && effect(&wanted.heat_type, property, &wanted.properties) != ChangeKind::NoChange
                })
                || before.properties.keys().any(|property| !wanted.properties.contains_key(property))
        })
    }
}

fn is_network(address: &Address) -> bool {
    matches!(address, Address::Network(_))
}

/// What has no face of its own: what a group's nodes share, and the cluster's verification.
pub(super) fn is_plumbing(address: &Address) -> bool {
    matches!(address, Address::Group(..) | Address::Cluster(_))
}
