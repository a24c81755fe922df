//! The project and its clusters.

use std::collections::BTreeMap;

use super::{AllowRule, Called, FrameworkSpec, NetworkSpec, Sourced};
use crate::source::Span;

/// Everything one directory of definitions asks for, except outputs, which are expressions until the end.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectSpec {
    /// Which cloud.
    pub provider: Provider,
    /// Folders with further frameworks, relative to the project.
    pub catalogues: Vec<Sourced<String>>,
    /// Clusters by name.
    pub clusters: BTreeMap<String, ClusterSpec>,
    /// Groups of clusters that have mistakes elsewhere and are not among `clusters`: what they ask of the cloud can be
    /// checked all the same.
    pub unfinished: Vec<GroupSpec>,
}

/// Which cloud the project lives on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// The embedded Heat.
    Local {
        /// What its nodes are.
        nodes: NodeDriver,
        /// Most resources a stack may have.
        max_resources_per_stack: u32,
        /// Where it is said.
        origin: Option<Span>,
    },
    /// A real OpenStack.
    OpenStack {
        /// Entry in `clouds.yaml`; absent: `OS_*` environment.
        cloud: Option<String>,
        /// Region.
        region: Option<String>,
        /// Most resources a stack may have.
        max_resources_per_stack: u32,
        /// Where it is said; nowhere where only a state knows it.
        origin: Option<Span>,
    },
}

/// What the nodes of the embedded Heat are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NodeDriver {
    /// They answer as nodes would, and nothing runs.
    #[default]
    Simulated,
    /// Each is a container, on which everything runs.
    Container,
}

impl NodeDriver {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Container => "container",
        }
    }
}

impl Provider {
    /// The embedded Heat, as where nothing is said.
    pub fn embedded() -> Self {
        Self::Local { nodes: NodeDriver::Simulated, max_resources_per_stack: 1_000, origin: None }
    }

    /// How many resources a stack may have.
    pub fn most_resources(&self) -> u32 {
        match *self {
            Self::Local { max_resources_per_stack, .. } | Self::OpenStack { max_resources_per_stack, .. } => {
                max_resources_per_stack
            }
        }
    }
}

/// One `cluster` block.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterSpec {
    /// `[a-z][a-z0-9-]*`
    pub name: String,
    /// What the definition calls it and its groups.
    pub called: Called,
    /// The block's head.
    pub origin: Span,
    /// How people get onto the nodes.
    pub ssh: SshAccess,
    /// The network.
    pub network: NetworkSpec,
    /// What is reachable from outside.
    pub security: Vec<AllowRule>,
    /// `master` first, then groups of slaves in the order written.
    pub groups: Vec<GroupSpec>,
    /// Frameworks in the order written.
    pub frameworks: Vec<FrameworkSpec>,
    /// Life-cycle.
    pub lifecycle: Lifecycle,
}

impl ClusterSpec {
    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&GroupSpec> {
        self.groups.iter().find(|group| group.name == name)
    }

    /// Name of a node's server on the cloud and its host name: `analytics-slaves-3`.
    pub fn node_name(&self, group: &str, index: u32) -> String {
        super::node_name(&self.name, group, index)
    }
}

/// How people get onto the nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SshAccess {
    /// Public keys, one line each; they travel in the configuration bundle.
    pub keys: Vec<Sourced<String>>,
    /// An existing Nova key pair.
    pub key_pair: Option<Sourced<String>>,
}

/// What a group's nodes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the services there is one of.
    Master,
    /// Runs the work.
    Slave,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Master, Self::Slave];

    /// `master` or `slave`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Slave => "slave",
        }
    }
}

/// `master`, `slaves` or `slaves "name"`.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSpec {
    /// `master`, `slaves` or the label.
    pub name: String,
    /// What for.
    pub role: Role,
    /// The block's head.
    pub origin: Span,
    /// How many nodes.
    pub count: Sourced<u32>,
    /// Machine size, by the cloud's name.
    pub flavor: Sourced<String>,
    /// Machine image, by the cloud's name.
    pub image: Sourced<String>,
    /// Whether data is stored here (`storage = false` is compute only). Always true for masters.
    pub storage: bool,
    /// The frameworks that its nodes are part of; where nothing is said, all of the cluster's.
    pub frameworks: Option<Vec<GroupFramework>>,
    /// Whether each node gets a floating IP.
    pub floating_ip: Sourced<bool>,
    /// Volumes, by name, in the order written.
    pub volumes: Vec<VolumeSpec>,
    /// Whether nodes may share a host.
    pub anti_affinity: Sourced<AntiAffinity>,
    /// Availability zone of the servers; the cloud chooses where none is said.
    pub availability_zone: Option<Sourced<String>>,
}

/// A framework that the nodes of a group are part of.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupFramework {
    /// Its name.
    pub name: String,
    /// Whether they only use it: its software and its files, and none of its services.
    pub is_client: bool,
    /// Where the definition says so.
    pub origin: Option<Span>,
}

/// What the nodes of a group have of a framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// All that belongs on nodes of their role.
    Whole,
    /// What those need who use it.
    Client,
    /// Nothing.
    Nothing,
}

impl GroupSpec {
    /// What its nodes have of a framework of the cluster.
    pub fn part_of(&self, framework: &str) -> Membership {
        let Some(listed) = &self.frameworks else { return Membership::Whole };
        match listed.iter().find(|listed| listed.name == framework) {
            Some(listed) if listed.is_client => Membership::Client,
            Some(_) => Membership::Whole,
            None => Membership::Nothing,
        }
    }
}

/// Whether nodes of a group may share a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AntiAffinity {
    /// They may.
    None,
    /// Rather not.
    Soft,
    /// Never.
    Hard,
}

/// A block volume of each node of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeSpec {
    /// `[a-z][a-z0-9-]*`
    pub name: String,
    /// Size in GiB.
    pub size_gib: Sourced<u64>,
    /// Volume type on the cloud.
    pub volume_type: Option<Sourced<String>>,
    /// Mount point; `/data/NAME` if nothing is said.
    pub mount: String,
    /// The block's head.
    pub origin: Span,
}

/// `lifecycle`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// Whether destroying the cluster is refused.
    pub prevent_destroy: Sourced<bool>,
    /// What follows a failed creation or growth.
    pub on_failure: Sourced<OnFailure>,
    /// How long one stack action may take, minutes.
    pub timeout_minutes: Sourced<u32>,
    /// How many nodes of a group may be without their services at a time; a tenth if nothing is said.
    pub batch_size: Option<Sourced<u32>>,
    /// Whether frameworks show with a small job of their own that the cluster works.
    pub smoke_test: Sourced<bool>,
}

/// What follows a failed creation or growth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// Leave it to be looked at.
    Keep,
    /// Heat's rollback.
    Rollback,
}
