//! What is known only once a cluster lives: fed back into expressions.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// One living cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownCluster {
    /// Id of its base stack.
    pub id: Option<String>,
    /// Nodes by group and index.
    pub nodes: BTreeMap<String, BTreeMap<u32, KnownNode>>,
}

/// What a group of nodes was created with, and has since been changed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many nodes it has.
    pub count: u32,
    /// Their flavor, by the cloud's name.
    pub flavor: Option<String>,
    /// What they were booted from, by the cloud's name.
    pub image: Option<String>,
}

/// One living node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownNode {
    /// Id of its server.
    pub id: Option<String>,
    /// Private address.
    pub address: Option<Ipv4Addr>,
    /// Address that is reachable from outside.
    pub floating_ip: Option<Ipv4Addr>,
}
