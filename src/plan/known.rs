//! What is there now, as one view: from Heat where it was asked, else from what the state remembers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::compare::is_verification;
use super::schema::effect;
use super::suspension::is_suspended;
use super::{ChangeKind, Wanted};
use crate::graph::ParameterValue;
use crate::model::{Address, heat_type};
use crate::state::{Found, Observation, ObservedResource, ObservedStack, Recorded, StackState, digest};
use crate::template::{Folded, Template, TemplateResource, is_order};

/// Whether Heat has the wanted templates: it takes reading both of them whole, so that it is looked at once.
pub(super) struct Unchanged<'a>(BTreeMap<&'a str, (&'a Template, bool)>);

impl<'a> Unchanged<'a> {
    /// Compares all stacks that are wanted and seen.
    pub(super) fn of(wanted: &'a Wanted, observation: &Observation) -> Self {
        let stacks = wanted.clusters.values().flat_map(|cluster| &cluster.templates);
        let compared = stacks.filter_map(|(stack, template)| {
            let seen = observation.stacks.get(stack)?.template.as_ref()?;
            Some((stack.as_str(), (template, template.is(seen))))
        });
        Self(compared.collect())
    }

    /// A template that is wanted of a stack, be it another one than the definition's, and whether Heat has it.
    pub(super) fn compared<'t>(
        &self,
        stack: &str,
        wanted: &'t Template,
        seen: Option<&ObservedStack>,
    ) -> ComparedTemplate<'t> {
        let same = match self.0.get(stack) {
            Some((compared, same)) if std::ptr::eq(*compared, wanted) => *same,
            _ => seen.and_then(|seen| seen.template.as_ref()).is_some_and(|seen| wanted.is(seen)),
        };
        (wanted, same)
    }
}

/// A wanted template, and whether Heat has it.
pub(super) type ComparedTemplate<'t> = (&'t Template, bool);

/// A stack as it is now.
pub(super) struct KnownStack<'a> {
    /// What Heat says about it; `None` where it was not asked or there is none.
    pub(super) seen: Option<&'a ObservedStack>,
    /// Its resources by logical name.
    pub(super) resources: BTreeMap<&'a str, KnownResource<'a>>,
    /// Whether Heat has the wanted template.
    as_wanted: bool,
    /// Salted digests of the parameters' values.
    pub(super) parameters: Option<&'a BTreeMap<String, String>>,
    /// Its parameters, and whether they are hidden.
    pub(super) declared: BTreeMap<&'a str, bool>,
}

/// A resource as it is now.
pub(super) struct KnownResource<'a> {
    pub(super) address: Address,
    pub(super) heat_type: &'a str,
    pub(super) properties: Properties<'a>,
    depends_on: Option<&'a Json>,
    pub(super) standing: Standing<'a>,
    /// As Heat was last told, where an update failed before it came that far; `None` for what Heat shall delete.
    told: Option<Properties<'a>>,
}

/// What stands behind a resource.
#[derive(Clone, Copy)]
pub(super) enum Standing<'a> {
    /// Something does, as far as is known.
    There,
    /// Nothing does: it was never made, or is deleted.
    Missing,
    /// Something does, and Heat calls it failed.
    Failed(&'a ObservedResource),
    /// Heat holds it for there, and somebody has deleted it behind Heat's back.
    Vanished,
    /// It is there and as it should be, and somebody wants another one in its place.
    Unwanted,
    /// It is there, and does not do what it is for: a server does not run, a connection was taken away. Heat knows nothing
    /// of it, and has nothing to do with how it comes back.
    Idle(Found),
}

