//! Capital and small letters.
//!
//! One letter becomes one letter: those whose capital is written with several (`ß`) stay as they are.

use crate::expression::functions::Function;
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    let each =
        |name, summary, body| Function::new(name, summary, body).takes("string", Type::String).gives(Type::String);
    vec![
        each("upper", "The string in capital letters", |call| {
            Ok(Value::string(call.text(0).chars().map(upper).collect::<String>()))
        }),
        each("lower", "The string in small letters", |call| {
            Ok(Value::string(call.text(0).chars().map(lower).collect::<String>()))
        }),
        each("title", "The string with each word's first letter a capital", |call| {
            Ok(Value::string(title(call.text(0))))
        }),
    ]
}

fn upper(char: char) -> char {
    let mut capitals = char.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        // Greek letters with an iota below have a capital of their own, a few places on
        _ => [8, 9].into_iter().find_map(|step| above(char, step).filter(|one| lower(*one) == char)).unwrap_or(char),
    }
}

fn above(char: char, step: u32) -> Option<char> {
    char::from_u32(u32::from(char) + step)
}

fn lower(char: char) -> char {
    let mut smalls = char.to_lowercase();
    match (smalls.next(), smalls.next()) {
        (Some(small), None) => small,
        // the small letter of a dotted capital i has its dot anyway
        (Some('i'), _) => 'i',
        _ => char,
    }
}

/// The letter that a word begins with.
fn first(char: char) -> char {
    match char {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        // Georgian has capitals for headlines, not for words
        'ა'..='ჿ' => char,
        _ => upper(char),
    }
}

fn title(text: &str) -> String {
    let mut within = false;
    let mut titled = String::with_capacity(text.len());
    for char in text.chars() {
        titled.push(if within { char } else { first(char) });
        within = if char.is_ascii() { char.is_ascii_alphanumeric() || char == '_' } else { !char.is_whitespace() };
    }
    titled
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::check;

    #[test]
    fn letters() {
        check(&[
            (r#"upper("straße é ᾳ")"#, r#""STRAßE É ᾼ""#),
            (r#"lower("HELLO É İ")"#, r#""hello é i""#),
            (r#"title("hello world, it's a-b ǆ")"#, r#""Hello World, It'S A-B ǅ""#),
        ]);
    }
}
