//! `cluster`, its network, who may reach it, and its life.

use super::framework::FRAMEWORK;
use super::nodes::{MASTER, SLAVES};
use super::values::PRECONDITION;
use crate::language::schema::{
    BlockSchema, Choice, InnerBlock, Label, Often, Unread, attributes, boolean, one_of, other, string, strings, whole,
};
use crate::model::{OnFailure, Protocol, Sourced};

/// More clusters than a block stands for; beyond it a count is a slip of the keyboard.
const MOST_CLUSTERS: i64 = 1_000;

pub(crate) static CLUSTER: BlockSchema = BlockSchema {
    word: "cluster",
    name: "a `cluster` block",
    label: Label::Required("cluster \"name\""),
    says: "Nodes in a network, and the frameworks that they run; expressions call it `cluster.NAME`.",
    attributes: &[ClusterAttributes::LIST, RepeatAttributes::LIST],
    blocks: &[
        InnerBlock { schema: &NETWORK, often: Often::Once },
        InnerBlock { schema: &SECURITY, often: Often::AtMostOnce },
        InnerBlock { schema: &MASTER, often: Often::Once },
        InnerBlock { schema: &LIFECYCLE, often: Often::AtMostOnce },
        InnerBlock { schema: &SLAVES, often: Often::Any },
        InnerBlock { schema: &FRAMEWORK, often: Often::Any },
    ],
};

attributes! {
    /// What a `cluster` block says.
    ClusterAttributes {
        image: String = string("image", "the cloud's name of an image")
            .required_if("where a group has none of its own", "\"debian-12\"")
            .says("What the nodes boot from."),
        ssh_keys: Vec<Sourced<String>> = strings("ssh_keys", "public keys, each the content of a `.pub` file")
            .default("[]")
            .says("Whose owners may log in to the nodes."),
        key_pair: String = string("key_pair", "the cloud's name of a key pair")
            .says("A key pair that exists, which may log in to the nodes as well."),
        count: i64 = whole("count", 0, MOST_CLUSTERS, "clusters")
            .default("1, whose name is that of the block")
            .says("So many clusters, `NAME-0`, `NAME-1` and so on; expressions in the block may use `count.index`."),
        depends_on: Unread = other("depends_on", "a list of clusters and modules, such as `[cluster.storage]`")
            .says("What is created before it and destroyed after it, besides what it refers to."),
    }
}

attributes! {
    /// What a block says that may stand for several things.
    RepeatAttributes {
        for_each: Unread = other("for_each", "a map, an object or a set of strings")
            .says("One of these for each element, named `NAME-KEY`; expressions in the block may use `each.key` and `each.value`."),
        enabled: bool = boolean("enabled").default("true").says("Whether it is there at all."),
    }
}

