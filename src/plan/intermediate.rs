//! A template on the way from what is there to what is wanted: it changes object by object, and what is not reached yet
//! is, byte for byte, what is there, so that nothing of it is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::compare::is_verification;
use super::disks::DiskChange;
use super::known::{KnownResource, KnownStack};
use super::object::is_plumbing;
use super::reference::{Reference, has_resource, named, references};
use super::renewal::with_current_form;
use super::schema::effect;
use super::{ChangeKind, compare};
use crate::graph::ParameterValue;
use crate::model::{Address, heat_type, node_name};
use crate::node::{LEAVING_INPUT, RELEASE_INPUT, all_names, brief_names};
use crate::template::{Parameter, Template, TemplateResource};

/// A template between the present one and the wanted one.
#[derive(Clone)]
pub(super) struct IntermediateTemplate<'a> {
    wanted: &'a Template,
    now: BTreeMap<String, Arc<TemplateResource>>,
    parameters: BTreeMap<String, Parameter>,
}

impl<'a> IntermediateTemplate<'a> {
    /// The beginning: the template as it stands; `None` where it is not wholly known.
    pub(super) fn begin(known: &KnownStack<'_>, wanted: &'a Template) -> Option<Self> {
        let mut now = BTreeMap::new();
        for (name, resource) in &known.resources {
            match resource.definition(wanted.resources.get(*name)) {
                Some(definition) => now.insert((*name).to_owned(), definition),
                // A configuration that an update did not come to delete: its text is remembered by Heat alone, and the
                // next update deletes it.
                None if resource.is_left() => None,
                None => return None,
            };
        }
        detach_from_lost(known, wanted, &mut now);
        leave_unmade(known, wanted, &mut now);
        let parameters = known.declared.iter().map(|(name, hidden)| {
            let kept = || Parameter {
                kind: "string".to_owned(),
                description: "As it was".to_owned(),
                value: ParameterValue::Kept,
                hidden: *hidden,
            };
            ((*name).to_owned(), wanted.parameters.get(*name).cloned().unwrap_or_else(kept))
        });
        Some(Self { wanted, now, parameters: parameters.collect() })
    }

    /// The template as it stands, with some resources of the wanted one and what their properties need, but not what they
    /// come after; `None` where it is not wholly known.
    pub(super) fn with(known: Option<&KnownStack<'_>>, wanted: &'a Template, names: Vec<String>) -> Option<Self> {
        let mut waiting = names;
        let mut template = match known {
            Some(known) => Self::begin(known, wanted)?,
            None => Self { wanted, now: BTreeMap::new(), parameters: BTreeMap::new() },
        };
        while let Some(name) = waiting.pop() {
            let Some(resource) = wanted.resources.get(&name).filter(|_| !template.now.contains_key(&name)) else {
                continue;
            };
            let mut found = Vec::new();
            refers(resource, &mut found);
            waiting.extend(found.into_iter().map(str::to_owned));
            template.now.insert(name, resource.clone());
        }
        Some(template)
    }

    /// The verification is told who leaves, and no longer asks for them.
    pub(super) fn drain(&mut self, leaving: &BTreeSet<String>) {
        self.forget(leaving);
        self.tell_verification(|inputs| {
            inputs.insert(LEAVING_INPUT.to_owned(), brief_names(leaving.iter().cloned()).into());
        });
    }

    /// Objects go. Heat makes the verification again, because its dependencies differ: it shall not ask for those who
    /// leave.
    pub(super) fn leave(&mut self, leaving: &BTreeSet<&Address>) {
        let leaves = |resource: &TemplateResource| leaving.contains(&resource.address);
        let servers = self.now.values().filter(|resource| leaves(resource) && resource.heat_type == heat_type::SERVER);
        let names = servers.filter_map(|server| server.properties.get("name")?.as_str().map(str::to_owned));
        let names: BTreeSet<String> = names.collect();
        self.now.retain(|_, resource| !leaves(resource));
        self.forget(&names);
    }

