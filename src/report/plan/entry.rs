//! What one line of a plan stands for: an object, or all nodes of a group to which the same happens.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::label;
use crate::catalogue::Protection;
use crate::model::{Address, heat_type};
use crate::plan::{
    Change, ChangeKind, Lost, PropertyChange, ResourceChange, RuleChange, RuleSource, ServiceChanges, is_verification,
};
use crate::source::Span;

/// A line and what stands below it.
pub(super) struct Entry<'a> {
    pub(super) label: String,
    pub(super) kind: ChangeKind,
    /// How many objects it stands for.
    pub(super) count: usize,
    pub(super) detail: String,
    pub(super) services: &'a ServiceChanges,
    pub(super) reasons: Vec<String>,
    pub(super) lost: &'a [Lost],
    /// Why it is not moved away first.
    pub(super) undrained: Option<&'a str>,
    pub(super) origin: Option<Span>,
    /// Parts with a sign of their own: rules.
    pub(super) parts: Vec<Part>,
    /// What rules let anybody do, and what is protected.
    pub(super) security: Vec<String>,
    /// Files of a configuration that differ.
    pub(super) files: Vec<&'a PropertyChange>,
    /// The group whose configuration it is.
    pub(super) group: Option<(&'a str, &'a str)>,
}

/// A part of an object.
pub(super) struct Part {
    pub(super) kind: ChangeKind,
    pub(super) text: String,
}

/// What two nodes must have in common to be told of in one line.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness<'a> {
    group: &'a str,
    fate: &'static str,
    lost: &'a [Lost],
    detail: String,
    services: &'a ServiceChanges,
    reasons: &'a [String],
    configuration: Option<(&'a str, &'a str)>,
}

/// The lines of one cluster.
pub(super) fn entries<'a>(changes: &[&'a Change]) -> Vec<Entry<'a>> {
    // Which file differences a move from one configuration to another means.
    let moves: BTreeMap<(&str, &str), &'a [PropertyChange]> = changes
        .iter()
        .flat_map(|change| &change.resources)
        .filter_map(|resource| {
            Some(((resource.replaces.as_deref()?, resource.name.as_str()), resource.properties.as_slice()))
        })
        .collect();
    let faces = changes.iter().any(|change| !matches!(change.address, Address::Cluster(_) | Address::Group(..)));
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut alike: BTreeMap<Likeness<'a>, (usize, Vec<u32>)> = BTreeMap::new();
    for change in changes {
        match &change.address {
            Address::Node(_, group, index) => {
                let likeness = Likeness {
                    group,
                    fate: fate(change),
                    lost: &change.lost,
                    detail: server(change),
                    services: &change.services,
                    reasons: &change.reasons,
                    configuration: configuration(change),
                };
                let place = entries.len();
                let (at, indices) = alike.entry(likeness).or_insert_with(|| (place, Vec::new()));
                indices.push(*index);
                if *at == place {
                    entries.push(entry(change, &moves));
                }
            }
            Address::Cluster(_) | Address::Group(..) if faces && is_quiet(change) => {}
            _ => entries.push(entry(change, &moves)),
        }
    }
    for (likeness, (at, indices)) in alike {
        let Some(entry) = entries.get_mut(at) else { continue };
        entry.count = indices.len();
        let address = Address::Node(entry.label.clone(), likeness.group.to_owned(), 0);
        entry.label = label(&address, &indices);
        let nodes = if entry.count == 1 { "1 node".to_owned() } else { format!("{} nodes", entry.count) };
        entry.detail = [nodes, likeness.detail, likeness.fate.to_owned()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("  ");
    }
    entries
}

/// Whether a change of what a group's nodes share is told of by its nodes already.
fn is_quiet(change: &Change) -> bool {
    change.kind != ChangeKind::Update
        || !change.resources.is_empty()
            && change.resources.iter().all(|resource| {
                resource.replaces.is_some()
                    || resource.heat_type == heat_type::SOFTWARE_CONFIG
                        && matches!(resource.kind, ChangeKind::Delete | ChangeKind::Create)
                    || is_verification(&resource.name)
            })
}

