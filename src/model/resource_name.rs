//! Logical names of a cluster's Heat resources. They are a promise: a name never changes for a thing that exists, because
//! Heat would delete the thing and create another.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{Address, PortRange, Protocol, Role, heat_type};

/// How many digits of a configuration's digest its name has.
pub const DIGEST_DIGITS: usize = 10;

/// What a Heat resource of a cluster is, as its logical name says it. [`fmt::Display`] writes the name,
/// [`ResourceName::parse`] reads it.
///
/// A group whose own name looks like a node's volume (`a-0-volume-b`) cannot be told from such a volume by name alone:
/// where the node is known, [`NodePart::of`] reads its parts, and where the part is known, [`NodePart::owner`] the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceName<'a> {
    /// `network`
    Network,
    /// `subnet`
    Subnet,
    /// `ipv6-subnet`
    Ipv6Subnet,
    /// `router`
    Router,
    /// `router-interface`
    RouterInterface,
    /// `ipv6-router-interface`, in the subnet of IPv6
    Ipv6RouterInterface,
    /// `security-group`, of all nodes
    SecurityGroup,
    /// `slaves-security-group`, of a group with rules of its own
    SecurityGroupOf(&'a str),
    /// `rule-inside-tcp`: whatever the nodes send to each other
    RuleInside(Protocol),
    /// `rule-inside-ipv6-tcp`: the same at their IPv6 addresses
    RuleInsideIpv6(Protocol),
    /// `rule-master-tcp-9870-from-203-0-113-0-24`, `rule-tcp-22-from-ipv6-2001-db8-0-0-0-0-0-0-32`: one thing that is open
    Rule(RuleName<'a>),
    /// `user-data-master`: what the nodes of a role run at their first boot
    UserData(Role),
    /// `slaves-server-group`: keeps the nodes of a group apart
    ServerGroup(&'a str),
    /// `config-slaves-0123456789`: the configuration of a group's nodes, with the beginning of its digest
    Configuration(&'a str, &'a str),
    /// `verify-0123456789`: the configuration of the verification, with the beginning of its digest
    VerificationConfiguration(&'a str),
    /// `verify-deployment`: what checks the cluster when all nodes are configured
    Verification,
    /// `secret-spark.secret`: a secret that Heat makes up, by framework and setting
    Secret(&'a str, &'a str),
    /// `slaves-3-port`: a part of a node, by group and index
    Node(&'a str, u32, NodePart<'a>),
}

/// A part of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodePart<'a> {
    /// `port`
    Port,
    /// `server`
    Server,
    /// `volume-data`
    Volume(&'a str),
    /// `attachment-data`: of a volume to the server
    Attachment(&'a str),
    /// `deployment`: of the group's configuration to the server
    Deployment,
    /// `floating-ip`
    FloatingIp,
    /// `floating-ip-association`: of the floating IP with the port
    FloatingIpAssociation,
}

/// One thing that is open: on which group's nodes (all without one), what, from where. What it says is its name, so that
/// the order of blocks is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleName<'a> {
    /// The group; all nodes where there is none.
    pub group: Option<&'a str>,
    /// Protocol.
    pub protocol: Protocol,
    /// Ports; none for ICMP.
    pub ports: Option<PortRange>,
    /// From where, without host bits.
    pub from: IpNet,
}

impl<'a> ResourceName<'a> {
    /// What a logical name stands for; `None` where it is not one that DISCO writes.
    pub fn parse(name: &'a str) -> Option<Self> {
        // A node's names come first: a volume may be called like anything else.
        if let Some(node) = node(name) {
            return Some(node);
        }
        Some(match name {
            "network" => Self::Network,
            "subnet" => Self::Subnet,
            "ipv6-subnet" => Self::Ipv6Subnet,
            "router" => Self::Router,
            "router-interface" => Self::RouterInterface,
            "ipv6-router-interface" => Self::Ipv6RouterInterface,
            "security-group" => Self::SecurityGroup,
            _ => return Self::with_a_tail(name),
        })
    }

    fn with_a_tail(name: &'a str) -> Option<Self> {
        if let Some(rest) = name.strip_prefix("rule-") {
            if let Some(protocol) = rest.strip_prefix("inside-").and_then(protocol) {
                return Some(Self::RuleInside(protocol));
            }
            if let Some(protocol) = rest.strip_prefix("inside-ipv6-").and_then(protocol) {
                return Some(Self::RuleInsideIpv6(protocol));
            }
            if let Some(rule) = RuleName::parse(rest) {
                return Some(Self::Rule(rule));
            }
        }
        if let Some(role) =
            name.strip_prefix("user-data-").and_then(|of| Role::ALL.into_iter().find(|it| it.name() == of))
        {
            return Some(Self::UserData(role));
        }
        if let Some(name) = Self::verification(name) {
            return Some(name);
        }
        if let Some((framework, setting)) = name.strip_prefix("secret-").and_then(|rest| rest.rsplit_once('.'))
            && !framework.is_empty()
            && !setting.is_empty()
        {
            return Some(Self::Secret(framework, setting));
        }
        if let Some((group, digest)) = name.strip_prefix("config-").and_then(|rest| rest.rsplit_once('-'))
            && is_digest(digest)
            && !group.is_empty()
        {
            return Some(Self::Configuration(group, digest));
        }
        let group = |suffix: &str| name.strip_suffix(suffix).filter(|group| !group.is_empty());
        group("-server-group").map(Self::ServerGroup).or_else(|| group("-security-group").map(Self::SecurityGroupOf))
    }

    /// Which of the user's objects it is a part of.
    pub fn address(&self, cluster: &str) -> Address {
        let cluster = cluster.to_owned();
        match *self {
            Self::Network
            | Self::Subnet
            | Self::Ipv6Subnet
            | Self::Router
            | Self::RouterInterface
            | Self::Ipv6RouterInterface => Address::Network(cluster),
            Self::SecurityGroup
            | Self::SecurityGroupOf(_)
            | Self::RuleInside(_)
            | Self::RuleInsideIpv6(_)
            | Self::Rule(_) => Address::Security(cluster),
            Self::ServerGroup(group) | Self::Configuration(group, _) => Address::Group(cluster, group.to_owned()),
            Self::Node(group, index, _) => Address::Node(cluster, group.to_owned(), index),
            Self::UserData(_) | Self::VerificationConfiguration(_) | Self::Verification | Self::Secret(..) => {
                Address::Cluster(cluster)
            }
        }
    }

    /// The type of the resource.
    pub fn heat_type(&self) -> &'static str {
        match self {
            Self::Network => heat_type::NET,
            Self::Subnet | Self::Ipv6Subnet => heat_type::SUBNET,
            Self::Router => heat_type::ROUTER,
            Self::RouterInterface | Self::Ipv6RouterInterface => heat_type::ROUTER_INTERFACE,
            Self::SecurityGroup | Self::SecurityGroupOf(_) => heat_type::SECURITY_GROUP,
            Self::RuleInside(_) | Self::RuleInsideIpv6(_) | Self::Rule(_) => heat_type::SECURITY_GROUP_RULE,
            Self::UserData(_) | Self::Configuration(..) | Self::VerificationConfiguration(_) => {
                heat_type::SOFTWARE_CONFIG
            }
            Self::ServerGroup(_) => heat_type::SERVER_GROUP,
            Self::Secret(..) => heat_type::RANDOM_STRING,
            Self::Verification => heat_type::SOFTWARE_DEPLOYMENT,
            Self::Node(.., part) => match part {
                NodePart::Port => heat_type::PORT,
                NodePart::Server => heat_type::SERVER,
                NodePart::Volume(_) => heat_type::VOLUME,
                NodePart::Attachment(_) => heat_type::VOLUME_ATTACHMENT,
                NodePart::Deployment => heat_type::SOFTWARE_DEPLOYMENT,
                NodePart::FloatingIp => heat_type::FLOATING_IP,
                NodePart::FloatingIpAssociation => heat_type::FLOATING_IP_ASSOCIATION,
            },
        }
    }

    /// Reads the name of a resource that only checks what the others have made; absent for all others. This is asked of
    /// every resource for every batch, and most are told by their first letters.
    pub fn verification(name: &'a str) -> Option<Self> {
        match name.strip_prefix("verify-")? {
            "deployment" => Some(Self::Verification),
            digest => is_digest(digest).then_some(Self::VerificationConfiguration(digest)),
        }
    }
}

impl fmt::Display for ResourceName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network => f.write_str("network"),
            Self::Subnet => f.write_str("subnet"),
            Self::Ipv6Subnet => f.write_str("ipv6-subnet"),
            Self::Router => f.write_str("router"),
            Self::RouterInterface => f.write_str("router-interface"),
            Self::Ipv6RouterInterface => f.write_str("ipv6-router-interface"),
            Self::SecurityGroup => f.write_str("security-group"),
            Self::SecurityGroupOf(group) => write!(f, "{group}-security-group"),
            Self::RuleInside(protocol) => write!(f, "rule-inside-{}", protocol.name()),
            Self::RuleInsideIpv6(protocol) => write!(f, "rule-inside-ipv6-{}", protocol.name()),
            Self::Rule(rule) => write!(f, "rule-{rule}"),
            Self::UserData(role) => write!(f, "user-data-{}", role.name()),
            Self::ServerGroup(group) => write!(f, "{group}-server-group"),
            Self::Configuration(group, digest) => write!(f, "config-{group}-{digest}"),
            Self::VerificationConfiguration(digest) => write!(f, "verify-{digest}"),
            Self::Verification => f.write_str("verify-deployment"),
            Self::Secret(framework, setting) => write!(f, "secret-{framework}.{setting}"),
            Self::Node(group, index, part) => write!(f, "{group}-{index}-{part}"),
        }
    }
}