/// Properties, whole or as remembered.
#[derive(Clone, Copy)]
pub(super) enum Properties<'a> {
    /// Those that are wanted: Heat has the wanted template.
    Wanted(&'a Folded),
    /// As Heat's template has them.
    Whole(Option<&'a Map<String, Json>>),
    /// As the state remembers them.
    Remembered(&'a BTreeMap<Arc<str>, Recorded>),
}

/// A property's value, or its digest.
#[derive(Clone)]
pub(super) enum KnownValue<'a> {
    Value(Cow<'a, Json>),
    Digest(&'a str),
}

impl<'a> KnownValue<'a> {
    /// Whether it is this value.
    pub(super) fn is(&self, value: &Json) -> bool {
        match self {
            Self::Value(known) => **known == *value,
            Self::Digest(known) => *known == digest(value),
        }
    }

    /// The value, if it is known whole.
    pub(super) fn whole(self) -> Option<Cow<'a, Json>> {
        match self {
            Self::Value(value) => Some(value),
            Self::Digest(_) => None,
        }
    }
}

impl<'a> Properties<'a> {
    /// The value of one.
    pub(super) fn get(self, name: &str) -> Option<KnownValue<'a>> {
        match self {
            Self::Wanted(properties) => properties.get(name).map(Cow::Borrowed).map(KnownValue::Value),
            Self::Whole(properties) => properties?.get(name).map(Cow::Borrowed).map(KnownValue::Value),
            Self::Remembered(properties) => properties.get(name).map(|recorded| match (recorded, recorded.value()) {
                (_, Some(value)) => KnownValue::Value(Cow::Owned(value)),
                (Recorded::Digest(digest) | Recorded::Value(digest), None) => KnownValue::Digest(digest),
            }),
        }
    }

    /// Whether they are known to be these, without looking into them.
    pub(super) fn are(self, wanted: &Folded) -> bool {
        matches!(self, Self::Wanted(known) if std::ptr::eq(known, wanted))
    }

    /// Their names.
    pub(super) fn names(self) -> Box<dyn Iterator<Item = &'a str> + 'a> {
        match self {
            Self::Wanted(properties) => Box::new(properties.keys().map(String::as_str)),
            Self::Whole(properties) => Box::new(properties.into_iter().flat_map(Map::keys).map(String::as_str)),
            Self::Remembered(properties) => Box::new(properties.keys().map(|name| &**name)),
        }
    }
}

impl<'a> KnownStack<'a> {
    /// The same where the servers of some nodes are to be replaced.
    pub(super) fn replacing(mut self, nodes: &BTreeSet<Address>) -> Self {
        for resource in self.resources.values_mut().filter(|resource| resource.heat_type == heat_type::SERVER) {
            if nodes.contains(&resource.address) && matches!(resource.standing, Standing::There | Standing::Idle(_)) {
                resource.standing = Standing::Unwanted;
            }
        }
        self
    }

    /// The nodes whose configuration failed. Heat configures them again with every update.
    pub(super) fn failed_nodes(&self) -> BTreeSet<&Address> {
        let failed = self.resources.iter().filter(|(name, resource)| {
            resource.heat_type == heat_type::SOFTWARE_DEPLOYMENT
                && matches!(resource.standing, Standing::Failed(_))
                && !is_verification(name)
        });
        failed.map(|(_, resource)| &resource.address).collect()
    }

    /// What is known of a stack; `None` if it does not exist.
    pub(super) fn of(
        cluster: &str,
        remembered: Option<&'a StackState>,
        seen: Option<&'a ObservedStack>,
        wanted: Option<ComparedTemplate<'a>>,
        asked: bool,
    ) -> Option<Self> {
        if asked && seen.is_none_or(|seen| seen.status.is_deleted()) {
            return None;
        }
        let parameters = remembered.map(|stack| &stack.parameters);
        if let Some(seen) = seen
            && let Some(template) = &seen.template
        {
            if let Some((wanted, true)) = wanted.filter(|_| !seen.status.is_failed()) {
                return Some(Self::as_wanted(seen, parameters, wanted));
            }
            let wanted = wanted.map(|(wanted, _)| wanted);
            let resources = Self::from_heat(cluster, remembered, seen, template, wanted);
            let declared = section(template, "parameters")
                .map(|(name, parameter)| (name.as_str(), parameter.get("hidden").is_some_and(is_true)));
            let declared = declared.collect();
            return Some(Self { seen: Some(seen), resources, as_wanted: false, parameters, declared });
        }
        let remembered = remembered?;
        if !asked && remembered.id.is_none() && remembered.resources.is_empty() {
            return None;
        }
        let resources = remembered.resources.iter().map(|(name, resource)| {
            let standing = match seen {
                Some(seen) => standing(seen, name),
                None => Standing::There,
            };
            let known = KnownResource {
                address: resource.address.clone(),
                heat_type: &resource.heat_type,
                properties: Properties::Remembered(&resource.properties),
                depends_on: None,
                standing,
                told: Some(Properties::Remembered(&resource.properties)),
            };
            (name.as_str(), known)
        });
        // The state does not remember which are hidden: to be on the safe side, all.
        let declared = remembered.parameters.keys().map(|name| (name.as_str(), true)).collect();
        Some(Self { seen, resources: resources.collect(), as_wanted: false, parameters, declared })
    }

    /// Heat has the wanted template: there is no need to read Heat's.
    fn as_wanted(
        seen: &'a ObservedStack,
        parameters: Option<&'a BTreeMap<String, String>>,
        wanted: &'a Template,
    ) -> Self {
        let resources = wanted.resources.iter().map(|(name, resource)| {
            let known = KnownResource {
                address: resource.address.clone(),
                heat_type: &resource.heat_type,
                properties: Properties::Wanted(&resource.properties),
                depends_on: None,
                standing: standing(seen, name),
                told: Some(Properties::Wanted(&resource.properties)),
            };
            (name.as_str(), known)
        });
        let declared = wanted.parameters.iter().map(|(name, parameter)| (name.as_str(), parameter.hidden));
        let (resources, declared) = (resources.collect(), declared.collect());
        Self { seen: Some(seen), resources, as_wanted: true, parameters, declared }
    }

    fn from_heat(
        cluster: &str,
        remembered: Option<&'a StackState>,
        seen: &'a ObservedStack,
        template: &'a Folded,
        wanted: Option<&'a Template>,
    ) -> BTreeMap<&'a str, KnownResource<'a>> {
        let address = |name: &str| {
            let wanted = wanted.and_then(|template| template.resources.get(name)).map(|resource| &resource.address);
            let remembered = || remembered.and_then(|stack| stack.resources.get(name)).map(|known| &known.address);
            wanted.or_else(remembered).cloned().unwrap_or_else(|| Address::of_resource(cluster, name))
        };
        // An update that failed half-way leaves its template with Heat, and resources that it did not reach as they
        // were before. The state remembers which those are.
        let unreached = |name: &str, template: Option<&Map<String, Json>>| {
            let remembered = remembered.filter(|_| seen.status.is_failed())?.resources.get(name)?;
            let none = Map::new();
            let template = template.unwrap_or(&none);
            let same = remembered.properties.len() == template.len()
                && template.iter().all(|(name, value)| {
                    remembered.properties.get(name.as_str()).is_some_and(|recorded| recorded.is(value))
                });
            (!same).then_some(Properties::Remembered(&remembered.properties))
        };
        let resources = section(template, "resources").map(|(name, resource)| {
            let properties = resource.get("properties").and_then(Json::as_object);
            let known = KnownResource {
                address: address(name),
                heat_type: resource.get("type").and_then(Json::as_str).unwrap_or_default(),
                properties: unreached(name, properties).unwrap_or(Properties::Whole(properties)),
                depends_on: resource.get("depends_on"),
                standing: standing(seen, name),
                told: Some(Properties::Whole(properties)),
            };
            (name.as_str(), known)
        });
        let mut resources: BTreeMap<&str, KnownResource<'_>> = resources.collect();
        for (name, remembered) in
            remembered.filter(|_| seen.status.is_failed()).iter().flat_map(|stack| stack.resources.iter())
        {
            // What it should have deleted and did not.
            let left = seen.resources.get(name).is_some_and(ObservedResource::exists);
            if left && !resources.contains_key(name.as_str()) {
                let known = KnownResource {
                    address: remembered.address.clone(),
                    heat_type: &remembered.heat_type,
                    properties: Properties::Remembered(&remembered.properties),
                    depends_on: None,
                    standing: standing(seen, name),
                    told: None,
                };
                resources.insert(name, known);
            }
        }
        resources
    }

    /// Whether Heat has the wanted template, and all that is in it is there.
    pub(super) fn is_as_wanted(&self) -> bool {
        self.as_wanted && self.resources.values().all(KnownResource::exists)
    }

    /// Parameters whose value is another than the one remembered. Their name is the same, so that the template does not
    /// show it. `id_of` tells the ids of resources of other stacks, as far as they stay what they are.
    pub(super) fn changed_parameters<'t>(
        &self,
        lineage: &str,
        wanted: &'t Template,
        id_of: &dyn Fn(&str, &str) -> Option<String>,
    ) -> BTreeSet<&'t str> {
        let Some(known) = self.parameters else { return BTreeSet::new() };
        let differs = |name: &str, value: &ParameterValue| {
            // What nobody but Heat knows is another one where it is made up anew.
            if let ParameterValue::SecretOf { stack, resource } = value {
                return self.declared.contains_key(name) && id_of(stack, resource).is_none();
            }
            let Some(known) = known.get(name) else { return false };
            let value = match value {
                ParameterValue::Given(text) => Some(text.value.clone()),
                ParameterValue::IdOf { stack, resource } => id_of(stack, resource),
                ParameterValue::SecretOf { .. } | ParameterValue::Kept => return false,
            };
            // Heat shows what is not hidden: somebody may have changed it there.
            let shown = self.seen.filter(|_| self.declared.get(name) == Some(&false));
            if let Some(shown) = shown.and_then(|seen| seen.parameters.get(name)) {
                return value.is_none_or(|value| value != *shown);
            }
            value.is_none_or(|value| *known != crate::state::salted_digest(lineage, name, &value))
        };
        let changed = wanted.parameters.iter().filter(|(name, parameter)| differs(name, &parameter.value));
        changed.map(|(name, _)| name.as_str()).collect()
    }
}

