//! What a project may use of its cloud, and how much of it is used.

use std::collections::BTreeMap;

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuotaKind {
    /// Servers.
    Instances,
    /// Virtual processors of servers.
    Cores,
    /// Memory of servers, MiB.
    Memory,
    /// Groups that keep servers apart.
    ServerGroups,
    /// Networks.
    Networks,
    /// Subnets.
    Subnets,
    /// Ports.
    Ports,
    /// Routers.
    Routers,
    /// Security groups.
    SecurityGroups,
    /// Rules of security groups.
    SecurityGroupRules,
    /// Floating IPs.
    FloatingIps,
    /// Volumes.
    Volumes,
    /// Size of volumes, GiB.
    Gigabytes,
}

impl QuotaKind {
    /// Whether Neutron keeps the quota.
    pub fn is_network(self) -> bool {
        matches!(
            self,
            Self::Networks
                | Self::Subnets
                | Self::Ports
                | Self::Routers
                | Self::SecurityGroups
                | Self::SecurityGroupRules
                | Self::FloatingIps
        )
    }

    /// Whether Cinder keeps the quota.
    pub fn is_storage(self) -> bool {
        matches!(self, Self::Volumes | Self::Gigabytes)
    }

    /// For people, with the unit where it is one.
    pub fn name(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::Cores => "cores",
            Self::Memory => "MiB of RAM",
            Self::ServerGroups => "server groups",
            Self::Networks => "networks",
            Self::Subnets => "subnets",
            Self::Ports => "ports",
            Self::Routers => "routers",
            Self::SecurityGroups => "security groups",
            Self::SecurityGroupRules => "security group rules",
            Self::FloatingIps => "floating IPs",
            Self::Volumes => "volumes",
            Self::Gigabytes => "GiB of volumes",
        }
    }

    /// The option of `openstack quota set` that raises it.
    pub fn option(self) -> &'static str {
        match self {
            Self::Instances => "--instances",
            Self::Cores => "--cores",
            Self::Memory => "--ram",
            Self::ServerGroups => "--server-groups",
            Self::Networks => "--networks",
            Self::Subnets => "--subnets",
            Self::Ports => "--ports",
            Self::Routers => "--routers",
            Self::SecurityGroups => "--secgroups",
            Self::SecurityGroupRules => "--secgroup-rules",
            Self::FloatingIps => "--floating-ips",
            Self::Volumes => "--volumes",
            Self::Gigabytes => "--gigabytes",
        }
    }
}

/// How much there may be of something, and how much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How much at most; `None` is unlimited.
    pub limit: Option<u64>,
    /// How much is used or reserved; `None` where it is only remembered that there is a limit.
    pub used: Option<u64>,
}

/// What a project may use. A kind that is not in here is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// By kind.
    pub of: BTreeMap<QuotaKind, Quota>,
    /// Members of one server group at most (Nova's `server_group_members`); `None` is unlimited or not known.
    pub server_group_members: Option<u64>,
}

impl Quotas {
    /// The limit of a kind, if there is one and it is known.
    pub fn limit(&self, kind: QuotaKind) -> Option<u64> {
        self.of.get(&kind)?.limit
    }

    /// What of it is worth remembering: limits of servers and floating IPs. What is used is another number tomorrow.
    #[must_use]
    pub fn remembered(&self) -> Self {
        let kept = [QuotaKind::Instances, QuotaKind::Cores, QuotaKind::Memory, QuotaKind::FloatingIps];
        let limits = kept.into_iter().filter_map(|kind| Some((kind, self.limit(kind)?)));
        let of = limits.map(|(kind, limit)| (kind, Quota { limit: Some(limit), used: None }));
        Self { of: of.collect(), server_group_members: self.server_group_members }
    }
}
