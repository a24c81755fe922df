//! Calls of functions that another language hands in.

use super::{Library, Scope, Type, Value};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::Call;

impl Scope<'_> {
    /// A call of a function of the library.
    pub(super) fn library_call(&self, library: &dyn Library, call: &Call, place: Span) -> Value {
        let arguments = call.arguments.iter().map(|argument| self.evaluate(argument)).collect();
        self.library_called(library, call, arguments, place)
    }

    /// Apart from the evaluation of the arguments, to keep the stack small.
    fn library_called(&self, library: &dyn Library, call: &Call, arguments: Vec<Value>, place: Span) -> Value {
        if arguments.iter().any(Value::contains_failed) {
            return Value::failed();
        }
        let secret = arguments.iter().any(Value::contains_secret);
        let Some((arguments, spread)) = self.spread(call, arguments) else { return Value::failed() };
        let secret = secret || spread;
        let Some(arguments) = arguments else { return Value::unknown(Type::Any).at(place).with_secret(secret) };
        let name = &call.name.text;
        match library.call(name, &arguments) {
            Some(Ok(value)) => value.at(place).with_secret(secret),
            Some(Err(_)) if secret => self.fail(
                Diagnostic::error("disco::function_failed", format!("`{name}` does not work with these arguments"))
                    .at(place, "one of them is secret, so the reason is not shown"),
            ),
            Some(Err(reason)) => {
                self.fail(Diagnostic::error("disco::function_failed", format!("`{name}`: {reason}")).at(place, ""))
            }
            None => self.fail(
                Diagnostic::error("disco::unknown_function", format!("function `{name}` does not exist"))
                    .at(call.name.span, "not known"),
            ),
        }
    }
}
