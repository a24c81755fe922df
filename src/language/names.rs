//! Names that people give to things.

use super::reported::{Decoded, Reported};
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::Name;

/// Reports a name that is not `[a-z][a-z0-9-]*`.
pub(crate) fn plain_name(name: &Name, what: &str, diagnostics: &mut Diagnostics) -> Decoded<String> {
    let text = &*name.text;
    let mut letters = text.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_lowercase());
    if starts && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-') {
        return Ok(text.to_owned());
    }
    let mut repaired: String = text
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_lowercase() || letter.is_ascii_digit() { letter } else { '-' })
        .skip_while(|letter| !letter.is_ascii_lowercase())
        .collect();
    repaired.truncate(repaired.trim_end_matches('-').len());
    let rule = "lower-case letters a–z, digits and dashes, beginning with a letter";
    if !text.starts_with(char::is_alphabetic) {
        repaired.clear();
    }
    let help =
        if repaired.is_empty() { format!("use {rule}") } else { format!("use {rule}, for instance `{repaired}`") };
    diagnostics.push(
        Diagnostic::error("disco::invalid_name", format!("`{}` cannot be the name of {what}", beginning(text)))
            .at(name.span, "not a valid host name")
            .help(help),
    );
    Err(Reported)
}

/// So much of a word that was meant to be a name as a message may quote: a heredoc that is not closed may have
/// swallowed the rest of the file.
fn beginning(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(60).collect();
    if short.len() < text.trim_end().len() { format!("{short}…") } else { short }
}

/// Reports a name that expressions could not refer to.
pub(crate) fn identifier(name: &Name, what: &str, diagnostics: &mut Diagnostics) -> Decoded<String> {
    let text = &*name.text;
    let mut letters = text.chars();
    let starts = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if starts && letters.all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-') {
        return Ok(text.to_owned());
    }
    diagnostics.push(
        Diagnostic::error("disco::invalid_name", format!("`{}` cannot be the name of {what}", beginning(text)))
            .at(name.span, "not a valid identifier")
            .help("use letters, digits, `_` and `-`, beginning with a letter or `_`"),
    );
    Err(Reported)
}

/// The message about a name that is given twice.
pub(crate) fn duplicate(what: &str, name: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::error("disco::duplicate_name", format!("two {what}s have the name `{name}`"))
        .at(again, "the second one")
        .at(first, "the first one")
        .help("give one of them another name, or remove it")
}
