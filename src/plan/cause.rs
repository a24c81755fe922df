//! Which line of the definition changed what: asked once something differs, because to know it of everything would cost
//! each plan what only a change needs.

use std::collections::BTreeSet;

use super::configuration::{ARCHIVE, DIRECTORY, HOSTS, UNIT};
use super::keys::{FINAL, KeyedText, keyed};
use super::{ChangeKind, Plan, PropertyChange};
use crate::catalogue::{Cause, CauseKind, Causes, Part};
use crate::model::{Address, ClusterSpec, NodePart, heat_type};
use crate::source::Span;

/// A part of a group's configuration that differs: cluster, group, the part's name, and a key of it or all of it.
pub type ChangedPart = (String, String, String, Option<String>);

/// Why a part of a configuration differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartCause {
    /// The line.
    pub place: Span,
    /// What the line says, where it is not about the part itself: `flavor of slaves`.
    pub words: Option<String>,
}

impl Plan {
    /// Finds the lines that a cluster's changes come from.
    pub(crate) fn trace(&mut self, spec: &ClusterSpec, causes: &Causes<'_>) {
        let moved = Moved::of(self, spec);
        let mut parts: BTreeSet<ChangedPart> = BTreeSet::new();
        for change in &self.changes {
            let Address::Group(cluster, group) = &change.address else { continue };
            if *cluster != spec.name {
                continue;
            }
            for property in change.resources.iter().filter(|one| one.replaces.is_some()).flat_map(|one| &one.properties)
            {
                for key in changed_keys(property) {
                    parts.insert((cluster.clone(), group.clone(), property.name.clone(), key));
                }
            }
        }
        for part in parts {
            let (cluster, group, name, key) = &part;
            if let Some(cause) = count_of(spec, name, cluster) {
                self.causes.insert(part, cause);
                continue;
            }
            let found = causes.of(group, part_of(name, key.as_deref()));
            if let Some(cause) = moved.likeliest(group, &found) {
                self.causes.insert(part, cause);
            }
        }
        self.place_nodes(spec);
    }

    /// A node that is resized is at the line of its flavor, not at the head of its group.
    fn place_nodes(&mut self, spec: &ClusterSpec) {
        for change in &mut self.changes {
            let Address::Node(cluster, name, index) = &change.address else { continue };
            let Some(group) = spec.group(name).filter(|_| *cluster == spec.name) else { continue };
            let line = match change.kind {
                ChangeKind::Resize => group.flavor.origin,
                ChangeKind::Rebuild => group.image.origin,
                ChangeKind::Create => group.count.origin,
                _ => change.resources.iter().find_map(|resource| match NodePart::of(&resource.name, name, *index)? {
                    NodePart::Volume(name) => {
                        group.volumes.iter().find(|volume| volume.name == name).map(|volume| volume.origin)
                    }
                    _ => None,
                }),
            };
            change.origin = line.or(change.origin);
        }
    }
}

/// The line that says how many nodes there are of the group whose names a part tells.
fn count_of(spec: &ClusterSpec, part: &str, cluster: &str) -> Option<PartCause> {
    let prefix = part.strip_prefix(HOSTS)?.strip_prefix(' ')?.split(' ').next()?;
    let group = prefix.strip_prefix(cluster)?.trim_matches('-');
    let place = spec.group(group)?.count.origin?;
    Some(PartCause { place, words: Some(format!("count of {group}")) })
}

/// What of a cluster is known to have changed beside its configuration.
#[derive(Default)]
struct Moved {
    flavors: BTreeSet<String>,
    images: BTreeSet<String>,
    counts: BTreeSet<String>,
    frameworks: BTreeSet<String>,
}

