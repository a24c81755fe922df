//! `fileset`: the files below a folder that fit a pattern.

use regex_lite::Regex;

use super::super::text::literal;
use super::super::{Call, Fault, Function};
use super::path::clean;
use crate::expression::{Type, Value, convert};

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new(
            "fileset",
            "The files below a folder that fit a pattern: `*`, `?`, `**/`, `[a-z]`, `{a,b}`",
            fileset,
        )
        .takes("folder", Type::String)
        .takes("pattern", Type::String)
        .gives(Type::set(Type::String)),
    ]
}

fn fileset(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (folder, pattern) = (clean(call.text(0)), clean(call.text(1).trim_start_matches('/')));
    let below = pattern.trim_start_matches("../");
    let ups = (pattern.len() - below.len()) / "../".len();
    let expression = expression(below).and_then(|expression| Regex::new(&expression).ok()).ok_or_else(|| {
        Fault::at(1, "a `[` or `{` of the pattern is not closed, is empty or goes backwards")
            .help("`\\\\[` stands for a bracket")
    })?;
    let top = if ups == 0 { call.text(0).to_owned() } else { format!("{folder}/{}", vec![".."; ups].join("/")) };
    let files = call.scope.reader().list(&top).map_err(|reason| Fault::at(0, reason))?;
    let found: Vec<&String> = files.iter().filter(|file| expression.is_match(file)).collect();
    for file in &found {
        let path = format!("{}/{file}", top.trim_end_matches('/'));
        call.scope.reader().check(&path).map_err(|reason| {
            Fault::at(1, format!("the pattern matches what cannot be read: {reason}"))
                .help("repair it, remove it, or write a pattern that does not match it")
        })?;
    }
    let found = found.into_iter().map(|file| Value::string(seen(file, &folder, ups)));
    let found = Value::list(Type::String, found.collect());
    convert(&found, &Type::set(Type::String)).map_err(|mismatch| Fault::new(mismatch.to_string()))
}

/// The way from the folder to a file that was found some folders above it.
fn seen(file: &str, folder: &str, ups: usize) -> String {
    let way: Vec<&str> = folder.split('/').collect();
    let way = &way[way.len().saturating_sub(ups)..];
    let parts: Vec<&str> = file.split('/').collect();
    let shared =
        if way.len() == ups { way.iter().zip(&parts).take_while(|(way, part)| way == part).count() } else { 0 };
    let back = std::iter::repeat_n("..", ups - shared);
    back.chain(parts[shared..].iter().copied()).collect::<Vec<_>>().join("/")
}

/// The pattern as a regular expression; `None` if it is none.
fn expression(pattern: &str) -> Option<String> {
    let mut written = "\\A(?:".to_owned();
    let mut parts = pattern.split('/').peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        match (part, last) {
            ("**", true) => written.push_str("(?s:.)+"),
            ("**", false) => written.push_str("(?:[^/]+/)*"),
            _ => {
                written.push_str(&within(part)?);
                written.push_str(if last { "" } else { "/" });
            }
        }
    }
    Some(written + ")\\z")
}

/// One part of the pattern, between slashes.
fn within(part: &str) -> Option<String> {
    let mut written = String::new();
    let mut chars = part.chars();
    let mut open = 0;
    while let Some(char) = chars.next() {
        match char {
            '*' => written.push_str("[^/]*"),
            '?' => written.push_str("[^/]"),
            '[' => written.push_str(&class(&mut chars)?),
            '{' => {
                open += 1;
                written.push_str("(?:");
            }
            '}' if open > 0 => {
                open -= 1;
                written.push(')');
            }
            ',' if open > 0 => written.push('|'),
            '\\' => written.push_str(&literal(chars.next()?)),
            other => written.push_str(&literal(other)),
        }
    }
    (open == 0).then_some(written)
}

/// After `[`: one of the characters up to `]`.
fn class(chars: &mut std::str::Chars<'_>) -> Option<String> {
    let without = chars.as_str().starts_with('^');
    if without {
        chars.next();
    }
    let mut written = if without { "[^".to_owned() } else { "[".to_owned() };
    let character = |chars: &mut std::str::Chars<'_>| match chars.next()? {
        '\\' => chars.next(),
        '-' => None,
        other => Some(other),
    };
    let mut empty = true;
    loop {
        if chars.as_str().starts_with(']') {
            chars.next();
            return (!empty).then_some(written + "]");
        }
        written.push_str(&literal(character(chars)?));
        if chars.as_str().starts_with('-') {
            chars.next();
            written.push('-');
            written.push_str(&literal(character(chars)?));
        }
        empty = false;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::check;
    use super::{expression, seen};

    #[test]
    fn patterns() {
        let rows = [
            ("*.txt", "a.txt", true),
            ("*.txt", "b/a.txt", false),
            ("**/*.txt", "b/c/a.txt", true),
            ("**/*.txt", "a.txt", true),
            ("b/**", "b/c/a.txt", true),
            ("b/**", "b", false),
            ("b**/a.txt", "bc/a.txt", true),
            ("?.txt", "a.txt", true),
            ("?.txt", "ab.txt", false),
            ("[a-c].{txt,md}", "b.md", true),
            ("[^a-c].txt", "b.txt", false),
            ("\\*", "*", true),
        ];
        for (pattern, path, wanted) in rows {
            let expression = regex_lite::Regex::new(&expression(pattern).expect(pattern)).expect(pattern);
            assert_eq!(expression.is_match(path), wanted, "{pattern} {path}");
        }
        for wrong in ["a.{x", "[a", "[]", "a\\"] {
            assert_eq!(expression(wrong), None, "{wrong}");
        }
        check(&[
            (r#"fileset(".", "*.txt")"#, r#"["hello.txt"]"#),
            (r#"fileset(".", "**/o*")"#, r#"["sub/other.txt"]"#),
        ]);
    }

    #[test]
    fn the_way_from_the_folder() {
        assert_eq!(seen("a.txt", "x/y", 1), "../a.txt");
        assert_eq!(seen("y/a.txt", "x/y", 1), "a.txt");
        assert_eq!(seen("x/z/a.txt", "x/y", 2), "../z/a.txt");
        assert_eq!(seen("a.txt", "x", 2), "../../a.txt");
    }
}
