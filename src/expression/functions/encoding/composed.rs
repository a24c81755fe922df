//! Texts that were read, with their letters as texts in definitions have them.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization as _;

use crate::expression::{Kind, Value};

/// The text with letters and their accents as one character, as texts in definitions have them.
pub(super) fn composed(text: &str) -> Arc<str> {
    text.nfc().collect::<String>().into()
}

/// The same for all texts and keys in a value that was read.
pub(super) fn all_composed(value: &Value) -> Value {
    match value.kind() {
        Kind::String(text) => Value::string(composed(text)),
        Kind::Tuple(values) => Value::tuple(values.iter().map(all_composed).collect()),
        Kind::Object(entries) => Value::object(entries.iter().map(|(key, value)| (composed(key), all_composed(value)))),
        _ => value.clone(),
    }
}
