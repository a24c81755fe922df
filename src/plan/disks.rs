//! What becomes of the disks of nodes that stay: which of them are unmounted, and which services stop for that.
//!
//! The node agent unmounts what goes, moves or is another disk from now on by itself, in the update that brings its new
//! configuration: Heat takes a volume away only after its node has answered. What Heat does to a volume where it is, it
//! does before: it takes it off the machine, enlarges or replaces it, and attaches it again, maybe to the machine that takes
//! the place of this one. Such a volume is *released*: an update before has the agent unmount it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value as Json;

use super::known::{KnownResource, KnownStack, KnownValue, Standing};
use super::reference::named;
use super::schema::effect;
use super::{Change, ChangeKind, ResourceChange, ServiceChanges};
use crate::model::{Address, NodePart, ResourceName, heat_type};
use crate::node::{BundleFile, NodeFile, PieceFile, RELEASE_INPUT, has_current_agent};
use crate::template::{Template, TemplateResource};

/// Volumes by name.
pub(super) type Volumes = BTreeSet<String>;

/// What a node's change means for its disks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DiskChange {
    /// Volumes that are to be unmounted before the cloud changes them.
    pub(super) release: Volumes,
    /// Volumes that are unmounted already: an earlier apply did not go on from there.
    pub(super) released: Volumes,
    /// Services that run, and stop for a while because of a disk.
    restarted: BTreeSet<String>,
    /// Services that do not run because a disk is unmounted.
    started: BTreeSet<String>,
}

impl DiskChange {
    /// Whether the node is, or will be, without a disk for a while.
    pub(super) fn interrupts(&self) -> bool {
        !self.release.is_empty() || !self.released.is_empty()
    }

    /// The resources of a node whose change takes volumes away that are to be unmounted before: these, and the machine.
    pub(super) fn parts<'k>(
        &self,
        address: &Address,
        known: &'k KnownStack<'_>,
    ) -> Vec<(&'k str, &'k KnownResource<'k>)> {
        let Address::Node(_, group, index) = address else { return Vec::new() };
        let volumes = self.release.iter().flat_map(|name| [NodePart::Volume(name), NodePart::Attachment(name)]);
        let names = volumes.chain([NodePart::Server]).map(|part| ResourceName::Node(group, *index, part).to_string());
        names
            .filter_map(|name| known.resources.get_key_value(name.as_str()).map(|(name, known)| (*name, known)))
            .collect()
    }

    /// The change of a node's deployment that nothing but the unmounting of its volumes brings.
    pub(super) fn deployment(&self, change: &Change, stack: &str) -> Option<ResourceChange> {
        let Address::Node(_, group, index) = &change.address else { return None };
        let name = ResourceName::Node(group, *index, NodePart::Deployment).to_string();
        let alone = !self.release.is_empty() && change.resources.iter().all(|resource| resource.name != name);
        alone.then(|| ResourceChange {
            stack: stack.to_owned(),
            name,
            replaces: None,
            heat_type: heat_type::SOFTWARE_DEPLOYMENT.to_owned(),
            kind: ChangeKind::Update,
            properties: Vec::new(),
        })
    }

    /// Adds what becomes of services because of disks to what becomes of them for other reasons.
    pub(super) fn add_to(&self, services: &mut ServiceChanges) {
        let add = |to: &mut Vec<String>, names: &BTreeSet<String>, not: &[String]| {
            let new = names.iter().filter(|name| !not.contains(name)).cloned();
            let all: BTreeSet<String> = to.drain(..).chain(new).collect();
            to.extend(all);
        };
        let idle = &self.started;
        services.restarted.retain(|name| !idle.contains(name));
        add(&mut services.restarted, &self.restarted, &services.stopped);
        add(&mut services.started, idle, &services.stopped);
    }
}

/// The disks of a stack's nodes.
pub(super) struct Disks<'a> {
    known: &'a KnownStack<'a>,
    wanted: &'a Template,
    /// Configurations by the names of their resources.
    nodes: BTreeMap<String, Option<Rc<NodeFile>>>,
}

impl<'a> Disks<'a> {
    pub(super) fn new(known: &'a KnownStack<'a>, wanted: &'a Template) -> Self {
        Self { known, wanted, nodes: BTreeMap::new() }
    }

    /// What the changes of a stack mean for the disks of its nodes; nothing for nodes whose disks stay as they are.
    pub(super) fn changes(&mut self, changes: &[Change]) -> BTreeMap<Address, DiskChange> {
        let found = changes.iter().map(|change| (change.address.clone(), self.change(change)));
        found.filter(|(_, change)| *change != DiskChange::default()).collect()
    }

