//! Types as `type = …` writes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AttributeType, Scope, Type, Value};
use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean};
use crate::syntax::tree::{Call, Expression, ExpressionKind, ObjectItem, ObjectKey};

const NAMES: [&str; 9] = ["string", "number", "bool", "any", "list", "set", "map", "object", "tuple"];

/// The type that an expression writes, such as `list(string)` or `object({ a = optional(number, 1) })`; `any` where it
/// is wrong. Defaults of optional attributes are evaluated in `scope` and converted.
pub fn parse_type(expression: &Expression, scope: &Scope<'_>) -> (Type, Diagnostics) {
    let (of, found) = scope.attempt(|| scope.constraint(expression));
    (of.unwrap_or(Type::Any), found)
}

impl Scope<'_> {
    fn constraint(&self, expression: &Expression) -> Option<Type> {
        let place = expression.span;
        match &expression.kind {
            ExpressionKind::Variable(name) => match &**name {
                "string" => Some(Type::String),
                "number" => Some(Type::Number),
                "bool" => Some(Type::Bool),
                "any" => Some(Type::Any),
                "list" | "set" | "map" | "object" | "tuple" => {
                    let of = match &**name {
                        "object" => "object({ name = string })",
                        "tuple" => "tuple([string, number])",
                        "list" => "list(string)",
                        "set" => "set(string)",
                        _ => "map(string)",
                    };
                    self.no_type(
                        place,
                        format!("`{name}` needs the type of its elements"),
                        Some(format!("write for example `{of}`")),
                    )
                }
                _ => self.no_type(place, format!("type `{name}` does not exist"), did_you_mean(name, NAMES)),
            },
            ExpressionKind::Call(call) => self.constructed(call, place),
            ExpressionKind::String(name) => {
                let help = format!("write types without quotes: `{name}`");
                self.no_type(place, "a type is not a string", Some(help))
            }
            ExpressionKind::Parenthesis(inner) => self.constraint(inner),
            ExpressionKind::Unread => None,
            _ => self.no_type(place, "not a type", Some(format!("write one of the types {}", NAMES.join(", ")))),
        }
    }

    fn no_type(&self, place: Span, message: impl Into<String>, help: Option<String>) -> Option<Type> {
        self.report(Diagnostic::error("disco::invalid_type", message).at(place, "").help_maybe(help));
        None
    }

    fn constructed(&self, call: &Call, place: Span) -> Option<Type> {
        let name = &*call.name.text;
        match name {
            "list" | "set" | "map" | "object" | "tuple" => {}
            "optional" => {
                let help = "write `object({ name = optional(string) })`".to_owned();
                return self.no_type(place, "only an attribute of an object can be optional", Some(help));
            }
            "string" | "number" | "bool" | "any" => {
                return self.no_type(
                    place,
                    format!("`{name}` takes no type in parentheses"),
                    Some(format!("write `{name}` alone")),
                );
            }
            _ => {
                let help = did_you_mean(name, NAMES);
                return self.no_type(call.name.span, format!("type `{name}` does not exist"), help);
            }
        }
        let [argument] = call.arguments.as_slice() else {
            return self.no_type(place, format!("`{name}` takes exactly one type in parentheses"), None);
        };
        match (name, &argument.kind) {
            ("list", _) => self.constraint(argument).map(Type::list),
            ("set", _) => self.constraint(argument).map(Type::set),
            ("map", _) => self.constraint(argument).map(Type::map),
            ("tuple", ExpressionKind::Tuple(types)) => {
                let types: Vec<Option<Type>> = types.iter().map(|of| self.constraint(of)).collect();
                types.into_iter().collect::<Option<Vec<_>>>().map(Type::Tuple)
            }
            ("object", ExpressionKind::Object(items)) => {
                let attributes: Vec<_> = items.iter().map(|item| self.attribute_type(item)).collect();
                attributes.into_iter().collect::<Option<BTreeMap<_, _>>>().map(Type::Object)
            }
            ("tuple", _) => self.no_type(
                argument.span,
                "`tuple` takes a list of types",
                Some("write `tuple([string, number])`".to_owned()),
            ),
            _ => {
                let help = "write `object({ name = string, size = optional(number, 1) })`".to_owned();
                self.no_type(argument.span, "`object` takes attributes in braces", Some(help))
            }
        }
    }

    fn attribute_type(&self, item: &ObjectItem) -> Option<(Arc<str>, AttributeType)> {
        let name = match &item.key {
            ObjectKey::Name(name) => Arc::clone(&name.text),
            ObjectKey::Expression(Expression { kind: ExpressionKind::String(name), .. }) => Arc::clone(name),
            ObjectKey::Expression(other) => {
                self.no_type(other.span, "expected the name of an attribute, without quotes", None);
                return None;
            }
        };
        let call = match &item.value.kind {
            ExpressionKind::Call(call) if &*call.name.text == "optional" => call,
            _ => return Some((name, AttributeType::required(self.constraint(&item.value)?))),
        };
        let (of, default) = match call.arguments.as_slice() {
            [of] => (self.constraint(of)?, None),
            [of, default] => (self.constraint(of)?, Some(default)),
            _ => {
                let help = Some("write `optional(string)` or `optional(string, \"default\")`".to_owned());
                self.no_type(item.value.span, "`optional` takes a type and at most one default", help);
                return None;
            }
        };
        let default = match default {
            None => None,
            Some(expression) => {
                let value = self.evaluate(expression);
                let value = if value.is_failed() {
                    Value::failed()
                } else {
                    self.converted(&value, &of, &format!("the default of `{name}`"), expression.span)
                };
                if value.is_failed() {
                    return None;
                }
                Some(value)
            }
        };
        Some((name, AttributeType::optional(of, default)))
    }
}
