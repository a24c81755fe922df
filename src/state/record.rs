//! The state as values.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::model::{Address, CloudFacts, Members};

/// Everything DISCO remembers of one project.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Made once (a UUID) when the state is; a stack of the same name with another lineage is not ours.
    pub lineage: String,
    /// Grows by one with each operation that changes something.
    pub serial: u64,
    /// Clusters by name.
    pub clusters: BTreeMap<String, ClusterState>,
    /// Outputs by name.
    pub outputs: BTreeMap<String, OutputState>,
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
    /// What was about to be asked of Heat when this was written; resolved by asking Heat, never by guessing.
    pub intent: Option<Intent>,
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
    /// Resources by logical name.
    pub resources: BTreeMap<String, ResourceState>,
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
    /// What DISCO set, as it stood in the template.
    pub properties: BTreeMap<String, Recorded>,
}

/// A property as remembered: short ones whole, long ones by digest.
#[derive(Clone, Debug, PartialEq)]
pub enum Recorded {
    /// The value.
    Value(Json),
    /// SHA-256 of the canonical JSON of a longer one.
    Digest(String),
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
    /// Of which stack, by name.
    pub stack: String,
    /// SHA-256 of the template sent; empty for a deletion.
    pub template_digest: String,
    /// The plan's step it belongs to, for people.
    pub step: String,
    /// When, RFC 3339.
    pub since: String,
}

/// What can be asked of Heat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Operation {
    Create,
    Update,
    Delete,
}
