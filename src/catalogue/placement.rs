//! On which nodes something goes.

use crate::model::Role;

/// On which nodes something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placement {
    /// Masters.
    Master,
    /// All slaves.
    Slaves,
    /// Slaves that store data.
    Storage,
    /// Nodes that only use the framework: `frameworks = ["NAME.client"]` of their group.
    Client,
}

impl Placement {
    /// As manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Slaves => "slaves",
            Self::Storage => "storage",
            Self::Client => "client",
        }
    }

    /// The placement that manifests call `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|placement| placement.name() == name)
    }

    /// All of them.
    pub const ALL: [Self; 4] = [Self::Master, Self::Slaves, Self::Storage, Self::Client];

    /// Whether nodes of that role, storing data or not, are meant, where they are part of a framework as a whole.
    pub fn covers(self, role: Role, storage: bool) -> bool {
        match self {
            Self::Master => role == Role::Master,
            Self::Slaves => role == Role::Slave,
            Self::Storage => role == Role::Slave && storage,
            Self::Client => false,
        }
    }

    /// Whether a node can be both here and there.
    pub(super) fn overlaps(self, other: Self) -> bool {
        let kind = |placement| match placement {
            Self::Master => 0,
            Self::Slaves | Self::Storage => 1,
            Self::Client => 2,
        };
        kind(self) == kind(other)
    }
}