    fn change(&mut self, change: &Change) -> DiskChange {
        let Address::Node(_, group, index) = &change.address else { return DiskChange::default() };
        let stays = matches!(change.kind, ChangeKind::Update | ChangeKind::Resize);
        if !stays && !matches!(change.kind, ChangeKind::Rebuild | ChangeKind::Replace) {
            return DiskChange::default();
        }
        let deployment = ResourceName::Node(group, *index, NodePart::Deployment).to_string();
        let (known, wanted) = (self.known, self.wanted);
        let Some(before) = known.resources.get(deployment.as_str()).filter(|before| before.exists()) else {
            return DiskChange::default();
        };
        let config = |name: Option<&str>, disks: &mut Self| disks.node(name?);
        let after = wanted.resources.get(&deployment).and_then(|after| after.properties.get("config"));
        let after = config(after.and_then(named), self);
        let old = config(config_of(before).as_deref(), self).or_else(|| after.clone());
        let (Some(old), Some(after)) = (old, after) else { return DiskChange::default() };
        let detached = |resource: &ResourceChange| match NodePart::of(&resource.name, group, *index)? {
            NodePart::Volume(name) => is_detached(resource).then(|| name.to_owned()),
            // It follows its machine.
            NodePart::Attachment(name) => moves(resource).then(|| name.to_owned()),
            _ => None,
        };
        let detached: Volumes = change.resources.iter().filter_map(detached).collect();
        let mounted = |name: &String| old.disks.iter().any(|disk| disk.volume == *name);
        let released = released(before);
        let release = detached.iter().filter(|name| mounted(name) && !released.contains(*name)).cloned().collect();
        let mut found = DiskChange { release, ..DiskChange::default() };
        if stays {
            let wanted = |mount: &str| after.disks.iter().find(|disk| disk.mount == mount).map(|disk| &disk.volume);
            let (idle, mounts): (Vec<_>, Vec<_>) = old.disks.iter().partition(|disk| released.contains(&disk.volume));
            let going = mounts
                .into_iter()
                .filter(|disk| detached.contains(&disk.volume) || wanted(&disk.mount) != Some(&disk.volume));
            let using = |mounts: Vec<&str>| -> BTreeSet<String> {
                let all = mounts.into_iter().flat_map(|mount| users(&old, mount));
                let kept = all.filter(|name| after.units.iter().any(|unit| unit.name == *name));
                kept.map(|name| name.trim_end_matches(".service").to_owned()).collect()
            };
            found.started = using(idle.into_iter().map(|disk| disk.mount.as_str()).collect());
            found.restarted = using(going.map(|disk| disk.mount.as_str()).collect());
            found.restarted.retain(|name| !found.started.contains(name));
        }
        found.released = released;
        found
    }

    /// Whether nodes of a group that stay need the current agent, which knows how to unmount disks: theirs change, or one
    /// of them has that agent already. `first` and `current` are the wanted configuration with either agent, by the names
    /// of their resources.
    pub(super) fn need_current_agent(&mut self, group: &str, first: &str, current: &str) -> bool {
        let (known, wanted) = (self.known, self.wanted);
        let of_group = |address: &Address| matches!(address, Address::Node(_, own, _) if own == group);
        let resources = known.resources.iter().filter(|(_, resource)| of_group(&resource.address) && resource.exists());
        let stays = |address: &Address| match address {
            Address::Node(_, group, index) => {
                let server = ResourceName::Node(group, *index, NodePart::Server).to_string();
                wanted.resources.contains_key(&server)
            }
            _ => false,
        };
        let mut configs: BTreeSet<(String, String)> = BTreeSet::new();
        let mut has_volumes = false;
        for (name, resource) in resources.filter(|(_, resource)| stays(&resource.address)) {
            let after = wanted.resources.get(*name);
            if resource.heat_type == heat_type::VOLUME {
                has_volumes = true;
                if after.is_none_or(|after| will_be_detached(resource, after)) {
                    return true;
                }
            }
            if resource.heat_type == heat_type::SOFTWARE_DEPLOYMENT {
                if !released(resource).is_empty() {
                    return true;
                }
                let after = after.and_then(|after| named(after.properties.get("config")?));
                configs.extend(config_of(resource).zip(after.map(str::to_owned)));
            }
        }
        configs.into_iter().filter(|(before, after)| before != after).any(|(before, after)| {
            if before == first || before == current {
                return before == current;
            }
            match (self.node(&before), self.node(&after)) {
                (Some(before), Some(after)) => has_current_agent(&before) || before.disks != after.disks,
                // Known only by digest.
                (None, after) => has_volumes || after.is_some_and(|after| !after.disks.is_empty()),
                (_, None) => false,
            }
        })
    }

    /// A node's configuration by its resource's name. The name carries a digest, so that the wanted one of a name is the
    /// known one too.
    fn node(&mut self, name: &str) -> Option<Rc<NodeFile>> {
        if let Some(node) = self.nodes.get(name) {
            return node.clone();
        }
        let wanted = self.wanted.resources.get(name).and_then(|resource| resource.properties.get("config"));
        let known = || self.known.resources.get(name)?.properties.get("config").and_then(KnownValue::whole);
        let text = match wanted {
            Some(text) => text.as_str().map(str::to_owned),
            None => known().and_then(|text| text.as_str().map(str::to_owned)),
        };
        let node = text.and_then(|text| match BundleFile::read(&text) {
            Ok(BundleFile::Node(node)) => Some(Rc::from(node)),
            _ => None,
        });
        self.nodes.insert(name.to_owned(), node.clone());
        node
    }
}

