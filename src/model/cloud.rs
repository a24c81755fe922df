//! Which cloud clusters are on, and what a definition's words mean there.

use std::fmt;

use super::offered::{Identified, Offered};
use super::quota::Quotas;

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
/// made offline. A name that is not in here is *unknown*, or wrong where `complete` says the lists are whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudFacts {
    /// Whether flavors, images and external networks are whole: a missing name does not exist. False for what a state
    /// remembers.
    pub complete: bool,
    /// Flavors.
    pub flavors: Offered<Flavor>,
    /// Images.
    pub images: Offered<Image>,
    /// Ids of the networks that floating IPs can come from; an empty one is not known.
    pub external_networks: Offered<String>,
    /// Ids of further networks that a definition refers to.
    pub networks: Offered<String>,
    /// Key pairs that a definition refers to; a name is their id.
    pub key_pairs: Offered<String>,
    /// Availability zones that a definition refers to; a name is their id.
    pub zones: Offered<String>,
    /// Ids of the types of volumes that a definition refers to.
    pub volume_types: Offered<String>,
    /// What the project may use at most.
    pub quotas: Quotas,
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
    /// Whether no new server may have it.
    pub disabled: bool,
}

impl Identified for Flavor {
    fn id(&self) -> &str {
        &self.id
    }
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Id on the cloud.
    pub id: String,
    /// Smallest root disk it boots from, GiB.
    pub min_disk_gib: u64,
    /// Smallest memory it boots with, MiB.
    pub min_memory_mib: u64,
    /// Glance's status where that is not `active`: then no server boots from it.
    pub unusable: Option<String>,
}

impl Identified for Image {
    fn id(&self) -> &str {
        &self.id
    }
}
