//! Which clusters expressions name: what is said of a cluster costs a value for each of its nodes.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::syntax::references;
use crate::syntax::tree::{Body, Expression};

/// The clusters that some expressions name as `cluster.NAME`.
#[derive(Debug, Default)]
pub(crate) struct Mentioned {
    names: BTreeSet<Arc<str>>,
    /// One of them may name any: `cluster[var.name]`.
    any: bool,
}

impl Mentioned {
    /// Whether this cluster may be among them.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.any || self.names.contains(name)
    }

    /// Adds what an expression names.
    pub(crate) fn expression(&mut self, expression: &Expression) {
        for reference in references(expression).into_iter().filter(|reference| &*reference.root == "cluster") {
            match reference.steps.into_iter().next() {
                Some((name, _)) => drop(self.names.insert(name)),
                None => self.any = true,
            }
        }
    }

    /// Adds what the attributes of a body and of all blocks in it name.
    pub(crate) fn body(&mut self, body: &Body) {
        body.attributes.iter().for_each(|attribute| self.expression(&attribute.value));
        body.blocks.iter().for_each(|block| self.body(&block.body));
    }
}