impl From<ResourceName<'_>> for String {
    fn from(name: ResourceName<'_>) -> Self {
        let ResourceName::Node(group, index, part) = name else { return name.to_string() };
        // A cluster of many nodes has many of these names, each of them several times.
        let (part, volume) = part.words();
        [group, "-", &index.to_string(), "-", part, volume].concat()
    }
}

impl<'a> NodePart<'a> {
    /// The part of this node that a name stands for, whatever the group is called; `None` for what is not the node's.
    pub fn of(name: &'a str, group: &str, index: u32) -> Option<Self> {
        let (found, part) = name.strip_prefix(group)?.strip_prefix('-')?.split_once('-')?;
        Self::parse(part).filter(|_| number(found) == Some(index))
    }

    /// Group and index of the node whose part of this kind has this name, whatever the group is called.
    pub fn owner(self, name: &'a str) -> Option<(&'a str, u32)> {
        let (group, index) = name.strip_suffix(&format!("-{self}"))?.rsplit_once('-')?;
        Some((group, number(index)?)).filter(|_| !group.is_empty())
    }

    /// What its name is put together from; only volumes have the second.
    fn words(self) -> (&'static str, &'a str) {
        match self {
            Self::Port => ("port", ""),
            Self::Server => ("server", ""),
            Self::Volume(volume) => ("volume-", volume),
            Self::Attachment(volume) => ("attachment-", volume),
            Self::Deployment => ("deployment", ""),
            Self::FloatingIp => ("floating-ip", ""),
            Self::FloatingIpAssociation => ("floating-ip-association", ""),
        }
    }