    /// Configurations of nodes that failed, and whose turn has not come or never will, go until then: Heat would carry each
    /// out again with every update. Meanwhile the verification does not ask for these nodes.
    pub(super) fn leave_out(&mut self, nodes: &BTreeSet<&Address>) {
        let is_out = |name: &str, resource: &TemplateResource| {
            nodes.contains(&resource.address)
                && resource.heat_type == heat_type::SOFTWARE_DEPLOYMENT
                && !is_verification(name)
        };
        self.now.retain(|name, resource| !is_out(name, resource));
        let names = nodes.iter().filter_map(|address| match address {
            Address::Node(cluster, group, index) => Some(node_name(cluster, group, *index)),
            _ => None,
        });
        self.forget(&names.collect());
    }

    /// The verification does not ask for these any more.
    fn forget(&mut self, names: &BTreeSet<String>) {
        self.tell_verification(|inputs| {
            if let Some(Json::String(members)) = inputs.get_mut("members") {
                *members = brief_names(all_names(members).into_iter().filter(|member| !names.contains(member)));
            }
        });
    }

    /// The verification asks for nodes that come, after them, and not for those that leave.
    pub(super) fn verify(&mut self, coming: &BTreeSet<String>, leaving: &BTreeSet<String>) {
        let wanted = self.wanted;
        for (name, verification) in self.now.iter_mut().filter(|(name, _)| is_verification(name)) {
            let Some(after) = wanted.resources.get(name).map(|wanted| &wanted.depends_on) else { continue };
            let known = &verification.depends_on;
            let more: Vec<String> = after.iter().filter(|name| !known.contains(name)).cloned().collect();
            // Those that are not there are left out when it is closed.
            Arc::make_mut(verification).depends_on.extend(more);
            Arc::make_mut(verification).depends_on.sort();
        }
        let list = |resource: &TemplateResource| {
            let inputs = resource.properties.get("input_values")?;
            Some(all_names(inputs.get("members")?.as_str()?))
        };
        let mut verifications = wanted.resources.iter().filter(|(name, _)| is_verification(name));
        let order = verifications.find_map(|(_, resource)| list(resource)).unwrap_or_default();
        self.tell_verification(|inputs| {
            if let Some(Json::String(members)) = inputs.get_mut("members") {
                let mut names = all_names(members);
                names.retain(|name| !leaving.contains(name));
                let more: Vec<String> = coming.iter().filter(|name| !names.contains(name)).cloned().collect();
                names.extend(more);
                names.sort_by_key(|name| order.iter().position(|known| known == name).unwrap_or(order.len()));
                *members = brief_names(names);
            }
        });
    }

    /// Changes what the verification is told.
    fn tell_verification(&mut self, change: impl Fn(&mut Map<String, Json>)) {
        for (_, verification) in self.now.iter_mut().filter(|(name, _)| is_verification(name)) {
            let inputs = verification.properties.get("input_values").cloned();
            if let Some(Json::Object(mut inputs)) = inputs {
                change(&mut inputs);
                Arc::make_mut(verification).properties.insert("input_values", inputs.into());
            }
        }
    }

    /// Objects become what is wanted of them, with whatever they need. Of what nodes share nothing goes yet, and of the
    /// verification nothing changes.
    pub(super) fn reach(&mut self, reached: impl Fn(&Address) -> bool) {
        let wanted = self.wanted;
        // What nodes share may still be needed by those that are not reached yet.
        let leaves = |name: &str, resource: &TemplateResource| {
            let own = matches!(resource.address, Address::Node(..)) && reached(&resource.address);
            own && !wanted.resources.contains_key(name)
        };
        self.now.retain(|name, resource| !leaves(name, resource));
        let objects =
            wanted.resources.iter().filter(|(name, resource)| reached(&resource.address) && !is_verification(name));
        let mut waiting: Vec<&str> = Vec::new();
        for (name, resource) in objects {
            needs(resource, &mut waiting);
            self.now.insert(name.clone(), resource.clone());
        }
        while let Some(name) = waiting.pop() {
            if self.now.contains_key(name) {
                continue;
            }
            // What is not in the template either is found when it is closed.
            let Some(resource) = wanted.resources.get(name) else { continue };
            needs(resource, &mut waiting);
            self.now.insert(name.to_owned(), resource.clone());
        }
    }

    /// What the properties of a resource refer to.
    pub(super) fn referred_by(resource: &TemplateResource) -> Vec<&str> {
        let mut found = Vec::new();
        refers(resource, &mut found);
        found
    }