impl KnownResource<'_> {
    /// Whether it is no longer in Heat's template: Heat has failed to delete it, or not come so far.
    pub(super) fn is_left(&self) -> bool {
        self.told.is_none()
    }

    /// The same resource as Heat's template has it; `None` where that is how it is.
    pub(super) fn as_told(&self) -> Option<Self> {
        let told = self.told.filter(|_| matches!(self.properties, Properties::Remembered(_)))?;
        let KnownResource { address, heat_type, depends_on, standing, .. } = self;
        let address = address.clone();
        Some(KnownResource {
            address,
            heat_type,
            properties: told,
            depends_on: *depends_on,
            standing: *standing,
            told: self.told,
        })
    }

    /// Its definition as it stands in the present template; `None` where only digests are known.
    /// Where that is what is wanted, they share it.
    pub(super) fn definition(&self, wanted: Option<&Arc<TemplateResource>>) -> Option<Arc<TemplateResource>> {
        if let Some(wanted) = wanted.filter(|wanted| self.properties.are(&wanted.properties)) {
            return Some(Arc::clone(wanted));
        }
        let mut properties = Map::new();
        for name in self.properties.names() {
            let known = self.properties.get(name)?;
            let value = match known {
                KnownValue::Value(value) => value.into_owned(),
                KnownValue::Digest(_) => wanted?.properties.get(name).filter(|wanted| known.is(wanted))?.clone(),
            };
            properties.insert(name.to_owned(), value);
        }
        let mut depends_on: Vec<String> = match self.told_dependencies() {
            Some(told) => told,
            // The state does not remember dependencies; those wanted are as good.
            None => match self.properties {
                Properties::Remembered(_) => wanted.map(|wanted| wanted.depends_on.clone()).unwrap_or_default(),
                Properties::Wanted(_) | Properties::Whole(_) => Vec::new(),
            },
        };
        depends_on.sort();
        let properties = Folded::from(properties);
        let same = |wanted: &&Arc<TemplateResource>| {
            wanted.heat_type == self.heat_type && wanted.properties == properties && wanted.depends_on == depends_on
        };
        if let Some(wanted) = wanted.filter(same) {
            return Some(Arc::clone(wanted));
        }
        Some(Arc::new(TemplateResource {
            heat_type: self.heat_type.to_owned(),
            properties,
            depends_on,
            address: self.address.clone(),
            origin: wanted.and_then(|wanted| wanted.origin),
        }))
    }

    /// What it depends on, and what it shall depend on, where Heat has told and the two differ. The order in which nodes were
    /// created stays as it was.
    pub(super) fn other_dependencies(&self, wanted: &TemplateResource) -> Option<(Vec<String>, Vec<String>)> {
        let Properties::Whole(_) = self.properties else { return None };
        let mut now = self.depends_on.map(names).unwrap_or_default();
        let mut shall = wanted.depends_on.clone();
        for dependencies in [&mut now, &mut shall] {
            dependencies.retain(|name| !is_order(&wanted.heat_type, name));
            dependencies.sort();
        }
        (now != shall).then_some((now, shall))
    }

    /// What it depends on in the present template, where that was read.
    pub(super) fn told_dependencies(&self) -> Option<Vec<String>> {
        match (self.depends_on, self.properties) {
            (Some(told), _) => Some(names(told)),
            (None, Properties::Whole(_)) => Some(Vec::new()),
            (None, _) => None,
        }
    }

    /// Whether an update with this definition of it does something to it.
    pub(super) fn differs(&self, sent: &TemplateResource) -> bool {
        let matters = |name: &str| effect(&sent.heat_type, name, &sent.properties) != ChangeKind::NoChange;
        let same = |name: &str, value: &Json| self.properties.get(name).is_some_and(|known| known.is(value));
        sent.heat_type != self.heat_type
            || self.other_dependencies(sent).is_some()
            || sent.properties.iter().any(|(name, value)| !same(name, value) && matters(name))
            || self.properties.names().any(|name| !sent.properties.contains_key(name) && matters(name))
    }

    /// Whether something stands behind it, be it failed.
    pub(super) fn exists(&self) -> bool {
        !matches!(self.standing, Standing::Missing)
    }
}

