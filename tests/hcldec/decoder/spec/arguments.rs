//! The attributes of a block of a specification.

use disco::expression::{Number, Scope, Type, Value, convert, parse_type};
use disco::source::{Diagnostic, Diagnostics};
use disco::syntax::tree::{self, ExpressionKind};

use super::super::body::{Block, Content, Expression, Schema};
use super::super::code;

/// The attributes and inner blocks of a block, and what is wrong with them.
pub(super) struct Arguments<'r, 'a> {
    pub(super) content: Content<'r>,
    pub(super) found: Diagnostics,
    scope: &'r Scope<'a>,
}

impl<'r, 'a> Arguments<'r, 'a> {
    /// What `block` has of `schema`.
    pub(super) fn of(block: &Block<'r>, schema: &Schema, scope: &'r Scope<'a>) -> Self {
        let (content, found) = block.body.content(schema);
        Self { content, found, scope }
    }

    /// Adds a complaint about the block as a whole.
    pub(super) fn complain(&mut self, message: impl Into<String>) {
        self.found.push(Diagnostic::error(code::SPEC, message).at_maybe(self.content.missing, "in this one"));
    }

    /// An attribute as it is written.
    pub(super) fn expression(&self, name: &str) -> Option<&'r tree::Expression> {
        match self.content.attributes.get(name)?.expression {
            Expression::Native(expression) => Some(expression),
            Expression::Json(_) => None,
        }
    }

    /// An attribute's value; null where it is missing.
    pub(super) fn value(&mut self, name: &str) -> Value {
        let Some(expression) = self.expression(name) else { return Value::null() };
        let value = self.scope.evaluate(expression);
        self.found.extend(self.scope.take_diagnostics());
        value
    }

    /// The same converted to a type; nothing where it is missing, null or wrong.
    fn converted(&mut self, name: &str, of: &Type) -> Option<Value> {
        let expression = self.expression(name)?;
        match convert(&self.value(name), of) {
            Ok(value) => Some(value).filter(|value| !value.is_null()),
            Err(mismatch) => {
                self.found.push(mismatch.diagnostic(code::VALUE, name, expression.span));
                None
            }
        }
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.converted(name, &Type::String)?.as_str().map(str::to_owned)
    }

    /// A truth value; false where it is missing.
    pub(super) fn truth(&mut self, name: &str) -> bool {
        self.converted(name, &Type::Bool).and_then(|value| value.as_bool()).unwrap_or_default()
    }

    /// A whole number; 0 where it is missing or below.
    pub(super) fn count(&mut self, name: &str) -> usize {
        let Some(value) = self.converted(name, &Type::Number) else { return 0 };
        match (value.as_number(), value.as_number().and_then(Number::to_i64)) {
            (Some(_), None) => {
                let place = self.expression(name).map(|expression| expression.span);
                self.found.push(Diagnostic::error(code::VALUE, "expected a whole number").at_maybe(place, ""));
                0
            }
            (_, count) => usize::try_from(count.unwrap_or_default()).unwrap_or_default(),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        let list = self.converted(name, &Type::list(Type::String));
        let elements = list.as_ref().and_then(Value::elements).unwrap_or_default();
        elements.into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A type; `any` where it is missing or null.
    pub(super) fn of_type(&mut self, name: &str) -> Type {
        match self.expression(name) {
            Some(expression) if expression.kind != ExpressionKind::Null => {
                let (of, problems) = parse_type(expression, self.scope);
                self.found.extend(problems);
                of
            }
            _ => Type::Any,
        }
    }
}
