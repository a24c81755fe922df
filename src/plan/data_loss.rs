//! Stored data that a plan loses, in groups: what people are told of it, and refused for.

use std::collections::{BTreeMap, BTreeSet};

use super::object::brief;
use super::{Change, ChangeKind, Lost, Plan};
use crate::model::{NodePart, ResourceName, heat_type};
use crate::source::{Diagnostic, Span, listed};

/// Nodes of a cluster that lose the same in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss<'p> {
    /// The cluster's name.
    pub cluster: &'p str,
    /// The nodes within it: `slaves[0..3]`
    pub nodes: String,
    /// How many nodes.
    pub count: usize,
    /// Why, a few words: `the nodes are destroyed`
    pub why: String,
    /// What is lost.
    pub lost: &'p [Lost],
    /// Why it is not moved away first, where frameworks know how.
    pub undrained: Option<String>,
    /// The way out, where there is one besides moving the data away.
    pub instead: Option<String>,
    /// Where it is defined.
    pub origin: Option<Span>,
}

impl Plan {
    /// Stored data that is lost.
    pub fn losses(&self) -> Vec<Loss<'_>> {
        let mut losses: BTreeMap<(&str, ChangeKind, &[Lost]), Vec<&Change>> = BTreeMap::new();
        for change in self.changes.iter().filter(|change| !change.lost.is_empty()) {
            losses.entry((change.address.cluster(), change.kind, &change.lost)).or_default().push(change);
        }
        let loss = |((cluster, kind, lost), changes): ((_, ChangeKind, _), Vec<&Change>)| Loss {
            cluster,
            nodes: brief(changes.iter().map(|change| &change.address)),
            count: changes.len(),
            why: why(kind, lost, changes.len()),
            lost,
            undrained: changes.iter().find_map(|change| change.undrained.clone()),
            instead: changes.first().and_then(|change| renamed(change)),
            origin: changes.iter().find_map(|change| change.origin),
        };
        losses.into_iter().map(loss).collect()
    }
}

fn why(kind: ChangeKind, lost: &[Lost], count: usize) -> String {
    let (are, stay) = if count == 1 { ("the node is", "the node stays") } else { ("the nodes are", "the nodes stay") };
    match kind {
        ChangeKind::Delete => format!("{are} destroyed"),
        ChangeKind::Rebuild => format!("{are} rebuilt"),
        ChangeKind::Replace => format!("{are} replaced"),
        ChangeKind::Heal => format!("{are} broken and will be replaced"),
        _ => {
            let volume = |lost: &Lost| match lost {
                Lost::Folder { volume, .. } => volume.clone(),
                Lost::Volume(name) => Some(name.clone()),
                Lost::Disk => None,
            };
            let volumes: BTreeSet<String> = lost.iter().filter_map(volume).collect();
            let names: Vec<String> = volumes.iter().map(|name| format!("`{name}`")).collect();
            match names.len() {
                0 => "another disk replaces it".to_owned(),
                1 => format!("volume {} is deleted, {stay}", listed(&names)),
                _ => format!("volumes {} are deleted, {stay}", listed(&names)),
            }
        }
    }
}

/// A volume with another name is another volume: where one goes and one comes, it may have been meant to be the same.
fn renamed(change: &Change) -> Option<String> {
    let volumes = |kind: ChangeKind| -> Vec<&str> {
        let of_kind = change.resources.iter().filter(|resource| resource.kind == kind);
        let volumes = of_kind.filter(|resource| resource.heat_type == heat_type::VOLUME);
        volumes
            .filter_map(|resource| match ResourceName::parse(&resource.name) {
                Some(ResourceName::Node(_, _, NodePart::Volume(name))) => Some(name),
                _ => None,
            })
            .collect()
    };
    match (volumes(ChangeKind::Delete).as_slice(), volumes(ChangeKind::Create).as_slice()) {
        ([old], [new]) => Some(format!(
            "if `volume \"{new}\"` is meant to be the volume `{old}`, keep the name `{old}`: one of another name is another volume"
        )),
        _ => None,
    }
}

/// Warnings, or refusals where the loss is not `accepted`.
pub(super) fn diagnostics(plan: &Plan, accepted: bool) -> Vec<Diagnostic> {
    let diagnostic = |loss: Loss<'_>| {
        let Loss { cluster, nodes, why, lost, undrained, instead, origin, .. } = loss;
        let is = if plan.observed || undrained.is_none() { "is" } else { "may be" };
        let mut message = format!("stored data of `cluster.{cluster}.{nodes}` {is} lost: {} ({why})", folders(lost));
        if let Some(undrained) = undrained {
            message.push_str("; ");
            message.push_str(&undrained);
        }
        let away = "move the data away first, or add `--accept-data-loss` if it may be lost";
        let diagnostic = if accepted {
            Diagnostic::warning("disco::data_loss", message).help_maybe(instead)
        } else {
            let help = instead.map_or_else(|| away.to_owned(), |instead| format!("{instead}\n{away}"));
            Diagnostic::error("disco::data_loss", message).help(help)
        };
        diagnostic.at_maybe(origin, "defined here")
    };
    plan.losses().into_iter().map(diagnostic).collect()
}

/// What is lost, with its names as code.
pub fn folders(lost: &[Lost]) -> String {
    let named = |lost: &Lost| match lost {
        Lost::Folder { path, volume: None, .. } => format!("`{path}`"),
        Lost::Folder { path, volume: Some(volume), .. } => format!("`{path}` on volume `{volume}`"),
        Lost::Volume(name) => format!("volume `{name}`"),
        Lost::Disk => lost.to_string(),
    };
    listed(&lost.iter().map(named).collect::<Vec<_>>())
}
