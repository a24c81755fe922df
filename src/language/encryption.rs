//! `encryption`: what states and saved plans are encrypted with.

use super::blocks::{ENCRYPTION, EncryptionAttributes};
use super::decode::{Decoder, Field};
use super::reported::Decoded;
use crate::expression::Value;
use crate::model::{Encryption, Key, Sourced};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::Block;

/// What an attacker should not guess in a lifetime has at least so many characters, as other tools have it.
const SHORTEST: usize = 16;

const CODE: &str = "disco::invalid_encryption_key";

const MAKE_A_KEY: &str = "make one: head -c 32 /dev/urandom | base64 > disco.key";

/// What an `encryption` block says.
pub(super) fn encryption(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Encryption> {
    let _ = ENCRYPTION.open(block, &mut decoder.diagnostics);
    let at = EncryptionAttributes::ALL;
    let key = decoder.known(at.key.written(&block.body));
    let passphrase = decoder.known(at.passphrase.written(&block.body));
    let previous = decoder.known(at.previous.written(&block.body));
    let first = match (key?, passphrase?) {
        (Some(key), Some(passphrase)) => Err(decoder.report(
            Diagnostic::error("disco::conflicting_attributes", "`key` and `passphrase` cannot be used together")
                .at(passphrase.span, "a passphrase")
                .at(key.span, "and a key")
                .help("remove one of them, or move it to `previous` if it is of before"),
        )),
        (Some(key), None) => of_key(&key.value, key.span, decoder),
        (None, Some(passphrase)) => of_passphrase(&passphrase.value, passphrase.span, decoder),
        (None, None) => Err(decoder.missing(block, "key", "file(\"disco.key\")")),
    };
    let mut keys = vec![first?];
    if let Some(previous) = previous? {
        keys.extend(earlier(&previous, decoder)?);
    }
    Ok(Encryption { keys })
}

fn earlier(field: &Field, decoder: &mut Decoder<'_, '_>) -> Decoded<Vec<Sourced<Key>>> {
    let wrong = |span: Span| {
        Diagnostic::error("disco::wrong_type", "`previous` is not a list of keys")
            .at(span, "expected a list of objects with `key` or `passphrase`")
            .help("write `previous = [{ key = file(\"old.key\") }]`")
    };
    let Some(elements) = field.value.elements() else { return Err(decoder.report(wrong(field.span))) };
    let mut keys = Vec::new();
    for (index, element) in elements.into_iter().enumerate() {
        let place = field.place_of_element(index, element);
        let entries: Vec<(String, Value)> = match element.entries() {
            Some(entries) => entries.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
            None => Vec::new(),
        };
        keys.push(match &entries[..] {
            [(name, value)] if name == "key" => of_key(value, place, decoder)?,
            [(name, value)] if name == "passphrase" => of_passphrase(value, place, decoder)?,
            _ => return Err(decoder.report(wrong(place))),
        });
    }
    Ok(keys)
}

fn of_key(value: &Value, span: Span, decoder: &mut Decoder<'_, '_>) -> Decoded<Sourced<Key>> {
    match value.as_str().and_then(Key::of_text) {
        Some(key) => Ok(Sourced::new(key, Some(span))),
        None => Err(decoder.report(
            Diagnostic::error(CODE, "this is not a key of 32 bytes")
                .at(span, "expected 44 characters of Base64, or 64 hexadecimal digits")
                .help(format!("{MAKE_A_KEY}; or write `passphrase` for what a person remembers")),
        )),
    }
}

fn of_passphrase(value: &Value, span: Span, decoder: &mut Decoder<'_, '_>) -> Decoded<Sourced<Key>> {
    let Some(text) = value.as_str() else {
        return Err(decoder.report(
            Diagnostic::error(CODE, "the passphrase is not a string")
                .at(span, "expected a string")
                .help("take it from a variable with `sensitive = true`"),
        ));
    };
    if !value.contains_secret() {
        return Err(decoder.report(
            Diagnostic::error("disco::exposed_secret", "the passphrase is not secret")
                .at(span, "everybody who reads the project knows it")
                .help("take it from a variable with `sensitive = true`, and set DISCO_VAR_NAME"),
        ));
    }
    if text.chars().count() < SHORTEST {
        return Err(decoder.report(
            Diagnostic::error(CODE, "the passphrase is too short")
                .at(span, format!("fewer than {SHORTEST} characters"))
                .help("use a longer one, or a key, which nobody has to remember"),
        ));
    }
    Ok(Sourced::new(Key::Passphrase(text.to_owned()), Some(span)))
}
