//! Two versions of a stack, resource by resource.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::configuration;
use super::known::{KnownResource, KnownStack, KnownValue, Standing};
use super::reference::{Reference, has_parameter, has_resource, references};
use super::schema::{default_of, effect};
use super::{ChangeKind, PropertyChange, ResourceChange};
use crate::model::{Action, ResourceName, Status, heat_type};
use crate::template::{Template, TemplateResource};

/// Whether a resource only checks what the others made.
pub(crate) fn is_verification(name: &str) -> bool {
    ResourceName::verification(name).is_some()
}

/// The differing resources of one stack.
pub(super) struct Comparison<'a> {
    stack: &'a str,
    known: Option<&'a KnownStack<'a>>,
    wanted: &'a Template,
    changed_parameters: BTreeSet<&'a str>,
    /// By logical name.
    pub(super) changes: BTreeMap<String, ResourceChange>,
    /// Configurations that take over from one more, or that were there before and do so again.
    pub(super) takeovers: Vec<ResourceChange>,
    /// Those of the changes behind which nothing stood any more, or never did.
    pub(super) missing: BTreeSet<String>,
}

impl<'a> Comparison<'a> {
    /// Compares a stack with its wanted template.
    pub(super) fn of(
        lineage: &str,
        stack: &'a str,
        known: Option<&'a KnownStack<'a>>,
        wanted: &'a Template,
        id_of: &dyn Fn(&str, &str) -> Option<String>,
    ) -> Self {
        let changed_parameters = known.map(|known| known.changed_parameters(lineage, wanted, id_of));
        let changed_parameters = changed_parameters.unwrap_or_default();
        let changes = BTreeMap::new();
        let mut all =
            Self { stack, known, wanted, changed_parameters, changes, takeovers: Vec::new(), missing: BTreeSet::new() };
        for (name, resource) in &wanted.resources {
            let change = match known.and_then(|known| known.resources.get(name.as_str())) {
                None => Some(all.change(name, &resource.heat_type, ChangeKind::Create, created(resource))),
                Some(before) => all.compare(name, before, resource),
            };
            all.changes.extend(change.map(|change| (name.clone(), change)));
        }
        for (name, before) in known.iter().flat_map(|known| &known.resources) {
            if !wanted.resources.contains_key(*name) {
                if !before.exists() {
                    all.missing.insert((*name).to_owned());
                }
                let change = all.change(name, before.heat_type, ChangeKind::Delete, removed(before));
                all.changes.insert((*name).to_owned(), change);
            }
        }
        all.follow_references();
        all.pair_configurations();
        all
    }

    fn change(&self, name: &str, heat_type: &str, kind: ChangeKind, properties: Vec<PropertyChange>) -> ResourceChange {
        let (stack, heat_type) = (self.stack.to_owned(), heat_type.to_owned());
        ResourceChange { stack, name: name.to_owned(), replaces: None, heat_type, kind, properties }
    }

    fn compare(&mut self, name: &str, before: &KnownResource<'_>, after: &TemplateResource) -> Option<ResourceChange> {
        if before.heat_type != after.heat_type {
            return Some(self.change(name, &after.heat_type, ChangeKind::Replace, created(after)));
        }
        let kind = match before.standing {
            Standing::Missing => {
                self.missing.insert(name.to_owned());
                return Some(self.change(name, &after.heat_type, ChangeKind::Create, created(after)));
            }
            // After a failed update Heat asks Nova and Neutron what became of these, and goes on with what lives.
            Standing::Failed(seen)
                if seen.status.is(&Action::Update, &Status::Failed) && outlives_failed_updates(before.heat_type) =>
            {
                ChangeKind::Update
            }
            Standing::Failed(_) | Standing::Vanished => ChangeKind::Heal,
            Standing::Unwanted => ChangeKind::Replace,
            Standing::There | Standing::Idle(_) => ChangeKind::NoChange,
        };
        if before.properties.are(&after.properties) && self.changed_parameters.is_empty() {
            let change = || self.change(name, &after.heat_type, kind, Vec::new());
            return (kind != ChangeKind::NoChange).then(change);
        }
        let mut change = self.change(name, &after.heat_type, kind, Vec::new());
        let old_names = before.properties.names().filter(|name| !after.properties.contains_key(*name));
        let names: Vec<&str> = after.properties.keys().map(String::as_str).chain(old_names).collect();
        for property in names {
            let old = before.properties.get(property);
            let new = after.properties.get(property);
            if !self.differs(&after.heat_type, property, old.as_ref(), new) {
                continue;
            }
            let effect = effect(&after.heat_type, property, &after.properties);
            if effect == ChangeKind::NoChange {
                continue;
            }
            change.kind = change.kind.max(effect);
            self.describe(&mut change.properties, property, old, new, effect == ChangeKind::Replace);
        }
        // Heat takes what comes first, and what goes last, from its template. It is worth a word where nothing else is: what
        // else changes brings its dependencies along, and without the cloud they are not known.
        if change.kind == ChangeKind::NoChange
            && let Some((old, new)) = before.other_dependencies(after)
        {
            change.kind = ChangeKind::Update;
            let (name, before, after) = ("depends_on".to_owned(), Some(old.into()), Some(new.into()));
            change.properties.push(PropertyChange { name, before, after, secret: false, forces: false });
        }
        (change.kind != ChangeKind::NoChange).then_some(change)
    }

