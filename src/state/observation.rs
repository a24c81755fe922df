//! What was seen on the cloud: a constant number of listings, whatever the number of nodes.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::model::ActionStatus;
use crate::template::Folded;

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
    /// What Heat does with it, and how far it is.
    pub status: ActionStatus,
    /// Heat's words.
    pub reason: String,
    /// Tags; the lineage is one of them.
    pub tags: Vec<String>,
    /// The template last accepted.
    pub template: Option<Folded>,
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
    /// What Heat does with it, and how far it is.
    pub status: ActionStatus,
    /// Heat's words.
    pub reason: String,
    /// Whether what Heat holds for there was deleted behind its back, as far as anybody looked.
    pub vanished: bool,
}

impl ObservedResource {
    /// Whether something stands behind it on the cloud.
    pub fn exists(&self) -> bool {
        self.status.exists()
            && (self.status.is_complete() || self.physical_id.as_deref().is_some_and(|id| !id.is_empty()))
    }
}

impl ObservedStack {
    /// Whether it was made from this state: it bears our lineage; or it bears nobody's, and has the id we know.
    pub fn belongs_to(&self, lineage: &str, known_id: Option<&str>) -> bool {
        let ours = lineage_tag(lineage);
        if self.tags.contains(&ours) {
            return true;
        }
        !self.tags.iter().any(|tag| tag.starts_with(LINEAGE)) && known_id == Some(self.id.as_str())
    }
}

const LINEAGE: &str = "disco-lineage-";

/// The tag that says from which state a stack was made.
pub fn lineage_tag(lineage: &str) -> String {
    format!("{LINEAGE}{lineage}")
}

/// All tags of a stack.
pub fn stack_tags(lineage: &str) -> Vec<String> {
    vec!["disco".to_owned(), lineage_tag(lineage)]
}
