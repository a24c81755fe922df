//! What has changed outside of DISCO, as words and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use super::visible;
use crate::model::Address;
use crate::plan::{Drift, DriftKind, brief};

/// The document of `disco drift --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DriftFile<'a> {
    format_version: FormatVersion,
    /// Of the state that the cloud was compared with.
    serial: u64,
    /// Whether anything has changed outside of DISCO.
    drift: bool,
    /// Stacks that could not be compared, because Heat still works on them for an operation of DISCO's that was
    /// interrupted: the state does not know yet what comes of it.
    unfinished: Vec<UnfinishedFile<'a>>,
    /// Differences by cluster; those without any are left out.
    clusters: BTreeMap<&'a str, Vec<DifferenceFile<'a>>>,
}

/// A stack that an interrupted operation of DISCO's is still changing.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UnfinishedFile<'a> {
    /// The cluster's address.
    address: String,
    stack: &'a str,
    /// What is under way, for people.
    what: &'a str,
    /// What `disco apply` does about it, for people.
    apply: &'a str,
}

/// One difference between what the cloud says and what the state remembers.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DifferenceFile<'a> {
    /// Which object: `cluster.NAME`, or a part of it.
    address: String,
    stack: &'a str,
    /// Logical name of Heat's resource; `null` where it is about the whole stack.
    resource: Option<&'a str>,
    kind: DriftKindFile,
    /// What has happened, for people.
    what: &'a str,
    /// What `disco apply` does about it, for people.
    apply: &'a str,
}

/// What has happened to something.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum DriftKindFile {
    Deleted,
    Added,
    Changed,
    NotRunning,
    Disconnected,
    Failed,
    Suspended,
    InProgress,
    Unfinished,
}

impl<'a> DifferenceFile<'a> {
    pub(super) fn of(drift: &'a Drift) -> Self {
        let kind = match drift.kind {
            DriftKind::Deleted => DriftKindFile::Deleted,
            DriftKind::Added => DriftKindFile::Added,
            DriftKind::Changed => DriftKindFile::Changed,
            DriftKind::NotRunning => DriftKindFile::NotRunning,
            DriftKind::Disconnected => DriftKindFile::Disconnected,
            DriftKind::Failed => DriftKindFile::Failed,
            DriftKind::Suspended => DriftKindFile::Suspended,
            DriftKind::InProgress => DriftKindFile::InProgress,
            DriftKind::Unfinished => DriftKindFile::Unfinished,
        };
        Self {
            address: drift.address.to_string(),
            stack: &drift.stack,
            resource: drift.resource.as_deref(),
            kind,
            what: &drift.what,
            apply: &drift.remedy,
        }
    }
}

/// Differences for programs.
pub fn drift_json(serial: u64, drift: &[Drift]) -> Json {
    let mut clusters: BTreeMap<&str, Vec<DifferenceFile<'_>>> = BTreeMap::new();
    let (unfinished, drift) = apart(drift);
    for one in &drift {
        clusters.entry(one.address.cluster()).or_default().push(DifferenceFile::of(one));
    }
    let unfinished = unfinished
        .into_iter()
        .map(|one| UnfinishedFile {
            address: one.address.to_string(),
            stack: &one.stack,
            what: &one.what,
            apply: &one.remedy,
        })
        .collect();
    document(&DriftFile {
        format_version: FormatVersion::Current,
        serial,
        drift: !drift.is_empty(),
        unfinished,
        clusters,
    })
}

/// What an operation of our own is still at, and what has changed otherwise.
fn apart(drift: &[Drift]) -> (Vec<&Drift>, Vec<&Drift>) {
    drift.iter().partition(|one| one.kind == DriftKind::Unfinished)
}

/// Differences for people; the last line says how many there are.
pub fn drift(serial: u64, drift: &[Drift]) -> String {
    if drift.is_empty() {
        return format!("No drift. The cloud is as the state (serial {serial}) says.");
    }
    let (unfinished, drift) = apart(drift);
    let mut text = String::new();
    if !unfinished.is_empty() {
        let _ = writeln!(text, "Not compared with the state (serial {serial}), as Heat still works on it:");
        lines(&mut text, &unfinished);
        if drift.is_empty() {
            text.push_str("\nNo other drift.");
            return text;
        }
        text.push('\n');
    }
    let _ = writeln!(text, "Compared the cloud with the state (serial {serial}). Changed outside of DISCO:");
    let clusters = lines(&mut text, &drift);
    let differences = match drift.len() {
        1 => "1 difference".to_owned(),
        number => format!("{number} differences"),
    };
    let of = if clusters == 1 { String::new() } else { format!(" in {clusters} clusters") };
    let _ = write!(text, "\nDrift: {differences}{of}.");
    text
}

/// The part of a plan that tells of it; nothing where there is none.
pub(super) fn section(drift: &[Drift]) -> String {
    if drift.is_empty() {
        return String::new();
    }
    let mut text = "\nObjects have changed outside of DISCO since the last apply:\n".to_owned();
    lines(&mut text, &drift.iter().collect::<Vec<_>>());
    text
}

/// The lines cluster by cluster, nodes with the same difference in one; returns how many clusters there are.
fn lines(text: &mut String, drift: &[&Drift]) -> usize {
    let mut clusters: BTreeMap<&str, Vec<(&Drift, Vec<&Address>)>> = BTreeMap::new();
    for one in drift.iter().copied() {
        let known = clusters.entry(one.address.cluster()).or_default();
        let node = |address: &Address| match address {
            Address::Node(_, group, _) => Some(group.clone()),
            _ => None,
        };
        let group = node(&one.address);
        let alike = |other: &&mut (&Drift, Vec<&Address>)| {
            group.is_some()
                && node(&other.0.address) == group
                && (&other.0.what, &other.0.remedy) == (&one.what, &one.remedy)
        };
        match known.iter_mut().find(alike) {
            Some((_, addresses)) => addresses.push(&one.address),
            None => known.push((one, vec![&one.address])),
        }
    }
    for (cluster, entries) in &clusters {
        let _ = writeln!(text, "\ncluster.{cluster}");
        let label = |addresses: &[&Address]| match addresses.first() {
            Some(Address::Cluster(_)) | None => String::new(),
            Some(Address::Group(_, group)) => group.clone(),
            _ => brief(addresses.iter().copied()),
        };
        let widest = entries.iter().map(|(_, addresses)| label(addresses).chars().count()).max().unwrap_or_default();
        for (one, addresses) in entries {
            let label = label(addresses);
            let gap = if widest == 0 { 0 } else { 2 };
            let _ = writeln!(text, "  {label:widest$}{:gap$}{}", "", visible(&one.what));
            let _ = writeln!(text, "  {:widest$}{:gap$}apply {}", "", "", visible(&one.remedy));
        }
    }
    clusters.len()
}
