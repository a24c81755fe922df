//! What a definition's words mean on the cloud at hand.

use std::collections::BTreeMap;

/// Looked up with a constant number of listings; what is in use is remembered in state, so that a plan can be
/// made offline. A name that is not in here is *unknown*, or wrong where `complete` says the list is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudFacts {
    /// Whether the lists are whole: a missing name does not exist. False for what a state remembers.
    pub complete: bool,
    /// Flavors by name.
    pub flavors: BTreeMap<String, Flavor>,
    /// Images by name.
    pub images: BTreeMap<String, Image>,
    /// Names of networks that floating IPs can come from.
    pub external_networks: Vec<String>,
    /// What the project may use at most.
    pub limits: Limits,
}

/// The size of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flavor {
    /// Id on the cloud.
    pub id: String,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Root disk in GiB.
    pub disk_gib: u64,
}

/// A machine image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Id on the cloud.
    pub id: String,
    /// Smallest root disk it boots from, GiB.
    pub min_disk_gib: u64,
    /// Smallest memory it boots with, MiB.
    pub min_memory_mib: u64,
}

/// Quota of the project; `None` is unlimited or not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Servers.
    pub instances: Option<u64>,
    /// Virtual processors.
    pub vcpus: Option<u64>,
    /// Memory, MiB.
    pub memory_mib: Option<u64>,
    /// Floating IPs.
    pub floating_ips: Option<u64>,
    /// Members of one server group (Nova's `server_group_members`).
    pub server_group_members: Option<u64>,
}
