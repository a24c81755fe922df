//! `framework` and `config`: what the nodes run.

use crate::language::schema::{BlockSchema, InnerBlock, Label, Often, Unread, attributes, other, string};

pub(crate) static FRAMEWORK: BlockSchema = BlockSchema {
    word: "framework",
    name: "a `framework` block",
    label: Label::Required("framework \"hadoop\""),
    says: "A framework that the cluster runs. Its settings are attributes too: \
           `disco frameworks show NAME` lists them.",
    attributes: &[FrameworkAttributes::LIST],
    blocks: &[InnerBlock { schema: &CONFIG, often: Often::Any }],
};

attributes! {
    /// What every `framework` block says.
    FrameworkAttributes {
        version: String = string("version", "a version of the catalogue")
            .default("the framework's default version")
            .says("Which version of the framework."),
    }
}

pub(crate) static CONFIG: BlockSchema = BlockSchema {
    word: "config",
    name: "a `config` block",
    label: Label::Required("config \"FILE\""),
    says: "Changes to a file of the framework: some of its keys, or its whole content.",
    attributes: &[ConfigAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a `config` block says.
    ConfigAttributes {
        set: Unread = other("set", "an object of keys and values")
            .required_if("unless `content` is given", "{ \"some.key\" = \"value\" }")
            .says("Keys of the file DISCO writes; `null` removes one."),
        content: Unread = other("content", "a string")
            .required_if("unless `set` is given", "file(\"…\")")
            .says("The whole file instead, byte for byte."),
    }
}
