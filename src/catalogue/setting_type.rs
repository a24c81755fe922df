//! What a setting's value is: its type, the form in which it is written, and whether a text has that form.

use crate::expression::{Number, Type, Value};

/// What a setting's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettingType {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// `true` or `false`.
    Boolean,
    /// A list of texts.
    List,
    /// An amount of memory or disk: `134217728`, `128m`.
    Size,
    /// A time: `30s`, `7d`.
    Duration,
    /// A TCP or UDP port.
    Port,
    /// A SHA-512 digest in hexadecimal digits.
    Sha512,
    /// Where something is fetched from, over HTTP.
    Url,
    /// A list of such addresses.
    UrlList,
    /// A list of accounts of a node.
    AccountList,
    /// Texts by names.
    Map,
}

/// How a value of a type is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueShape {
    /// As a text.
    Text,
    /// As a whole number.
    Integer,
    /// As a number.
    Decimal,
    /// As `true` or `false`.
    Boolean,
    /// As a list of texts.
    List,
    /// As texts by names.
    Map,
}

impl ValueShape {
    /// The type that expressions know it by.
    pub(crate) fn value_type(self) -> Type {
        match self {
            Self::Text => Type::String,
            Self::Integer | Self::Decimal => Type::Number,
            Self::Boolean => Type::Bool,
            Self::List => Type::List(Box::new(Type::String)),
            Self::Map => Type::Map(Box::new(Type::String)),
        }
    }
}

impl SettingType {
    /// As manifests and messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Decimal => "number",
            Self::Boolean => "bool",
            Self::List => "list(string)",
            Self::Size => "size",
            Self::Duration => "duration",
            Self::Port => "port",
            Self::Sha512 => "sha512",
            Self::Url => "url",
            Self::UrlList => "list(url)",
            Self::AccountList => "list(account)",
            Self::Map => "map(string)",
        }
    }

    /// The type that manifests call `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Text,
        Self::Integer,
        Self::Decimal,
        Self::Boolean,
        Self::List,
        Self::Size,
        Self::Duration,
        Self::Port,
        Self::Sha512,
        Self::Url,
        Self::UrlList,
        Self::AccountList,
        Self::Map,
    ];

    /// How its values are held.
    pub fn shape(self) -> ValueShape {
        match self {
            Self::Text | Self::Size | Self::Duration | Self::Sha512 | Self::Url => ValueShape::Text,
            Self::Integer | Self::Port => ValueShape::Integer,
            Self::Decimal => ValueShape::Decimal,
            Self::Boolean => ValueShape::Boolean,
            Self::List | Self::UrlList | Self::AccountList => ValueShape::List,
            Self::Map => ValueShape::Map,
        }
    }

    /// What a value of it is, in words that follow "expected".
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Integer => "a whole number",
            Self::Decimal => "a number",
            Self::Boolean => "`true` or `false`",
            Self::List => "a list of strings",
            Self::Size => "a size",
            Self::Duration => "a duration",
            Self::Port => "a port, 1 to 65535",
            Self::Sha512 => "128 hexadecimal digits",
            Self::Url => "a URL with `https://` or `http://`",
            Self::UrlList => "a list of URLs with `https://` or `http://`",
            Self::AccountList => "a list of account names",
            Self::Map => "a map of strings",
        }
    }

    /// How a value is written, where the name of the type does not say it.
    pub fn form(self) -> Option<&'static str> {
        match self {
            Self::Size => Some("a whole number of bytes, or one with k, m, g or t, such as \"128m\""),
            Self::Duration => Some("a whole number with s, m, h or d, such as \"30s\" or \"7d\""),
            Self::Port => Some("1 to 65535"),
            Self::Sha512 => Some("128 hexadecimal digits, as `sha512sum` prints them"),
            Self::Url | Self::UrlList => Some("a URL with its scheme, such as \"https://mirror.example.org\""),
            Self::AccountList => Some("a letter or `_`, then letters, digits, `_`, `-`, `.` and `@`"),
            _ => None,
        }
    }

    /// What to write, in words that follow the name of the setting; `None` where the expectation says it all.
    pub(super) fn advice(self, given: &str) -> Option<String> {
        let meant = match self {
            Self::Size => tidied(given, size),
            Self::Duration => tidied(given, duration),
            _ => None,
        };
        match (meant, self.form()) {
            (Some(meant), _) => Some(format!("write \"{meant}\"")),
            (None, Some(form)) => Some(format!("write {form}")),
            (None, None) => None,
        }
    }

    /// What limits compare: a number, or the bytes of a size.
    pub(super) fn amount(self, value: &Value) -> Option<Number> {
        match (self, value.as_str()) {
            (Self::Size, Some(text)) => Number::parse(&size(text)?.to_string()),
            _ => value.as_number().cloned(),
        }
    }

    /// Whether a text, or each text of a list, has the form that the type asks for.
    pub(super) fn fits(self, text: &str) -> bool {
        match self {
            Self::Text | Self::List | Self::Map | Self::Integer | Self::Decimal | Self::Boolean => true,
            Self::Port => text.parse::<u16>().is_ok_and(|port| port > 0),
            Self::Size => size(text).is_some(),
            Self::Duration => duration(text).is_some(),
            Self::Sha512 => text.len() == 128 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
            Self::Url | Self::UrlList => is_address(text),
            Self::AccountList => is_account(text),
        }
    }
}

