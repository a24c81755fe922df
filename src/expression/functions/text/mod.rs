//! Functions on texts.

mod letters;
mod pattern;
mod patterns;
mod re2;
mod replacement;

pub(in crate::expression) use patterns::Patterns;
pub(super) use re2::literal;

use unicode_segmentation::UnicodeSegmentation;

use super::{Call, Fault, Function};
use crate::expression::limit::LONGEST;
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    [pieces(), letters::all(), pattern::all()].into_iter().flatten().collect()
}

fn pieces() -> Vec<Function> {
    let texts = || Type::list(Type::String);
    let one =
        |name, summary, body| Function::new(name, summary, body).takes("string", Type::String).gives(Type::String);
    vec![
        one("trimspace", "The string without spaces and line ends at both ends", |call| {
            Ok(Value::string(call.text(0).trim()))
        }),
        one("chomp", "The string without line ends at its end", |call| {
            Ok(Value::string(call.text(0).trim_end_matches(['\n', '\r'])))
        }),
        one("strrev", "The string backwards", |call| {
            Ok(Value::string(call.text(0).graphemes(true).rev().collect::<String>()))
        }),
        one("trim", "The string without the given characters at both ends", |call| {
            Ok(Value::string(call.text(0).trim_matches(|char| call.text(1).contains(char))))
        })
        .takes("characters", Type::String),
        one("trimprefix", "The string without the given prefix", |call| {
            Ok(Value::string(call.text(0).strip_prefix(call.text(1)).unwrap_or(call.text(0))))
        })
        .takes("prefix", Type::String),
        one("trimsuffix", "The string without the given suffix", |call| {
            Ok(Value::string(call.text(0).strip_suffix(call.text(1)).unwrap_or(call.text(0))))
        })
        .takes("suffix", Type::String),
        Function::new("startswith", "Whether the string begins with the given prefix", |call| {
            let (text, prefix) = (call.value(0), call.text(1));
            Ok(match text.as_str() {
                Some(text) => Value::bool(text.starts_with(prefix)),
                // every text begins with nothing
                None if prefix.is_empty() => Value::bool(true),
                None => Value::unknown(Type::Bool),
            })
        })
        .takes("string", Type::String)
        .unknown()
        .takes("prefix", Type::String)
        .gives(Type::Bool),
        Function::new("endswith", "Whether the string ends with the given suffix", |call| {
            Ok(Value::bool(call.text(0).ends_with(call.text(1))))
        })
        .takes("string", Type::String)
        .takes("suffix", Type::String)
        .gives(Type::Bool),
        Function::new("strcontains", "Whether the second string is in the first", |call| {
            Ok(Value::bool(call.text(0).contains(call.text(1))))
        })
        .takes("string", Type::String)
        .takes("part", Type::String)
        .gives(Type::Bool),
        Function::new(
            "substr",
            "A part of the string, by offset (from the end if negative) and length (-1: the rest)",
            substr,
        )
        .takes("string", Type::String)
        .takes("offset", Type::Number)
        .takes("length", Type::Number)
        .gives(Type::String),
        Function::new("indent", "The string with spaces before each line but the first", indent)
            .takes("spaces", Type::Number)
            .takes("string", Type::String)
            .gives(Type::String),
        Function::new("join", "The strings of all lists in one, with a separator between them", join)
            .takes("separator", Type::String)
            .takes_many("lists", texts())
            .gives(Type::String),
        Function::new("split", "The parts of a string between separators", |call| {
            Ok(split(call.text(0), call.text(1)))
        })
        .takes("separator", Type::String)
        .takes("string", Type::String)
        .gives(texts()),
    ]
}

fn substr(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let offset = call.integer(1, i64::MIN..=i64::MAX)?;
    let length = call.integer(2, i64::MIN..=i64::MAX)?;
    let letters: Vec<&str> = call.text(0).graphemes(true).collect();
    let count = i64::try_from(letters.len()).unwrap_or(i64::MAX);
    let start = if offset < 0 { (offset.saturating_add(count)).max(0) } else { offset.min(count) };
    let end = if length < 0 { count } else { start.saturating_add(length).min(count) };
    let index = |at: i64| usize::try_from(at).unwrap_or(0);
    Ok(Value::string(letters[index(start)..index(end)].concat()))
}

fn indent(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let spaces = usize::try_from(call.integer(0, 0..=4096)?).unwrap_or(0);
    let lines = call.text(1).matches('\n').count();
    if spaces.saturating_mul(lines) > LONGEST {
        return Err(Fault::text_too_long());
    }
    Ok(Value::string(call.text(1).replace('\n', &format!("\n{}", " ".repeat(spaces)))))
}

fn join(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut parts = Vec::new();
    let mut length = 0;
    for list in 1..call.arguments.len() {
        for (index, element) in call.elements(list).into_iter().enumerate() {
            let Some(text) = element.as_str() else {
                return Err(Fault::at(list, format!("element {index} is null; cannot join null values")));
            };
            length += text.len() + call.text(0).len();
            if length > LONGEST {
                return Err(Fault::text_too_long());
            }
            parts.push(text);
        }
    }
    if parts.is_empty() && call.arguments.len() == 1 {
        return Err(Fault::new("at least one list is needed"));
    }
    Ok(Value::string(parts.join(call.text(0))))
}

fn split(separator: &str, text: &str) -> Value {
    let parts: Vec<Value> = if separator.is_empty() {
        text.chars().map(|char| Value::string(char.to_string())).collect()
    } else {
        text.split(separator).map(Value::string).collect()
    };
    Value::list(Type::String, parts)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn texts() {
        check(&[
            (r#"trimspace("  a b\n\t")"#, r#""a b""#),
            (r#"chomp("a\r\n\n")"#, r#""a""#),
            (r#"chomp("a\n b")"#, r#""a\n b""#),
            (r#"strrev("abcé")"#, r#""écba""#),
            (r#"trim("?!hello?!", "!?")"#, r#""hello""#),
            (r#"trimprefix("helloworld", "hello")"#, r#""world""#),
            (r#"trimprefix("world", "hello")"#, r#""world""#),
            (r#"trimsuffix("helloworld", "world")"#, r#""hello""#),
            (r#"startswith("hello", "he")"#, "true"),
            (r#"endswith("hello", "he")"#, "false"),
            (r#"strcontains("hello", "ell")"#, "true"),
            (r#"substr("hello world", 1, 4)"#, r#""ello""#),
            (r#"substr("hello world", -5, -1)"#, r#""world""#),
            (r#"substr("hello", 10, 4)"#, r#""""#),
            (r#"substr("héllo", 1, 1)"#, r#""é""#),
            (r#"indent(2, "a\nb\nc")"#, r#""a\n  b\n  c""#),
            (r#"join(", ", ["a", "b"], ["c"])"#, r#""a, b, c""#),
            (r#"join("-", [1, true])"#, r#""1-true""#),
            (r#"join("-", [])"#, r#""""#),
            (r#"split(",", "a,b,,c")"#, r#"["a","b","","c"]"#),
            (r#"split(",", "")"#, r#"[""]"#),
            (r#"split("", "abc")"#, r#"["a","b","c"]"#),
        ]);
        refuse(&[
            (r#"substr("a", 0.5, 1)"#, "`substr`: expected a whole number, found number 0.5", "0.5"),
            (r#"join(",", ["a", null])"#, "`join`: element 1 is null; cannot join null values", "[\"a\", null]"),
        ]);
    }
}
