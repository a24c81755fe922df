//! `output`: what a project tells the world.

use super::blocks::{OUTPUT, OutputAttributes};
use super::condition::preconditions;
use super::decode::Decoder;
use super::names::identifier;
use super::reported::{Decoded, Reported};
use crate::expression::Value;
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::Block;

const AT: OutputAttributes = OutputAttributes::ALL;

/// An output and its value, which may be known only after apply.
#[derive(Clone, Debug)]
pub struct OutputValue {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Whether it is never shown unless asked for by name.
    pub secret: bool,
    /// For people.
    pub description: Option<String>,
    /// The block's head.
    pub origin: Span,
}

/// The name of a block whose label is in order.
pub(crate) fn output_name(block: &Block, diagnostics: &mut Diagnostics) -> Decoded<String> {
    let label = OUTPUT.named_label(block, diagnostics)?;
    identifier(label, "an output", diagnostics)
}

/// Reads the block of that name.
pub(crate) fn output(name: &str, block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<OutputValue> {
    OUTPUT.check(&block.body, &mut decoder.diagnostics);
    let description = decoder.read(block, &AT.description);
    let sensitive = decoder.read(block, &AT.sensitive);
    let value = match AT.value.written(&block.body) {
        Some(attribute) => decoder.evaluate(&attribute.value),
        None => Err(decoder.lacks(block, &AT.value)),
    };
    preconditions(block, &format!("output `{name}`"), decoder)?;
    let (description, sensitive, value) = (description?, sensitive?, value?);
    if value.contains_failed() {
        return Err(Reported);
    }
    let secret = sensitive.is_some_and(|sensitive| sensitive.value);
    if value.contains_secret() && !secret {
        return Err(decoder.report(
            Diagnostic::error("disco::secret_output", format!("output `{name}` would show a sensitive value"))
                .at(AT.value.written(&block.body).map_or(block.head, |attribute| attribute.value.span), "is sensitive, or contains a sensitive value")
                .help("add `sensitive = true` to this output, or wrap the value in `nonsensitive(…)` if everybody may see it"),
        ));
    }
    Ok(OutputValue {
        name: name.to_owned(),
        value: value.with_secret(secret),
        secret,
        description: description.map(|description| description.value),
        origin: block.head,
    })
}