    /// The same, and what it comes after.
    pub(super) fn needed_by(resource: &TemplateResource) -> Vec<&str> {
        let mut found = Vec::new();
        needs(resource, &mut found);
        found
    }

    /// What nodes of objects that are reached shared, and nobody wants or refers to any more, goes.
    pub(super) fn drop_unused(&mut self, reached: impl Fn(&Address) -> bool) {
        loop {
            let needed: BTreeSet<String> =
                self.now.values().flat_map(|resource| Self::needed_by(resource)).map(str::to_owned).collect();
            let before = self.now.len();
            let wanted = self.wanted;
            self.now.retain(|name, resource| {
                !reached(&resource.address) || wanted.resources.contains_key(name) || needed.contains(name)
            });
            if self.now.len() == before {
                return;
            }
        }
    }

    /// What is to be sent before volumes change: their nodes keep the configuration that they have, with an agent that
    /// unmounts these volumes and does nothing else. `None` where a configuration is not that of a node.
    pub(super) fn unmounting(&self, nodes: &[(&Address, &DiskChange)]) -> Option<Template> {
        let mut before = self.clone();
        for (address, disks) in nodes {
            let own = |resource: &TemplateResource| {
                resource.heat_type == heat_type::SOFTWARE_DEPLOYMENT && resource.address == **address
            };
            let (name, deployment) = self.now.iter().find(|(_, resource)| own(resource))?;
            let mut deployment = (**deployment).clone();
            let config = named(deployment.properties.get("config")?)?;
            let Address::Node(_, group, _) = address else { return None };
            if let Some((name, config)) = with_current_form(group, self.now.get(config)?) {
                deployment.properties.insert("config", json!({ "get_resource": name }));
                before.now.insert(name, Arc::new(config));
            }
            let mut inputs = deployment.properties.get("input_values").cloned().unwrap_or_else(|| json!({}));
            let names: Vec<&str> = disks.release.union(&disks.released).map(String::as_str).collect();
            inputs.as_object_mut()?.insert(RELEASE_INPUT.to_owned(), names.join(" ").into());
            deployment.properties.insert("input_values", inputs);
            before.now.insert(name.clone(), Arc::new(deployment));
        }
        before.template()
    }

    /// What is to be sent: without dependencies on, and outputs of, what is not there; `None` if a property refers to
    /// such a thing.
    pub(super) fn template(&self) -> Option<Template> {
        let dangling = |value: &Json| has_resource(value, &|name| !self.now.contains_key(name));
        let mut template = Template { description: self.wanted.description.clone(), ..Template::default() };
        for (name, resource) in &self.now {
            if resource.properties.values().any(dangling) {
                return None;
            }
            let mut resource = Arc::clone(resource);
            if resource.depends_on.iter().any(|name| !self.now.contains_key(name)) {
                Arc::make_mut(&mut resource).depends_on.retain(|name| self.now.contains_key(name));
            }
            template.resources.insert(name.clone(), resource);
        }
        let outputs = self.wanted.outputs.iter().filter(|(_, output)| !dangling(&output.value));
        template.outputs = outputs.map(|(name, output)| (name.clone(), output.clone())).collect();
        for value in template.resources.values().flat_map(|resource| resource.properties.values()) {
            references(value, &mut |reference| {
                if let Reference::Parameter(name) = reference
                    && let Some(parameter) = self.wanted.parameters.get(name).or_else(|| self.parameters.get(name))
                {
                    template.parameters.entry(name.to_owned()).or_insert_with(|| parameter.clone());
                }
            });
        }
        Some(template)
    }

    /// Whether something that matters still differs from what is wanted: neither the verification, which comes last
    /// anyway, nor configurations that nobody uses any more.
    pub(super) fn remains(&self) -> bool {
        let matters = |name: &str, heat_type: &str| !is_verification(name) && heat_type != heat_type::SOFTWARE_CONFIG;
        let gone = self.now.iter().any(|(name, resource)| {
            !self.wanted.resources.contains_key(name)
                && matters(name, &resource.heat_type)
                && !is_plumbing(&resource.address)
        });
        gone || self.wanted.resources.iter().any(|(name, wanted)| {
            if !matters(name, &wanted.heat_type) && self.now.contains_key(name) {
                return false;
            }
            let Some(before) = self.now.get(name) else { return matters(name, &wanted.heat_type) };
            before.heat_type != wanted.heat_type
                || wanted.properties.iter().any(|(property, value)| {
                    before.properties.get(property) != Some(value)
                        && effect(&wanted.heat_type, property, &wanted.properties) != ChangeKind::NoChange
                })
                || before.properties.keys().any(|property| !wanted.properties.contains_key(property))
        })
    }
}

