//! `textencodebase64` and `textdecodebase64`: texts in encodings other than UTF-8.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::bytes::from_base64;
use crate::expression::functions::{Call, Fault, Function};
use crate::expression::{Type, Value};
use crate::source::did_you_mean;

/// Names and characters of each set.
const CHARSETS: &str = include_str!("charsets.txt");

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new("textencodebase64", "The string's bytes in an encoding such as UTF-16LE, in base64", |call| {
            Ok(Value::string(STANDARD.encode(encoding(call)?.encode(call.text(0))?)))
        })
        .takes("string", Type::String)
        .takes("encoding", Type::String)
        .gives(Type::String),
        Function::new("textdecodebase64", "The string whose bytes in an encoding are written in base64", |call| {
            Ok(Value::string(encoding(call)?.decode(&from_base64(call)?)?))
        })
        .takes("base64", Type::String)
        .takes("encoding", Type::String)
        .gives(Type::String),
    ]
}

enum Encoding {
    Utf8,
    /// Bytes of each unit in that order, with a mark in front that says so.
    Utf16 {
        little: bool,
        marked: bool,
    },
    Ascii,
    /// Its name, and what the bytes from 80 on stand for.
    Charset(&'static str, Vec<Option<char>>),
}

fn encoding(call: &Call<'_, '_>) -> Result<Encoding, Fault> {
    let wanted = call.text(1).trim().to_lowercase();
    match wanted.as_str() {
        "utf-8" | "csutf8" => return Ok(Encoding::Utf8),
        "utf-16" | "csutf16" => return Ok(Encoding::Utf16 { little: false, marked: true }),
        "utf-16be" | "csutf16be" => return Ok(Encoding::Utf16 { little: false, marked: false }),
        "utf-16le" | "csutf16le" => return Ok(Encoding::Utf16 { little: true, marked: false }),
        "us-ascii" | "ascii" | "us" | "cp367" | "ibm367" | "iso646-us" | "csascii" | "iso-ir-6" => {
            return Ok(Encoding::Ascii);
        }
        _ => {}
    }
    let sets = || CHARSETS.lines().filter_map(|line| line.split_once('\t'));
    for (names, characters) in sets() {
        if names.split(' ').any(|name| name.eq_ignore_ascii_case(&wanted)) {
            return Ok(Encoding::Charset(names.split(' ').next().unwrap_or_default(), characters_of(characters)));
        }
    }
    let known = ["UTF-8", "UTF-16", "UTF-16BE", "UTF-16LE", "US-ASCII"].into_iter();
    let known = known.chain(sets().filter_map(|(names, _)| names.split(' ').next()));
    let help = did_you_mean(&call.text(1).to_uppercase(), known);
    let help = help.unwrap_or_else(|| {
        "use UTF-8, UTF-16, UTF-16BE, UTF-16LE, US-ASCII, ISO-8859-1 or another encoding of one byte per character"
            .to_owned()
    });
    Err(Fault::at(1, format!("encoding {:?} is not supported", call.text(1))).help(help))
}

/// What a line of the table says of each byte from 80 on.
fn characters_of(written: &str) -> Vec<Option<char>> {
    let mut characters = Vec::with_capacity(128);
    let mut rest = written.chars();
    while let Some(char) = rest.next() {
        let byte = u32::try_from(characters.len()).unwrap_or(0) + 0x80;
        characters.push(match char {
            '_' => None,
            '.' => char::from_u32(byte),
            '\\' => {
                let digits: String = rest.by_ref().skip(1).take(4).collect();
                u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
            }
            other => Some(other),
        });
    }
    characters
}

impl Encoding {
    fn name(&self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16 { marked: true, .. } => "UTF-16",
            Self::Utf16 { little: true, .. } => "UTF-16LE",
            Self::Utf16 { .. } => "UTF-16BE",
            Self::Ascii => "US-ASCII",
            Self::Charset(name, _) => name,
        }
    }

    fn encode(&self, text: &str) -> Result<Vec<u8>, Fault> {
        let byte = |char: char| match self {
            Self::Charset(_, characters) if !char.is_ascii() => {
                characters.iter().position(|known| *known == Some(char)).and_then(|at| u8::try_from(at + 0x80).ok())
            }
            _ => u8::try_from(char).ok().filter(u8::is_ascii),
        };
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Utf16 { little, marked } => {
                let mark = marked.then_some(0xFEFF).into_iter();
                let order = if *little { u16::to_le_bytes } else { u16::to_be_bytes };
                Ok(mark.chain(text.encode_utf16()).flat_map(order).collect())
            }
            _ => text
                .chars()
                .map(|char| {
                    byte(char).ok_or_else(|| Fault::at(0, format!("{char:?} cannot be written in {}", self.name())))
                })
                .collect(),
        }
    }

    fn decode(&self, bytes: &[u8]) -> Result<String, Fault> {
        let text = match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Self::Utf16 { little, marked } => utf16(bytes, *little, *marked),
            Self::Ascii => String::from_utf8(bytes.to_vec()).ok().filter(|text| text.is_ascii()),
            Self::Charset(_, characters) => bytes
                .iter()
                .map(|byte| match byte.checked_sub(0x80) {
                    None => Some(char::from(*byte)),
                    Some(upper) => characters.get(usize::from(upper)).copied().flatten(),
                })
                .collect(),
        };
        // that character stands for what could not be read
        text.filter(|text| !text.contains(char::REPLACEMENT_CHARACTER))
            .ok_or_else(|| Fault::at(0, format!("these bytes are not text in {}", self.name())))
    }
}

fn utf16(bytes: &[u8], mut little: bool, marked: bool) -> Option<String> {
    let (mut units, odd) = bytes.as_chunks::<2>();
    if let (true, Some(first)) = (marked, units.first()) {
        little = *first == [0xFF, 0xFE];
        if little || *first == [0xFE, 0xFF] {
            units = &units[1..];
        }
    }
    let order = if little { u16::from_le_bytes } else { u16::from_be_bytes };
    if odd.is_empty() {
        String::from_utf16(&units.iter().map(|unit| order(*unit)).collect::<Vec<_>>()).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::{check, refuse};
    use super::{CHARSETS, characters_of};

    #[test]
    fn every_set_has_its_characters() {
        for (names, characters) in CHARSETS.lines().filter_map(|line| line.split_once('\t')) {
            assert_eq!(characters_of(characters).len(), 128, "{names}");
        }
    }

    #[test]
    fn encodings() {
        check(&[
            (r#"textencodebase64("Hello", "UTF-16LE")"#, r#""SABlAGwAbABvAA==""#),
            (r#"textencodebase64("h", "utf-16")"#, r#""/v8AaA==""#),
            (r#"textencodebase64("é€", "windows-1252")"#, r#""6YA=""#),
            (r#"textencodebase64("é", "latin1")"#, r#""6Q==""#),
            (r#"textdecodebase64("//5oAA==", "UTF-16")"#, r#""h""#),
            (r#"textdecodebase64("0Q==", "KOI8-R")"#, r#""я""#),
        ]);
        refuse(&[
            (r#"textencodebase64("☃", "latin1")"#, "`textencodebase64`: '☃' cannot be written in ISO-8859-1", "\"☃\""),
            (
                r#"textencodebase64("a", "UTF-7")"#,
                "`textencodebase64`: encoding \"UTF-7\" is not supported",
                "\"UTF-7\"",
            ),
            (
                r#"textdecodebase64("AGgA", "UTF-16BE")"#,
                "`textdecodebase64`: these bytes are not text in UTF-16BE",
                "\"AGgA\"",
            ),
        ]);
    }
}
