//! What tells that a service is ready.

use crate::syntax::tree::Expression;

/// What tells that a service is ready.
#[derive(Clone, Debug, PartialEq)]
pub enum Readiness {
    /// A port that accepts connections, by name.
    Port(String),
    /// A page on a port, by its path.
    Page(String, Expression),
    /// What is sent to a port, and the regular expression that the answer has.
    Words(String, String, String),
    /// A command that ends with 0.
    Command {
        /// The program and its arguments.
        command: Expression,
        /// A regular expression that must be found in its output.
        expect: Option<String>,
        /// Account that runs it; root without one.
        user: Option<String>,
    },
}

impl Readiness {
    /// The name of the port that it asks, if it asks one.
    pub fn port(&self) -> Option<&str> {
        match self {
            Self::Port(port) | Self::Page(port, _) | Self::Words(port, ..) => Some(port),
            Self::Command { .. } => None,
        }
    }
}