    fn parse(tail: &'a str) -> Option<Self> {
        let named = |prefix: &str| tail.strip_prefix(prefix).filter(|name| !name.is_empty());
        Some(match tail {
            "port" => Self::Port,
            "server" => Self::Server,
            "deployment" => Self::Deployment,
            "floating-ip" => Self::FloatingIp,
            "floating-ip-association" => Self::FloatingIpAssociation,
            _ => return named("volume-").map(Self::Volume).or_else(|| named("attachment-").map(Self::Attachment)),
        })
    }
}

impl fmt::Display for NodePart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (part, volume) = self.words();
        f.write_str(part)?;
        f.write_str(volume)
    }
}

impl<'a> RuleName<'a> {
    /// Reads what stands after `rule-`, from its end: a group may be called like a protocol.
    fn parse(text: &'a str) -> Option<Self> {
        let (rest, length) = text.rsplit_once('-')?;
        let (rest, from) = ipv4_source(rest, length).or_else(|| ipv6_source(rest, length))?;
        if from.trunc() != from {
            return None;
        }
        let mut words = rest.rsplit('-').peekable();
        let last: Option<u16> = words.next_if(|word| number::<u16>(word).is_some()).and_then(number);
        let first: Option<u16> = words.next_if(|word| number::<u16>(word).is_some()).and_then(number);
        let ports = match (first, last) {
            (Some(first), Some(last)) if first < last => Some(PortRange { first, last }),
            (Some(_), _) => return None,
            (None, port) => port.map(|port| PortRange { first: port, last: port }),
        };
        let protocol = protocol(words.next()?)?;
        let tail = RuleName { group: None, protocol, ports, from }.to_string();
        let group = match text.strip_suffix(tail.as_str())? {
            "" => None,
            group => Some(group.strip_suffix('-').filter(|group| !group.is_empty())?),
        };
        Some(Self { group, protocol, ports, from })
    }
}

