//! Values that mean the same in several scopes, evaluated once for all of them.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Value;
use crate::source::Span;
use crate::syntax::tree::Expression;
use crate::syntax::{Reference, references};

/// What calls and `for` expressions give that refer only to what is the same in all scopes that share this. The scope
/// that needs one first evaluates it, so that what goes over a list of all groups is not done again for each group.
pub(crate) struct SharedValues {
    /// Whether what a reference names is the same in all scopes.
    is_common: fn(&Reference) -> bool,
    /// By the place of the expression; nothing for those that are not the same everywhere.
    values: RefCell<BTreeMap<Span, Option<Rc<OnceCell<Value>>>>>,
}

impl SharedValues {
    /// None yet. `is_common` tells which references name the same in all scopes.
    pub(crate) fn new(is_common: fn(&Reference) -> bool) -> Self {
        Self { is_common, values: RefCell::default() }
    }

    /// Where the value of an expression is kept, if it is the same everywhere.
    pub(super) fn cell(&self, expression: &Expression) -> Option<Rc<OnceCell<Value>>> {
        let mut values = self.values.borrow_mut();
        let cell = values.entry(expression.span);
        cell.or_insert_with(|| references(expression).iter().all(self.is_common).then(Rc::default)).clone()
    }
}