    fn differs(&self, heat_type: &str, property: &str, old: Option<&KnownValue<'_>>, new: Option<&Json>) -> bool {
        let default = default_of(heat_type, property);
        let same = match (old, new.or(default)) {
            (Some(old), Some(new)) => old.is(new),
            (None, Some(new)) => default == Some(new),
            (old, None) => old.is_none(),
        };
        let by_parameter = || {
            !self.changed_parameters.is_empty()
                && new.is_some_and(|new| has_parameter(new, &|name| self.changed_parameters.contains(name)))
        };
        !same || by_parameter()
    }

    /// A map is shown entry by entry.
    fn describe(
        &self,
        into: &mut Vec<PropertyChange>,
        name: &str,
        old: Option<KnownValue<'_>>,
        new: Option<&Json>,
        forces: bool,
    ) {
        let old = old.and_then(KnownValue::whole);
        let old = old.as_deref();
        if let (Some(Json::Object(before)), Some(Json::Object(after))) = (old, new)
            && !is_function(before)
            && !is_function(after)
        {
            let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for key in keys {
                let (old, new) = (before.get(key), after.get(key));
                let by_parameter =
                    new.is_some_and(|new| has_parameter(new, &|name| self.changed_parameters.contains(name)));
                if old != new || by_parameter {
                    into.push(self.property(format!("{name}.{key}"), old, new, forces));
                }
            }
            return;
        }
        into.push(self.property(name.to_owned(), old, new, forces));
    }

    fn property(&self, name: String, old: Option<&Json>, new: Option<&Json>, forces: bool) -> PropertyChange {
        let hidden = |name: &str| match self.wanted.parameters.get(name) {
            Some(parameter) => parameter.hidden,
            None => self.known.is_none_or(|known| known.declared.get(name).is_none_or(|hidden| *hidden)),
        };
        let generated = |name: &str| matches!(ResourceName::parse(name), Some(ResourceName::Secret(..)));
        let is_secret = |value: &Json| has_parameter(value, &hidden) || has_resource(value, &generated);
        let secret = [old, new].into_iter().flatten().any(is_secret);
        let shown = |value: Option<&Json>| value.filter(|_| !secret).cloned();
        PropertyChange { name, before: shown(old), after: shown(new), secret, forces }
    }

