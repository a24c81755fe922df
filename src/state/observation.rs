//! What was seen on the cloud: a constant number of listings, whatever the number of nodes.

use std::collections::BTreeMap;

use serde_json::Value as Json;

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
    /// `CREATE`, `UPDATE`, …
    pub action: String,
    /// `COMPLETE`, `FAILED`, `IN_PROGRESS`
    pub status: String,
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
    /// `CREATE_COMPLETE`, …
    pub status: String,
    /// Heat's words.
    pub reason: String,
}

impl ObservedResource {
    /// Whether something stands behind it on the cloud.
    pub fn exists(&self) -> bool {
        !self.status.starts_with("INIT_")
            && self.status != "DELETE_COMPLETE"
            && (self.status.ends_with("_COMPLETE") || self.physical_id.as_deref().is_some_and(|id| !id.is_empty()))
    }

    /// Whether Heat calls it failed.
    pub fn failed(&self) -> bool {
        self.status.ends_with("_FAILED")
    }
}

impl ObservedStack {
    /// Whether Heat is still working on it.
    pub fn in_progress(&self) -> bool {
        self.status == "IN_PROGRESS"
    }

    /// `CREATE_FAILED`
    pub fn full_status(&self) -> String {
        format!("{}_{}", self.action, self.status)
    }

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
