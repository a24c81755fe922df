//! Conditions that must hold, each with what is said where one does not: `validation`, `precondition`, `check`.

use super::blocks::{ASSERT, CHECK, ConditionAttributes, PRECONDITION};
use super::decode::Decoder;
use super::names::identifier;
use super::reported::{Decoded, Reported};
use super::schema::{BlockSchema, blocks};
use crate::expression::{Type, convert, found};
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::{Block, Expression};

/// A condition, and the message where it does not hold.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    condition: Expression,
    message: Expression,
}

/// What a condition comes to.
pub(crate) enum Outcome {
    /// It is true.
    Holds,
    /// It is known only after apply.
    Unknown,
    /// It is false; the message, without a full stop.
    Fails(String),
}

impl Condition {
    /// Reads a block of that kind.
    pub(crate) fn read(schema: &BlockSchema, block: &Block, decoder: &mut Decoder<'_, '_>) -> Option<Self> {
        let _ = schema.open(block, &mut decoder.diagnostics);
        let at = ConditionAttributes::ALL;
        let condition = at.condition.written(&block.body);
        let message = at.error_message.written(&block.body);
        if condition.is_none() {
            decoder.lacks(block, &at.condition);
        }
        if message.is_none() {
            decoder.lacks(block, &at.error_message);
        }
        Some(Self { condition: condition?.value.clone(), message: message?.value.clone() })
    }

    /// Where the condition stands.
    pub(crate) fn place(&self) -> Span {
        self.condition.span
    }

    /// Reads a block of that kind and looks whether the condition holds. What is wrong with one attribute is said whatever
    /// the other is.
    fn look(schema: &BlockSchema, block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<(Span, Outcome)> {
        let Some(condition) = Self::read(schema, block, decoder) else {
            let at = ConditionAttributes::ALL;
            for written in [&at.condition, &at.error_message].into_iter().filter_map(|at| at.written(&block.body)) {
                let _ = decoder.evaluate(&written.value);
            }
            return Err(Reported);
        };
        let message = decoder.evaluate(&condition.message).map(drop);
        let outcome = condition.outcome(decoder)?;
        message.map(|()| (condition.place(), outcome))
    }

    /// Whether it holds.
    pub(crate) fn outcome(&self, decoder: &mut Decoder<'_, '_>) -> Decoded<Outcome> {
        let value = decoder.evaluate(&self.condition)?;
        if value.is_unknown() {
            return Ok(Outcome::Unknown);
        }
        match convert(&value, &Type::Bool).ok().and_then(|value| value.as_bool()) {
            Some(true) => return Ok(Outcome::Holds),
            Some(false) => {}
            None => {
                let found = found(&value);
                return Err(decoder.report(
                    Diagnostic::error(
                        "disco::wrong_type",
                        format!("`condition` must be `true` or `false`, found {found}"),
                    )
                    .at(self.place(), format!("this is {found}"))
                    .help("write a comparison, such as `var.slaves >= 1`"),
                ));
            }
        }
        let message = decoder.evaluate(&self.message)?;
        let nothing = "its value is not allowed";
        Ok(Outcome::Fails(match convert(&message, &Type::String) {
            Ok(text) if text.contains_secret() => "(the message is sensitive)".to_owned(),
            Ok(text) => text.as_str().unwrap_or(nothing).trim().trim_end_matches('.').to_owned(),
            Err(_) => nothing.to_owned(),
        }))
    }
}

/// Reports every `precondition` in the block that does not hold, of which `what` is said. One that is not known yet is
/// looked at again when it is.
pub(crate) fn preconditions(of: &Block, what: &str, decoder: &mut Decoder<'_, '_>) -> Decoded<()> {
    let mut all = Ok(());
    for block in blocks(&of.body, PRECONDITION.word) {
        match Condition::look(&PRECONDITION, block, decoder) {
            Ok((_, Outcome::Holds | Outcome::Unknown)) => {}
            Ok((place, Outcome::Fails(text))) => {
                all = Err(decoder.report(
                    Diagnostic::error("disco::precondition_failed", format!("{what}: {text}"))
                        .at(place, "this is false")
                        .help("change the values that it looks at, or the condition if it is wrong"),
                ));
            }
            Err(Reported) => all = Err(Reported),
        }
    }
    all
}

/// The name of a `check` block whose label is in order.
pub(crate) fn check_name(block: &Block, diagnostics: &mut Diagnostics) -> Decoded<String> {
    let label = CHECK.named_label(block, diagnostics)?;
    identifier(label, "a check", diagnostics)
}

/// Warns of every `assert` in a `check` block that does not hold. One that is not known yet is looked at again when it is.
pub(crate) fn check(name: &str, block: &Block, decoder: &mut Decoder<'_, '_>) {
    CHECK.check(&block.body, &mut decoder.diagnostics);
    let mut asserts = blocks(&block.body, ASSERT.word).peekable();
    if asserts.peek().is_none() && block.body.is_whole() {
        decoder.report(
            Diagnostic::error("disco::missing_block", "`check` needs an `assert` block")
                .at(block.head, "checks nothing")
                .help("add `assert { condition = … error_message = … }`, each attribute on a line of its own"),
        );
    }
    for assert in asserts {
        if let Ok((place, Outcome::Fails(text))) = Condition::look(&ASSERT, assert, decoder) {
            decoder.diagnostics.push(
                Diagnostic::warning("disco::check_failed", format!("check `{name}`: {text}"))
                    .at(place, "this is false")
                    .help("nothing is refused for it: see whether what it looks at is as it should be"),
            );
        }
    }
}
