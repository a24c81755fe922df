//! The state as values.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::Value as Json;

use super::digest::{digest, digest_of_text, observed_template_digest, salted_digest, template_digest};
use super::observation::{ObservedResource, ObservedStack};
use crate::graph::ParameterValue;
use crate::model::{Address, Called, CloudFacts, CloudIdentity, Members, NodeId};
use crate::template::Template;

/// Everything DISCO remembers of one project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Made once (a UUID) when the state is; a stack of the same name with another lineage is not ours.
    pub lineage: String,
    /// Salts the names of secret parameters. Random, because the lineage is told to the cloud as a tag; `None` in a state
    /// that was begun without one, whose secrets are named by the lineage for good.
    pub salt: Option<String>,
    /// Which cloud the clusters are on; `None` in a state of a version of DISCO that did not say, which knew only the
    /// embedded Heat.
    pub cloud: Option<CloudIdentity>,
    /// The workspace it is of; `None` is the default one.
    pub workspace: Option<String>,
    /// Grows by one with each operation that changes something.
    pub serial: u64,
    /// Clusters by name.
    pub clusters: BTreeMap<String, ClusterState>,
    /// Clusters that were forgotten while their stacks stay, and are nobody's to delete: by name, what they were called.
    pub released: BTreeMap<String, Called>,
    /// Outputs by name.
    pub outputs: BTreeMap<String, OutputState>,
    /// Which operation wrote it last; `None` where a version of DISCO did that did not say.
    pub last: Option<Author>,
}

/// Who wrote a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// `apply`, `destroy`, …
    pub operation: String,
    /// On whose behalf.
    pub user: String,
    /// On which host.
    pub host: String,
    /// When the operation began, RFC 3339.
    pub since: String,
}

impl std::fmt::Display for Author {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`disco {}` by {} on {}, begun {}", self.operation, self.user, self.host, self.since)
    }
}

/// One cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterState {
    /// Stacks by name. The base stack has the cluster's name.
    pub stacks: BTreeMap<String, StackState>,
    /// Which nodes there are.
    pub members: Members,
    /// What the words meant that are in use.
    pub facts: CloudFacts,
    /// `lifecycle { prevent_destroy }` of the last apply; deleting the block does not lift it.
    pub prevent_destroy: bool,
    /// Groups whose nodes store data, with the frameworks that store it: deleting the block does not make data worthless.
    pub storage_groups: BTreeMap<String, Vec<String>>,
    /// Frameworks that its nodes have, with their versions where they are said.
    pub frameworks: BTreeMap<String, Option<String>>,
    /// Floating IPs as last seen, by the node that has them.
    pub floating_ips: BTreeMap<NodeId, Ipv4Addr>,
    /// Clusters that its definition referred to: they go after it.
    pub refers_to: BTreeSet<String>,
    /// What its definition called it and its groups.
    pub called: Called,
}

/// One Heat stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackState {
    /// Heat's id; absent while a creation has not been answered.
    pub id: Option<String>,
    /// SHA-256 of the template's canonical JSON last accepted.
    pub template_digest: String,
    /// Salted digest of each parameter's value.
    pub parameters: BTreeMap<String, String>,
    /// Resources by logical name; shared, because most of what is done with a state changes nothing here.
    pub resources: Arc<BTreeMap<String, ResourceState>>,
    /// What was about to be asked of Heat when this was written; resolved by asking Heat, never by guessing.
    pub intent: Option<Intent>,
    /// Whether it is suspended, or half-way: Heat refuses to update it before it has been resumed.
    pub suspended: bool,
    /// How the last operation on it failed, as Heat says it: `UPDATE_FAILED: …`. `None` where it went well.
    pub failed: Option<String>,
}

/// One Heat resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceState {
    /// Whose it is.
    pub address: Address,
    /// `OS::Nova::Server`
    pub heat_type: String,
    /// Id on the cloud, once known.
    pub physical_id: Option<String>,
    /// What DISCO set, as it stood in the template; names are shared among resources.
    pub properties: BTreeMap<Arc<str>, Recorded>,
}

/// A property as remembered: short ones whole, long ones by digest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Recorded {
    /// Canonical JSON of the value.
    Value(Arc<str>),
    /// SHA-256 of the canonical JSON of a longer one.
    Digest(Arc<str>),
}

/// Longest canonical JSON that is remembered whole.
const LONGEST_VALUE: usize = 200;

impl Recorded {
    /// Remembers a value: a short one whole, a long one by digest.
    pub fn of(value: &Json) -> Self {
        Self::of_text(&value.to_string())
    }

    /// The same for the canonical JSON of a value.
    pub(super) fn of_text(text: &str) -> Self {
        if text.len() <= LONGEST_VALUE { Self::Value(text.into()) } else { Self::Digest(digest_of_text(text).into()) }
    }

    /// Whether it is this value.
    pub fn is(&self, value: &Json) -> bool {
        match self {
            Self::Value(known) => known.as_ref() == value.to_string().as_str(),
            Self::Digest(known) => known.as_ref() == digest(value).as_str(),
        }
    }

    /// The value, if it was short enough to be remembered whole.
    pub fn value(&self) -> Option<Json> {
        match self {
            Self::Value(text) => serde_json::from_str(text).ok(),
            Self::Digest(_) => None,
        }
    }
}

impl State {
    /// The state of a project that has never been applied.
    pub fn new(lineage: impl Into<String>) -> Self {
        Self { lineage: lineage.into(), ..Self::default() }
    }

