//! `service`, `cloud`, `limits` and `occi`: the configuration of a team's service.

use crate::language::schema::{
    BlockSchema, Choice, InnerBlock, Label, Often, attributes, boolean, one_of, string, strings, whole,
};
use crate::model::{Interface, Sourced};

/// The configuration of a service: one file.
pub static SERVICE_FILE: BlockSchema = BlockSchema {
    word: "",
    name: "the configuration of a service",
    label: Label::None,
    says: "What `disco serve --config FILE` reads: where the service is, at which clouds people sign in, and what each may ask for.",
    attributes: &[],
    blocks: &[
        InnerBlock { schema: &SERVICE, often: Often::Once },
        InnerBlock { schema: &CLOUD, often: Often::Any },
        InnerBlock { schema: &LIMITS, often: Often::AtMostOnce },
        InnerBlock { schema: &OCCI, often: Often::AtMostOnce },
    ],
};

pub(crate) static SERVICE: BlockSchema = BlockSchema {
    word: "service",
    name: "a `service` block",
    label: Label::None,
    says: "Where the service is and where it keeps things.",
    attributes: &[ServiceAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a `service` block says.
    ServiceAttributes {
        projects: String = string("projects", "a path, relative to this file")
            .required("\"projects\"")
            .says("The folder with a folder for each tenant; below it lie the projects."),
        listen: String = string("listen", "an address and a port")
            .default("\"127.0.0.1:8080\"")
            .says("Where it listens; an address that others reach only where `public_url` begins with `https://`."),
        public_url: String = string("public_url", "an address that begins with `https://`, without a path")
            .default("where it listens")
            .says("How people reach it, behind a proxy that speaks TLS."),
        key_file: String = string("key_file", "a path, relative to this file: 32 random bytes as Base64 or in hexadecimal digits")
            .default("one that the service makes, in `projects`")
            .says("What the credentials are encrypted with that outlive a token."),
        embedded: bool = boolean("embedded").default("false").says("Whether definitions may use `provider \"local\"`, which runs on the machine of the service."),
    }
}

pub(crate) static CLOUD: BlockSchema = BlockSchema {
    word: "cloud",
    name: "a `cloud` block",
    label: Label::Required("cloud \"lab\""),
    says: "An OpenStack at which people sign in, and in which their clusters are: `provider \"openstack\" { cloud = \"lab\" }`.",
    attributes: &[CloudAttributes::LIST],
    blocks: &[],
};

impl Choice for Interface {
    const WORDS: &'static [(&'static str, &'static str)] =
        &[("public", "for everybody"), ("internal", "within the cloud"), ("admin", "for administrators")];

    fn of(word: &str) -> Option<Self> {
        [Self::Public, Self::Internal, Self::Admin].into_iter().find(|one| one.name() == word)
    }
}

attributes! {
    /// What a `cloud` block says.
    CloudAttributes {
        auth_url: String = string("auth_url", "an address")
            .required("\"https://keystone.example.org:5000/v3\"")
            .says("Keystone's address."),
        region: String = string("region", "").default("the cloud's own").says("The region."),
        interface: Interface = one_of::<Interface>("interface").default("\"public\"").says("Which addresses of the cloud's services are used."),
        cacert: String = string("cacert", "a path, relative to this file").says("A PEM file with authorities to trust besides the system's."),
        see: Vec<Sourced<String>> = strings("see", "names of Keystone's roles").default("[\"reader\"]").says("Who may look."),
        work: Vec<Sourced<String>> = strings("work", "names of Keystone's roles").default("[\"member\"]").says("Who may also write definitions, plan and apply."),
        manage: Vec<Sourced<String>> = strings("manage", "names of Keystone's roles").default("[\"manager\", \"admin\"]").says("Who may also see the audit."),
    }
}

pub(crate) static LIMITS: BlockSchema = BlockSchema {
    word: "limits",
    name: "a `limits` block",
    label: Label::None,
    says: "What one caller may ask for.",
    attributes: &[LimitsAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a `limits` block says.
    LimitsAttributes {
        requests: i64 = whole("requests", 1, 10_000, "requests a second").default("20").says("How many requests a second, in the long run."),
        burst: i64 = whole("burst", 1, 100_000, "requests").default("60").says("How many at once, where there were fewer before."),
        failed_sign_ins: i64 = whole("failed_sign_ins", 1, 1_000, "a minute").default("5").says("How often an address or a user may fail to sign in."),
        streams: i64 = whole("streams", 1, 10_000, "streams").default("32").says("How many streams of events at a time."),
    }
}

pub(crate) static OCCI: BlockSchema = BlockSchema {
    word: "occi",
    name: "an `occi` block",
    label: Label::None,
    says: "What holds for a cluster of the Service Manager (`/disco/`) where a request says nothing.",
    attributes: &[OcciAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What an `occi` block says.
    OcciAttributes {
        image: String = string("image", "").says("The image of all nodes."),
        master_flavor: String = string("master_flavor", "").says("The flavor of the master."),
        slave_flavor: String = string("slave_flavor", "").says("The flavor of the slaves."),
        slaves: i64 = whole("slaves", 0, 100_000, "nodes").default("2").says("How many slaves."),
        external_network: String = string("external_network", "").says("The network that floating addresses come from."),
    }
}
