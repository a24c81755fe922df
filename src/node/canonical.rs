//! JSON as text in one form only, and digests of it.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

/// The value as JSON without blanks, keys sorted: equal values give equal bytes.
pub fn canonical(value: &Json) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

/// The same for an object that has a member more, which is written already.
pub(crate) fn canonical_with(object: &Map<String, Json>, member: &str, written: &str) -> String {
    let mut text = String::new();
    let mut entries: Vec<(&str, Option<&Json>)> = object.iter().map(|(key, item)| (key.as_str(), Some(item))).collect();
    entries.push((member, None));
    write_object(entries, &mut text, |item, text| match item {
        Some(item) => write(item, text),
        None => text.push_str(written),
    });
    text
}

fn write_object<T>(mut entries: Vec<(&str, T)>, text: &mut String, mut write: impl FnMut(T, &mut String)) {
    entries.sort_by_key(|(key, _)| *key);
    text.push('{');
    for (position, (key, item)) in entries.into_iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        write_string(key, text);
        text.push(':');
        write(item, text);
    }
    text.push('}');
}

fn write(value: &Json, text: &mut String) {
    match value {
        Json::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Json::Object(map) => {
            write_object(map.iter().map(|(key, item)| (key.as_str(), item)).collect(), text, write);
        }
        Json::String(string) => write_string(string, text),
        scalar => {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "{scalar}");
        }
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    let mut plain_from = 0;
    for (at, byte) in string.bytes().enumerate() {
        if byte != b'"' && byte != b'\\' && byte >= 0x20 {
            continue;
        }
        text.push_str(&string[plain_from..at]);
        plain_from = at + 1;
        match byte {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            control => {
                let _ = write!(text, "\\u{control:04x}");
            }
        }
    }
    text.push_str(&string[plain_from..]);
    text.push('"');
}

/// SHA-256 as 64 hex digits.
pub fn digest(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_text_is_read_back() {
        let value: Json = serde_json::from_str(r#"{"b":[1,2.5,null,true],"a":"é \"q\" \\ \n\t\u0001"}"#).unwrap();
        let text = canonical(&value);
        assert_eq!(text, "{\"a\":\"é \\\"q\\\" \\\\ \\n\\t\\u0001\",\"b\":[1,2.5,null,true]}");
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), value);
    }

    #[test]
    fn a_written_member_stands_in_its_place() {
        let whole: Json = serde_json::from_str(r#"{"z":1,"b":[{"c":"\\u0001"}],"a":{"b":2}}"#).unwrap();
        let mut rest = whole.as_object().unwrap().clone();
        let member = canonical(&rest.remove("b").unwrap());
        assert_eq!(canonical_with(&rest, "b", &member), canonical(&whole));
    }

    #[test]
    fn digests_are_hex() {
        assert_eq!(digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