    /// What the names of secret parameters are salted with.
    pub fn salt(&self) -> &str {
        self.salt.as_deref().unwrap_or(&self.lineage)
    }

    /// All stacks: cluster, name, what is known.
    pub fn stacks(&self) -> impl Iterator<Item = (&str, &str, &StackState)> {
        self.clusters.iter().flat_map(|(cluster, known)| {
            known.stacks.iter().map(move |(name, stack)| (cluster.as_str(), name.as_str(), stack))
        })
    }

    /// Calls that may or may not have reached Heat: cluster, stack, what was asked.
    pub fn open_intents(&self) -> impl Iterator<Item = (&str, &str, &Intent)> {
        self.stacks().filter_map(|(cluster, name, stack)| Some((cluster, name, stack.intent.as_ref()?)))
    }
}

impl StackState {
    /// Remembers whether what Heat did last went well. Returns whether that is news.
    pub fn note_end(&mut self, seen: &ObservedStack) -> bool {
        let failed = seen.status.is_failed().then(|| format!("{}: {}", seen.status, seen.reason));
        let news = !seen.status.in_progress() && self.failed != failed;
        if news {
            self.failed = failed;
        }
        news
    }

    /// What was asked of it has ended, well or not.
    pub fn end(&mut self, seen: &ObservedStack) {
        self.intent = None;
        self.note_end(seen);
    }

    /// Remembers what a template set, and what Heat made of it. `parameters` are the values that were sent; of those that
    /// Heat had already the digests stay. So does the id.
    pub fn record(
        &mut self,
        lineage: &str,
        template: &Template,
        parameters: &BTreeMap<String, String>,
        seen: &BTreeMap<String, ObservedResource>,
    ) {
        self.template_digest = template_digest(template);
        self.parameters.retain(|name, _| template.parameters.contains_key(name));
        // Of what Heat makes up nothing is kept, not even a digest.
        let is_generated = |name: &str| {
            let value = template.parameters.get(name).map(|parameter| &parameter.value);
            matches!(value, Some(ParameterValue::SecretOf { .. }))
        };
        self.parameters.retain(|name, _| !is_generated(name));
        for (name, value) in parameters.iter().filter(|(name, _)| !is_generated(name)) {
            self.parameters.insert(name.clone(), salted_digest(lineage, name, value));
        }
        let mut names: BTreeSet<Arc<str>> = BTreeSet::new();
        let resources = template
            .resources
            .iter()
            .map(|(name, resource)| {
                let mut properties = BTreeMap::new();
                resource.properties.for_each_text(|name, text| {
                    let name = names.get(name).cloned().unwrap_or_else(|| {
                        names.insert(name.into());
                        name.into()
                    });
                    properties.insert(name, Recorded::of_text(text));
                });
                let physical_id = seen.get(name).filter(|seen| seen.exists()).and_then(|seen| seen.physical_id.clone());
                let heat_type = resource.heat_type.clone();
                (name.clone(), ResourceState { address: resource.address.clone(), heat_type, physical_id, properties })
            })
            .collect();
        self.resources = Arc::new(resources);
    }

    /// Remembers a stack from what Heat says alone: after a crash between Heat's acceptance and our record, when the
    /// template that was sent is no longer at hand. Parameters keep the digests that are known.
    pub fn record_observed(&mut self, cluster: &str, seen: &ObservedStack) {
        self.id = Some(seen.id.clone());
        self.note_end(seen);
        let Some(template) = &seen.template else { return };
        self.template_digest = observed_template_digest(template);
        let known = std::mem::take(&mut self.resources);
        let own = Arc::make_mut(&mut self.resources);
        let Some(resources) = template.get("resources").and_then(Json::as_object) else { return };
        for (name, resource) in resources {
            let known = known.get(name).map(|known| known.address.clone());
            let address = known.unwrap_or_else(|| Address::of_resource(cluster, name));
            let properties = resource.get("properties").and_then(Json::as_object);
            let properties = properties
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.as_str().into(), Recorded::of(value)))
                .collect();
            let heat_type = resource.get("type").and_then(Json::as_str).unwrap_or_default().to_owned();
            let seen = seen.resources.get(name).filter(|seen| seen.exists());
            let physical_id = seen.and_then(|seen| seen.physical_id.clone());
            own.insert(name.clone(), ResourceState { address, heat_type, physical_id, properties });
        }
    }
}

/// What was taken into the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The cluster.
    pub cluster: String,
    /// Its stacks, by name, the base stack first.
    pub stacks: Vec<String>,
    /// How many nodes it has.
    pub nodes: usize,
    /// Whether secrets have to be sent again, because what names them could not be read from the stacks.
    pub renames_secrets: bool,
    /// Settings that were computed when the cluster was created and that the stacks do not tell: they are computed anew,
    /// `hadoop.replication`.
    pub recomputed: Vec<String>,
}

/// An output of the project as last known.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputState {
    /// The value.
    Value(Json),
    /// A secret one: salted digest.
    Secret(String),
}

/// Written before every call that changes the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// What was asked.
    pub operation: Operation,
    /// SHA-256 of the template sent; empty where none was.
    pub template_digest: String,
    /// The plan's step it belongs to, for people.
    pub step: String,
    /// When, RFC 3339.
    pub since: String,
    /// How long its nodes may take to answer, from then on; `None` where none has to, or a version of DISCO asked that did
    /// not say.
    pub deadline_minutes: Option<u32>,
}

/// What can be asked of Heat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Operation {
    Create,
    Update,
    Delete,
    Suspend,
    Resume,
}

impl Operation {
    /// One word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
        }
    }
}
