//! `moved`, `removed` and `import`: what becomes of what lives.

use crate::language::schema::{BlockSchema, Label, Unread, attributes, boolean, other, string};

pub(crate) static MOVED: BlockSchema = BlockSchema {
    word: "moved",
    name: "a `moved` block",
    label: Label::None,
    says: "Says that what lives under one address is now defined under another: no node is touched, and names on the cloud stay.",
    attributes: &[MovedAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a `moved` block says.
    MovedAttributes {
        from: Unread = other("from", "the address of a cluster, a group or a module")
            .required("cluster.lab")
            .says("The address that it had."),
        to: Unread = other("to", "an address of the same kind").required("cluster.analytics").says("The address that it has."),
    }
}

pub(crate) static REMOVED: BlockSchema = BlockSchema {
    word: "removed",
    name: "a `removed` block",
    label: Label::None,
    says: "Says what becomes of a cluster that is not defined any more.",
    attributes: &[RemovedAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a `removed` block says.
    RemovedAttributes {
        from: Unread = other("from", "the address of a cluster or a module")
            .required("cluster.lab")
            .says("The address that it had."),
        destroy: bool = boolean("destroy")
            .default("true")
            .says("Whether it is destroyed; else it is forgotten, and its stacks stay as they are."),
    }
}

pub(crate) static IMPORT: BlockSchema = BlockSchema {
    word: "import",
    name: "an `import` block",
    label: Label::None,
    says: "Takes a cluster that DISCO has created and forgotten into the state, with the next apply.",
    attributes: &[ImportAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What an `import` block says.
    ImportAttributes {
        to: Unread = other("to", "the address of a cluster").required("cluster.lab").says("The cluster that it is."),
        id: String = string("id", "the name or the id of a stack").required("\"lab\"").says("Its base stack."),
    }
}
