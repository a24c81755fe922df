//! Which clusters expressions name: what is said of a cluster costs a value for each of its nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::syntax::references;
use crate::syntax::tree::{Body, Expression};

/// The clusters that some expressions name as `cluster.NAME`.
#[derive(Debug, Default)]
pub(crate) struct Mentioned {
    /// What of each is named, as `cluster.NAME.PART`.
    names: BTreeMap<Arc<str>, Parts>,
    /// One of them may name any: `cluster[var.name]`.
    any: bool,
}

/// What of a cluster is named.
#[derive(Debug)]
pub(crate) enum Parts {
    /// It may be anything.
    All,
    /// These alone.
    Some(BTreeSet<Arc<str>>),
}

impl Parts {
    /// Whether a part has to be there where a cluster has these.
    pub(crate) fn have(&self, part: &str, is_part: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::All => true,
            // Who names what does not exist is told what does.
            Self::Some(parts) => parts.contains(part) || !parts.iter().all(|part| is_part(part)),
        }
    }
}

impl Mentioned {
    /// Any cluster, and anything of it.
    pub(crate) fn everything() -> Self {
        Self { any: true, ..Self::default() }
    }

    /// Whether this cluster may be among them.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.any || self.names.contains_key(name)
    }

    /// What of a cluster is named.
    pub(crate) fn parts(&self, name: &str) -> &Parts {
        self.names.get(name).filter(|_| !self.any).unwrap_or(&Parts::All)
    }

    /// Adds what an expression names.
    pub(crate) fn expression(&mut self, expression: &Expression) {
        for reference in references(expression).into_iter().filter(|reference| &*reference.root == "cluster") {
            let mut steps = reference.steps.into_iter().map(|(name, _)| name);
            let Some(name) = steps.next() else {
                self.any = true;
                continue;
            };
            let parts = self.names.entry(name).or_insert_with(|| Parts::Some(BTreeSet::new()));
            match (steps.next(), parts) {
                (Some(part), Parts::Some(parts)) => drop(parts.insert(part)),
                (_, parts) => *parts = Parts::All,
            }
        }
    }

    /// Adds what the attributes of a body and of all blocks in it name.
    pub(crate) fn body(&mut self, body: &Body) {
        body.attributes.iter().for_each(|attribute| self.expression(&attribute.value));
        body.blocks.iter().for_each(|block| self.body(&block.body));
    }
}
