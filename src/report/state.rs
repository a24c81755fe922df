//! What is in the state, and what was in earlier ones.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use super::{table, visible};
use crate::model::to_the_second;
use crate::state::{Recorded, ResourceState};

/// An earlier state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Generation {
    /// Its serial.
    pub serial: u64,
    /// Which operation wrote it; null where it does not say.
    pub operation: Option<String>,
    /// By whom.
    pub by: Option<String>,
    /// When that operation began, RFC 3339.
    pub since: Option<String>,
    /// How many clusters it knows.
    pub clusters: usize,
    /// Its file.
    pub file: String,
}

/// The document of `disco state history --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct HistoryFile<'a> {
    format_version: FormatVersion,
    /// The newest first.
    states: &'a [Generation],
}

/// The document of `disco state list --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AddressesFile<'a> {
    format_version: FormatVersion,
    addresses: &'a [String],
}

/// Earlier states for programs.
pub fn history_json(states: &[Generation]) -> Json {
    document(&HistoryFile { format_version: FormatVersion::Current, states })
}

/// Addresses for programs.
pub fn addresses_json(addresses: &[String]) -> Json {
    document(&AddressesFile { format_version: FormatVersion::Current, addresses })
}

/// Earlier states for people.
pub fn history(states: &[Generation]) -> String {
    if states.is_empty() {
        return "There are no earlier states: this project was not applied twice.".to_owned();
    }
    let mut rows = vec![["SERIAL", "WRITTEN BY", "", "SINCE", "CLUSTERS", "FILE"].map(str::to_owned)];
    rows.extend(states.iter().map(|one| {
        [
            one.serial.to_string(),
            one.operation.clone().unwrap_or_else(|| "-".to_owned()),
            visible(one.by.as_deref().unwrap_or_default()).into_owned(),
            one.since.as_deref().map(to_the_second).unwrap_or_default(),
            one.clusters.to_string(),
            one.file.clone(),
        ]
    }));
    table(&rows, "")
}

/// Resources of Heat, each with its stack and its logical name, and what DISCO set of it.
pub fn resources<'s>(all: impl Iterator<Item = (&'s str, &'s str, &'s ResourceState)>) -> String {
    let mut text = String::new();
    for (stack, name, resource) in all {
        let id = resource.physical_id.as_deref().unwrap_or("(no id)");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{stack}/{name}  {}  {id}", resource.heat_type);
        for (property, value) in &resource.properties {
            let value = match value {
                Recorded::Value(text) => visible(text).into_owned(),
                Recorded::Digest(_) => "(long, known by its digest)".to_owned(),
            };
            let _ = writeln!(text, "    {property} = {value}");
        }
    }
    text
}
