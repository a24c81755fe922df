//! Plain values as expressions write them, and the other way round.

use crate::source::{Sources, Span};
use crate::syntax::quoted;
use crate::syntax::tree::{Expression, ExpressionKind};

use super::{FieldKind, FieldValue};

/// How an expression is written, for a field of that kind. `comments` are those of the whole file.
pub(super) fn value(sources: &Sources, expression: &Expression, kind: &FieldKind, comments: &[Span]) -> FieldValue {
    let text = || FieldValue::Expression(sources.snippet(expression.span));
    let plain = match (kind, &expression.kind) {
        (FieldKind::Texts { .. }, ExpressionKind::Tuple(elements)) => {
            let range = expression.span.range();
            let has_comment = comments.iter().any(|comment| range.contains(&comment.range().start));
            let words: Option<Vec<&str>> = elements.iter().map(|element| line(sources, element)).collect();
            words.filter(|_| !has_comment).map(|words| words.join("\n"))
        }
        (FieldKind::Text { .. } | FieldKind::OneOf { .. }, _) => {
            line(sources, expression).map(str::to_owned).or_else(|| {
                let ExpressionKind::Number(digits) = &expression.kind else { return None };
                Some(digits.to_string())
            })
        }
        (FieldKind::Whole { .. } | FieldKind::Number { .. }, ExpressionKind::Number(digits)) => {
            Some(digits.to_string())
        }
        (FieldKind::Bool, ExpressionKind::Bool(is)) => Some(is.to_string()),
        _ => None,
    };
    plain.map_or_else(text, FieldValue::Plain)
}

/// A text in quotes that is one line.
fn line<'e>(sources: &Sources, expression: &'e Expression) -> Option<&'e str> {
    let ExpressionKind::String(text) = &expression.kind else { return None };
    let is_line = !text.contains(char::is_control) && sources.snippet(expression.span).starts_with('"');
    is_line.then_some(text)
}

/// A typed value as an expression; `numeric` where a text was written as a number before. An error says what is expected.
pub(super) fn expression(kind: &FieldKind, typed: &str, numeric: bool) -> Result<String, String> {
    let typed = typed.trim_matches(['\r', '\n']);
    match kind {
        FieldKind::Text { .. } if numeric && is_number(typed) => Ok(typed.to_owned()),
        FieldKind::Text { .. } if typed.contains(char::is_control) => Err("one line is expected".to_owned()),
        FieldKind::Text { .. } => Ok(quoted(typed)),
        FieldKind::Whole { least, most, .. } => {
            let number: i64 = typed.trim().parse().map_err(|_| "a whole number is expected".to_owned())?;
            match (least, most) {
                (Some(least), _) if number < *least => Err(format!("it is at least {least}")),
                (_, Some(most)) if number > *most => Err(format!("it is at most {most}")),
                _ => Ok(number.to_string()),
            }
        }
        FieldKind::Number { .. } if is_number(typed.trim()) => Ok(typed.trim().to_owned()),
        FieldKind::Number { .. } => Err("a number is expected".to_owned()),
        FieldKind::Bool if ["true", "false"].contains(&typed) => Ok(typed.to_owned()),
        FieldKind::Bool => Err("`true` or `false` is expected".to_owned()),
        FieldKind::OneOf { words } if words.iter().any(|(word, _)| word == typed) => Ok(quoted(typed)),
        FieldKind::OneOf { words } => {
            let words: Vec<String> = words.iter().map(|(word, _)| word.clone()).collect();
            Err(format!("{} is expected", crate::source::either(&words)))
        }
        FieldKind::Texts { .. } => {
            let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
            Ok(format!("[{}]", lines.map(quoted).collect::<Vec<_>>().join(", ")))
        }
        FieldKind::Expression { .. } => Err("this is changed in the text".to_owned()),
    }
}

/// Whether a text is a number as HCL writes it.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.parse::<f64>().is_ok_and(f64::is_finite)
        && !digits.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_value_is_a_literal_or_refused() {
        let whole = FieldKind::Whole { least: Some(1), most: Some(9), unit: String::new() };
        let text = FieldKind::Text { form: String::new() };
        let texts = FieldKind::Texts { form: String::new() };
        let words = FieldKind::OneOf { words: vec![("a".to_owned(), String::new())] };
        for (kind, typed, expected) in [
            (&whole, "3", Ok("3")),
            (&whole, "03", Ok("3")),
            (&whole, "0", Err("it is at least 1")),
            (&whole, "10", Err("it is at most 9")),
            (&whole, "", Err("a whole number is expected")),
            (&text, "${var.x} \"q\" \\", Ok("\"$${var.x} \\\"q\\\" \\\\\"")),
            (&text, "a\u{7}b", Err("one line is expected")),
            (&texts, "a\r\n\r\n b \n", Ok("[\"a\", \"b\"]")),
            (&texts, "", Ok("[]")),
            (&words, "a", Ok("\"a\"")),
            (&FieldKind::Bool, "yes", Err("`true` or `false` is expected")),
        ] {
            let done = expression(kind, typed, false);
            assert_eq!(done.as_deref().map_err(String::as_str), expected, "{typed}");
        }
        assert_eq!(expression(&text, "12", true).unwrap(), "12");
        for no in ["", "-", "1.", ".5", "1.2.3", "inf", "1e5", "0x1"] {
            assert!(!is_number(no), "{no}");
        }
    }
}
