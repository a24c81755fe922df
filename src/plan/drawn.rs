//! One stack of a wanted cluster, compared with what is there.

use std::borrow::Cow;

use super::known::{KnownStack, Standing};
use super::suspension::is_suspended;
use super::{Change, ChangeKind};
use crate::model::{Address, is_base_stack};
use crate::state::ObservedStack;
use crate::template::Template;

/// One stack of a cluster, compared.
pub(super) struct Drawn<'a> {
    pub(super) stack: &'a str,
    pub(super) template: &'a Template,
    /// `None`: it is to be made.
    pub(super) known: Option<KnownStack<'a>>,
    pub(super) changes: Vec<Change>,
}

impl<'a> Drawn<'a> {
    /// The wanted template, in which nodes that are there keep the order in which they were created.
    pub(super) fn in_its_order(&self) -> Cow<'a, Template> {
        self.known.as_ref().map_or(Cow::Borrowed(self.template), |known| known.in_its_order(self.template))
    }

    pub(super) fn is_base(&self) -> bool {
        is_base_stack(self.stack)
    }

    pub(super) fn failed(&self) -> Option<&'a ObservedStack> {
        let failed = |seen: &&ObservedStack| seen.status.is_failed() && !is_suspended(&seen.status);
        self.known.as_ref().and_then(|known| known.seen).filter(failed)
    }

    /// What is wanted and was deleted behind Heat's back, or shall be replaced: stack, logical name and whose it is.
    pub(super) fn vanished(&self) -> impl Iterator<Item = (&'a str, String, Address)> {
        let resources = self.known.iter().flat_map(|known| &known.resources);
        let vanished = resources.filter(|(name, resource)| {
            matches!(resource.standing, Standing::Vanished | Standing::Unwanted)
                && self.template.resources.contains_key(**name)
        });
        vanished.map(|(name, resource)| (self.stack, (*name).to_owned(), resource.address.clone()))
    }

    /// Whether nodes come to it.
    pub(super) fn grows(&self) -> bool {
        let new = |change: &&Change| change.kind == ChangeKind::Create && matches!(change.address, Address::Node(..));
        self.known.is_none() || self.changes.iter().any(|change| new(&change))
    }
}