/// What an update did not reach may need what is left over from before it and is not at hand: it becomes what Heat was told
/// last, except that volumes which its node has unmounted stay so; what Heat shall delete goes.
fn detach_from_lost(known: &KnownStack<'_>, wanted: &Template, now: &mut BTreeMap<String, Arc<TemplateResource>>) {
    let dangling = |resource: &TemplateResource| {
        resource.properties.values().any(|value| has_resource(value, &|name| !now.contains_key(name)))
    };
    let lost: Vec<String> =
        now.iter().filter(|(_, resource)| dangling(resource)).map(|(name, _)| name.clone()).collect();
    for name in lost {
        let Some(resource) = known.resources.get(name.as_str()) else { continue };
        if resource.is_left() && !wanted.resources.contains_key(&name) {
            now.remove(&name);
        }
        let told = resource.as_told().and_then(|told| told.definition(wanted.resources.get(&name)));
        let Some(mut told) = told else { continue };
        let release =
            now.get(&name).and_then(|before| before.properties.get("input_values")?.get(RELEASE_INPUT).cloned());
        if let Some(release) = release
            && let Some(mut inputs) = told.properties.get("input_values").cloned()
            && let Some(entries) = inputs.as_object_mut()
        {
            entries.insert(RELEASE_INPUT.to_owned(), release);
            Arc::make_mut(&mut told).properties.insert("input_values", inputs);
        }
        now.insert(name, told);
    }
}

/// Parts of nodes that an update did not come to make, and whose node is wanted otherwise now, stay unmade until its turn:
/// Heat would make them with the next update of any kind as they were wanted then, and a volume that is made and mounted
/// too small would have to change once more. What something refers to that is there stays.
fn leave_unmade(known: &KnownStack<'_>, wanted: &Template, now: &mut BTreeMap<String, Arc<TemplateResource>>) {
    let differs = |name: &str, resource: &KnownResource<'_>| {
        wanted.resources.get(name).is_some_and(|wanted| !resource.exists() && resource.differs(wanted))
    };
    let changed: BTreeSet<&Address> = known
        .resources
        .iter()
        .filter(|(name, resource)| matches!(resource.address, Address::Node(..)) && differs(name, resource))
        .map(|(_, resource)| &resource.address)
        .collect();
    if changed.is_empty() {
        return;
    }
    let is_unmade = |name: &str, resource: &TemplateResource| {
        changed.contains(&resource.address) && known.resources.get(name).is_some_and(|resource| !resource.exists())
    };
    let mut needed: BTreeSet<String> = BTreeSet::new();
    let mut waiting: Vec<Arc<TemplateResource>> =
        now.iter().filter(|(name, resource)| !is_unmade(name, resource)).map(|(_, made)| Arc::clone(made)).collect();
    while let Some(resource) = waiting.pop() {
        for value in resource.properties.values() {
            references(value, &mut |reference| {
                if let Reference::Resource(name) = reference
                    && let Some(unmade) = now.get(name).filter(|unmade| is_unmade(name, unmade))
                    && needed.insert(name.to_owned())
                {
                    waiting.push(Arc::clone(unmade));
                }
            });
        }
    }
    now.retain(|name, resource| !is_unmade(name, resource) || needed.contains(name));
}

fn needs<'t>(resource: &'t TemplateResource, found: &mut Vec<&'t str>) {
    refers(resource, found);
    found.extend(resource.depends_on.iter().map(String::as_str));
}

fn refers<'t>(resource: &'t TemplateResource, found: &mut Vec<&'t str>) {
    for value in resource.properties.values() {
        references(value, &mut |reference| {
            if let Reference::Resource(target) = reference {
                found.push(target);
            }
        });
    }
}

/// A wanted template without its verification, for as long as not all that it asks for is there.
pub(super) fn unverified(wanted: &Template) -> Template {
    let mut template = wanted.clone();
    template.resources.retain(|name, _| !compare::is_verification(name));
    template
}
