//! What was seen on the cloud: a constant number of listings, whatever the number of nodes.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// What Heat said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// Stacks by name: all that the state or the definition names and that exist. Absent means it does not exist.
    pub stacks: BTreeMap<String, ObservedStack>,
    /// False where the cloud could not be asked: then absence says nothing, and the plan says that it was made offline.
    pub asked: bool,
}

/// One stack as Heat sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservedStack {
    /// Heat's id.
    pub id: String,
    /// `CREATE`, `UPDATE`, …
    pub action: String,
    /// `COMPLETE`, `FAILED`, `IN_PROGRESS`
    pub status: String,
    /// Heat's words.
    pub reason: String,
    /// Tags; the lineage is one of them.
    pub tags: Vec<String>,
    /// The template last accepted.
    pub template: Option<Json>,
    /// Resources by logical name.
    pub resources: BTreeMap<String, ObservedResource>,
    /// Outputs by name; `null` until known.
    pub outputs: BTreeMap<String, Json>,
}

/// One resource as Heat sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservedResource {
    /// `OS::Nova::Server`
    pub heat_type: String,
    /// Id on the cloud.
    pub physical_id: Option<String>,
    /// `CREATE_COMPLETE`, …
    pub status: String,
    /// Heat's words.
    pub reason: String,
}
