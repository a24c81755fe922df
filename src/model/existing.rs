//! What a cloud has before a cluster is created, and a definition refers to.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// Key pairs and networks of a cloud, as far as definitions refer to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExistingParts {
    /// Names of all key pairs, where somebody refers to one.
    pub key_pairs: Vec<String>,
    /// Names of all networks, where one that is referred to was not found.
    pub network_names: Vec<String>,
    /// By the name or id that refers to them: the networks that bear it.
    pub networks: BTreeMap<String, Vec<ExistingNetwork>>,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingNetwork {
    /// Id on the cloud.
    pub id: String,
    /// Whether it is another project's, where Neutron lets nobody else choose addresses but administrators.
    pub is_foreign: bool,
    /// Whether ports of it may have security groups.
    pub port_security: bool,
    /// Its subnets with IPv4 addresses.
    pub subnets: Vec<ExistingSubnet>,
    /// Names and ids of its subnets with IPv6 addresses.
    pub ipv6_subnets: Vec<(String, String)>,
}

/// A subnet of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingSubnet {
    /// Id on the cloud.
    pub id: String,
    /// Name; may be empty.
    pub name: String,
    /// Its addresses.
    pub cidr: Ipv4Net,
    /// The way out.
    pub gateway: Option<Ipv4Addr>,
    /// Whether it tells ports their addresses.
    pub dhcp: bool,
    /// Whether a router that one may see has a port in it, as floating IPs need.
    pub routed: bool,
    /// Addresses that ports have, with the id of the port.
    pub taken: BTreeMap<Ipv4Addr, String>,
}