/// Whether Heat takes a volume off its machine, be it for a while.
fn is_detached(volume: &ResourceChange) -> bool {
    match volume.kind {
        ChangeKind::Update => volume.properties.iter().any(|property| property.name == "size"),
        ChangeKind::Replace | ChangeKind::Heal => true,
        _ => false,
    }
}

/// Whether what attaches a volume takes it to another machine.
fn moves(attachment: &ResourceChange) -> bool {
    matches!(attachment.kind, ChangeKind::Update | ChangeKind::Replace)
        && attachment.properties.iter().any(|property| property.name == "instance_uuid")
}

/// Whether Heat will take a volume off its machine so that it becomes what is wanted.
fn will_be_detached(known: &KnownResource<'_>, wanted: &TemplateResource) -> bool {
    let properties = &wanted.properties;
    let differs = |name: &str, value: &Json| known.properties.get(name).is_none_or(|known| !known.is(value));
    let detaches = |name: &str| name == "size" || effect(heat_type::VOLUME, name, properties) == ChangeKind::Replace;
    matches!(known.standing, Standing::Failed(_))
        || properties.iter().any(|(name, value)| detaches(name) && differs(name, value))
}

/// The configuration of a deployment, by the name of its resource.
fn config_of(deployment: &KnownResource<'_>) -> Option<String> {
    named(deployment.properties.get("config").and_then(KnownValue::whole)?.as_ref()).map(str::to_owned)
}

/// The volumes that a node has unmounted because an update said so, and nothing came after it.
fn released(deployment: &KnownResource<'_>) -> Volumes {
    if !matches!(deployment.standing, Standing::There) {
        return Volumes::new();
    }
    let inputs = deployment.properties.get("input_values").and_then(KnownValue::whole);
    let names = inputs.as_ref().and_then(|inputs| inputs.get(RELEASE_INPUT)?.as_str());
    names.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// Services that use a disk: they run as the owner of a folder on it, or their command, their environment or a file that
/// they read names a path on it. The node agent tells them by the same rules.
fn users<'n>(node: &'n NodeFile, mount: &str) -> impl Iterator<Item = &'n str> {
    let mount = mount.trim_end_matches('/').to_owned();
    let on_it = |path: &str| path.strip_prefix(&mount).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let owner = |owner: &'n str| owner.split(':').next().unwrap_or_default();
    let folders = node.directories.iter().filter(|directory| on_it(&directory.path));
    let owners: BTreeSet<&str> = folders.map(|directory| owner(&directory.owner)).collect();
    let tells = |piece: &PieceFile| matches!(piece, PieceFile::Text(text) if names_path(text, &mount));
    let files = node.files.iter().filter(|file| file.content.iter().any(tells));
    let readers: BTreeSet<&str> = files.flat_map(|file| &file.restarts).map(String::as_str).collect();
    let units = node.units.iter().filter(move |unit| {
        let texts = std::iter::once(&unit.exec).chain(unit.environment.values());
        owners.contains(unit.user.as_str())
            || readers.contains(unit.name.as_str())
            || texts.into_iter().any(|text| names_path(text, &mount))
    });
    units.map(|unit| unit.name.as_str())
}

/// Whether a text names the folder or something below it.
fn names_path(text: &str, folder: &str) -> bool {
    let word = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '.' | '-');
    text.match_indices(folder).any(|(at, _)| {
        let (before, after) = (text.get(..at), text.get(at + folder.len()..));
        !before.is_some_and(|before| before.ends_with(word)) && !after.is_some_and(|after| after.starts_with(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_is_named_whole() {
        for (text, named) in [
            ("file:///data/hdfs/x,/y", true),
            ("-Dx=/data/hdfs", true),
            ("/mnt/data/hdfs", false),
            ("/data/hdfs2", false),
            ("/data/hdfs-x /data/hdfs", true),
            ("", false),
        ] {
            assert_eq!(names_path(text, "/data/hdfs"), named, "{text}");
        }
    }

    #[test]
    fn a_disk_is_used_by_owners_of_its_folders_by_who_reads_of_it_and_by_who_is_told_of_it() {
        let unit = |name: &str, user: &str, exec: &str| json!({"name": name, "user": user, "exec": exec});
        let text = json!({
            "kind": "node",
            "directories": [{"path": "/d/x", "owner": "a:g"}, {"path": "/dd", "owner": "e:g"}],
            "files": [{"path": "/f", "content": ["dir=/d/y\n"], "restarts": ["reads.service"]}],
            "units": [unit("owns.service", "a", "/a"), unit("reads.service", "b", "/b"), unit("told.service", "c", "/c --at /d"),
                unit("other.service", "e", "/e /dd")],
        });
        let Ok(BundleFile::Node(node)) = BundleFile::read(&text.to_string()) else { panic!("a node's") };
        assert_eq!(users(&node, "/d").collect::<Vec<_>>(), ["owns.service", "reads.service", "told.service"]);
        assert_eq!(users(&node, "/dd").collect::<Vec<_>>(), ["other.service"]);
    }
}
