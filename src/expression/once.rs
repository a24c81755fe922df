//! Evaluating once for several scopes what means the same in them.

use super::{Scope, Value};
use crate::syntax::tree::Expression;

impl Scope<'_> {
    /// The value of an expression, from `work` unless another scope has it already. One with complaints is not kept:
    /// each scope that uses it complains.
    pub(super) fn once(&self, expression: &Expression, work: impl FnOnce() -> Value) -> Value {
        // Names that `for` binds may hide those that all scopes have.
        let shared = if self.is_top() { self.root.shared.get() } else { None };
        let Some(cell) = shared.and_then(|shared| shared.cell(expression)) else { return work() };
        if let Some(value) = cell.get() {
            return value.clone();
        }
        let (value, problems) = self.attempt(work);
        if problems.is_empty() && !value.contains_failed() {
            // Nobody else can have set it: what it is made of does not come back to it.
            let _ = cell.set(value.clone());
        }
        for problem in problems {
            self.report(problem);
        }
        value
    }
}
