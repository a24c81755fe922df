//! What could not be done with containers.

use std::path::PathBuf;

/// What could not be done with containers.
#[derive(Debug, thiserror::Error)]
pub enum ContainerFault {
    /// There is neither Podman nor Docker.
    #[error("neither Podman nor Docker is installed")]
    NoEngine,
    /// A program could not be started.
    #[error("`{program}` cannot be run")]
    Run {
        /// Which.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A command ended with an error.
    #[error("`{command}` failed: {message}")]
    Failed {
        /// Its first words.
        command: String,
        /// What it said last.
        message: String,
    },
    /// A command did not end.
    #[error("`{command}` has not ended within {seconds} s")]
    TimedOut {
        /// Its first words.
        command: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// An answer of a container engine that nobody can read.
    #[error("the answer of `{command}` cannot be read")]
    Unreadable {
        /// To what.
        command: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A file of the nodes could not be read or written.
    #[error("{} cannot be used", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A container ended as soon as it was started.
    #[error("the container `{name}` ended when it was started: {message}")]
    Ended {
        /// Which.
        name: String,
        /// The end of its console.
        message: String,
    },
    /// Another network of this host has a subnet's addresses.
    #[error("the addresses {cidr} are taken on this host: {message}")]
    AddressesTaken {
        /// The subnet.
        cidr: ipnet::IpNet,
        /// What the container engine said.
        message: String,
    },
    /// A subnet is not of IPv4.
    #[error("{address} is not an IPv4 address, and container nodes have no others")]
    OnlyIpv4 {
        /// The address.
        address: std::net::IpAddr,
    },
    /// Nobody knows how to make an image of that name.
    #[error("`{image}` is not an image that can be made")]
    UnknownImage {
        /// The image of the definition.
        image: String,
    },
    /// No image of that name was made.
    #[error("no container image for `{image}`")]
    NoImage {
        /// The image of the definition.
        image: String,
    },
}

impl ContainerFault {
    /// The way out, where it is known.
    pub fn way_out(&self) -> Option<String> {
        match self {
            Self::NoEngine | Self::Run { .. } => Some("run `disco local doctor`, which says what to install".to_owned()),
            Self::UnknownImage { image } => Some(format!(
                "name an image of the container engine to begin with: `disco local setup {image} --image NAME`"
            )),
            Self::NoImage { image } => Some(format!("run `disco local setup {image}`")),
            Self::AddressesTaken { .. } => Some(
                "destroy the cluster that has them, `disco local clean --all` where it is forgotten, or change `cidr` in `network`"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// Whether the same may go well a moment later.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::TimedOut { .. } | Self::Unreadable { .. })
    }
}
