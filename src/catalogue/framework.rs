//! A framework as its manifest declares it. Expressions are kept as trees and evaluated for each cluster.

use std::collections::BTreeMap;

use crate::model::{PortRange, Role};
use crate::source::Span;
use crate::syntax::references;
use crate::syntax::tree::{Expression, ExpressionKind};

use super::declaration::{
    ArchiveDeclaration, AssertionDeclaration, DirectoryDeclaration, EnsembleDeclaration, InstallationDeclaration,
    LocalDeclaration, MachineDeclaration, PackagesDeclaration, PortDeclaration, Provision, Requirement,
    ServiceDeclaration, SettingDeclaration, StatusDeclaration, StepDeclaration, UserDeclaration,
};
use super::declared_file::{ContributionDeclaration, FileDeclaration};
use super::key_list::KeyList;
use super::traits::{SizingFormulas, Suits};
use super::{Placement, ProtectionDeclaration, Relation};

/// One folder of a catalogue: what a framework is and what it puts on its nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Framework {
    /// Name of the folder, and of the `framework` block.
    pub name: String,
    /// For people.
    pub description: String,
    /// The manifest's first line.
    pub origin: Span,
    /// Versions, the default one first, then as written.
    pub versions: Vec<Version>,
    /// What other frameworks can build on (`hdfs`, `yarn`).
    pub provides: Vec<Provision>,
    /// What must be in the cluster too: names of frameworks or of what they provide.
    pub requires: Vec<Requirement>,
    /// What it makes use of where it is there.
    pub uses: Vec<Relation>,
    /// What must not be in the cluster too.
    pub conflicts: Vec<Relation>,
    /// How many masters it can have.
    pub maximum_masters: u32,
    /// Why not more.
    pub maximum_masters_reason: String,
    /// Whether it needs a slave; and one that stores data.
    pub needs: Vec<Placement>,
    /// Least memory of a node, MiB, by role: expressions over settings.
    pub minimum_memory: BTreeMap<Role, Expression>,
    /// Whether it wants a share of a node's memory, by role: it does where it states a minimum, unless this says no.
    pub shares_memory: BTreeMap<Role, Expression>,
    /// Memory left to the operating system, MiB: an expression for each node.
    pub reserved_memory: Option<Expression>,
    /// Names for expressions that the manifest uses more than once.
    pub locals: Vec<LocalDeclaration>,
    /// Settings in the order written.
    pub settings: Vec<SettingDeclaration>,
    /// What must hold of a definition.
    pub assertions: Vec<AssertionDeclaration>,
    /// Nodes that are chosen once.
    pub ensembles: Vec<EnsembleDeclaration>,
    /// Packages of the distribution.
    pub packages: Vec<PackagesDeclaration>,
    /// Where a version's archive and Python environment go.
    pub installation: InstallationDeclaration,
    /// System accounts.
    pub users: Vec<UserDeclaration>,
    /// Folders.
    pub directories: Vec<DirectoryDeclaration>,
    /// Services in the order to start them.
    pub services: Vec<ServiceDeclaration>,
    /// Ports.
    pub ports: Vec<PortDeclaration>,
    /// What is protected, and what is not.
    pub protections: Vec<ProtectionDeclaration>,
    /// Files.
    pub files: Vec<FileDeclaration>,
    /// Software beside that of its version.
    pub archives: Vec<ArchiveDeclaration>,
    /// What its machines must be like.
    pub machines: Vec<MachineDeclaration>,
    /// Whether nodes can only use it.
    pub has_clients: bool,
    /// What it gives to files of others.
    pub contributions: Vec<ContributionDeclaration>,
    /// Steps of the cluster as a whole.
    pub steps: Vec<StepDeclaration>,
    /// How its parts are asked how they are.
    pub statuses: Vec<StatusDeclaration>,
    /// What it is good for.
    pub suits: Suits,
    /// How large a cluster of it has to be.
    pub sizing: SizingFormulas,
    /// The list of keys that it knows, from beside its manifest: what `known_keys` of files refers to.
    pub known_keys: Option<KeyList>,
}