fn entry<'a>(change: &'a Change, moves: &BTreeMap<(&str, &str), &'a [PropertyChange]>) -> Entry<'a> {
    let detail = match &change.address {
        Address::Network(_) => [network(change), words(change.kind).to_owned()].join(" ").trim().to_owned(),
        Address::Security(_) => security(change),
        Address::Framework(..) if change.kind == ChangeKind::Create => version(change).unwrap_or_default(),
        _ => fate(change).to_owned(),
    };
    let quiet = matches!(change.kind, ChangeKind::Create | ChangeKind::Delete | ChangeKind::Verify)
        && !change.reasons.iter().any(|reason| reason.starts_with("deleted outside of DISCO"));
    let rules = !change.rules.is_empty();
    // What a framework that goes means for the others is said nowhere else, and what is not known of one that comes.
    let of_framework = matches!(change.address, Address::Framework(..));
    let silent = quiet && !of_framework || rules;
    let reasons: Vec<String> = if silent { Vec::new() } else { change.reasons.clone() };
    let files: Vec<&PropertyChange> = configuration(change)
        .and_then(|pair| moves.get(&pair))
        .into_iter()
        .flat_map(|files| files.iter())
        // Of what is known only by its digest there is nothing to show.
        .filter(|file| file.before.is_some() || file.after.is_some())
        .collect();
    // The diffs say more than the sentence; a framework's version stands in its line.
    let told = version(change);
    let said = |reason: &String| {
        let plain = reason == "configuration differs" && !files.is_empty();
        !plain && (change.kind != ChangeKind::Create || Some(reason) != told.as_ref())
    };
    let reasons: Vec<String> = reasons.iter().filter(|reason| said(reason)).cloned().collect();
    let origin = change.origin.filter(|_| !quiet);
    Entry {
        label: match &change.address {
            Address::Node(cluster, ..) => cluster.clone(),
            other => other.to_string(),
        },
        kind: change.kind,
        count: 1,
        detail,
        reasons,
        lost: &change.lost,
        undrained: change.undrained.as_deref(),
        origin,
        parts: parts(&change.rules),
        security: exposure(change),
        services: &change.services,
        files,
        group: match &change.address {
            Address::Node(cluster, group, _) | Address::Group(cluster, group) => Some((cluster, group)),
            _ => None,
        },
    }
}

fn version(change: &Change) -> Option<String> {
    change.reasons.iter().find(|reason| reason.starts_with("version ")).cloned()
}

/// What becomes of a thing.
fn fate(change: &Change) -> &'static str {
    if change.drained { "drained, then destroyed" } else { words(change.kind) }
}

fn words(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::NoChange | ChangeKind::Create => "",
        ChangeKind::Verify => "verified again",
        ChangeKind::Forget => "forgotten",
        ChangeKind::Update => "updated in place",
        ChangeKind::Heal => "replaced, because it is broken",
        ChangeKind::Resize => "resized: the node restarts",
        ChangeKind::Rebuild => "rebuilt: the node's root disk is wiped",
        ChangeKind::Replace => "replaced: destroyed, then created",
        ChangeKind::Drain => "drained",
        ChangeKind::Delete => "destroyed",
    }
}

fn property<'a>(resource: &'a ResourceChange, name: &str) -> Option<&'a Json> {
    let property = resource.properties.iter().find(|property| property.name == name)?;
    property.after.as_ref().or(property.before.as_ref())
}

/// Size and image of a node that comes or goes, and its volumes.
fn server(change: &Change) -> String {
    if !matches!(change.kind, ChangeKind::Create | ChangeKind::Delete) {
        return String::new();
    }
    let mut words: Vec<String> = Vec::new();
    for resource in &change.resources {
        match resource.heat_type.as_str() {
            heat_type::SERVER => words.extend(
                ["flavor", "image"].iter().filter_map(|name| property(resource, name)?.as_str()).map(str::to_owned),
            ),
            heat_type::VOLUME => words.extend(property(resource, "size").map(|size| format!("{size} GiB volume"))),
            heat_type::FLOATING_IP => words.push("floating IP".to_owned()),
            _ => {}
        }
    }
    // The node first, then what hangs on it.
    words.sort_by_key(|word| word.ends_with(" volume") || word == "floating IP");
    words.join("  ")
}

