//! Stored data: where a node keeps it, and what a change loses of it.
//!
//! A folder holds data where the framework's manifest says so (`holds_data`), on the node's own disk as well as on a
//! volume; every other folder is scratch. A volume on which no framework has a folder is its owner's and may hold
//! anything, so it counts as data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use serde_json::Value as Json;

use super::ChangeKind::{Delete, Heal, Rebuild, Replace};
use super::known::{KnownStack, KnownValue};
use super::reference::named;
use super::{ChangeKind, ResourceChange};
use crate::model::{Address, NodePart, ResourceName, heat_type};
use crate::node::BundleFile;
use crate::template::Template;

/// Stored data that a change loses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// A folder, on the node's own disk or on a volume.
    Folder {
        /// `/var/lib/hadoop/hdfs/name`
        path: String,
        /// The volume's name.
        volume: Option<String>,
        /// Frameworks whose services use it.
        frameworks: BTreeSet<String>,
    },
    /// A volume on which no framework has a folder, or of which only the name is known.
    Volume(String),
    /// The disk of a node that stores data, of which no more is known.
    Disk,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder { path, volume: None, .. } => f.write_str(path),
            Self::Folder { path, volume: Some(volume), .. } => write!(f, "{path} on volume {volume}"),
            Self::Volume(name) => write!(f, "volume {name}"),
            Self::Disk => f.write_str("the server's disk"),
        }
    }
}

/// Where something lies: a volume or the machine's own disk, and the path on it.
type Location = (Option<String>, String);

/// A folder of a node's configuration.
#[derive(Debug)]
struct Folder {
    path: String,
    location: Location,
    /// The account whose services use it.
    owner: String,
    holds_data: bool,
    /// Indices of the nodes that have it, where not all of the group do.
    members: Option<BTreeSet<u32>>,
}

/// What one configuration says about a node's disks and folders.
#[derive(Debug, Default)]
struct Layout {
    folders: Vec<Folder>,
    /// Names of volumes, with their mount points.
    volumes: Vec<(String, String)>,
    /// Accounts of services, with the frameworks that these are of.
    services: BTreeSet<(String, String)>,
}

impl Layout {
    /// Reads a configuration; `None` where it is not one of a node.
    fn read(config: &Json) -> Option<Self> {
        let BundleFile::Node(node) = BundleFile::read(config.as_str()?).ok()? else { return None };
        let members = node.directories.iter().map(|directory| node.members(directory.only.as_ref()));
        let members: Vec<_> = members.collect();
        let volumes: Vec<_> = node.disks.into_iter().map(|disk| (disk.volume, disk.mount)).collect();
        let folders = node.directories.into_iter().zip(members).map(|(directory, members)| Folder {
            members,
            location: locate(&volumes, &directory.path),
            owner: directory.owner.split(':').next().unwrap_or_default().to_owned(),
            path: directory.path,
            holds_data: directory.holds_data,
        });
        let folders = folders.collect();
        let services = node.units.into_iter().map(|unit| (unit.user, unit.framework)).collect();
        Some(Self { folders, volumes, services })
    }

    /// Frameworks whose services run as an account.
    fn frameworks_of(&self, account: &str) -> impl Iterator<Item = &String> {
        self.services.iter().filter(move |(user, _)| user == account).map(|(_, framework)| framework)
    }

    /// Everything on a node that holds data: folders of which this or the `other` configuration says so (a framework's later
    /// version may know better), and volumes without a folder.
    fn data(&self, index: u32, other: Option<&Self>) -> Vec<(Lost, Location, &str)> {
        let marked: BTreeSet<&str> = [Some(self), other]
            .into_iter()
            .flatten()
            .flat_map(|layout| &layout.folders)
            .filter(|folder| folder.holds_data)
            .map(|folder| folder.path.as_str())
            .collect();
        let is_there = |folder: &&Folder| folder.members.as_ref().is_none_or(|members| members.contains(&index));
        let folders = self.folders.iter().filter(|folder| marked.contains(folder.path.as_str())).filter(is_there);
        let folders = folders.map(|folder| {
            let frameworks = self.frameworks_of(&folder.owner).cloned().collect();
            let lost = Lost::Folder { path: folder.path.clone(), volume: folder.location.0.clone(), frameworks };
            (lost, folder.location.clone(), folder.owner.as_str())
        });
        let used = |name: &str| self.folders.iter().any(|folder| folder.location.0.as_deref() == Some(name));
        let owners = self.volumes.iter().filter(|(name, _)| !used(name));
        let volumes = owners.map(|(name, _)| (Lost::Volume(name.clone()), (Some(name.clone()), String::new()), ""));
        folders.chain(volumes).collect()
    }

