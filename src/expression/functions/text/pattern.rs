//! `regex`, `regexall` and `replace`: texts and patterns.

use std::rc::Rc;

use regex_lite::Captures;

use super::patterns::Pattern;
use super::replacement::Replacement;
use crate::expression::functions::sequence::MOST;
use crate::expression::functions::{Call, Fault, Function};
use crate::expression::limit::LONGEST;
use crate::expression::value::sorted;
use crate::expression::{AttributeType, Kind, Type, Value};

pub(super) fn all() -> Vec<Function> {
    let matching = |name, summary, body| {
        Function::new(name, summary, body).takes("pattern", Type::String).takes("string", Type::String).unknown()
    };
    vec![
        matching("regex", "What a pattern finds first in a string: the whole, or what its groups caught", first),
        matching("regexall", "All that a pattern finds in a string, as a list", every).gives(Type::list(Type::Any)),
        Function::new("replace", "The string with all occurrences of a part, or of a /pattern/, replaced", replace)
            .takes("string", Type::String)
            .takes("part", Type::String)
            .takes("replacement", Type::String)
            .gives(Type::String),
    ]
}

impl Pattern {
    /// The type of what it finds.
    fn gives(&self) -> Result<Type, Fault> {
        let named = self.names.iter().flatten().count();
        match (self.names.len(), named) {
            (0, _) => Ok(Type::String),
            (groups, 0) => Ok(Type::Tuple(vec![Type::String; groups])),
            (groups, named) if groups == named => {
                let attribute = |name: &String| (name.as_str().into(), AttributeType::required(Type::String));
                Ok(Type::Object(sorted(self.names.iter().flatten().map(attribute))))
            }
            _ => Err(Fault::at(0, "some groups of the pattern have a name and others have none")
                .help("write `(?:…)` for a group without capture")),
        }
    }

    /// How many bytes its groups caught: they may lie within one another.
    fn caught(found: &Captures<'_>) -> usize {
        found.iter().skip(1).flatten().map(|group| group.len()).sum()
    }

    fn found(&self, found: &Captures<'_>) -> Value {
        let group = |index: usize| match found.get(index) {
            Some(group) => Value::string(group.as_str()),
            None => Kind::Null(Type::String).into(),
        };
        if self.names.is_empty() {
            return group(0);
        }
        let caught = (1..=self.names.len()).map(group);
        if self.names.iter().all(Option::is_none) {
            return Value::tuple(caught.collect());
        }
        Value::object(self.names.iter().flatten().map(String::as_str).zip(caught))
    }
}

fn pattern(call: &Call<'_, '_>, index: usize, text: &str) -> Result<Rc<Pattern>, Fault> {
    call.scope.patterns().get(text).map_err(|wrong| {
        let fault = Fault::at(index, format!("not a valid pattern: {}", wrong.message));
        match wrong.help {
            Some(help) => fault.help(help),
            None => fault,
        }
    })
}

fn first(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let pattern = pattern(call, 0, call.text(0))?;
    let (of, text) = (pattern.gives()?, call.value(1));
    let Some(text) = text.as_str() else { return Ok(Value::unknown(of)) };
    match pattern.regex.captures(text) {
        Some(found) if Pattern::caught(&found) > LONGEST => Err(Fault::text_too_long()),
        Some(found) => Ok(pattern.found(&found)),
        None => Err(Fault::at(1, "the pattern does not match this string")
            .help("check with `can(regex(…))` first, or use `regexall`, which gives an empty list")),
    }
}

fn every(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let pattern = pattern(call, 0, call.text(0))?;
    let (of, text) = (pattern.gives()?, call.value(1));
    let Some(text) = text.as_str() else { return Ok(Value::unknown(Type::list(of))) };
    let mut all = Vec::new();
    let mut caught = 0;
    for found in pattern.regex.captures_iter(text) {
        caught += Pattern::caught(&found);
        if caught > LONGEST {
            return Err(Fault::text_too_long());
        }
        if all.len() == MOST {
            return Err(Fault::at(1, format!("the pattern matches more than {MOST} times")));
        }
        all.push(pattern.found(&found));
    }
    Ok(Value::list(of, all))
}

fn replace(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (text, part, replacement) = (call.text(0), call.text(1), call.text(2));
    if let Some(written) = part.strip_prefix('/').and_then(|part| part.strip_suffix('/')) {
        return replace_matches(&*pattern(call, 1, written)?, text, &Replacement::read(replacement));
    }
    let times = if part.is_empty() { text.chars().count() + 1 } else { text.matches(part).count() };
    if times.saturating_mul(replacement.len()).saturating_add(text.len()) > LONGEST {
        return Err(Fault::text_too_long());
    }
    Ok(Value::string(text.replace(part, replacement)))
}

fn replace_matches(pattern: &Pattern, text: &str, replacement: &Replacement<'_>) -> Result<Value, Fault> {
    let mut replaced = String::with_capacity(text.len());
    let mut copied = 0;
    for found in pattern.regex.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        replaced.push_str(&text[copied..whole.start()]);
        replacement.write(&found, &pattern.names, &mut replaced);
        copied = whole.end();
        if replaced.len() > LONGEST {
            return Err(Fault::text_too_long());
        }
    }
    replaced.push_str(&text[copied..]);
    Ok(Value::string(replaced))
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::{check, refuse};

    #[test]
    fn patterns() {
        check(&[
            (r#"regex("[a-z]+", "123abc456def")"#, r#""abc""#),
            (r#"regex("(\\d+)-(\\d+)?", "7-")"#, r#"["7",null]"#),
            (r#"regex("(?P<year>\\d+)-(?P<month>\\d+)", "2026-11")"#, r#"{"month":"11","year":"2026"}"#),
            (r#"regexall("[a-z]+", "1ab2cd3")"#, r#"["ab","cd"]"#),
            (r#"regexall("x", "abc")"#, "[]"),
            (r#"regex("a", var.unknown)"#, "unknown"),
            (r#"regex("(.*)", var.secret)"#, r#"secret([secret("hidden")])"#),
            (r#"replace("1 + 2 + 3", "+", "-")"#, r#""1 - 2 - 3""#),
            (r#"replace("hello world", "/(\\w+) (\\w+)/", "$2 $1")"#, r#""world hello""#),
        ]);
        refuse(&[
            (r#"regex("(a", "a")"#, "`regex`: not a valid pattern: a group is not closed", "\"(a\""),
            (r#"regex("a", "b")"#, "`regex`: the pattern does not match this string", "\"b\""),
            (
                r#"regex("(a)(?P<n>b)", "ab")"#,
                "`regex`: some groups of the pattern have a name and others have none",
                r#""(a)(?P<n>b)""#,
            ),
            (
                r#"replace("a", "/(?=a)/", "b")"#,
                "`replace`: not a valid pattern: patterns cannot look ahead or behind",
                "\"/(?=a)/\"",
            ),
        ]);
    }
}
