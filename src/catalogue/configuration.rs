//! What the frameworks of one cluster put on its nodes: the hand-over from the catalogue to the nodes.

use std::collections::{BTreeMap, BTreeSet};

use super::{ClientFile, GeneratedSecret, Protection, StatusQuestion};
use crate::model::{PortRange, Protocol, Text};
use crate::source::Span;

/// Everything the frameworks of one cluster ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterConfiguration {
    /// By group name.
    pub groups: BTreeMap<String, GroupConfiguration>,
    /// Ports that users may be let in on, by name; an `allow` block opens them.
    pub open_ports: Vec<OpenPort>,
    /// What the frameworks protect, as far as they say so.
    pub protections: Vec<Protection>,
    /// Steps of the cluster as a whole, in order; they run on a master.
    pub steps: Vec<ClusterStep>,
    /// What is asked when somebody wants to know how the cluster is; nodes know nothing of it.
    pub questions: Vec<StatusQuestion>,
    /// Files for those who use the cluster from elsewhere; nodes know nothing of them.
    pub client_files: Vec<ClientFile>,
    /// Values that depend on how many nodes there are, by `framework.setting`: to be kept in
    /// [`Members::fixed`](crate::model::Members) at creation.
    pub fixed: BTreeMap<String, String>,
    /// Those of them that take the place of what was kept: they went up, or a definition set what is remembered.
    pub raised: BTreeSet<String>,
    /// Secrets in files that Heat makes up, with their lengths.
    pub generated: BTreeMap<GeneratedSecret, u32>,
}

/// What every node of one group gets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupConfiguration {
    /// Distribution packages.
    pub packages: Vec<String>,
    /// Software from a mirror.
    pub archives: Vec<Archive>,
    /// Software from an index of Python packages.
    pub pythons: Vec<PythonEnvironment>,
    /// Versions of the frameworks that have neither, by name.
    pub versions: BTreeMap<String, String>,
    /// The nodes of ensembles that nodes of this group are in, in the order of their places, by `framework.ensemble`: what is
    /// only for members names one.
    pub ensembles: BTreeMap<String, Vec<String>>,
    /// What the machine itself must be like.
    pub machine: MachineSettings,
    /// Accounts.
    pub users: Vec<SystemUser>,
    /// Folders, parents first.
    pub directories: Vec<Directory>,
    /// Files.
    pub files: Vec<ConfiguredFile>,
    /// Services, in the order to start them.
    pub units: Vec<Unit>,
    /// Steps of each of these nodes itself, before its services start.
    pub steps: Vec<ClusterStep>,
    /// What must answer on the node itself before it counts as ready.
    pub probes: Vec<Probe>,
    /// Values of settings on these nodes; keys are `framework.setting`.
    pub settings: Vec<ComputedValue>,
    /// How many of these nodes may be without their services at a time, if a framework says so: the strictest one.
    pub max_unavailable: Option<MaxUnavailable>,
}

/// How many nodes of a group a service may be away on at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaxUnavailable {
    /// At least one, or nothing could ever change.
    pub nodes: u32,
    /// Framework.
    pub framework: String,
    /// The service, as people call it.
    pub service: String,
    /// Whether data lies with it.
    pub stores_data: bool,
}

/// Software from a mirror: `urls` in order, checked by SHA-512, unpacked to `directory` without its first path part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Archive {
    /// Framework.
    pub name: String,
    /// Version.
    pub version: String,
    /// Where to fetch it, best first.
    pub urls: Vec<String>,
    /// Pinned digest, 128 hex digits.
    pub sha512: Option<String>,
    /// Where the publisher's own digest is (over TLS, from the origin), if none is pinned.
    pub sha512_url: Option<String>,
    /// Where the publisher's own SHA-256 is, of one who serves no SHA-512.
    pub sha256_url: Option<String>,
    /// Where to.
    pub directory: String,
    /// The path of the one file that it is, where it is not unpacked.
    pub file: Option<String>,
    /// How many leading parts of each path in it are left out, where that is not one.
    pub strip: Option<u32>,
    /// Units (by name) to restart when it changes; what runs out of a folder with its version's name does so anyway.
    pub restarts: Vec<String>,
}

/// What a machine itself must be like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MachineSettings {
    /// Values of the kernel, by `sysctl`'s names.
    pub sysctl: BTreeMap<String, String>,
    /// How it uses transparent huge pages, where that matters.
    pub transparent_hugepages: Option<HugePages>,
    /// Size of /dev/shm, MiB, where that matters.
    pub shared_memory_mib: Option<u64>,
    /// Modules of the kernel.
    pub modules: BTreeSet<String>,
}

/// When Linux makes huge pages by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HugePages {
    /// Wherever it can.
    Always,
    /// For those who ask.
    Madvise,
    /// Not at all.
    Never,
}

