//! `try` and `can`: special forms, because their arguments may fail.

use crate::expression::{Scope, Type, Value};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree;

impl Scope<'_> {
    /// The first argument that can be evaluated.
    pub(super) fn try_call(&self, call: &tree::Call, place: Span) -> Value {
        let mut reasons = Vec::new();
        for argument in &call.arguments {
            let (value, found) = self.attempt(|| self.evaluate(argument));
            if !found.has_errors() && !value.contains_failed() {
                for warning in found {
                    self.report(warning);
                }
                return value.or_at(place);
            }
            reasons.push((argument.span, found.into_iter().next().map(|reason| reason.message)));
        }
        if reasons.is_empty() {
            let diagnostic = Diagnostic::error("disco::function_arguments", "`try` takes at least 1 argument");
            return self.fail(diagnostic.at(place, "").help("write `try(expression, …, fallback)`"));
        }
        if reasons.iter().any(|(_, reason)| reason.is_none()) {
            // what failed was reported for good
            return Value::failed();
        }
        let mut diagnostic =
            Diagnostic::error("disco::function_failed", "all arguments of `try` fail").at(call.name.span, "");
        for (span, reason) in reasons {
            diagnostic = diagnostic.at(span, reason.unwrap_or_default());
        }
        self.fail(diagnostic.help("end with a value that cannot fail, such as `null`"))
    }

    /// Whether the argument can be evaluated.
    pub(super) fn can_call(&self, call: &tree::Call, place: Span) -> Value {
        let [argument] = call.arguments.as_slice() else {
            let message = format!("`can` takes 1 argument, but {} are given", call.arguments.len());
            let diagnostic = Diagnostic::error("disco::function_arguments", message);
            return self.fail(diagnostic.at(place, "").help("can(expression)"));
        };
        let (value, found) = self.attempt(|| self.evaluate(argument));
        let works = !found.has_errors() && !value.contains_failed();
        if works && value.contains_unknown() {
            return Value::unknown(Type::Bool).at(place);
        }
        Value::bool(works).at(place)
    }
}