    /// Whatever refers to a resource that will be another one is changed by that too.
    fn follow_references(&mut self) {
        let anew = |change: &ResourceChange, missing: &BTreeSet<String>| match change.kind {
            ChangeKind::Replace | ChangeKind::Heal => true,
            ChangeKind::Create => missing.contains(&change.name),
            _ => false,
        };
        let mut waiting: Vec<String> = self
            .changes
            .values()
            .filter(|change| anew(change, &self.missing))
            .map(|change| change.name.clone())
            .collect();
        if waiting.is_empty() {
            return;
        }
        let mut referrers: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for (name, resource) in &self.wanted.resources {
            for (property, value) in resource.properties.iter() {
                references(value, &mut |reference| {
                    if let Reference::Resource(target) = reference {
                        referrers.entry(target).or_default().insert((name, property));
                    }
                });
            }
        }
        while let Some(target) = waiting.pop() {
            for (name, property) in referrers.get(target.as_str()).into_iter().flatten() {
                let Some(resource) = self.wanted.resources.get(*name) else { continue };
                let effect = effect(&resource.heat_type, property, &resource.properties);
                if effect == ChangeKind::NoChange {
                    continue;
                }
                let fresh = self.change(name, &resource.heat_type, ChangeKind::NoChange, Vec::new());
                let change = self.changes.entry((*name).to_owned()).or_insert(fresh);
                if change.kind == ChangeKind::Create {
                    continue;
                }
                let was_anew = anew(change, &self.missing);
                change.kind = change.kind.max(effect);
                if !change.properties.iter().any(|known| known.name == *property) {
                    let before = resource.properties.get(*property).cloned();
                    let (name, forces) = ((*property).to_owned(), effect == ChangeKind::Replace);
                    change.properties.push(PropertyChange { name, before, after: None, secret: false, forces });
                }
                if !was_anew && anew(change, &self.missing) {
                    waiting.push((*name).to_owned());
                }
            }
        }
    }

    /// A deployment that moves from one configuration to another: what that means is told by what differs between the two.
    /// After an interruption nodes come from several, and the one that they go to may be there already.
    fn pair_configurations(&mut self) {
        let mut pairs: BTreeSet<(String, String)> = BTreeSet::new();
        for change in self.changes.values().filter(|change| change.heat_type == heat_type::SOFTWARE_DEPLOYMENT) {
            for property in change.properties.iter().filter(|property| property.name.starts_with("config")) {
                let name = |value: &Option<Json>| {
                    let value = value.as_ref()?;
                    value.as_str().or_else(|| value.get("get_resource")?.as_str()).map(str::to_owned)
                };
                pairs.extend(name(&property.before).zip(name(&property.after)));
            }
        }
        for (old, new) in pairs {
            let before = self.known.and_then(|known| known.resources.get(old.as_str()));
            let after = self.wanted.resources.get(&new);
            let (Some(before), Some(after)) = (before, after) else { continue };
            let properties = configuration::differences(
                before.properties.get("config").and_then(KnownValue::whole).as_deref(),
                after.properties.get("config"),
            );
            if let Some(change) = self.changes.get_mut(&new).filter(|change| change.replaces.is_none()) {
                change.replaces = Some(old);
                change.properties = properties;
            } else {
                let stays = self.change(&new, &after.heat_type, ChangeKind::NoChange, properties);
                self.takeovers.push(ResourceChange { replaces: Some(old), ..stays });
            }
        }
    }
}

fn is_function(entries: &Map<String, Json>) -> bool {
    entries.len() == 1
        && entries.keys().all(|key| {
            key.starts_with("get_") || key.starts_with("str_") || key.starts_with("list_") || key.starts_with("Fn::")
        })
}

fn outlives_failed_updates(heat_type: &str) -> bool {
    heat_type == heat_type::SERVER || heat_type::is_neutron(heat_type)
}

/// Of what is made or removed, only what a person asks for first.
const TELLING: [&str; 9] = [
    "flavor",
    "image",
    "size",
    "cidr",
    "fixed_ips",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
];

fn created(resource: &TemplateResource) -> Vec<PropertyChange> {
    let telling = TELLING.iter().filter_map(|name| Some(((*name).to_owned(), resource.properties.get(*name)?.clone())));
    let created = telling.map(|(name, after)| PropertyChange {
        name,
        before: None,
        after: Some(after),
        secret: false,
        forces: false,
    });
    created.collect()
}

fn removed(resource: &KnownResource<'_>) -> Vec<PropertyChange> {
    let telling = TELLING.iter().filter_map(|name| {
        Some(((*name).to_owned(), resource.properties.get(name).and_then(KnownValue::whole)?.into_owned()))
    });
    let removed = telling.map(|(name, before)| PropertyChange {
        name,
        before: Some(before),
        after: None,
        secret: false,
        forces: false,
    });
    removed.collect()
}