impl HugePages {
    /// As the kernel and manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Madvise => "madvise",
            Self::Never => "never",
        }
    }

    /// The way that the kernel calls `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pages| pages.name() == name)
    }

    /// All of them.
    pub const ALL: [Self; 3] = [Self::Always, Self::Madvise, Self::Never];
}

/// An environment of Python, made as a lock file says.
#[derive(Clone, Debug, PartialEq)]
pub struct PythonEnvironment {
    /// Framework.
    pub name: String,
    /// Version.
    pub version: String,
    /// Root of the index of packages.
    pub index: String,
    /// Lines of the lock file, with digests.
    pub requirements: String,
    /// Where to.
    pub directory: String,
}

/// A system account without a login.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SystemUser {
    /// Name.
    pub name: String,
    /// Main group.
    pub group: String,
    /// Home folder.
    pub home: String,
    /// The ensemble whose members alone have it.
    pub only: Option<String>,
    /// Its number, where it has to be a certain one.
    pub uid: Option<u32>,
    /// Further groups.
    pub groups: Vec<String>,
    /// Program that it logs in with; without one it cannot.
    pub shell: Option<String>,
    /// Mode of its home folder, octal, where that is made.
    pub home_mode: Option<String>,
}

/// A folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Directory {
    /// Absolute path.
    pub path: String,
    /// `user:group`
    pub owner: String,
    /// Octal, such as `0755`.
    pub mode: String,
    /// Whether data that cannot be made again lies in it.
    pub holds_data: bool,
    /// The ensemble whose members alone have it.
    pub only: Option<String>,
}

/// A file's bytes as pieces, so that a secret piece can travel apart from the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    /// In order.
    pub pieces: Vec<Piece>,
}

/// A part of a file's bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The bytes.
    pub text: Text,
    /// The key that it is the value of, where it is secret and the file is made of keys.
    pub key: Option<String>,
    /// The secret that Heat makes up for this place; there are no bytes then.
    pub generated: Option<GeneratedSecret>,
}

impl From<Text> for Piece {
    fn from(text: Text) -> Self {
        Self { text, key: None, generated: None }
    }
}

impl Content {
    /// The bytes, secrets and all: only for digests.
    pub fn revealed(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.value.as_str()).collect()
    }

    /// Whether a piece is secret.
    pub fn is_secret(&self) -> bool {
        self.pieces.iter().any(|piece| piece.text.secret)
    }
}

/// A file with its content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfiguredFile {
    /// Framework.
    pub framework: String,
    /// Name as the definition's `config` block uses it (`hdfs-site.xml`).
    pub name: String,
    /// Absolute path on the node.
    pub path: String,
    /// `user:group`
    pub owner: String,
    /// Octal.
    pub mode: String,
    /// Bytes.
    pub content: Content,
    /// The `config` block that had a say, if one had.
    pub origin: Option<Span>,
    /// Units (by name) to restart when it changes.
    pub restarts: Vec<String>,
    /// Written only where no such file is yet; later steps own what is in it (lists of excluded nodes).
    pub keep: bool,
    /// The ensemble whose members alone have it.
    pub only: Option<String>,
    /// Whether nodes fill in values of their own.
    pub is_filled_in: bool,
    /// Whether its text is base64, which nodes decode.
    pub is_base64: bool,
    /// What of it concerns each unit, by name, where not every change is a reason for all to restart.
    pub concerns: BTreeMap<String, Content>,
    /// Where its values came from.
    pub values: Vec<ComputedValue>,
}

/// A value as a file has it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileValue {
    /// The text.
    pub text: Text,
    /// Whether it is a list or an object, as JSON, and not a single text.
    pub is_structure: bool,
}

impl From<Text> for FileValue {
    fn from(text: Text) -> Self {
        Self { text, is_structure: false }
    }
}

/// A value in a file. How it came about is told by [`explain`](super::explain()).
#[derive(Clone, Debug, PartialEq)]
pub struct ComputedValue {
    /// The key in the file.
    pub key: String,
    /// What is written.
    pub value: Text,
    /// Whether that is a list or an object, as JSON.
    pub is_structure: bool,
    /// The line that overrides it.
    pub overridden_at: Option<Span>,
}

impl ComputedValue {
    /// What is written, as a file has it.
    pub fn file_value(&self) -> FileValue {
        FileValue { text: self.value.clone(), is_structure: self.is_structure }
    }
}

