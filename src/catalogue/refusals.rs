//! What a definition asks of the catalogue and cannot have: a framework, a version, a file, masters, nodes. Each refusal
//! has its words here, whether it is the language that finds out, which knows more places, or the composition.

use super::{Catalogue, FileDeclaration, Framework, Placement, Version};
use crate::model::{GroupFramework, GroupSpec, Role, Sourced};
use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean, either};

impl Catalogue {
    /// The framework called `name`, which stands at `place`. The error is nothing where there is one whose manifest has
    /// mistakes: these are told there.
    pub(crate) fn choose(&self, name: &str, place: Span) -> Result<&Framework, Option<Diagnostic>> {
        if let Some(framework) = self.framework(name) {
            return Ok(framework);
        }
        let unknown = || {
            Diagnostic::error("disco::unknown_framework", format!("framework `{name}` does not exist"))
                .at(place, "not in the catalogue")
                .help("add a folder that has it: `disco { catalogues = [\"./frameworks\"] }`")
                .help_maybe(did_you_mean(name, self.framework_names()))
        };
        Err((!self.is_broken(name)).then(unknown))
    }
}

impl Framework {
    /// The version called `name`, which stands at `place`.
    pub(crate) fn choose_version(&self, name: &str, place: Option<Span>) -> Result<&Version, Diagnostic> {
        self.version(name).ok_or_else(|| {
            let known: Vec<String> = self.versions.iter().map(|version| format!("`{}`", version.name)).collect();
            let message = format!("version `{name}` of framework `{}` does not exist", self.name);
            Diagnostic::error("disco::unknown_version", message)
                .at_maybe(place, "not in the catalogue")
                .help(format!("use version {}", either(&known)))
        })
    }

    /// The file that `config` blocks call `name`, which stands at `place`.
    pub(crate) fn choose_file(&self, name: &str, place: Span) -> Result<&FileDeclaration, Diagnostic> {
        self.files.iter().find(|file| file.name == name).ok_or_else(|| {
            let known: Vec<String> = self.file_names().map(|name| format!("`{name}`")).collect();
            Diagnostic::error("disco::unknown_file", format!("framework `{}` has no file `{name}`", self.name))
                .at(place, "not one of its files")
                .help(format!("use {}", either(&known)))
                .help_maybe(did_you_mean(name, self.file_names()))
        })
    }

    /// What it objects to in the nodes of a cluster; `chosen` is where it is asked for, `cluster` where the cluster is.
    pub(crate) fn check_nodes(&self, nodes: &Nodes<'_>, chosen: Span, cluster: Span) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        diagnostics.extend(self.check_masters(nodes, chosen, cluster));
        if nodes.whole {
            let lacking =
                self.needs.iter().filter(|need| !nodes.groups.iter().any(|group| group.meets(&self.name, **need)));
            diagnostics.extend(lacking.map(|need| self.missing_nodes(*need, nodes, chosen, cluster)));
        }
        diagnostics
    }

    fn check_masters(&self, nodes: &Nodes<'_>, chosen: Span, cluster: Span) -> Option<Diagnostic> {
        let master = nodes.groups.iter().find(|group| group.role == Role::Master)?;
        let count = master.count.filter(|count| count.value > self.maximum_masters)?;
        let masters = match self.maximum_masters {
            1 => "one master".to_owned(),
            several => format!("{several} masters"),
        };
        let why = match self.maximum_masters_reason.as_str() {
            "" => String::new(),
            reason => format!(": {reason}"),
        };
        let message = format!("framework `{}` takes at most {masters}, but `count` is {}", self.name, count.value);
        Some(
            Diagnostic::error("disco::too_many_masters", message)
                .at(count.origin.unwrap_or(cluster), "too many masters")
                .at(chosen, format!("takes at most {masters}"))
                .help(format!("set `count = {}` in `master`{why}", self.maximum_masters)),
        )
    }

    fn missing_nodes(&self, need: Placement, nodes: &Nodes<'_>, chosen: Span, cluster: Span) -> Diagnostic {
        let (what, help) = match need {
            Placement::Master => ("a master", "add a `master` block"),
            Placement::Client => ("a node that uses it", "add `slaves \"edge\" { frameworks = [\"NAME.client\"] … }`"),
            Placement::Slaves => ("at least one slave", "add `slaves { count = 1 … }`, or raise a `count`"),
            Placement::Storage => (
                "at least one slave that stores data",
                "add a group of slaves without `storage = false`, or raise its `count`",
            ),
        };
        let empty = nodes.groups.iter().find(|group| need.covers(group.role, group.storage));
        let message = format!("framework `{}` needs {what}", self.name);
        match empty.and_then(|group| Some((group, group.count?.origin?))) {
            Some((group, count)) => {
                let message = format!("{message}, and `{}` has `count = 0`", group.name);
                Diagnostic::error("disco::missing_nodes", message)
                    .at(count, "no nodes")
                    .at(chosen, format!("needs {what}"))
                    .help("set `count = 1` or more, or remove the cluster's block to destroy it")
            }
            None => Diagnostic::error("disco::missing_nodes", message)
                .at(chosen, format!("needs {what}"))
                .at(cluster, "this cluster has none")
                .help(help),
        }
    }
}

/// The nodes of a cluster as far as they are known.
pub(crate) struct Nodes<'a> {
    pub(crate) groups: Vec<NodesOfGroup<'a>>,
    /// Whether no group is missing.
    pub(crate) whole: bool,
}

impl<'a> Nodes<'a> {
    /// All nodes of a cluster.
    pub(crate) fn of(groups: &'a [GroupSpec]) -> Self {
        let groups = groups.iter().map(|group| NodesOfGroup {
            name: &group.name,
            role: group.role,
            storage: group.storage,
            frameworks: group.frameworks.as_deref(),
            count: Some(&group.count),
        });
        Self { groups: groups.collect(), whole: true }
    }
}

/// The nodes of a group.
pub(crate) struct NodesOfGroup<'a> {
    pub(crate) name: &'a str,
    pub(crate) role: Role,
    pub(crate) storage: bool,
    /// The frameworks that they are part of; all where nothing is said.
    pub(crate) frameworks: Option<&'a [GroupFramework]>,
    /// How many; nothing where that is not known.
    pub(crate) count: Option<&'a Sourced<u32>>,
}

impl NodesOfGroup<'_> {
    /// Whether there are nodes where something has to be placed, or may be.
    fn meets(&self, framework: &str, need: Placement) -> bool {
        let is_part = |listed: &GroupFramework| listed.name == framework && !listed.is_client;
        self.frameworks.is_none_or(|listed| listed.iter().any(is_part))
            && need.covers(self.role, self.storage)
            && self.count.is_none_or(|count| count.value > 0)
    }
}