/// Bytes of a size as Java writes it: `134217728`, `128m`; letters may be large.
pub(super) fn size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        "t" => 1 << 40,
        _ => return None,
    };
    whole(digits)?.checked_mul(factor)
}

/// Seconds of a duration: `30s`, `7d`.
fn duration(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    whole(digits)?.checked_mul(factor)
}

fn whole(digits: &str) -> Option<u64> {
    // `parse` would take a sign.
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// What somebody meant who wrote `128 MB`, `1 GiB`, `10 seconds`, if `reads` can read it.
fn tidied(text: &str, reads: impl Fn(&str) -> Option<u64>) -> Option<String> {
    let text = text.trim().to_lowercase();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let letter = text[digits.len()..].chars().next()?;
    let meant = format!("{}{letter}", digits.trim());
    reads(&meant).map(|_| meant)
}

fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = text.chars().all(|letter| !letter.is_whitespace() && !letter.is_control());
    plain && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', ':', '?', '#']))
}

fn is_account(text: &str) -> bool {
    let first = text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    first && text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_form_of_their_type() {
        for (kind, good, bad) in [
            (
                SettingType::Size,
                &["128m", "1G", "134217728", "64k", "2t"][..],
                &["", "foo", "128 MB", "128mb", "-1", "1.5g", "m"][..],
            ),
            (SettingType::Duration, &["30s", "15m", "12h", "7d"], &["", "30", "10 seconds", "1w", "-3s"]),
            (SettingType::Port, &["1", "8020", "65535"], &["0", "65536", "http"]),
            (
                SettingType::Url,
                &["https://a.example/b", "http://10.0.0.1:8080"],
                &["", "ftp://x", "https://", "a.example", "https:// x"],
            ),
            (SettingType::AccountList, &["debian", "_a-1", "Ada.L"], &["", "1a", "a b", "a/b"]),
        ] {
            for text in good {
                assert!(kind.fits(text), "{kind:?} {text}");
            }
            for text in bad {
                assert!(!kind.fits(text), "{kind:?} {text}");
            }
        }
        assert!(SettingType::Sha512.fits(&"0aF".repeat(43)[..128]) && !SettingType::Sha512.fits("abc"));
    }

    #[test]
    fn what_was_meant_is_suggested() {
        let meant = |kind: SettingType, text| kind.advice(text).unwrap_or_default();
        assert_eq!(meant(SettingType::Size, "128 MB"), "write \"128m\"");
        assert_eq!(meant(SettingType::Size, "1GiB"), "write \"1g\"");
        assert!(meant(SettingType::Size, "foo").ends_with("such as \"128m\""));
        assert_eq!(meant(SettingType::Duration, "10 seconds"), "write \"10s\"");
    }
}
