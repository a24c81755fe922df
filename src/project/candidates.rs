//! What words of a command line may name in a project, for completion: from definitions and state alone, in a moment, and
//! without a word about what is wrong there.

use std::collections::BTreeSet;
use std::path::Path;

use super::definition::{Loaded, MayLack};
use super::files::{self, FileKind};
use super::{Project, addresses, nodes, saved};
use crate::catalogue::Framework;
use crate::language::ClusterOutline;
use crate::state::State;

/// Files beyond this size are not looked into.
const LARGEST_PLAN: u64 = 64 << 20;

/// What a word names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A cluster.
    Cluster,
    /// A node of a cluster that was applied.
    Node,
    /// Whatever the state has something at.
    Address,
    /// A cluster or a group of nodes, as a plan may be about it alone.
    Part,
    /// A workspace.
    Workspace,
    /// What `explain` knows: settings, files and keys.
    Explainable,
    /// A framework of the catalogue.
    Framework,
    /// An output.
    Output,
    /// A variable, with `=` after it.
    Variable,
    /// A cloud of `clouds.yaml`.
    Cloud,
}

/// Which entries of folders are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paths {
    /// All.
    Any,
    /// Folders alone.
    Folders,
    /// Saved plans, and folders that may hold some.
    Plans,
}

impl Project {
    /// Everything of a kind that may be meant by a word that begins so, with what it is where that is worth telling. What
    /// does not begin so may be among it.
    pub fn candidates(&self, of: Named, typed: &str) -> Vec<(String, String)> {
        let plain = |names: BTreeSet<String>| names.into_iter().map(|name| (name, String::new())).collect();
        match of {
            Named::Framework => {
                let (catalogue, _) = self.frameworks().unwrap_or_default();
                catalogue.frameworks().map(|known| (known.name.clone(), known.description.clone())).collect()
            }
            Named::Cloud => plain(self.cloud_names().into_iter().collect()),
            Named::Workspace => plain(self.workspaces().map(|all| all.names.into_iter().collect()).unwrap_or_default()),
            _ => {
                let may_lack = MayLack { values: true, definitions: true };
                let Ok((loaded, _)) = self.load_with(&self.request.variables, may_lack) else { return Vec::new() };
                // The state's path may be what is wrong.
                let state =
                    if loaded.placed { self.store(&loaded).ok().and_then(|store| store.at_hand()) } else { None };
                plain(self.names(of, typed, &loaded, &state.unwrap_or_default()))
            }
        }
    }

    fn names(&self, of: Named, typed: &str, loaded: &Loaded, state: &State) -> BTreeSet<String> {
        let outline = loaded.definition.outline();
        let clusters = || {
            let defined = outline.iter().map(|cluster| &cluster.name);
            defined.chain(state.clusters.keys()).cloned().collect::<BTreeSet<String>>()
        };
        // Whoever begins with the long form goes on with it.
        let long = !typed.is_empty() && (typed.starts_with("cluster.") || "cluster.".starts_with(typed));
        match of {
            Named::Cluster if long => clusters().into_iter().map(|name| format!("cluster.{name}")).collect(),
            Named::Cluster => clusters(),
            Named::Node => nodes_of(state, long),
            Named::Part => {
                let groups = outline
                    .iter()
                    .flat_map(|cluster| cluster.groups.iter().map(|group| format!("cluster.{}.{group}", cluster.name)));
                let living = state.clusters.iter().flat_map(|(name, known)| {
                    known.members.groups.keys().map(move |group| format!("cluster.{name}.{group}"))
                });
                groups.chain(living).chain(clusters().into_iter().map(|name| format!("cluster.{name}"))).collect()
            }
            Named::Address => addresses(state).iter().map(ToString::to_string).collect(),
            Named::Output => {
                let defined = loaded.definition.output_names().map(str::to_owned);
                defined.chain(state.outputs.keys().cloned()).collect()
            }
            Named::Variable => loaded.definition.variable_names().map(|name| format!("{name}=")).collect(),
            Named::Explainable => self.explainable(typed, loaded, &outline),
            Named::Framework | Named::Cloud | Named::Workspace => BTreeSet::new(),
        }
    }

    /// Groups, files, keys and settings of the clusters; keys with their file where a file is named.
    fn explainable(&self, typed: &str, loaded: &Loaded, outline: &[ClusterOutline]) -> BTreeSet<String> {
        let (catalogue, _) = self.catalogue(loaded);
        let mut all = BTreeSet::new();
        for cluster in outline {
            let prefix = if outline.len() > 1 { format!("{}.", cluster.name) } else { String::new() };
            all.extend(cluster.groups.iter().map(|group| format!("{prefix}{group}")));
            for framework in cluster.frameworks.iter().filter_map(|name| catalogue.framework(name)) {
                all.extend(of_framework(framework, typed.contains(':')).map(|name| format!("{prefix}{name}")));
            }
        }
        all
    }

    /// Entries of the folder that a path leads to, as they would be typed; folders end with `/`. A path is relative to the
    /// project.
    pub fn paths(&self, typed: &str, of: Paths) -> Vec<String> {
        let (before, name) = typed.split_at(typed.rfind('/').map_or(0, |slash| slash + 1));
        let folder = match (before.strip_prefix("~/"), &self.request.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.directory().join(before),
        };
        let names = files::everything(&folder).unwrap_or_default();
        let shown = names
            .into_iter()
            .filter(|entry| entry.starts_with(name) && (name.starts_with('.') || !entry.starts_with('.')));
        let entry = |entry: String| match files::kind(&folder.join(&entry)) {
            Ok(FileKind::Folder) => Some(format!("{before}{entry}/")),
            Ok(_) if of == Paths::Any => Some(format!("{before}{entry}")),
            Ok(FileKind::Ordinary) if of == Paths::Plans && is_plan(&folder.join(&entry)) => {
                Some(format!("{before}{entry}"))
            }
            _ => None,
        };
        shown.filter_map(entry).collect()
    }
}

/// Nodes as they are named: `slaves[1]` and, where it is the only one of its group, `master`; with their cluster where
/// there are several, or where that is how it was begun.
fn nodes_of(state: &State, long: bool) -> BTreeSet<String> {
    let several = state.clusters.len() > 1;
    let names = nodes::nodes(state).map(|node| {
        let only = node.state.members.groups.get(&node.id.group).is_some_and(|group| group.nodes.len() == 1);
        let index = if only { String::new() } else { format!("[{}]", node.id.index) };
        match (long, several) {
            (true, _) => format!("cluster.{}.{}{index}", node.cluster, node.id.group),
            (false, true) => format!("{}.{}{index}", node.cluster, node.id.group),
            (false, false) => format!("{}{index}", node.id.group),
        }
    });
    names.collect()
}

fn of_framework(framework: &Framework, of_files: bool) -> impl Iterator<Item = String> {
    let keys = framework.files.iter().flat_map(move |file| {
        let with_file = move |key: &str| if of_files { format!("{}:{key}", file.name) } else { key.to_owned() };
        file.keys.iter().map(move |(key, _)| with_file(key))
    });
    let settings = framework.setting_names().map(|name| format!("framework.{}.{name}", framework.name));
    keys.chain(settings).chain(framework.file_names().map(str::to_owned))
}

fn is_plan(path: &Path) -> bool {
    files::size(path).is_ok_and(|size| size <= LARGEST_PLAN)
        && files::read(path).is_ok_and(|bytes| bytes.is_some_and(|bytes| saved::is_plan(&bytes)))
}
