//! What a function sees of its call, and why it gives no value.

use crate::expression::limit::LONGEST;
use crate::expression::words::found;
use crate::expression::{Kind, Number, Scope, Value};
use crate::source::Span;

/// What a function sees of its call.
pub struct Call<'s, 'a> {
    /// Where it takes place: files, texts, templates.
    pub scope: &'s Scope<'a>,
    /// Arguments, converted.
    pub arguments: Vec<Value>,
    /// Where each argument is written.
    pub places: Vec<Span>,
    /// The whole call.
    pub place: Span,
}

impl Call<'_, '_> {
    /// The argument with that index; null if it was left out.
    pub fn value(&self, index: usize) -> Value {
        self.arguments.get(index).cloned().unwrap_or_else(Value::null)
    }

    /// Whether the argument with that index was given.
    pub fn has(&self, index: usize) -> bool {
        index < self.arguments.len()
    }

    /// The text of an argument whose parameter is a text; empty if it was left out.
    pub fn text(&self, index: usize) -> &str {
        self.arguments.get(index).and_then(Value::as_str).unwrap_or_default()
    }

    /// The number of an argument whose parameter is a number.
    pub fn number(&self, index: usize) -> Option<&Number> {
        self.arguments.get(index).and_then(Value::as_number)
    }

    /// The truth value of an argument whose parameter is one; false if it was left out.
    pub fn truth(&self, index: usize) -> bool {
        self.arguments.get(index).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The elements of an argument that is a sequence; none for anything else.
    pub fn elements(&self, index: usize) -> Vec<&Value> {
        self.arguments.get(index).and_then(Value::elements).unwrap_or_default()
    }

    /// The whole number in an argument; a fault if it has a fraction or is out of bounds.
    pub fn integer(&self, index: usize, bounds: std::ops::RangeInclusive<i64>) -> Result<i64, Fault> {
        match self.number(index).and_then(Number::to_i64) {
            Some(number) if bounds.contains(&number) => Ok(number),
            _ => {
                let wanted = match (*bounds.start(), *bounds.end()) {
                    (i64::MIN, i64::MAX) => "a whole number".to_owned(),
                    (first, i64::MAX) => format!("a whole number from {first}"),
                    (first, last) => format!("a whole number from {first} to {last}"),
                };
                let fault = Fault::at(index, format!("expected {wanted}, found {}", found(&self.value(index))));
                let fraction = self.number(index).is_some_and(|number| !number.is_integer());
                Err(if fraction { fault.help("round it with `floor(…)` or `ceil(…)`") } else { fault })
            }
        }
    }
}

/// Why a function did not give a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) argument: Option<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) reported: bool,
}

impl Fault {
    /// One argument is to blame.
    pub fn at(argument: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(argument), ..Self::new(message) }
    }

    /// No single argument is to blame.
    pub fn new(message: impl Into<String>) -> Self {
        Self { argument: None, message: message.into(), help: None, reported: false }
    }

    /// The string that it makes would be longer than any may be.
    pub(super) fn text_too_long() -> Self {
        Self::new("the string would become too long").help(format!("keep strings below {} MiB", LONGEST >> 20))
    }

    /// It is reported already.
    pub fn reported() -> Self {
        Self { reported: true, ..Self::new("") }
    }

    /// Says the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Fault {
    /// The same without words that tell a secret.
    pub(super) fn discreet(self, arguments: &[Value]) -> Self {
        let told = |text: &str| {
            let mut secrets = Vec::new();
            for argument in arguments {
                gather_secrets(argument, false, &mut secrets);
            }
            secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret.as_str()))
        };
        if told(&self.message) || self.help.as_deref().is_some_and(told) {
            let message = "this does not work with these arguments; one of them is secret, so the reason is not shown";
            return Self { argument: self.argument, ..Self::new(message) };
        }
        self
    }
}

fn gather_secrets(value: &Value, secret: bool, found: &mut Vec<String>) {
    let secret = secret || value.is_secret();
    if !secret && !value.contains_secret() {
        return;
    }
    for part in value.elements().unwrap_or_default() {
        gather_secrets(part, secret, found);
    }
    for (key, part) in value.entries().into_iter().flatten() {
        if secret {
            found.push(key.to_string());
        }
        gather_secrets(part, secret, found);
    }
    match value.kind() {
        Kind::String(text) if secret => found.push(text.to_string()),
        Kind::Number(number) if secret => found.push(number.to_string()),
        _ => {}
    }
}

impl From<String> for Fault {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}