    /// Whether it still has something there.
    fn uses(&self, location: &Location) -> bool {
        let (volume, within) = location;
        let mounted = || self.volumes.iter().any(|(name, _)| Some(name) == volume.as_ref());
        within.is_empty() && mounted() || self.folders.iter().any(|folder| folder.location == *location)
    }
}

/// Where a path lies: on the volume with the longest mount point above it, or on the node's own disk.
fn locate(volumes: &[(String, String)], path: &str) -> Location {
    let below = |mount: &str| {
        let rest = path.strip_prefix(mount.trim_end_matches('/'))?;
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
    };
    let found = volumes.iter().filter_map(|(name, mount)| Some((mount.len(), name, below(mount)?)));
    match found.max_by_key(|(length, ..)| *length) {
        Some((_, name, rest)) => (Some(name.clone()), rest),
        None => (None, path.to_owned()),
    }
}

/// What the changes of a stack's nodes lose.
pub(super) struct Losses<'a> {
    known: Option<&'a KnownStack<'a>>,
    wanted: &'a Template,
    /// Groups whose nodes store data: what counts where a node's configuration is known only by digest.
    storage_groups: &'a BTreeMap<String, Vec<String>>,
    layouts: BTreeMap<String, Option<Rc<Layout>>>,
    /// Frameworks that some node of the stack goes on having.
    frameworks: Option<BTreeSet<String>>,
}

impl<'a> Losses<'a> {
    pub(super) fn new(
        known: Option<&'a KnownStack<'a>>,
        wanted: &'a Template,
        storage_groups: &'a BTreeMap<String, Vec<String>>,
    ) -> Self {
        Self { known, wanted, storage_groups, layouts: BTreeMap::new(), frameworks: None }
    }

    /// What a node's change loses, and folders with data that stay on it although nothing uses them any more.
    /// `was_there` tells which resources something stood behind.
    pub(super) fn of(
        &mut self,
        address: &Address,
        kind: ChangeKind,
        resources: &[ResourceChange],
        was_there: &dyn Fn(&str) -> bool,
    ) -> (Vec<Lost>, Vec<String>) {
        let Address::Node(_, group, index) = address else { return Default::default() };
        let gone = |change: &ResourceChange| matches!(change.kind, Delete | Replace | Heal) && was_there(&change.name);
        let of_type = |wanted: &'static str| resources.iter().filter(move |change| change.heat_type == wanted);
        let machine = of_type(heat_type::SERVER).any(|change| was_there(&change.name))
            && matches!(kind, Delete | Rebuild | Replace | Heal);
        let volumes: BTreeSet<&str> = of_type(heat_type::VOLUME)
            .filter(|change| gone(change))
            .filter_map(|change| match NodePart::of(&change.name, group, *index)? {
                NodePart::Volume(name) => Some(name),
                _ => None,
            })
            .collect();
        let moves = of_type(heat_type::SOFTWARE_DEPLOYMENT).any(|change| change.kind != ChangeKind::Create);
        if !machine && volumes.is_empty() && !moves {
            return Default::default();
        }
        let (before, after) = self.layouts_of(group, *index);
        let Some(before) = before else {
            let disk = (machine && self.storage_groups.contains_key(group)).then_some(Lost::Disk);
            let volumes = volumes.iter().map(|name| Lost::Volume((*name).to_owned()));
            return (disk.into_iter().chain(volumes).collect(), Vec::new());
        };
        let (mut lost, mut idle) = (Vec::new(), Vec::new());
        for (what, location, owner) in before.data(*index, after.as_deref()) {
            let wiped = match &location.0 {
                Some(volume) => volumes.contains(volume.as_str()),
                None => machine,
            };
            let left = || kind != Delete && after.as_ref().is_some_and(|after| !after.uses(&location));
            if wiped {
                lost.push(what);
            } else if left() {
                // Where its framework is gone too, nobody misses the folder, and whoever adds it again finds it.
                if self.goes_on(&before, owner) { lost.push(what) } else { idle.push(what.to_string()) }
            }
        }
        lost.sort();
        lost.dedup();
        (lost, idle)
    }

