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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::{NoFiles, SharedValues};
    use super::*;
    use crate::source::Sources;
    use crate::syntax::parse_expression;

    /// The values of an expression in two scopes that share what names `all`, of which each has `own.n`; and how many
    /// expressions were evaluated for each.
    fn values(text: &str) -> [(String, u64); 2] {
        let sources = Sources::new();
        let expression = parse_expression(&sources, sources.add("expression", text)).0.unwrap();
        let shared = Rc::new(SharedValues::new(|reference| &*reference.root == "all"));
        [1, 2].map(|own| {
            let scope = Scope::new(&sources, &NoFiles);
            scope.share(Rc::clone(&shared));
            scope.define_entry("all", "n", Value::tuple(vec![Value::integer(3), Value::integer(4)]));
            scope.define_entry("own", "n", Value::integer(own));
            let value = scope.evaluate(&expression);
            assert!(scope.take_diagnostics().is_empty());
            (super::super::write_json(&value).unwrap(), scope.evaluations())
        })
    }

    #[test]
    fn what_is_the_same_everywhere_is_evaluated_once() {
        let [(first, much), (second, little)] = values("own.n + sum([for n in all.n : n * n])");
        assert_eq!((first.as_str(), second.as_str()), ("26", "27"));
        assert!(little < much, "{little} of {much}");
    }

    #[test]
    fn a_name_that_hides_a_common_one_is_nothing_common() {
        let [(first, _), (second, _)] = values("[for all in [{ n = own.n }] : max(all.n, 0)]");
        assert_eq!((first.as_str(), second.as_str()), ("[1]", "[2]"));
    }
}