/// What stands after `rule-` in the name of the resource.
impl fmt::Display for RuleName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(group) = self.group {
            write!(f, "{group}-")?;
        }
        f.write_str(self.protocol.name())?;
        match self.ports {
            Some(ports) if ports.first == ports.last => write!(f, "-{}", ports.first)?,
            Some(ports) => write!(f, "-{}-{}", ports.first, ports.last)?,
            None => {}
        }
        match self.from {
            IpNet::V4(from) => {
                let network = from.network().to_string().replace('.', "-");
                write!(f, "-from-{network}-{}", from.prefix_len())
            }
            IpNet::V6(from) => {
                f.write_str("-from-ipv6")?;
                from.network().segments().iter().try_for_each(|segment| write!(f, "-{segment:x}"))?;
                write!(f, "-{}", from.prefix_len())
            }
        }
    }
}

/// `…-from-203-0-113-0`, and the length that comes after it: what stands before, and the network.
fn ipv4_source<'a>(text: &'a str, length: &str) -> Option<(&'a str, IpNet)> {
    let (rest, octets) = last_parts::<u8, 4>(text, number)?;
    let from = Ipv4Net::new(Ipv4Addr::from(octets), number(length)?).ok()?;
    Some((rest.strip_suffix("-from")?, from.into()))
}

/// `…-from-ipv6-2001-db8-0-0-0-0-0-0`: all eight parts, for there are no colons in names.
fn ipv6_source<'a>(text: &'a str, length: &str) -> Option<(&'a str, IpNet)> {
    let segment = |part: &str| u16::from_str_radix(part, 16).ok().filter(|segment| format!("{segment:x}") == part);
    let (rest, segments) = last_parts::<u16, 8>(text, segment)?;
    let from = Ipv6Net::new(Ipv6Addr::from(segments), number(length)?).ok()?;
    Some((rest.strip_suffix("-from-ipv6")?, from.into()))
}

/// The last parts of a text between hyphens, and what stands before them.
fn last_parts<T: Copy + Default, const N: usize>(
    text: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Option<(&str, [T; N])> {
    let (mut rest, mut parts) = (text, [T::default(); N]);
    for part in parts.iter_mut().rev() {
        let (before, last) = rest.rsplit_once('-')?;
        *part = read(last)?;
        rest = before;
    }
    Some((rest, parts))
}

/// `GROUP-INDEX-PART`, at the first index that a part comes after.
fn node(name: &str) -> Option<ResourceName<'_>> {
    name.match_indices('-').find_map(|(at, _)| {
        let (index, tail) = name.get(at + 1..)?.split_once('-')?;
        let (index, part) = (number(index)?, NodePart::parse(tail)?);
        let group = name.get(..at).filter(|group| !group.is_empty())?;
        Some(ResourceName::Node(group, index, part))
    })
}

fn protocol(word: &str) -> Option<Protocol> {
    Protocol::ALL.into_iter().find(|protocol| protocol.name() == word)
}

/// A number as it is written here: digits alone, no zeros before them.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

fn is_digest(text: &str) -> bool {
    text.len() == DIGEST_DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
