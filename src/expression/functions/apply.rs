//! Calling a function: arguments, their types, and what is generic about unknown, secret, failed and null ones.

use super::function::{Function, Marks, Parameter, Unknown};
use super::{Call, Fault, absent, named, names};
use crate::expression::at_found::AtFound;
use crate::expression::words::{counted, found};
use crate::expression::{Kind, Scope, Type, Value, convert, type_of};
use crate::source::{Diagnostic, Span, did_you_mean};
use crate::syntax::tree;

impl Scope<'_> {
    pub(in crate::expression) fn call(&self, call: &tree::Call, place: Span) -> Value {
        match call.name.text.strip_prefix("core::").unwrap_or(&call.name.text) {
            "try" => return self.try_call(call, place),
            "can" => return self.can_call(call, place),
            _ => {}
        }
        let Some(function) = named(&call.name.text) else {
            let name = &call.name.text;
            call.arguments.iter().for_each(|argument| drop(self.evaluate(argument)));
            return self.unknown_function(name, call.name.span);
        };
        let evaluated = call.arguments.iter().map(|argument| self.evaluate(argument)).collect();
        self.called(function, call, evaluated, place)
    }

    /// Apart from the evaluation of the arguments, to keep the stack small.
    fn called(&self, function: &Function, call: &tree::Call, evaluated: Vec<Value>, place: Span) -> Value {
        let Some((arguments, places, secret)) = self.arguments(function, call, evaluated, place) else {
            return Value::failed();
        };
        match arguments {
            Some(arguments) => self.apply(function, arguments, places, place),
            None => Value::unknown(function.gives.clone()).at(place),
        }
        .with_secret(secret)
    }

    fn unknown_function(&self, name: &str, place: Span) -> Value {
        let bare = name.rsplit("::").next().unwrap_or(name);
        let (message, help) = match (absent::reason(bare), named(bare)) {
            (Some((why, instead)), _) => (format!("function `{bare}` does not exist: {why}"), Some(instead.to_owned())),
            (None, Some(function)) => {
                (format!("function `{name}` does not exist"), Some(format!("did you mean `{}`?", function.name)))
            }
            (None, None) => (format!("function `{name}` does not exist"), did_you_mean(name, names())),
        };
        self.fail(Diagnostic::error("disco::unknown_function", message).at(place, "not known").help_maybe(help))
    }

    /// The evaluated arguments, with what `...` spreads in its place (`None` while that is unknown), and whether that is
    /// secret. `None` if it cannot be spread (reported).
    pub(in crate::expression) fn spread(
        &self,
        call: &tree::Call,
        mut arguments: Vec<Value>,
    ) -> Option<(Option<Vec<Value>>, bool)> {
        if !call.expand_last {
            return Some((Some(arguments), false));
        }
        let (last, place) = (arguments.pop()?, call.arguments.last()?.span);
        if last.is_failed() || arguments.iter().any(Value::contains_failed) {
            return None;
        }
        match (last.kind(), last.elements()) {
            (Kind::Unknown(of), _) if !of.is_primitive() => Some((None, last.is_secret())),
            (_, Some(elements)) => {
                arguments.extend(elements.into_iter().cloned());
                Some((Some(arguments), last.is_secret()))
            }
            _ => {
                let message = format!("`...` spreads a list, found {}", found(&last));
                self.report(Diagnostic::error("disco::wrong_type", message).at_found(place, &last, ""));
                None
            }
        }
    }

    /// The evaluated arguments with their places, `...` spread (`None` while what it spreads is unknown), and whether
    /// what was spread is secret.
    fn arguments(
        &self,
        function: &Function,
        call: &tree::Call,
        evaluated: Vec<Value>,
        place: Span,
    ) -> Option<(Option<Vec<Value>>, Vec<Span>, bool)> {
        let (arguments, secret) = self.spread(call, evaluated)?;
        let mut places: Vec<Span> = call.arguments.iter().map(|argument| argument.span).collect();
        let Some(arguments) = arguments else { return Some((None, places, secret)) };
        // all that was spread is written where `...` is
        places.resize(arguments.len(), places.last().copied().unwrap_or(place));
        let (given, most) = (arguments.len(), function.parameters.len());
        let least = most - function.may_omit;
        if given < least || (given > most && function.variadic.is_none()) {
            let wanted = match (least, function.variadic.is_some()) {
                (least, true) => format!("at least {}", counted(least, "argument")),
                (least, false) if least == most => counted(least, "argument"),
                (least, false) => format!("{least} to {}", counted(most, "argument")),
            };
            let diagnostic = Diagnostic::error(
                "disco::function_arguments",
                format!(
                    "`{}` takes {wanted}, but {given} {} given",
                    function.name,
                    if given == 1 { "is" } else { "are" }
                ),
            );
            let diagnostic = match places.get(most) {
                Some(extra) if given > most => diagnostic.at(*extra, "one too many"),
                _ => diagnostic.at(place, ""),
            };
            self.report(diagnostic.help(format!("write `{}`", function.signature())));
            return None;
        }
        Some((Some(arguments), places, secret))
    }

    fn apply(&self, function: &Function, arguments: Vec<Value>, places: Vec<Span>, place: Span) -> Value {
        let mut sound = true;
        let mut unknown = false;
        let secret = match function.marks {
            Marks::Spread => arguments.iter().any(Value::contains_secret),
            Marks::Keep => arguments.iter().any(Value::is_secret),
            Marks::Own => false,
        };
        let mut converted = Vec::with_capacity(arguments.len());
        for ((argument, parameter), argument_place) in arguments.into_iter().zip(function.parameters()).zip(&places) {
            match self.argument(function, parameter, &argument, *argument_place) {
                Some(argument) => {
                    unknown |= match parameter.unknown {
                        Unknown::Never => argument.contains_unknown(),
                        Unknown::Within => argument.is_unknown(),
                        Unknown::Welcome => false,
                    };
                    converted.push(argument);
                }
                None => sound = false,
            }
        }
        if !sound {
            return Value::failed();
        }
        let call = Call { scope: self, arguments: converted, places, place };
        let result = if unknown {
            let types: Vec<Type> = call.arguments.iter().map(type_of).collect();
            function.result(&types).map(Value::unknown)
        } else {
            (function.body)(&call)
        };
        match result {
            Ok(value) => value.or_at(place).with_secret(secret),
            Err(fault) => self.failed_call(function, &call, fault),
        }
    }

    /// Says why a call gives nothing.
    fn failed_call(&self, function: &Function, call: &Call<'_, '_>, fault: Fault) -> Value {
        if fault.reported {
            return Value::failed();
        }
        let fault = fault.discreet(&call.arguments);
        let message = format!("`{}`: {}", function.name, fault.message);
        let diagnostic = Diagnostic::error("disco::function_failed", message);
        let blamed = fault.argument.and_then(|argument| call.places.get(argument).zip(call.arguments.get(argument)));
        let diagnostic = match blamed {
            Some((argument_place, argument)) => diagnostic.at_found(*argument_place, argument, ""),
            None => diagnostic.at(call.place, ""),
        };
        self.fail(diagnostic.help_maybe(fault.help))
    }

    fn argument(&self, function: &Function, parameter: &Parameter, argument: &Value, place: Span) -> Option<Value> {
        if argument.contains_failed() {
            return None;
        }
        if argument.is_null() && !parameter.nullable {
            let message = format!("argument `{}` of `{}` must not be null", parameter.name, function.name);
            self.report(
                Diagnostic::error("disco::null_value", message)
                    .at_found(place, argument, "null")
                    .help("write `coalesce(…, default)` or a condition instead"),
            );
            return None;
        }
        match convert(argument, &parameter.of) {
            Ok(argument) => Some(argument),
            Err(mismatch) => {
                let what = format!("argument `{}` of `{}`", parameter.name, function.name);
                let path = mismatch.path.concat();
                let message =
                    format!("{what}{}{path}: {}", if path.is_empty() { "" } else { " at " }, mismatch.message);
                let wanted = if parameter.of == Type::Any {
                    format!("write `{}`", function.signature())
                } else {
                    format!("write `{}`, where `{}` is a {}", function.signature(), parameter.name, parameter.of)
                };
                self.report(
                    Diagnostic::error("disco::function_arguments", message)
                        .at_found(place, argument, "")
                        .help(mismatch.help.unwrap_or(wanted)),
                );
                None
            }
        }
    }
}
