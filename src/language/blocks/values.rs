//! `variable`, `locals` and `output`: values that come in, have a name, and go out.

use super::cluster::RepeatAttributes;
use crate::language::schema::{
    BlockSchema, InnerBlock, Label, Often, Unread, attributes, boolean, other, string, whole,
};

pub(crate) static VARIABLE: BlockSchema = BlockSchema {
    word: "variable",
    name: "a `variable` block",
    label: Label::Required("variable \"name\""),
    says: "A value that may be given from outside; expressions call it `var.NAME`.",
    attributes: &[VariableAttributes::LIST],
    blocks: &[InnerBlock { schema: &VALIDATION, often: Often::Any }],
};

attributes! {
    /// What a `variable` block says.
    VariableAttributes {
        of: Unread = other("type", "a type").default("any").says("What its value may be, such as `list(string)`."),
        default: Unread = other("default", "a value without references")
            .default("a value must be given")
            .says("The value where none is given."),
        description: String = string("description", "").says("What it is for."),
        sensitive: bool = boolean("sensitive").default("false").says("Whether its value is never shown and never kept."),
        nullable: bool = boolean("nullable").default("true").says("Whether its value may be `null`."),
    }
}

pub(crate) static VALIDATION: BlockSchema = BlockSchema {
    word: "validation",
    name: "a `validation` block",
    label: Label::None,
    says: "A condition that the variable's value must satisfy.",
    attributes: &[ConditionAttributes::LIST],
    blocks: &[],
};

pub(crate) static PRECONDITION: BlockSchema = BlockSchema {
    word: "precondition",
    name: "a `precondition` block",
    label: Label::None,
    says: "A condition without which nothing is planned; one that is known only after apply is looked at then.",
    attributes: &[ConditionAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a block says that is a condition.
    ConditionAttributes {
        condition: Unread = other("condition", "a condition").required("var.NAME > 0").says("What must be `true`."),
        error_message: Unread = other("error_message", "a string")
            .required("\"what must hold\"")
            .says("The message where it is not."),
    }
}

pub(crate) static CHECK: BlockSchema = BlockSchema {
    word: "check",
    name: "a `check` block",
    label: Label::Required("check \"name\""),
    says: "Conditions of the whole, of which one that does not hold is a warning and stops nothing.",
    attributes: &[],
    blocks: &[InnerBlock { schema: &ASSERT, often: Often::Any }],
};

pub(crate) static ASSERT: BlockSchema = BlockSchema {
    word: "assert",
    name: "an `assert` block",
    label: Label::None,
    says: "A condition that is expected to hold; one that is known only after apply is looked at then.",
    attributes: &[ConditionAttributes::LIST],
    blocks: &[],
};

pub(crate) static LOCALS: BlockSchema = BlockSchema {
    word: "locals",
    name: "a `locals` block",
    label: Label::None,
    says: "Values with a name; expressions call them `local.NAME`.",
    attributes: &[],
    blocks: &[],
};

pub(crate) static OUTPUT: BlockSchema = BlockSchema {
    word: "output",
    name: "an `output` block",
    label: Label::Required("output \"name\""),
    says: "A value that `disco output` prints once the clusters exist.",
    attributes: &[OutputAttributes::LIST],
    blocks: &[InnerBlock { schema: &PRECONDITION, often: Often::Any }],
};

attributes! {
    /// What an `output` block says.
    OutputAttributes {
        value: Unread = other("value", "any value").required("cluster.NAME.ui").says("The value."),
        description: String = string("description", "").says("What it is for."),
        sensitive: bool = boolean("sensitive")
            .default("false")
            .says("Whether its value is never shown and never kept."),
    }
}

/// More instances than any project has of a module; beyond it a count is a slip of the keyboard.
const MOST_MODULES: i64 = 1_000;

pub(crate) static MODULE: BlockSchema = BlockSchema {
    word: "module",
    name: "a `module` block",
    label: Label::Required("module \"name\""),
    says: "The definitions of another folder, with values for its variables; expressions call its outputs `module.NAME.OUTPUT`.",
    attributes: &[ModuleAttributes::LIST, RepeatAttributes::LIST],
    blocks: &[],
};

attributes! {
    /// What a `module` block says, besides the values of its variables.
    ModuleAttributes {
        source: Unread = other("source", "a path that begins with `./` or `../`, relative to the folder of this file")
            .required("\"./modules/site\"")
            .says("The folder with the module's files `*.disco.hcl`."),
        count: i64 = whole("count", 0, MOST_MODULES, "modules")
            .default("1, without a number")
            .says("So many of it, `module.NAME[0]` and so on; expressions in the block may use `count.index`."),
        depends_on: Unread = other("depends_on", "a list of clusters and modules, such as `[cluster.storage]`")
            .says("What is created before its clusters and destroyed after them."),
    }
}