fn network(change: &Change) -> String {
    let subnets = change.resources.iter().filter(|resource| resource.heat_type == heat_type::SUBNET);
    let mut cidrs: Vec<&str> = subnets.filter_map(|subnet| property(subnet, "cidr")?.as_str()).collect();
    // IPv4 first.
    cidrs.sort_by_key(|cidr| cidr.contains(':'));
    if cidrs.is_empty() { String::new() } else { format!("{} ", cidrs.join(", ")) }
}

fn security(change: &Change) -> String {
    let count = |kinds: &[ChangeKind]| change.rules.iter().filter(|rule| kinds.contains(&rule.kind)).count();
    let rules = |count: usize| if count == 1 { "1 rule".to_owned() } else { format!("{count} rules") };
    if matches!(change.kind, ChangeKind::Create | ChangeKind::Delete) {
        return [rules(change.rules.len()), words(change.kind).to_owned()].join("  ").trim_end().to_owned();
    }
    let counts = [
        ("added", count(&[ChangeKind::Create])),
        ("replaced", count(&[ChangeKind::Replace, ChangeKind::Heal])),
        ("removed", count(&[ChangeKind::Delete])),
    ];
    let told = counts.iter().filter(|(_, count)| *count > 0);
    let told: Vec<String> = told.map(|(verb, count)| format!("{} {verb}", rules(*count))).collect();
    if told.is_empty() { words(change.kind).to_owned() } else { told.join(", ") }
}

/// A line for each rule, in columns: what, which ports, from where, to which nodes.
fn parts(rules: &[RuleChange]) -> Vec<Part> {
    let cells = |rule: &RuleChange| {
        let from = match &rule.from {
            RuleSource::Network(prefix) => format!("from {prefix}"),
            RuleSource::Nodes => "from the cluster's nodes".to_owned(),
            RuleSource::Unknown => "from (not known)".to_owned(),
        };
        let to = rule.to.as_deref().map_or_else(|| "to all nodes".to_owned(), |group| format!("to {group}"));
        [rule.name().to_owned(), rule.opening(), from, to]
    };
    let mut lines: Vec<(ChangeKind, [String; 4])> = rules.iter().map(|rule| (rule.kind, cells(rule))).collect();
    // What lets in who is outside comes first.
    lines.sort_by_key(|(_, cells)| cells[0].starts_with("inside"));
    let widest = |column: usize| lines.iter().map(|(_, cells)| cells[column].chars().count()).max().unwrap_or_default();
    let (name, ports, from) = (widest(0), widest(1), widest(2));
    let line = |(kind, cells): &(ChangeKind, [String; 4])| {
        let [what, opening, source, to] = cells;
        Part { kind: *kind, text: format!("{what:name$}  {opening:ports$}  {source:from$}  {to}") }
    };
    lines.iter().map(line).collect()
}

/// What those who are let in can do, and what the frameworks do about it.
fn exposure(change: &Change) -> Vec<String> {
    let opened = change.rules.iter().filter(|rule| rule.lets_in());
    let can: BTreeSet<&String> = opened.flat_map(|rule| &rule.anybody).collect();
    let mut lines: Vec<String> = can.iter().map(|can| format!("anybody who is let in can {can}")).collect();
    for Protection { framework, does, does_not } in &change.protections {
        let told =
            [("protects", does), ("does not protect", does_not)].into_iter().filter(|(_, what)| !what.is_empty());
        lines.extend(told.map(|(verb, what)| format!("{framework} {verb}: {}", what.join("; "))));
    }
    lines
}

/// From which configuration to which a node moves.
fn configuration(change: &Change) -> Option<(&str, &str)> {
    change.resources.iter().find_map(ResourceChange::moves)
}
