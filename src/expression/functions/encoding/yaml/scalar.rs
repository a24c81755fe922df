//! What a single YAML value means: Terraform's choice between YAML 1.1 and 1.2.

use num_bigint::BigInt;
use serde_saphyr::granit_parser::ScalarStyle;

use crate::expression::functions::time::moment::Moment;
use crate::expression::{Number, Value};

/// How many digits a number with another base than 10 may have.
const LONGEST: usize = 4096;

/// The prefix of the tags that are written `!!name`.
const STANDARD: &str = "tag:yaml.org,2002:";

/// What a single value is.
pub(super) enum Scalar {
    Value(Value),
    /// `<<`, which as a key merges another mapping.
    Merge,
}

/// The value of a text with a tag, if it has one.
pub(super) fn resolve(text: &str, style: ScalarStyle, tag: Option<&str>) -> Result<Scalar, String> {
    let name = match tag {
        None => None,
        Some(tag) => Some(
            tag.strip_prefix(STANDARD)
                .filter(|name| ["str", "bool", "int", "float", "null", "timestamp", "binary"].contains(name))
                .ok_or_else(|| format!("the tag `{tag}` is not supported"))?,
        ),
    };
    let quoted = style != ScalarStyle::Plain;
    let plain = || Scalar::Value(Value::string(text));
    match name {
        Some("str") => return Ok(plain()),
        Some("binary") => return if is_base64(text) { Ok(plain()) } else { Err(format!("{text:?} is not base64")) },
        // quotes say that it is a text, whatever the tag says
        _ if quoted && may_be_other(text) => return Ok(plain()),
        _ => {}
    }
    if let Some(value) = word(text).filter(|_| may_be_other(text)) {
        return Ok(Scalar::Value(value));
    }
    if matches!(text, ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF")
        || (name.is_none() && matches!(text, ".nan" | ".NaN" | ".NAN"))
    {
        return Err(format!("{text} is not a supported number"));
    }
    match name {
        None if text == "<<" && !quoted => Ok(Scalar::Merge),
        None if quoted => Ok(plain()),
        None => Ok(Scalar::Value(moment(text).or_else(|| number(text)).unwrap_or_else(|| Value::string(text)))),
        Some("null") => Ok(Scalar::Value(Value::null())),
        Some("timestamp") => moment(text).map(Scalar::Value).ok_or_else(|| format!("{text:?} is not a timestamp")),
        Some("int" | "float") => {
            number(&text.replace('_', "")).map(Scalar::Value).ok_or_else(|| format!("{text:?} is not a number"))
        }
        Some(_) => Err(format!("{text:?} is not a bool")),
    }
}

/// Whether a text begins as something that is not a text may begin.
fn may_be_other(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || "+-.~yYnNtTfFoO".contains(first)) || text.is_empty()
}

fn word(text: &str) -> Option<Value> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(Value::bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Value::bool(false))
        }
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::null()),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    let based = |digits: &str, radix: u32| {
        let plain = digits.len() <= LONGEST && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
        BigInt::parse_bytes(digits.as_bytes(), radix)
            .filter(|_| plain)
            .and_then(|number| Number::ratio(number, 1.into()))
    };
    let number = match (text.strip_prefix("0o"), text.strip_prefix("0x")) {
        (Some(digits), _) => based(digits, 8),
        (_, Some(digits)) => based(digits, 16),
        _ => Number::parse(text),
    };
    number.map(Value::number)
}

/// A day, or a moment, as RFC 3339 writes it.
fn moment(text: &str) -> Option<Value> {
    let year = text.split('-').next()?;
    if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Moment::parse_loosely(text).map(|moment| Value::string(moment.to_string()))
}

fn is_base64(text: &str) -> bool {
    use base64::Engine as _;
    let text: String = text.chars().filter(|char| !matches!(char, '\r' | '\n')).collect();
    base64::engine::general_purpose::STANDARD.decode(text).is_ok()
}