/// A systemd service.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// `hadoop-hdfs-namenode.service`
    pub name: String,
    /// Framework.
    pub framework: String,
    /// Service name in the manifest (`namenode`).
    pub service: String,
    /// For people.
    pub description: String,
    /// Account it runs as.
    pub user: String,
    /// Group it runs as.
    pub group: String,
    /// The program and its arguments; it stays in the foreground. Nothing where a package brings the unit.
    pub exec: Vec<String>,
    /// Whether a package of the distribution brings the unit.
    pub packaged: bool,
    /// Further lines of its section `Service`, by name.
    pub options: BTreeMap<String, String>,
    /// The ensemble whose members alone run it.
    pub only: Option<String>,
    /// Environment, as far as everybody may see it.
    pub environment: BTreeMap<String, String>,
    /// The file with the rest of it, which only root reads.
    pub environment_file: Option<String>,
    /// Units it starts after.
    pub after: Vec<String>,
    /// Memory it is promised, MiB.
    pub memory_mib: u64,
    /// Names of the [`ClusterStep`]s that must have run before it can start, if any, with blanks between.
    pub needs_step: Option<String>,
    /// Which processes systemd ends when it stops the unit; systemd's default where nothing is said.
    pub kill_mode: Option<KillMode>,
    /// Exit status that counts as a clean end beside 0, if any.
    pub success_exit_status: Option<u8>,
}

/// Something that must answer on the node itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// For people.
    pub name: String,
    /// What is asked.
    pub kind: ProbeKind,
    /// How long to wait, seconds.
    pub timeout_seconds: u32,
    /// The ensemble on whose members alone it is asked.
    pub only: Option<String>,
}

/// How something is asked whether it is ready.
#[derive(Clone, Debug, PartialEq)]
pub enum ProbeKind {
    /// A port that accepts connections.
    Tcp {
        /// Port on the node itself.
        port: u16,
    },
    /// A page that is there.
    Http {
        /// Port on the node itself.
        port: u16,
        /// Path of the page.
        path: String,
    },
    /// What a port answers to words.
    Words {
        /// Port on the node itself.
        port: u16,
        /// What is sent.
        send: String,
        /// A regular expression that the answer has.
        expect: String,
    },
    /// A command that ends with 0.
    Command {
        /// The program and its arguments.
        command: Vec<String>,
        /// A regular expression that its output has.
        expect: Option<String>,
        /// Account that runs it; root without one.
        user: Option<String>,
    },
}

/// A port that users may be let in on.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenPort {
    /// Framework.
    pub framework: String,
    /// Name (`hdfs`, `yarn`): what `allow "NAME"`, `cluster.X.ui.NAME` and `cluster.X.endpoint.NAME` use.
    pub name: String,
    /// Group whose nodes listen.
    pub group: String,
    /// Protocol.
    pub protocol: Protocol,
    /// Ports.
    pub ports: PortRange,
    /// Set where a browser can look at it.
    pub web_ui: Option<WebUi>,
    /// Set where programs elsewhere are told its address: what that begins with, as in `hdfs://`.
    pub endpoint: Option<String>,
    /// What anybody who reaches it can do, if that is more than they should: what goes on after "can".
    pub anybody: Option<String>,
}

/// A web page of a framework.
#[derive(Clone, Debug, PartialEq)]
pub struct WebUi {
    /// `http` or `https`.
    pub scheme: String,
    /// Path, beginning with `/`.
    pub path: String,
}

/// A step of the cluster as a whole, run on the first master by the agent.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterStep {
    /// Framework.
    pub framework: String,
    /// Name (`format`, `verify`).
    pub name: String,
    /// When it runs.
    pub moment: StepMoment,
    /// The agent's declarative description of it (JSON object: `kind` and its arguments); expected members are added
    /// by name when the template is made.
    pub action: serde_json::Value,
    /// Groups whose nodes it expects, by name.
    pub members_of: Vec<String>,
    /// How long it may take, seconds.
    pub timeout_seconds: u32,
    /// For a step of nodes: the ensemble whose members alone run it.
    pub only: Option<String>,
}

/// systemd's `KillMode`: which processes of a unit end with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillMode {
    /// All of them, which is systemd's default.
    ControlGroup,
    /// The main one is asked to end, the others are killed.
    Mixed,
    /// The main one only: what it started goes on.
    Process,
}

impl KillMode {
    /// As systemd and manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ControlGroup => "control-group",
            Self::Mixed => "mixed",
            Self::Process => "process",
        }
    }

    /// The mode that systemd calls `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// All of them.
    pub const ALL: [Self; 3] = [Self::ControlGroup, Self::Mixed, Self::Process];
}

/// When a cluster step runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepMoment {
    /// On the master, inside its own configuration, before the services that need it; does nothing a second time.
    BeforeStart,
    /// After all nodes are configured: are all members there?
    Verify,
    /// After that: does the cluster do its work? Once, unless `lifecycle` leaves it out.
    SmokeTest,
}

impl StepMoment {
    /// As manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeStart => "before-start",
            Self::Verify => "verify",
            Self::SmokeTest => "smoke-test",
        }
    }

    /// The moment that manifests call `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|moment| moment.name() == name)
    }

    /// All of them.
    pub const ALL: [Self; 3] = [Self::BeforeStart, Self::Verify, Self::SmokeTest];
}
