//! The service of a team, as its configuration says it.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::Interface;

/// How a service of several people is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How people and programs reach it, without a slash at the end; absent: at the address where it listens.
    pub public_url: Option<String>,
    /// The folder with a folder for each tenant, relative to the configuration.
    pub projects: String,
    /// The file of the key that credentials are encrypted with, relative to the configuration; absent: one that the service makes.
    pub key_file: Option<String>,
    /// Whether definitions may use the embedded Heat.
    pub embedded: bool,
    /// The clouds that people sign in at, by name; at least one.
    pub clouds: BTreeMap<String, ServiceCloud>,
    /// What one caller may ask for.
    pub limits: ServiceLimits,
    /// What holds where a request to the Service Manager says nothing.
    pub occi: OcciDefaults,
}

/// A cloud that people of the service sign in at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCloud {
    /// Keystone's address.
    pub auth_url: String,
    /// The region.
    pub region: Option<String>,
    /// Which of the addresses of its services are used.
    pub interface: Interface,
    /// Path of a PEM file with authorities to trust besides the system's, relative to the configuration.
    pub cacert: Option<String>,
    /// Who may do what, by the names of Keystone's roles.
    pub roles: ServiceRoles,
}

/// Roles of Keystone, by what those who have one may do here. Who may do more may do less, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRoles {
    /// Who may look.
    pub see: Vec<String>,
    /// Who may write definitions, plan and apply.
    pub work: Vec<String>,
    /// Who may see the audit.
    pub manage: Vec<String>,
}

impl Default for ServiceRoles {
    /// Keystone's own words.
    fn default() -> Self {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self { see: of(&["reader"]), work: of(&["member"]), manage: of(&["manager", "admin"]) }
    }
}

/// What one caller of a service may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceLimits {
    /// So many requests a second, in the long run.
    pub requests: u32,
    /// So many at once, where there were fewer before.
    pub burst: u32,
    /// So often in a minute an address or a user may fail to sign in.
    pub failed_sign_ins: u32,
    /// So many streams of events at a time.
    pub streams: u32,
}

impl Default for ServiceLimits {
    fn default() -> Self {
        Self { requests: 20, burst: 60, failed_sign_ins: 5, streams: 32 }
    }
}

/// What holds for a cluster of the Service Manager of which the request says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OcciDefaults {
    /// The image of all nodes.
    pub image: Option<String>,
    /// The flavor of the master.
    pub master_flavor: Option<String>,
    /// The flavor of the slaves.
    pub slave_flavor: Option<String>,
    /// How many slaves.
    pub slaves: Option<u32>,
    /// The network that floating addresses come from.
    pub external_network: Option<String>,
}
