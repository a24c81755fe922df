//! Which cloud clusters are on, and what a definition's words mean there.

use std::collections::BTreeMap;
use std::fmt;

/// What tells one cloud from another. A state keeps it, so that clusters are found without a definition, so there is never
/// a credential in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloudIdentity {
    /// The embedded Heat of the project.
    Embedded,
    /// A project of an OpenStack.
    OpenStack {
        /// Keystone's address, without a version, a user or a slash at its end.
        auth_url: String,
        /// Region that Heat is used in; absent where the catalog names none.
        region: Option<String>,
        /// The project.
        project: ProjectIdentity,
    },
}

/// A project of an OpenStack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectIdentity {
    /// Keystone's id, which no other project of any cloud has.
    pub id: String,
    /// What it is called, for people; it may be called something else tomorrow.
    pub name: String,
}

impl CloudIdentity {
    /// Whether it is the same cloud, though it may be reached by another address. A region that is not known is any.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Embedded, Self::Embedded) => true,
            (
                Self::OpenStack { region, project, .. },
                Self::OpenStack { region: other_region, project: other_project, .. },
            ) => {
                let regions = region.as_ref().zip(other_region.as_ref());
                project.id == other_project.id && regions.is_none_or(|(one, other)| one == other)
            }
            _ => false,
        }
    }
}

impl fmt::Display for CloudIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("the embedded Heat"),
            Self::OpenStack { auth_url, region, project } => {
                write!(f, "the OpenStack at {auth_url}")?;
                if let Some(region) = region {
                    write!(f, ", region `{region}`")?;
                }
                write!(f, ", project `{}`", project.name)
            }
        }
    }
}

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

/// The size of a node.
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

/// A image.
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