impl Moved {
    fn of(plan: &Plan, spec: &ClusterSpec) -> Self {
        let mut moved = Self::default();
        for change in plan.changes.iter().filter(|change| change.address.cluster() == spec.name) {
            match &change.address {
                Address::Node(_, group, _) => {
                    if matches!(change.kind, ChangeKind::Create | ChangeKind::Delete) {
                        moved.counts.insert(group.clone());
                    }
                    let servers = change.resources.iter().filter(|resource| resource.heat_type == heat_type::SERVER);
                    for property in servers.flat_map(|server| &server.properties) {
                        match property.name.as_str() {
                            "flavor" => drop(moved.flavors.insert(group.clone())),
                            "image" => drop(moved.images.insert(group.clone())),
                            _ => {}
                        }
                    }
                }
                Address::Framework(_, framework) => drop(moved.frameworks.insert(framework.clone())),
                _ => {}
            }
        }
        moved
    }

    fn has(&self, kind: &CauseKind) -> bool {
        match kind {
            CauseKind::Flavor { group } => self.flavors.contains(group),
            CauseKind::Image { group } => self.images.contains(group),
            CauseKind::Count { group } => self.counts.contains(group),
            CauseKind::Version { framework } | CauseKind::Framework { framework } => {
                self.frameworks.contains(framework)
            }
            CauseKind::Group { .. }
            | CauseKind::Volume { .. }
            | CauseKind::Key { .. }
            | CauseKind::Content { .. }
            | CauseKind::Setting { .. } => false,
        }
    }

    /// Of the lines that have a say the one that changed: what is seen to change elsewhere, else the nearest of those that
    /// are not.
    fn likeliest(&self, group: &str, causes: &[Cause]) -> Option<PartCause> {
        let own = |cause: &Cause| {
            matches!(cause.kind, CauseKind::Key { .. } | CauseKind::Content { .. } | CauseKind::Setting { .. })
        };
        let placed: Vec<&Cause> = causes.iter().filter(|cause| cause.place.is_some()).collect();
        let first_own =
            placed.first().filter(|cause| matches!(cause.kind, CauseKind::Key { .. } | CauseKind::Content { .. }));
        let found = first_own
            .or_else(|| placed.iter().find(|cause| self.has(&cause.kind)))
            .or_else(|| placed.iter().find(|cause| own(cause)))
            .or_else(|| placed.first())?;
        Some(PartCause { place: found.place?, words: words(&found.kind, group) })
    }
}

/// What a line says that is about something else than the part that it changes.
fn words(kind: &CauseKind, group: &str) -> Option<String> {
    let of = |what: &str, whose: &String| (whose.as_str() != group).then(|| format!("{what} of {whose}"));
    match kind {
        CauseKind::Flavor { group } => of("flavor", group),
        CauseKind::Image { group } => of("image", group),
        CauseKind::Count { group } => of("count", group),
        CauseKind::Volume { group, name } => of(&format!("volume {name}"), group),
        CauseKind::Group { .. }
        | CauseKind::Key { .. }
        | CauseKind::Content { .. }
        | CauseKind::Setting { .. }
        | CauseKind::Version { .. }
        | CauseKind::Framework { .. } => None,
    }
}

/// The keys of a part that differ, and `None` for the part as a whole. A key that goes has no line.
fn changed_keys(property: &PropertyChange) -> Vec<Option<String>> {
    let text = |value: &Option<serde_json::Value>| value.as_ref().and_then(|value| value.as_str()).map(str::to_owned);
    let (Some(before), Some(after)) = (text(&property.before), text(&property.after)) else { return vec![None] };
    let Some((before, after)) = keyed(&before).zip(keyed(&after)) else { return vec![None] };
    let known = |text: &KeyedText, pair: &(String, String)| text.pairs.contains(pair);
    let differ = after.pairs.iter().filter(|pair| !known(&before, pair));
    differ.map(|(key, _)| Some(key.clone())).chain([None]).collect()
}

/// What the catalogue calls a part.
fn part_of<'a>(name: &'a str, key: Option<&'a str>) -> Part<'a> {
    if let Some(key) = key {
        return Part::Key(name, key.strip_suffix(FINAL).unwrap_or(key));
    }
    match name.split_once(' ') {
        Some((UNIT, unit)) => Part::Unit(unit),
        Some((DIRECTORY, path)) => Part::Directory(path),
        Some((ARCHIVE, archive)) => Part::Archive(archive),
        _ => Part::File(name),
    }
}
