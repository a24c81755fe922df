//! Every block of the language and every attribute of each, as data.

mod cluster;
mod framework;
mod living;
mod nodes;
mod project;
mod service;
mod values;

pub(crate) use cluster::{
    ALLOW, AllowAttributes, CLUSTER, ClusterAttributes, LIFECYCLE, LONGEST_TIMEOUT, LifecycleAttributes, NETWORK,
    NetworkAttributes, RepeatAttributes, SECURITY,
};
pub(crate) use framework::{CONFIG, ConfigAttributes, FRAMEWORK, FrameworkAttributes};
pub(crate) use living::{IMPORT, ImportAttributes, MOVED, MovedAttributes, REMOVED, RemovedAttributes};
pub(crate) use nodes::{GroupAttributes, MASTER, MasterAttributes, SLAVES, SlavesAttributes, VOLUME, VolumeAttributes};
pub(crate) use project::{
    DISCO, DiscoAttributes, ENCRYPTION, EncryptionAttributes, HttpStateAttributes, LINT, LOCAL, LintAttributes,
    LocalAttributes, MAX_RESOURCES, OPENSTACK, OpenStackAttributes, PostgresStateAttributes, ProviderAttributes,
    S3StateAttributes, STATE, STATE_HTTP, STATE_PATH, STATE_POSTGRES, STATE_S3, StateAttributes,
};
pub use service::SERVICE_FILE;
pub(crate) use service::{
    CLOUD, CloudAttributes, LIMITS, LimitsAttributes, OCCI, OcciAttributes, SERVICE, ServiceAttributes,
};
pub(crate) use values::{
    ASSERT, CHECK, ConditionAttributes, LOCALS, MODULE, ModuleAttributes, OUTPUT, OutputAttributes, PRECONDITION,
    VALIDATION, VARIABLE, VariableAttributes,
};

use super::schema::{BlockSchema, InnerBlock, Label, Often};

/// A definition: all `*.disco.hcl` files of a project together.
pub static FILE: BlockSchema = BlockSchema {
    word: "",
    name: "a definition",
    label: Label::None,
    says: "All files `*.disco.hcl` of a folder are one definition; the order of files and blocks does not matter.",
    attributes: &[],
    blocks: &[
        InnerBlock { schema: &DISCO, often: Often::AtMostOnce },
        InnerBlock { schema: &LOCAL, often: Often::AtMostOnce },
        InnerBlock { schema: &OPENSTACK, often: Often::AtMostOnce },
        InnerBlock { schema: &VARIABLE, often: Often::Any },
        InnerBlock { schema: &LOCALS, often: Often::Any },
        InnerBlock { schema: &CLUSTER, often: Often::Any },
        InnerBlock { schema: &MODULE, often: Often::Any },
        InnerBlock { schema: &OUTPUT, often: Often::Any },
        InnerBlock { schema: &CHECK, often: Often::Any },
        InnerBlock { schema: &MOVED, often: Often::Any },
        InnerBlock { schema: &REMOVED, often: Often::Any },
        InnerBlock { schema: &IMPORT, often: Often::Any },
    ],
};
