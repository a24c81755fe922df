//! What users call the parts of a cluster.

use std::fmt;

/// What the logical names of a node's resources end with, volumes aside.
const NODE_PARTS: [&str; 5] = ["-server", "-port", "-deployment", "-floating-ip", "-floating-ip-association"];

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
        let cluster = cluster.to_owned();
        match logical_name {
            "network" | "subnet" | "router" | "router-interface" => return Self::Network(cluster),
            "security-group" => return Self::Security(cluster),
            _ if logical_name.starts_with("rule-") => return Self::Security(cluster),
            _ => {}
        }
        if let Some(rest) = logical_name.strip_prefix("config-")
            && let Some((group, _)) = rest.rsplit_once('-')
        {
            return Self::Group(cluster, group.to_owned());
        }
        if let Some(group) = logical_name.strip_suffix("-server-group") {
            return Self::Group(cluster, group.to_owned());
        }
        let head = NODE_PARTS
            .iter()
            .find_map(|part| logical_name.strip_suffix(part))
            .or_else(|| logical_name.split_once("-volume-").map(|(head, _)| head))
            .or_else(|| logical_name.split_once("-attachment-").map(|(head, _)| head));
        if let Some((group, index)) = head.and_then(|head| head.rsplit_once('-'))
            && let Ok(index) = index.parse()
        {
            return Self::Node(cluster, group.to_owned(), index);
        }
        Self::Cluster(cluster)
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

    #[test]
    fn logical_names_say_whose_a_resource_is() {
        let node = |group: &str, index| Address::Node("c".to_owned(), group.to_owned(), index);
        for (name, address) in [
            ("slaves-3-server", node("slaves", 3)),
            ("gpu-2-12-floating-ip-association", node("gpu-2", 12)),
            ("slaves-0-volume-data", node("slaves", 0)),
            ("slaves-0-attachment-data", node("slaves", 0)),
            ("config-slaves-0123456789", Address::Group("c".to_owned(), "slaves".to_owned())),
            ("slaves-server-group", Address::Group("c".to_owned(), "slaves".to_owned())),
            ("router-interface", Address::Network("c".to_owned())),
            ("rule-ssh-0", Address::Security("c".to_owned())),
            ("user-data-slave", Address::Cluster("c".to_owned())),
        ] {
            assert_eq!(Address::of_resource("c", name), address, "{name}");
        }
    }
}
