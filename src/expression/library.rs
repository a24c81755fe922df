//! Functions that another language than DISCO's hands in.

use super::evaluate::AtFound;
use super::words::found;
use super::{Kind, Scope, Type, Value};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::Call;

/// The functions of a language that is not DISCO's own. In a scope that has one, calls mean what it says; DISCO's
/// functions, `try` and `can` too, mean nothing there.
pub trait Library {
    /// The value of a call; `None` where there is no function of that name. An error is a sentence for the user.
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>>;
}

impl Scope<'_> {
    /// A call of a function of the library.
    pub(super) fn library_call(&self, library: &dyn Library, call: &Call, place: Span) -> Value {
        let arguments = call.arguments.iter().map(|argument| self.evaluate(argument)).collect();
        self.library_called(library, call, arguments, place)
    }

    /// Apart from the evaluation of the arguments, to keep the stack small.
    fn library_called(&self, library: &dyn Library, call: &Call, mut arguments: Vec<Value>, place: Span) -> Value {
        if arguments.iter().any(Value::contains_failed) {
            return Value::failed();
        }
        let mut secret = arguments.iter().any(Value::contains_secret);
        if call.expand_last
            && let Some(last) = arguments.pop()
        {
            secret |= last.is_secret();
            match (last.kind(), last.elements()) {
                (_, Some(elements)) => arguments.extend(elements.into_iter().cloned()),
                (Kind::Unknown(of), _) if !of.is_primitive() => {
                    return Value::unknown(Type::Any).at(place).with_secret(secret);
                }
                _ => {
                    let message = format!("`...` spreads a list, found {}", found(&last));
                    let last_place = call.arguments.last().map_or(place, |argument| argument.span);
                    return self.fail(Diagnostic::error("disco::wrong_type", message).at_found(last_place, &last, ""));
                }
            }
        }
        let name = &call.name.text;
        match library.call(name, &arguments) {
            Some(Ok(value)) => value.at(place).with_secret(secret),
            Some(Err(_)) if secret => self.fail(
                Diagnostic::error("disco::function_failed", format!("`{name}` does not work with these arguments"))
                    .at(place, "one of them is secret, so no more is said"),
            ),
            Some(Err(reason)) => {
                self.fail(Diagnostic::error("disco::function_failed", format!("`{name}`: {reason}")).at(place, ""))
            }
            None => self.fail(
                Diagnostic::error("disco::unknown_function", format!("there is no function `{name}`"))
                    .at(call.name.span, "not known"),
            ),
        }
    }
}
