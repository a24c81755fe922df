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
}

impl Placement {
    /// As manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Slaves => "slaves",
            Self::Storage => "storage",
        }
    }

    /// The placement that manifests call `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|placement| placement.name() == name)
    }

    /// All of them.
    pub const ALL: [Self; 3] = [Self::Master, Self::Slaves, Self::Storage];

    /// Whether nodes of that role, storing data or not, are meant.
    pub fn covers(self, role: Role, storage: bool) -> bool {
        match self {
            Self::Master => role == Role::Master,
            Self::Slaves => role == Role::Slave,
            Self::Storage => role == Role::Slave && storage,
        }
    }

    /// Whether a node can be both here and there.
    pub(super) fn overlaps(self, other: Self) -> bool {
        (self == Self::Master) == (other == Self::Master)
    }
}