pub(crate) static NETWORK: BlockSchema = BlockSchema {
    word: "network",
    name: "a `network` block",
    label: Label::None,
    says: "Where the nodes live: a new private network behind a router (`cidr`), or one that exists (`existing`).",
    attributes: &[NetworkAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a `network` block says.
    NetworkAttributes {
        cidr: String = string("cidr", "an IPv4 network")
            .required_if("for a new network", "\"10.20.0.0/24\"")
            .says("The addresses of a new network."),
        ipv6_cidr: String = string("ipv6_cidr", "an IPv6 network of /64")
            .default("no IPv6")
            .says("The IPv6 addresses that a new network has besides; frameworks keep talking IPv4. Lasts as long as the cluster."),
        name: String = string("name", "")
            .default("the cluster's name")
            .says("What the cloud calls a new network."),
        external_network: String = string("external_network", "the cloud's name of a network")
            .default("no way to the internet and no floating IPs")
            .says("The network that the router leads to and floating IPs come from."),
        dns_nameservers: Vec<Sourced<String>> = strings("dns_nameservers", "IPv4 addresses")
            .default("the cloud's own")
            .says("The name servers of a new network."),
        existing: String = string("existing", "the cloud's name or id of a network")
            .required_if("for an existing network", "\"the network's name\"")
            .says("The network to use."),
        subnet: String = string("subnet", "the cloud's name or id of a subnet")
            .required_if("for an existing network", "\"the subnet's name\"")
            .says("The subnet of it to use."),
        addresses: String = string("addresses", "an IPv4 network")
            .default("Neutron gives each node a free address of the subnet")
            .says("The part of the subnet that the nodes may use and nobody else does. Not for a network of another project."),
    }
}

pub(crate) static SECURITY: BlockSchema = BlockSchema {
    word: "security",
    name: "a `security` block",
    label: Label::None,
    says: "Who may reach the nodes from outside; without it nobody can.",
    attributes: &[],
    blocks: &[InnerBlock { schema: &ALLOW, often: Often::Any }],
};

pub(crate) static ALLOW: BlockSchema = BlockSchema {
    word: "allow",
    name: "an `allow` block",
    label: Label::Required("allow \"ssh\""),
    says: "Opens `\"ssh\"`, every web page of the frameworks (`\"web-ui\"`), a port of a framework by its name, \
           or ports of your own (`\"custom\"`).",
    attributes: &[AllowAttributes::LIST, RepeatAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What an `allow` block says.
    AllowAttributes {
        protocol: Protocol = one_of::<Protocol>("protocol").default("\"tcp\"").says("The protocol, of `allow \"custom\"` only."),
        ports: Vec<Sourced<String>> = strings("ports", "ports from 1 to 65535, or ranges such as `9000-9010`")
            .required_if("for `allow \"custom\"`, except with `icmp`", "[\"8443\"]")
            .says("The ports, of `allow \"custom\"` only."),
        from: Vec<Sourced<String>> = strings("from", "IPv4 networks, and IPv6 networks where `network` has `ipv6_cidr`")
            .required("[\"203.0.113.0/24\"]")
            .says("Who is let in."),
        to: String = string("to", "`all`, `master` or the name of a group")
            .default("\"all\"")
            .says("Which nodes they may reach."),
    }
}

impl Choice for Protocol {
    const WORDS: &'static [(&'static str, &'static str)] = &[("tcp", ""), ("udp", ""), ("icmp", "which has no ports")];

    fn of(word: &str) -> Option<Self> {
        [Self::Tcp, Self::Udp, Self::Icmp].into_iter().find(|protocol| protocol.name() == word)
    }
}

pub(crate) static LIFECYCLE: BlockSchema = BlockSchema {
    word: "lifecycle",
    name: "a `lifecycle` block",
    label: Label::None,
    says: "What protects the cluster, what follows a failure, and how many nodes change at a time.",
    attributes: &[LifecycleAttributes::LIST],
    blocks: &[InnerBlock { schema: &PRECONDITION, often: Often::Any }],
};

/// More nodes than any cluster has.
const LARGEST_BATCH: i64 = 100_000;

/// A week, in minutes: whatever takes longer is a slip of the keyboard.
pub(crate) const LONGEST_TIMEOUT: u32 = 7 * 24 * 60;

attributes! {
    /// What a `lifecycle` block says.
    LifecycleAttributes {
        prevent_destroy: bool = boolean("prevent_destroy")
            .default("false")
            .says("Whether destroying the cluster is refused; kept in the state, so that deleting the block does not lift it."),
        ignore_changes: Unread = other("ignore_changes", "a list of `count`, `flavor` and `image`, of all groups or as `GROUP.count` of one")
            .default("[]")
            .says("What counts only when a cluster is created: nodes that live keep what they have, whatever is written later."),
        on_failure: OnFailure = one_of::<OnFailure>("on_failure")
            .default("\"keep\"")
            .says("What follows a step that fails; a step that removes nodes is never rolled back."),
        timeout: String = string("timeout", "whole minutes or hours, such as `90m` or `1h30m`, from `1m` to `168h`")
            .default("\"60m\"")
            .says("How long the nodes of one step may take; who has not answered then is given up and named."),
        batch_size: i64 = whole("batch_size", 1, LARGEST_BATCH, "nodes")
            .default("a tenth of the group, and no more than the stored data's replication allows")
            .says("How many nodes of a group may be unavailable at a time."),
        smoke_test: bool = boolean("smoke_test")
            .default("true")
            .says("Whether a small job of each framework runs on a new cluster as the last step; creation fails if it fails."),
    }
}

impl Choice for OnFailure {
    const WORDS: &'static [(&'static str, &'static str)] =
        &[("keep", "all is kept for a look at it"), ("rollback", "Heat takes back what that step did")];

    fn of(word: &str) -> Option<Self> {
        match word {
            "keep" => Some(Self::Keep),
            "rollback" => Some(Self::Rollback),
            _ => None,
        }
    }
}
