//! The kind of thing that the interface has, as its two releases call it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::attributes::attribute_names;

/// The scheme of the kind.
pub(super) const SCHEME: &str = "http://schemas.cloudcomplab.ch/occi/sm#";
/// The scheme of what OCCI itself defines.
pub(super) const CORE: &str = "http://schemas.ogf.org/occi/core#";
/// For people.
const TITLE: &str = "DISCO: clusters for distributed computing";

/// One kind, and the name that release 0.1 had for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `/disco/`
    Disco,
    /// `/haas/`, of release 0.1
    Haas,
}

impl Kind {
    /// Both names.
    pub const ALL: [Self; 2] = [Self::Disco, Self::Haas];

    /// Its term.
    pub fn term(self) -> &'static str {
        match self {
            Self::Disco => "disco",
            Self::Haas => "haas",
        }
    }

    /// The path of its clusters.
    pub fn location(self) -> &'static str {
        match self {
            Self::Disco => "/disco/",
            Self::Haas => "/haas/",
        }
    }

    /// The path of one of them.
    pub fn identifier(self, id: &str) -> String {
        format!("{}{id}", self.location())
    }

    /// The kind of a category.
    pub(super) fn of(term: &str, scheme: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.term() == term && scheme == SCHEME)
    }

    /// As a `Category` header has it.
    pub(super) fn category(self, base: &str) -> String {
        let names: Vec<&str> = attribute_names(self).collect();
        format!(
            "{}; scheme=\"{SCHEME}\"; class=\"kind\"; title=\"{TITLE}\"; rel=\"{CORE}resource\"; \
             location=\"{base}{}\"; attributes=\"{}\"",
            self.term(),
            self.location(),
            names.join(" ")
        )
    }

    /// As JSON has it. `muttable` is how the original writes it.
    pub(super) fn json(self) -> Json {
        // Keys are sorted, whatever keeps them.
        let attributes: BTreeMap<&str, &str> = attribute_names(self).map(|name| (name, "muttable")).collect();
        json!({
            "attributes": attributes,
            "location": self.location(),
            "related": [format!("{CORE}resource")],
            "scheme": SCHEME,
            "term": self.term(),
            "title": TITLE,
        })
    }
}

/// The kind of OCCI's links, which there are none of.
pub(super) fn link_category(base: &str) -> String {
    format!("link; scheme=\"{CORE}\"; class=\"kind\"; location=\"{base}/link/\"")
}

/// The same as JSON.
pub(super) fn link_json() -> Json {
    json!({ "location": "/link/", "scheme": CORE, "term": "link" })
}
