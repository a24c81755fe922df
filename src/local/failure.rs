//! Why an action on a resource failed, in the words of the service that refused it.

use std::borrow::Cow;

use super::ids::uuid;

/// Why an action failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The class of the exception Heat would have seen.
    pub kind: Cow<'static, str>,
    pub message: String,
}

impl Failure {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind: Cow::Borrowed(kind), message: message.into() }
    }

    /// A refusal of Neutron's, in its client's words.
    pub(crate) fn neutron(kind: &'static str, message: impl std::fmt::Display) -> Self {
        let request = uuid();
        Self::new(kind, format!("{message}\nNeutron server returns request_ids: ['req-{request}']"))
    }

    /// A refusal of Nova's, in its client's words.
    pub(crate) fn nova(kind: &'static str, status: u16, message: impl std::fmt::Display) -> Self {
        let request = uuid();
        Self::new(kind, format!("{message} (HTTP {status}) (Request-ID: req-{request})"))
    }

    /// The resource's status reason.
    pub(crate) fn reason(&self, resource: &str) -> String {
        format!("{}: resources.{resource}: {}", self.kind, self.message)
    }
}
