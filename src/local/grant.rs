//! Tokens that Keystone has given: to whom, and until when.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::entity::Millis;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Whose project it is.
    Owner,
    /// The same, with an application credential of this id.
    Credential(String),
    /// A user that Heat has made for an agent on a machine, in a project of the stack's own.
    Agent(Agent),
}

/// A stack's user, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    pub user: String,
    pub project: String,
    pub stack: String,
    pub resource: String,
}

/// A token's meaning.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub who: Who,
    pub until: Millis,
}

/// All tokens that are known; a restart forgets them.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<HashMap<String, Grant>>);

impl Tokens {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Grant>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers a token, and forgets those that have run out.
    pub(crate) fn give(&self, token: String, grant: Grant, now: Millis) {
        self.with(|tokens| {
            tokens.retain(|_, grant| grant.until > now);
            tokens.insert(token, grant);
        });
    }

    /// What a token is, whether or not it has run out.
    pub(crate) fn get(&self, token: &str) -> Option<Grant> {
        self.with(|tokens| tokens.get(token).cloned())
    }

    /// Who has a token that is good now.
    pub(crate) fn holder(&self, token: &str, now: Millis) -> Option<Who> {
        self.get(token).filter(|grant| grant.until > now).map(|grant| grant.who)
    }

    /// Forgets a token.
    pub(crate) fn revoke(&self, token: &str) {
        self.with(|tokens| tokens.remove(token));
    }

    /// Forgets all tokens of somebody.
    pub(crate) fn revoke_all(&self, of: &Who) {
        self.with(|tokens| tokens.retain(|_, grant| grant.who != *of));
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.with(HashMap::clear);
    }
}
