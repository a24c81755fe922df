//! The parts of a manifest: what a framework declares, block by block.

use crate::model::{PortRange, Protocol};
use crate::source::Span;
use crate::syntax::tree::Expression;

use super::{Placement, Readiness, Relation, SettingType, StepMoment};

/// Something that other frameworks can build on.
#[derive(Clone, Debug, PartialEq)]
pub struct Provision {
    /// `hdfs`
    pub name: String,
    /// Under which condition it is there.
    pub when: Option<Expression>,
    /// What those who build on it may know: `with.hdfs.NAME` in their expressions.
    pub values: Vec<(String, Expression)>,
    /// Where its name stands.
    pub origin: Span,
}

/// What must be in the cluster too.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// What.
    pub relation: Relation,
    /// Under which condition.
    pub when: Option<Expression>,
    /// Whether what fulfils it comes by itself where the cluster does not ask for it.
    pub adds: bool,
    /// Why.
    pub reason: Option<String>,
}

/// A name for an expression that a manifest uses more than once.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalDeclaration {
    /// Name.
    pub name: String,
    /// Unit of its value, if the block of locals has one.
    pub unit: Option<String>,
    /// What it means.
    pub value: Expression,
}

/// Something that a definition can set in its `framework` block.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own in a manifest")]
pub struct SettingDeclaration {
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Unit of its value, if it has one.
    pub unit: Option<String>,
    /// What its value is.
    pub kind: SettingType,
    /// Its value if nobody sets it; without one it is absent (`null` in expressions).
    pub default: Option<Expression>,
    /// Smallest value.
    pub minimum: Option<Expression>,
    /// Largest value.
    pub maximum: Option<Expression>,
    /// Why not less or more: text for people.
    pub limit_reason: Option<Expression>,
    /// Texts that are allowed; empty: all.
    pub one_of: Vec<String>,
    /// Whether a text or list must have something in it.
    pub not_empty: bool,
    /// On which nodes it means something; empty: all.
    pub on: Vec<Placement>,
    /// Under which condition it means something.
    pub when: Option<Expression>,
    /// Whether its default is computed once, when the cluster is created, and kept.
    pub fixed: bool,
    /// For one that is fixed: under which condition it goes up to what its default is now, and never down.
    pub rises: Option<Expression>,
    /// For one that is fixed: whether what a definition sets takes its place for good.
    pub remembers: bool,
    /// For one that is fixed: its value in clusters that were created before the setting existed.
    pub earlier: Option<String>,
    /// For one that is fixed: why it matters that a cluster has outgrown it. Without a reason nobody is told.
    pub outgrown: Option<String>,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// For one whose value Heat makes up where nobody sets it: how many letters and digits it has. Its default says under
    /// which condition.
    pub generated: Option<u32>,
    /// Where its name stands.
    pub origin: Span,
}

/// A few nodes that are chosen once, when the cluster is created: servers that agree with each other.
#[derive(Clone, Debug, PartialEq)]
pub struct EnsembleDeclaration {
    /// Name.
    pub name: String,
    /// Where they are: masters come first.
    pub on: Vec<Placement>,
    /// Name of the group whose nodes 0, 1, … are taken, where slaves are.
    pub group: Option<Expression>,
    /// How many.
    pub size: Expression,
    /// Under which condition nodes are chosen; where it does not hold, all nodes there are meant.
    pub when: Option<Expression>,
    /// The block's head.
    pub origin: Span,
}

/// Packages of the distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct PackagesDeclaration {
    /// A list of names.
    pub names: Expression,
    /// On which nodes; empty: all.
    pub on: Vec<Placement>,
    /// Under which condition.
    pub when: Option<Expression>,
}

/// Where the archive and the Python environment of a version go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstallationDeclaration {
    /// On which nodes; empty: all.
    pub on: Vec<Placement>,
    /// Under which condition.
    pub when: Option<Expression>,
}

