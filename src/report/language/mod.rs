//! The language itself, as words: a page for people in the repository, a block at a time for a terminal.

mod help;
mod json;
mod page;
mod service;
mod terminal;

pub use help::{attribute_help, attribute_kind, block_help};
#[cfg(test)]
pub(super) use json::LanguageFile;
pub use json::language_json;
pub use page::{error_page, language_page};
pub use service::service_page;
pub use terminal::{language, language_block, language_words};

use crate::language::{AttributeSchema, BlockSchema, FILE, InnerBlock, Kind, Label, Often, Presence};

/// Where a block of the language stands.
#[derive(Clone, Debug)]
struct Place {
    /// The blocks around it, from the outside in.
    path: Vec<&'static str>,
    often: Often,
}

/// All blocks, each once and the outer ones first, with all places where it may stand.
fn blocks() -> Vec<(&'static BlockSchema, Vec<Place>)> {
    let mut all: Vec<(&'static BlockSchema, Vec<Place>)> = Vec::new();
    gather(&FILE, &[], &mut all);
    all
}

fn gather(outer: &BlockSchema, path: &[&'static str], all: &mut Vec<(&'static BlockSchema, Vec<Place>)>) {
    for InnerBlock { schema, often } in outer.blocks {
        let place = Place { path: path.to_vec(), often: *often };
        match all.iter_mut().find(|(known, _)| std::ptr::eq(*known, *schema)) {
            Some((_, places)) => places.push(place),
            None => all.push((schema, vec![place])),
        }
        let path: Vec<&'static str> = path.iter().copied().chain([schema.word]).collect();
        gather(schema, &path, all);
    }
}

/// Where a block may stand and how often: "in `cluster`, at most once".
fn whereabouts(schema: &BlockSchema, places: &[Place]) -> String {
    let mut homes: Vec<String> = Vec::new();
    for place in places {
        let home = match place.path.last() {
            Some(home) => format!("in `{home}`"),
            None => "in a definition".to_owned(),
        };
        if !homes.contains(&home) {
            homes.push(home);
        }
    }
    let often = match (places.first().map(|place| place.often), schema.label) {
        (Some(Often::Once), _) => "exactly once",
        (Some(Often::AtMostOnce), _) => "at most once",
        (Some(Often::Any), Label::Optional(_)) => "any number, each with a name of its own",
        _ => "any number",
    };
    format!("{}, {often}", homes.join(" and "))
}

/// What an attribute holds: `number`, and what of it is possible.
fn kind(attribute: &AttributeSchema) -> (&'static str, String) {
    match attribute.kind {
        Kind::String(form) => ("string", form.to_owned()),
        Kind::Bool => ("bool", String::new()),
        Kind::Whole { least, most, unit } => {
            ("number", format!("whole, {} to {} {unit}", grouped(least), grouped(most)))
        }
        Kind::OneOf(words) => {
            let words: Vec<String> = words
                .iter()
                .map(|(word, meaning)| match *meaning {
                    "" => format!("`\"{word}\"`"),
                    meaning => format!("`\"{word}\"` ({meaning})"),
                })
                .collect();
            ("string", format!("one of {}", words.join(", ")))
        }
        Kind::Strings(form) => ("list of strings", form.to_owned()),
        Kind::Other(what) => ("expression", what.to_owned()),
    }
}

/// What holds where an attribute is not written.
fn default(attribute: &AttributeSchema) -> String {
    match attribute.presence {
        Presence::Required(_) => "required".to_owned(),
        Presence::RequiredIf(_, case) => format!("required {case}"),
        Presence::Optional("") => "nothing".to_owned(),
        Presence::Optional(value) if value.contains(['`', ' ']) => value.to_owned(),
        Presence::Optional(value) => format!("`{value}`"),
    }
}

/// A number with a comma between thousands.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