impl Framework {
    /// The version taken if a definition names none.
    pub fn default_version(&self) -> &str {
        self.versions.first().map_or("", |version| version.name.as_str())
    }

    /// The version of that name.
    pub fn version(&self, name: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.name == name)
    }

    /// Whether nodes of that role keep data that cannot be made again.
    pub fn stores_data_on(&self, role: Role, storage: bool) -> bool {
        self.services.iter().any(|service| service.stores_data && service.on.iter().any(|on| on.covers(role, storage)))
    }

    /// The setting of that name.
    pub fn setting(&self, name: &str) -> Option<&SettingDeclaration> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// Whether it is, or under some condition provides, `what`.
    pub fn may_offer(&self, what: &str) -> bool {
        self.name == what || self.provides.iter().any(|provided| provided.name == what)
    }

    /// Everything it asks of others or makes use of, under whatever condition.
    pub fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.requires.iter().map(|requirement| &requirement.relation).chain(&self.uses)
    }

    /// Names of all settings, in the order declared.
    pub fn setting_names(&self) -> impl Iterator<Item = &str> {
        self.settings.iter().map(|setting| setting.name.as_str())
    }

    /// Keys that DISCO writes into a file that definitions call so; `None` where there is no such file.
    pub fn computed_keys(&self, file: &str) -> Option<Vec<&str>> {
        let declared = self.files.iter().filter(|declared| declared.name == file);
        let keys: Vec<&str> =
            declared.clone().flat_map(|declared| &declared.keys).map(|(key, _)| key.as_str()).collect();
        (declared.count() > 0).then_some(keys)
    }

    /// The numbers of a port where no definition says otherwise, if the manifest writes them out.
    pub fn usual_ports(&self, port: &PortDeclaration) -> Option<PortRange> {
        let default = || {
            let reference = references(&port.first).into_iter().next().filter(|_| port.last.is_none())?;
            let (name, _) = reference.entry().filter(|_| &*reference.root == "setting")?;
            let ExpressionKind::Number(number) = &self.setting(name)?.default.as_ref()?.kind else { return None };
            let number = number.parse().ok()?;
            Some(PortRange { first: number, last: number })
        };
        port.ports.or_else(default)
    }

    /// Names of all files that a `config` block can change.
    pub fn file_names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.name.as_str())
    }

    /// Names of the ports that an `allow` block can open.
    pub fn port_names(&self) -> impl Iterator<Item = &str> {
        self.ports.iter().filter(|port| port.for_users).map(|port| port.name.as_str())
    }

    /// Names of the web pages, what `cluster.X.ui.NAME` can say.
    pub fn web_ui_names(&self) -> impl Iterator<Item = &str> {
        self.ports.iter().filter(|port| port.web_path.is_some()).map(|port| port.name.as_str())
    }

    /// Names of the services that programs elsewhere use, what `cluster.X.endpoint.NAME` can say.
    pub fn endpoint_names(&self) -> impl Iterator<Item = &str> {
        self.ports.iter().filter(|port| port.endpoint.is_some()).map(|port| port.name.as_str())
    }
}

/// A release.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// `3.5.0`
    pub name: String,
    /// Path of the archive below a mirror's root; empty where distribution packages are all there is.
    pub archive: String,
    /// Where the publisher's own SHA-512 is, over TLS, at the origin.
    pub sha512_url: Option<String>,
    /// Where the publisher's own SHA-256 is, of one who serves no SHA-512.
    pub sha256_url: Option<String>,
    /// Pinned SHA-512, 128 hex digits.
    pub sha512: Option<String>,
    /// Lines of a lock file of pip's, with digests, from beside the manifest: what its Python environment has.
    pub requirements: Option<String>,
    /// Major versions of Java it runs on, best first; empty: needs none.
    pub java: Vec<u32>,
    /// Least version of Python, for those who use it from there.
    pub python: Option<String>,
    /// Versions of other frameworks it works with, by framework; a framework that is not named is not restricted.
    pub compatible: BTreeMap<String, Vec<String>>,
    /// Why not with others.
    pub compatible_reason: Option<String>,
    /// The block's head.
    pub origin: Span,
}