    /// Whether the framework whose services run as `owner` is still wanted; where that cannot be told, it is.
    fn goes_on(&mut self, before: &Layout, owner: &str) -> bool {
        let own: BTreeSet<&String> = before.frameworks_of(owner).collect();
        if own.is_empty() {
            return true;
        }
        let wanted = self.wanted;
        let frameworks = self.frameworks.get_or_insert_with(|| {
            let configs = wanted.resources.values().filter_map(|resource| resource.properties.get("config"));
            configs.filter_map(Layout::read).flat_map(|layout| layout.services).map(|(_, name)| name).collect()
        });
        own.into_iter().any(|name| frameworks.contains(name))
    }

    /// A node's disks and folders as they are and as they will be.
    fn layouts_of(&mut self, group: &str, index: u32) -> (Option<Rc<Layout>>, Option<Rc<Layout>>) {
        let deployment = ResourceName::Node(group, index, NodePart::Deployment).to_string();
        let before = self.config_before(&deployment).and_then(|config| self.layout(&config));
        let after = self.config_after(&deployment).and_then(|config| self.layout(&config));
        (before, after)
    }

    fn config_before(&self, deployment: &str) -> Option<String> {
        let properties = self.known?.resources.get(deployment)?.properties;
        named(properties.get("config").and_then(KnownValue::whole)?.as_ref()).map(str::to_owned)
    }

    fn config_after(&self, deployment: &str) -> Option<String> {
        named(self.wanted.resources.get(deployment)?.properties.get("config")?).map(str::to_owned)
    }

    /// What a configuration says, by its resource's name. The name carries a digest, so that the wanted one of a name is
    /// the known one too.
    fn layout(&mut self, config: &str) -> Option<Rc<Layout>> {
        if let Some(layout) = self.layouts.get(config) {
            return layout.clone();
        }
        let wanted = self.wanted.resources.get(config).and_then(|resource| resource.properties.get("config"));
        let known = || {
            let properties = self.known?.resources.get(config)?.properties;
            properties.get("config").and_then(KnownValue::whole)
        };
        let layout = match wanted {
            Some(text) => Layout::read(text),
            None => known().and_then(|text| Layout::read(&text)),
        };
        let layout = layout.map(Rc::new);
        self.layouts.insert(config.to_owned(), layout.clone());
        layout
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn layout(disks: &Json, directories: &Json) -> Layout {
        let units = json!([{"name": "datanode.service", "user": "hdfs", "framework": "hadoop"}]);
        let text = json!({"format": 1, "kind": "node", "disks": disks, "directories": directories, "units": units})
            .to_string();
        Layout::read(&Json::String(text)).unwrap()
    }

    #[test]
    fn a_path_lies_on_the_volume_that_is_mounted_closest_above_it() {
        let volumes = [("a".to_owned(), "/data".to_owned()), ("b".to_owned(), "/data/b/".to_owned())];
        let of = |path: &str| locate(&volumes, path);
        assert_eq!(of("/data/b/hdfs"), (Some("b".to_owned()), "/hdfs".to_owned()));
        assert_eq!(of("/data/bb"), (Some("a".to_owned()), "/bb".to_owned()));
        assert_eq!(of("/database"), (None, "/database".to_owned()));
    }

    #[test]
    fn scratch_is_no_data_and_a_volume_of_nobody_is() {
        let disks = json!([{"volume": "v", "mount": "/v"}, {"volume": "home", "mount": "/home"}]);
        let directories = json!([{"path": "/v/data", "holds_data": true, "owner": "hdfs:hadoop"}, {"path": "/v/work"},
            {"path": "/root", "holds_data": true}]);
        let layout = layout(&disks, &directories);
        let told: Vec<String> = layout.data(0, None).iter().map(|(lost, ..)| lost.to_string()).collect();
        assert_eq!(told, ["/v/data on volume v", "/root", "volume home"]);
    }

    #[test]
    fn a_volume_that_is_mounted_elsewhere_takes_its_folders_along() {
        let at = |mount: &str| {
            let disks = json!([{"volume": "v", "mount": mount}]);
            layout(&disks, &json!([{"path": format!("{mount}/data"), "holds_data": true}]))
        };
        let (before, after) = (at("/old"), at("/new"));
        assert!(before.data(0, Some(&after)).iter().all(|(_, location, _)| after.uses(location)));
        let shadowed = layout(&json!([]), &json!([{"path": "/new/data", "holds_data": true}]));
        assert!(shadowed.data(0, Some(&after)).iter().all(|(_, location, _)| !after.uses(location)));
    }
}