fn section<'a>(template: &'a Folded, name: &str) -> impl Iterator<Item = (&'a String, &'a Json)> {
    template.get(name).and_then(Json::as_object).into_iter().flatten()
}

/// The names in a `depends_on`, which may be a single one.
fn names(depends_on: &Json) -> Vec<String> {
    match depends_on {
        Json::String(one) => vec![one.clone()],
        Json::Array(all) => all.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn is_true(value: &Json) -> bool {
    matches!(value, Json::Bool(true)) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// While Heat works on a stack, what its resources' statuses say is not the end of it. Nor is it where a stack was
/// suspended or resumed only in part: what could not be is as it was before.
fn standing<'a>(stack: &'a ObservedStack, name: &str) -> Standing<'a> {
    if stack.status.in_progress() {
        return Standing::There;
    }
    match stack.resources.get(name) {
        None => Standing::Missing,
        Some(resource) if !resource.exists() => Standing::Missing,
        Some(resource) if resource.status.is_failed() && !is_suspended(&stack.status) => Standing::Failed(resource),
        Some(resource) => match resource.found {
            Found::AsHeatSays => Standing::There,
            Found::Deleted => Standing::Vanished,
            // A suspended server does not run, and is resumed with its stack.
            Found::NotRunning(_) if is_suspended(&stack.status) => Standing::There,
            idle @ (Found::NotRunning(_) | Found::Disconnected) => Standing::Idle(idle),
        },
    }
}
