//! `master`, `slaves` and `volume`: groups of equal nodes.

use super::cluster::RepeatAttributes;
use crate::language::schema::{
    BlockSchema, Choice, InnerBlock, Label, Often, attributes, boolean, one_of, string, strings, whole,
};
use crate::model::{AntiAffinity, Sourced};

/// More nodes than any group has; beyond it a count is a slip of the keyboard.
const MOST_NODES: i64 = 100_000;

/// Largest volume, GiB: a pebibyte.
const LARGEST_VOLUME: i64 = 1 << 20;

pub(crate) static MASTER: BlockSchema = BlockSchema {
    word: "master",
    name: "a `master` block",
    label: Label::None,
    says: "The nodes that run the services of which there is one; expressions call them `cluster.NAME.master`.",
    attributes: &[MasterAttributes::LIST, GroupAttributes::LIST],
    blocks: &[InnerBlock { schema: &VOLUME, often: Often::Any }],
};

attributes! {
    /// What every group of nodes says.
    GroupAttributes {
        flavor: String = string("flavor", "the cloud's name of a flavor")
            .required("\"the cloud's name of a flavor\"")
            .says("How large each node is."),
        image: String = string("image", "the cloud's name of an image")
            .default("the cluster's `image`")
            .says("What each node boots from."),
        floating_ip: bool = boolean("floating_ip")
            .default("false")
            .says("Whether each node gets an address that is reachable from outside."),
        anti_affinity: AntiAffinity = one_of::<AntiAffinity>("anti_affinity")
            .default("\"none\"")
            .says("Whether nodes of the group may share a host of the cloud."),
        availability_zone: String = string("availability_zone", "the cloud's name of an availability zone")
            .default("the cloud's choice")
            .says("Where in the cloud the nodes are."),
    }
}

attributes! {
    /// What a `master` block says beside that.
    MasterAttributes {
        count: i64 = whole("count", 1, MOST_NODES, "nodes")
            .default("1")
            .says("How many nodes there are; how many a framework can use is in its manifest."),
    }
}

pub(crate) static SLAVES: BlockSchema = BlockSchema {
    word: "slaves",
    name: "a `slaves` block",
    label: Label::Optional("slaves \"name\""),
    says: "A group of nodes that do the work; without a name it is called `slaves`.",
    attributes: &[SlavesAttributes::LIST, GroupAttributes::LIST, RepeatAttributes::LIST],
    blocks: &[InnerBlock { schema: &VOLUME, often: Often::Any }],
};

attributes! {
    /// What a `slaves` block says beside that.
    SlavesAttributes {
        count: i64 = whole("count", 0, MOST_NODES, "nodes").required("3").says("How many nodes there are."),
        storage: bool = boolean("storage")
            .default("true")
            .says("Whether data is stored here; a group that only computes is safe to take away."),
        frameworks: Vec<Sourced<String>> = strings("frameworks", "names of frameworks of the cluster, `NAME.client` for those that are only used")
            .default("all of the cluster's")
            .says("The frameworks whose services run on these nodes. With `\"hadoop.client\"` they have its software and files, and none of its services; with `[]` nothing."),
    }
}

impl Choice for AntiAffinity {
    const WORDS: &'static [(&'static str, &'static str)] = &[
        ("none", "allowed"),
        ("soft", "avoided"),
        ("hard", "never; clouds allow ten nodes in such a group by default"),
    ];

    fn of(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "soft" => Some(Self::Soft),
            "hard" => Some(Self::Hard),
            _ => None,
        }
    }
}

pub(crate) static VOLUME: BlockSchema = BlockSchema {
    word: "volume",
    name: "a `volume` block",
    label: Label::Required("volume \"data\""),
    says: "A disk that each node of the group has besides its own; it outlives the node's server.",
    attributes: &[VolumeAttributes::LIST, RepeatAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a `volume` block says.
    VolumeAttributes {
        size: i64 = whole("size", 1, LARGEST_VOLUME, "GiB").required("100").says("The size of the disk. It can grow later, and its file system with it."),
        volume_type: String = string("type", "the cloud's name of a volume type")
            .default("the cloud's own")
            .says("The type of the disk."),
        mount: String = string("mount", "an absolute path")
            .default("`/data/NAME`")
            .says("The folder that it is mounted at. It can change later; what is on the disk stays."),
    }
}