/// Further software: an archive of its own folder, or a single file.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchiveDeclaration {
    /// Name.
    pub name: String,
    /// Path below a mirror's root.
    pub path: Expression,
    /// SHA-512 that it must have, 128 hexadecimal digits.
    pub sha512: Expression,
    /// Roots of mirrors; without it the setting `mirrors`.
    pub mirrors: Option<Expression>,
    /// The folder that it goes to.
    pub to: Expression,
    /// Whether it is unpacked.
    pub unpack: bool,
    /// How many leading parts of each path in it are left out.
    pub strip: u32,
    /// Services to restart when it changes.
    pub restarts: Vec<String>,
    /// On which nodes; empty: all.
    pub on: Vec<Placement>,
    /// Under which condition.
    pub when: Option<Expression>,
    /// Where its name stands.
    pub origin: Span,
}

impl ArchiveDeclaration {
    /// All its formulas but the condition.
    pub(super) fn formulas(&self) -> impl Iterator<Item = &Expression> {
        [&self.path, &self.sha512, &self.to].into_iter().chain(&self.mirrors)
    }
}

/// What the machine itself must be like.
#[derive(Clone, Debug, PartialEq)]
pub struct MachineDeclaration {
    /// Values of the kernel, as `sysctl` names them: an object.
    pub sysctl: Vec<(String, Expression)>,
    /// `always`, `madvise` or `never`.
    pub transparent_hugepages: Option<Expression>,
    /// Size of /dev/shm, MiB.
    pub shared_memory: Option<Expression>,
    /// Modules of the kernel: a list.
    pub modules: Option<Expression>,
    /// On which nodes; empty: all.
    pub on: Vec<Placement>,
    /// Under which condition.
    pub when: Option<Expression>,
    /// The block's head.
    pub origin: Span,
}

impl MachineDeclaration {
    /// All its formulas but the condition.
    pub(super) fn formulas(&self) -> impl Iterator<Item = &Expression> {
        let sysctl = self.sysctl.iter().map(|(_, value)| value);
        sysctl.chain(&self.transparent_hugepages).chain(&self.shared_memory).chain(&self.modules)
    }
}

/// Something that must hold of a definition.
#[derive(Clone, Debug, PartialEq)]
pub struct AssertionDeclaration {
    /// What.
    pub condition: Expression,
    /// What to say where it does not.
    pub message: Expression,
    /// Whether that is no more than a warning.
    pub warns: bool,
    /// The block's head.
    pub origin: Span,
}

/// A system account of a framework.
#[derive(Clone, Debug, PartialEq)]
pub struct UserDeclaration {
    /// Name.
    pub name: String,
    /// Main group.
    pub group: String,
    /// Home folder.
    pub home: String,
    /// Its number, where it has to be a certain one.
    pub uid: Option<u32>,
    /// Further groups.
    pub groups: Vec<String>,
    /// Program that it logs in with.
    pub shell: Option<String>,
    /// Mode of its home folder, octal, where that is to be made.
    pub home_mode: Option<String>,
    /// On which nodes; empty: all.
    pub on: Vec<Placement>,
    /// Of these only the members of this ensemble.
    pub ensemble: Option<String>,
    /// Under which condition.
    pub when: Option<Expression>,
}

/// A folder, or one for each element of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct DirectoryDeclaration {
    /// A path or a list of paths.
    pub path: Expression,
    /// `user:group`
    pub owner: String,
    /// Octal.
    pub mode: String,
    /// Whether data that cannot be made again lies in it.
    pub holds_data: bool,
    /// On which nodes; empty: all.
    pub on: Vec<Placement>,
    /// Of these only the members of this ensemble.
    pub ensemble: Option<String>,
    /// Under which condition.
    pub when: Option<Expression>,
}

