//! What Nova says of a server that does not run.

use std::fmt;

/// A status of Nova's in which a server does nothing for its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "Nova's own words")]
pub enum ServerStatus {
    Shutoff,
    Suspended,
    Paused,
    Shelved,
    ShelvedOffloaded,
    Rescue,
    Error,
}

/// What Nova can be asked to do so that a server runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Nova's own words")]
pub enum ServerAction {
    Start,
    Resume,
    Unpause,
    Unshelve,
}

const ALL: [ServerStatus; 7] = [
    ServerStatus::Shutoff,
    ServerStatus::Suspended,
    ServerStatus::Paused,
    ServerStatus::Shelved,
    ServerStatus::ShelvedOffloaded,
    ServerStatus::Rescue,
    ServerStatus::Error,
];

impl ServerStatus {
    /// As Nova writes it; `None` for a server that runs, or is on its way.
    pub fn parse(text: &str) -> Option<Self> {
        ALL.into_iter().find(|status| status.name() == text)
    }

    /// As Nova writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shutoff => "SHUTOFF",
            Self::Suspended => "SUSPENDED",
            Self::Paused => "PAUSED",
            Self::Shelved => "SHELVED",
            Self::ShelvedOffloaded => "SHELVED_OFFLOADED",
            Self::Rescue => "RESCUE",
            Self::Error => "ERROR",
        }
    }

    /// What makes it run again with its disks as they are; `None` where a person has to look first: somebody repairs it,
    /// or Nova itself has failed with it.
    pub fn way_back(self) -> Option<ServerAction> {
        match self {
            Self::Shutoff => Some(ServerAction::Start),
            Self::Suspended => Some(ServerAction::Resume),
            Self::Paused => Some(ServerAction::Unpause),
            Self::Shelved | Self::ShelvedOffloaded => Some(ServerAction::Unshelve),
            Self::Rescue | Self::Error => None,
        }
    }
}

impl ServerAction {
    /// Nova's name of the request.
    pub fn request(self) -> &'static str {
        match self {
            Self::Start => "os-start",
            Self::Resume => "resume",
            Self::Unpause => "unpause",
            Self::Unshelve => "unshelve",
        }
    }

    /// What it is called in a sentence: `start`.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Resume => "resume",
            Self::Unpause => "unpause",
            Self::Unshelve => "unshelve",
        }
    }

    /// That it is done, in a sentence: `it is started`.
    pub fn done(self) -> &'static str {
        match self {
            Self::Start => "started",
            Self::Resume => "resumed",
            Self::Unpause => "unpaused",
            Self::Unshelve => "unshelved",
        }
    }
}

impl fmt::Display for ServerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for status in ALL {
            assert_eq!(ServerStatus::parse(status.name()), Some(status));
        }
        for runs in ["ACTIVE", "BUILD", "VERIFY_RESIZE", "REBOOT"] {
            assert_eq!(ServerStatus::parse(runs), None);
        }
    }
}
