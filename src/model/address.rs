//! What users call the parts of a cluster.

use std::fmt;

use super::ResourceName;

/// The name of a part of a cluster, as plans print it and `-target`-like options take it.
///
/// Order is the order shown: cluster, network, security, nodes by group and index, frameworks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// `cluster.analytics`
    Cluster(String),
    /// `cluster.analytics.network`
    Network(String),
    /// `cluster.analytics.security`, the group and all its rules
    Security(String),
    /// `cluster.analytics.slaves`: what a group's nodes share
    Group(String, String),
    /// `cluster.analytics.slaves[3]`
    Node(String, String, u32),
    /// `cluster.analytics.framework.hadoop`
    Framework(String, String),
}

impl Address {
    /// The cluster it belongs to.
    pub fn cluster(&self) -> &str {
        match self {
            Self::Cluster(cluster)
            | Self::Network(cluster)
            | Self::Security(cluster)
            | Self::Group(cluster, _)
            | Self::Node(cluster, _, _)
            | Self::Framework(cluster, _) => cluster,
        }
    }

    /// Whose a Heat resource is, read from its logical name alone (`slaves-3-port`). Logical names are a promise, so this
    /// holds for stacks that another version of DISCO made; what is not recognised is the cluster's.
    pub fn of_resource(cluster: &str, logical_name: &str) -> Self {
        ResourceName::parse(logical_name)
            .map_or_else(|| Self::Cluster(cluster.to_owned()), |name| name.address(cluster))
    }

    /// The address that [`fmt::Display`] wrote; `None` where the text is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        if parts.next()? != "cluster" {
            return None;
        }
        let cluster = parts.next()?.to_owned();
        let address = match (parts.next(), parts.next()) {
            (None, None) => Self::Cluster(cluster),
            (Some("network"), None) => Self::Network(cluster),
            (Some("security"), None) => Self::Security(cluster),
            (Some("framework"), Some(name)) => Self::Framework(cluster, name.to_owned()),
            (Some(group), None) => match group.strip_suffix(']').and_then(|node| node.split_once('[')) {
                Some((group, index)) => Self::Node(cluster, group.to_owned(), index.parse().ok()?),
                None => Self::Group(cluster, group.to_owned()),
            },
            _ => return None,
        };
        parts.next().is_none().then_some(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster(cluster) => write!(f, "cluster.{cluster}"),
            Self::Network(cluster) => write!(f, "cluster.{cluster}.network"),
            Self::Security(cluster) => write!(f, "cluster.{cluster}.security"),
            Self::Group(cluster, group) => write!(f, "cluster.{cluster}.{group}"),
            Self::Node(cluster, group, index) => write!(f, "cluster.{cluster}.{group}[{index}]"),
            Self::Framework(cluster, name) => write!(f, "cluster.{cluster}.framework.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_read_back() {
        let cluster = || "analytics".to_owned();
        for address in [
            Address::Cluster(cluster()),
            Address::Network(cluster()),
            Address::Security(cluster()),
            Address::Group(cluster(), "slaves".to_owned()),
            Address::Node(cluster(), "slaves".to_owned(), 12),
            Address::Framework(cluster(), "hadoop".to_owned()),
        ] {
            assert_eq!(Address::parse(&address.to_string()), Some(address));
        }
        assert_eq!(Address::parse("cluster"), None);
        assert_eq!(Address::parse("cluster.a.slaves[x]"), None);
    }
}
