//! A line that a value comes from, and the parts of nodes that can be asked about.

use crate::source::Span;

/// A line that a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// What the line says.
    pub kind: CauseKind,
    /// Where; nothing where the definition leaves it to a default.
    pub place: Option<Span>,
}

/// What a line of a definition says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseKind {
    /// A key in the `set` of a `config` block.
    Key {
        /// Framework.
        framework: String,
        /// File, as the block calls it.
        file: String,
        /// Key.
        key: String,
    },
    /// All of a file: the `content` of a `config` block.
    Content {
        /// Framework.
        framework: String,
        /// File, as the block calls it.
        file: String,
    },
    /// A setting of a `framework` block.
    Setting {
        /// Framework.
        framework: String,
        /// Setting.
        name: String,
    },
    /// The flavor of a group.
    Flavor {
        /// Group.
        group: String,
    },
    /// The image of a group.
    Image {
        /// Group.
        group: String,
    },
    /// A volume of a group.
    Volume {
        /// Group.
        group: String,
        /// Volume.
        name: String,
    },
    /// How many nodes a group has.
    Count {
        /// Group.
        group: String,
    },
    /// A group as such: that it is there, and whether it stores data.
    Group {
        /// Group.
        group: String,
    },
    /// The version of a framework.
    Version {
        /// Framework.
        framework: String,
    },
    /// That a framework is there.
    Framework {
        /// Framework.
        framework: String,
    },
}

/// A part of what a group's nodes get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A key of a file; the file by its name or its path.
    Key(&'a str, &'a str),
    /// A file, by its name or its path: what its text is made of, beside and with its keys.
    File(&'a str),
    /// A service, by its unit's name, with or without `.service`.
    Unit(&'a str),
    /// A folder, by its path.
    Directory(&'a str),
    /// The archive of a framework.
    Archive(&'a str),
    /// A setting of a framework.
    Setting(&'a str, &'a str),
}
