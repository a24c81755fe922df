//! The network of a cluster and what may pass into it.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::Sourced;
use crate::source::Span;

/// Where the nodes live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkSpec {
    /// A private network behind a router, made for this cluster.
    New {
        /// Addresses.
        cidr: Sourced<Ipv4Net>,
        /// Addresses that the nodes have besides; of [`IPV6_PREFIX`] bits.
        ipv6_cidr: Option<Sourced<Ipv6Net>>,
        /// Its name, where that is not the cluster's.
        name: Option<Sourced<String>>,
        /// What the router's gateway is on; without one the cluster has no way out and no floating IPs.
        external_network: Option<Sourced<String>>,
        /// Name servers.
        dns_nameservers: Vec<Sourced<Ipv4Addr>>,
        /// The block's head.
        origin: Span,
    },
    /// A network that is there.
    Existing {
        /// Its name or id.
        network: Sourced<String>,
        /// The subnet's name or id.
        subnet: Sourced<String>,
        /// The part of it that the nodes may use; `None` where Neutron chooses their addresses.
        addresses: Option<Sourced<Ipv4Net>>,
        /// Network that floating IPs come from.
        external_network: Option<Sourced<String>>,
        /// The block's head.
        origin: Span,
    },
}

impl NetworkSpec {
    /// The block's head.
    pub fn origin(&self) -> Span {
        match self {
            Self::New { origin, .. } | Self::Existing { origin, .. } => *origin,
        }
    }

    /// How many nodes have an address in it: a new network keeps its first addresses (a sixteenth, at least four,
    /// at most 256) for itself, its gateway and DHCP, and its last one; of an existing network's range the edges are
    /// left alone, because they are usually the edges of the subnet. `None` where Neutron alone knows.
    pub fn node_capacity(&self) -> Option<u64> {
        match self {
            Self::New { cidr, .. } => {
                let size = 1_u64 << (32 - cidr.value.prefix_len());
                Some(size.saturating_sub((size / 16).clamp(4, 256) + 1))
            }
            Self::Existing { addresses, .. } => {
                let size = 1_u64 << (32 - addresses.as_ref()?.value.prefix_len());
                Some(if size > 2 { size - 2 } else { size })
            }
        }
    }

    /// The addresses that nodes come from; `None` where Neutron chooses, which it does when a port is made.
    pub fn addresses(&self) -> Option<&Sourced<Ipv4Net>> {
        match self {
            Self::New { cidr, .. } => Some(cidr),
            Self::Existing { addresses, .. } => addresses.as_ref(),
        }
    }

    /// The IPv6 addresses of a new network, where it has some.
    pub fn ipv6_cidr(&self) -> Option<&Sourced<Ipv6Net>> {
        match self {
            Self::New { ipv6_cidr, .. } => ipv6_cidr.as_ref(),
            Self::Existing { .. } => None,
        }
    }

    /// The network that floating IPs come from.
    pub fn external_network(&self) -> Option<&Sourced<String>> {
        match self {
            Self::New { external_network, .. } | Self::Existing { external_network, .. } => external_network.as_ref(),
        }
    }
}

/// How many bits all addresses of a network of IPv6 share. Routers, clouds and subnet pools count on it, there are enough
/// of them for everybody, and what is left holds a whole IPv4 address ([`ipv6_address`]).
pub const IPV6_PREFIX: u8 = 64;

/// The IPv6 address of the node with an IPv4 address: the last bits are that address, `fd00:20::a14:10` (which may be
/// written `fd00:20::10.20.0.16`) of `10.20.0.16`. So it is known before anything is made, needs no place of its own in
/// the state, is no other node's, and stays as long as the IPv4 address does.
pub fn ipv6_address(net: Ipv6Net, address: Ipv4Addr) -> Ipv6Addr {
    Ipv6Addr::from(u128::from(net.network()) | u128::from(u32::from(address)))
}

/// One `allow` block: who may reach what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowRule {
    /// The block's label.
    pub label: String,
    /// What may be reached.
    pub service: Service,
    /// From where; networks of IPv6 only where the cluster has IPv6 addresses.
    pub from: Vec<Sourced<IpNet>>,
    /// On which nodes.
    pub to: RuleTarget,
    /// The block's head.
    pub origin: Span,
}

impl AllowRule {
    /// How many security rules it becomes, where the frameworks have so many web pages.
    pub(crate) fn rules(&self, web_pages: usize) -> usize {
        let openings = match &self.service {
            Service::Custom { ports, .. } => ports.len().max(1),
            Service::WebUi => web_pages,
            Service::Ssh | Service::Named(_) => 1,
        };
        self.from.len().saturating_mul(openings)
    }
}

/// What may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// Port 22.
    Ssh,
    /// Every web UI of the chosen frameworks.
    WebUi,
    /// A port of a framework by its manifest's name (`hdfs`, `yarn`, …).
    Named(String),
    /// Ports of one's own.
    Custom {
        /// Protocol.
        protocol: Protocol,
        /// Ports; empty for ICMP.
        ports: Vec<PortRange>,
    },
}

/// Transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Protocol {
    Tcp,
    Udp,
    Icmp,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Icmp];

    /// As Neutron writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
        }
    }

    /// As Neutron keeps it in a rule of IPv6, whatever it was called.
    pub fn ipv6_name(self) -> &'static str {
        match self {
            Self::Icmp => "ipv6-icmp",
            other => other.name(),
        }
    }
}

/// Ports `first..=last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortRange {
    /// First port, 1–65535.
    pub first: u16,
    /// Last port, not below `first`.
    pub last: u16,
}

impl PortRange {
    /// Whether a port is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// Which nodes a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleTarget {
    /// Every node.
    All,
    /// One group, by name.
    Group(String),
}

impl RuleTarget {
    /// Whether it is about the nodes of a group.
    pub fn covers(&self, group: &str) -> bool {
        match self {
            Self::All => true,
            Self::Group(name) => name == group,
        }
    }
}

impl Service {
    /// Whether it is ports of one's own with this one of TCP among them.
    pub fn has_own_port(&self, port: u16) -> bool {
        match self {
            Self::Custom { protocol: Protocol::Tcp, ports } => {
                ports.iter().any(|range| (range.first..=range.last).contains(&port))
            }
            _ => false,
        }
    }
}
