//! A cluster as its owner means it: plain values, no HCL, no Heat.
//!
//! [`ClusterSpec`] is what is wanted. [`CloudFacts`] is what its words mean on this cloud, [`Members`] which nodes
//! there are. `compile` needs all three; only the first comes from the definition.

mod address;
mod called;
mod cloud;
mod cluster;
mod existing;
mod framework;
pub mod heat_type;
mod interface;
mod kept;
mod known;
mod members;
mod moment;
mod network;
mod offered;
mod quota;
mod reason;
mod resource_name;
mod server_status;
mod service;
mod status;

pub use address::Address;
pub use called::{Called, full_address, name_of_address};
pub use cloud::{CloudFacts, CloudIdentity, Flavor, Image, ProjectIdentity};
pub use cluster::{
    AntiAffinity, ClusterSpec, GroupFramework, GroupSpec, Lifecycle, Membership, NodeDriver, OnFailure, ProjectSpec,
    Provider, Role, SshAccess, VolumeSpec,
};
pub use existing::{ExistingNetwork, ExistingParts, ExistingSubnet};
pub use framework::{FileOverride, FrameworkSpec, KNOWN_AFTER_APPLY, NeededBy, SettingValue, Text};
pub use interface::Interface;
pub use kept::{Encryption, HttpPlace, Key, PostgresPlace, S3Place, StatePlace, WORKSPACE_MARK};
pub use known::{KnownCluster, KnownNode, Standing};
pub use members::{
    AddressBlock, AddressRun, GroupMembers, Member, Members, NodeId, base_of, cluster_of, is_base_stack, node_name,
    shard_of, stack_name, workspace_of,
};
pub use moment::to_the_second;
pub use network::{AllowRule, IPV6_PREFIX, NetworkSpec, PortRange, Protocol, RuleTarget, Service, ipv6_address};
pub use offered::{Found, Identified, Offered};
pub use quota::{Quota, QuotaKind, Quotas};
pub(crate) use reason::{GIVEN_UP, LATE, is_token_refused, plain_reason};
pub use resource_name::{DIGEST_DIGITS, NodePart, ResourceName, RuleName};
pub use server_status::{ServerAction, ServerStatus};
pub use service::{OcciDefaults, ServiceCloud, ServiceLimits, ServiceRoles, ServiceSettings};
pub use status::{Action, ActionStatus, Status};

use crate::source::Span;

/// A value and the place in the definition that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// The place; absent for defaults.
    pub origin: Option<Span>,
}

impl<T> Sourced<T> {
    /// A value somebody wrote.
    pub fn new(value: T, origin: Option<Span>) -> Self {
        Self { value, origin }
    }

    /// A value nobody wrote.
    pub fn default_of(value: T) -> Self {
        Self { value, origin: None }
    }
}
