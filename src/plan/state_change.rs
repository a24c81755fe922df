//! What a plan changes in the state alone: no stack is touched for it.

/// One such change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateChange {
    /// A cluster, or a group of one, is defined under another address.
    Moved {
        /// The cluster's name on the cloud, which it keeps.
        cluster: String,
        /// The address that it had.
        from: String,
        /// The address that it has.
        to: String,
    },
    /// A cluster goes from the state, and its stacks stay.
    Released {
        /// Its name on the cloud.
        cluster: String,
        /// The address that it had.
        from: String,
    },
    /// A cluster comes into the state.
    Imported {
        /// Its name on the cloud.
        cluster: String,
        /// The address that it has.
        to: String,
        /// How many nodes it has.
        nodes: usize,
    },
}

impl StateChange {
    /// The cluster's name on the cloud.
    pub fn cluster(&self) -> &str {
        match self {
            Self::Moved { cluster, .. } | Self::Released { cluster, .. } | Self::Imported { cluster, .. } => cluster,
        }
    }

    /// What happens, as a program reads it.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Moved { .. } => "move",
            Self::Released { .. } => "release",
            Self::Imported { .. } => "import",
        }
    }
}