/// A service in the foreground, kept by systemd.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceDeclaration {
    /// `namenode`
    pub name: String,
    /// For people.
    pub description: String,
    /// On which nodes.
    pub on: Vec<Placement>,
    /// Of these only the members of this ensemble.
    pub ensemble: Option<String>,
    /// Under which condition.
    pub when: Option<Expression>,
    /// systemd's name, without `.service`.
    pub unit: String,
    /// Whether a package of the distribution brings the unit, so that DISCO only adds to it.
    pub packaged: bool,
    /// Account.
    pub user: String,
    /// Its group.
    pub group: String,
    /// Command line; none where the unit is packaged.
    pub exec: Option<Expression>,
    /// Lines of the unit's section `Service`, by name.
    pub options: Vec<(String, Expression)>,
    /// Environment.
    pub environment: Vec<(String, Expression)>,
    /// Names of services to start before it.
    pub after: Vec<String>,
    /// Memory for itself, MiB.
    pub memory: Expression,
    /// Memory that it hands out to work, MiB.
    pub workload_memory: Option<Expression>,
    /// Steps that must have run before.
    pub needs_steps: Vec<String>,
    /// Whether data that cannot be made again lies with it.
    pub stores_data: bool,
    /// On how many nodes of a group it may be away at a time; without one there is no such limit.
    pub max_unavailable: Option<Expression>,
    /// Which processes systemd ends when it stops the unit: a [`KillMode`](super::KillMode) by its name.
    pub kill_mode: Option<Expression>,
    /// Exit status that counts as a clean end beside 0.
    pub success_exit_status: Option<Expression>,
    /// What tells that it is ready.
    pub ready: Option<Readiness>,
    /// How long that may take, seconds.
    pub ready_timeout_seconds: u32,
    /// The block's head.
    pub origin: Span,
}

/// A port that something listens on.
#[derive(Clone, Debug, PartialEq)]
pub struct PortDeclaration {
    /// What `allow` and `ui` call it.
    pub name: String,
    /// For people.
    pub description: String,
    /// Service that listens; none where people start what listens.
    pub service: Option<String>,
    /// On which nodes, where no service says so.
    pub on: Vec<Placement>,
    /// Under which condition.
    pub when: Option<Expression>,
    /// Protocol.
    pub protocol: Protocol,
    /// Numbers, where they are written out.
    pub ports: Option<PortRange>,
    /// The first number as a formula.
    pub first: Expression,
    /// The last one, where it is a range.
    pub last: Option<Expression>,
    /// Whether users may be let in.
    pub for_users: bool,
    /// Path of its web page, if it has one for people.
    pub web_path: Option<String>,
    /// What the address of its service begins with (`hdfs://`, or nothing), where `endpoint` shall tell it.
    pub endpoint: Option<String>,
    /// Why the number is not the framework's own default; empty where it is.
    pub differs: String,
    /// What anybody who reaches it can do: a string that goes on after "can".
    pub anybody: Option<Expression>,
    /// The block's head.
    pub origin: Span,
}

/// A step of the cluster as a whole, on its first master; or of each of some nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct StepDeclaration {
    /// Name.
    pub name: String,
    /// When.
    pub moment: StepMoment,
    /// What: an object for the node agent.
    pub action: Expression,
    /// The nodes that each run it; none where it is the cluster's.
    pub on: Vec<Placement>,
    /// Of these only the members of this ensemble.
    pub ensemble: Option<String>,
    /// Nodes it expects, by name.
    pub members_of: Option<Placement>,
    /// Under which condition.
    pub when: Option<Expression>,
    /// How long it may take, seconds.
    pub timeout_seconds: u32,
    /// The block's head.
    pub origin: Span,
}

/// How a part of a framework is asked how it is.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusDeclaration {
    /// Name.
    pub name: String,
    /// For people.
    pub title: String,
    /// Addresses to ask, by name: an object.
    pub ask: Expression,
    /// Which of several hosts is asked: an object.
    pub active: Option<Expression>,
    /// Where members are in the answers: an object.
    pub members: Option<Expression>,
    /// Nodes it expects, by name.
    pub members_of: Option<Placement>,
    /// What else is read in the answers: a list of objects.
    pub facts: Option<Expression>,
    /// Under which condition.
    pub when: Option<Expression>,
    /// The block's head.
    pub origin: Span,
}
