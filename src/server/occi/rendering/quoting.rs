//! Lists, quotes and escapes, as headers have them.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::server::occi::refusal::Refusal;

/// What is between quotes, and which.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Double,
    Single,
}

/// The parts of a text between `separator`s that are not in quotes, without blanks around them. Empty parts are left out, so
/// a separator may stand at the end.
///
/// Quotes are those of a shell, as the original read them: in `"…"` a backslash makes a quote or a backslash literal, in
/// `'…'` nothing does.
///
/// # Errors
/// A quote that is not closed.
pub fn parts(text: &str, separator: char) -> Result<Vec<&str>, Refusal> {
    let mut found = Vec::new();
    let mut within = Within::Nothing;
    let (mut begin, mut escape) = (0, false);
    for (at, sign) in text.char_indices() {
        if escape {
            escape = false;
            continue;
        }
        match (within, sign) {
            (Within::Nothing | Within::Double, '\\') => escape = true,
            (Within::Nothing, '"') => within = Within::Double,
            (Within::Nothing, '\'') => within = Within::Single,
            (Within::Double, '"') | (Within::Single, '\'') => within = Within::Nothing,
            (Within::Nothing, sign) if sign == separator => {
                found.push(text[begin..at].trim());
                begin = at + sign.len_utf8();
            }
            _ => {}
        }
    }
    if within != Within::Nothing {
        return Err(Refusal::invalid("a quote is not closed"));
    }
    found.push(text[begin..].trim());
    found.retain(|part| !part.is_empty());
    Ok(found)
}

/// A text without its quotes, with `\"`, `\\` and `\uXXXX` in them resolved.
pub fn unquoted(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut within = Within::Nothing;
    let mut signs = text.trim().char_indices().peekable();
    while let Some((_, sign)) = signs.next() {
        match (within, sign) {
            (Within::Nothing, '"') => within = Within::Double,
            (Within::Nothing, '\'') => within = Within::Single,
            (Within::Double, '"') | (Within::Single, '\'') => within = Within::Nothing,
            (Within::Nothing, '\\') => whole.extend(signs.next().map(|(_, next)| next)),
            (Within::Double, '\\') => escape(&mut signs, &mut whole),
            (_, other) => whole.push(other),
        }
    }
    whole
}

/// Reads what follows a backslash in double quotes.
fn escape(signs: &mut Peekable<CharIndices<'_>>, whole: &mut String) {
    match signs.peek() {
        Some((_, sign @ ('"' | '\\'))) => {
            whole.push(*sign);
            signs.next();
        }
        Some((_, 'u')) => {
            let mut ahead = signs.clone();
            let mut units = Vec::new();
            while let Some(unit) = unit(&mut ahead, units.is_empty()) {
                units.push(unit);
                *signs = ahead.clone();
                if !(0xd800..0xdc00).contains(&unit) {
                    break;
                }
            }
            if units.is_empty() {
                whole.push('\\');
            } else {
                whole.push_str(&String::from_utf16_lossy(&units));
            }
        }
        _ => whole.push('\\'),
    }
}

/// One `uXXXX`; but for the first one after its backslash.
fn unit(signs: &mut Peekable<CharIndices<'_>>, first: bool) -> Option<u16> {
    if !first {
        signs.next_if(|(_, sign)| *sign == '\\')?;
    }
    signs.next_if(|(_, sign)| *sign == 'u')?;
    let mut value = 0_u16;
    for _ in 0..4 {
        let digit = signs.next()?.1.to_digit(16)?;
        value = value << 4 | u16::try_from(digit).ok()?;
    }
    Some(value)
}

/// A text in visible ASCII and spaces, to stand between double quotes: anything else, quotes and backslashes are written as
/// `\uXXXX`. [`unquoted`] reads it back.
pub fn escaped(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '"' | '\\' => push_escape(sign, &mut whole),
            ' '..='~' => whole.push(sign),
            other => push_escape(other, &mut whole),
        }
    }
    whole
}

/// Adds `\uXXXX`, twice for what UTF-16 has two units for.
pub(super) fn push_escape(sign: char, whole: &mut String) {
    use std::fmt::Write as _;
    for unit in sign.encode_utf16(&mut [0; 2]) {
        // Writing to a String cannot fail.
        let _ = write!(whole, "\\u{unit:04x}");
    }
}
