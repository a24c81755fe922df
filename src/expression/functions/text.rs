//! Functions on texts.

use unicode_segmentation::UnicodeSegmentation;

use super::{Call, Fault, Function};
use crate::expression::{Type, Value};

/// Longest text that a function makes larger on purpose.
const LONGEST: usize = 16 << 20;

pub(super) fn all() -> Vec<Function> {
    let texts = || Type::list(Type::String);
    let one = |name, summary, body| Function::new(name, summary, body).takes("text", Type::String).gives(Type::String);
    vec![
        one("upper", "The text in capital letters", |call| {
            Ok(Value::string(call.text(0).chars().map(upper).collect::<String>()))
        }),
        one("lower", "The text in small letters", |call| {
            Ok(Value::string(call.text(0).chars().map(lower).collect::<String>()))
        }),
        one("title", "The text with each word's first letter a capital", |call| Ok(Value::string(title(call.text(0))))),
        one("trimspace", "The text without spaces and line ends at both ends", |call| {
            Ok(Value::string(call.text(0).trim()))
        }),
        one("chomp", "The text without line ends at its end", |call| {
            Ok(Value::string(call.text(0).trim_end_matches(['\n', '\r'])))
        }),
        one("strrev", "The text backwards", |call| {
            Ok(Value::string(call.text(0).graphemes(true).rev().collect::<String>()))
        }),
        one("trim", "The text without the given characters at both ends", |call| {
            Ok(Value::string(call.text(0).trim_matches(|char| call.text(1).contains(char))))
        })
        .takes("characters", Type::String),
        one("trimprefix", "The text without the given beginning", |call| {
            Ok(Value::string(call.text(0).strip_prefix(call.text(1)).unwrap_or(call.text(0))))
        })
        .takes("prefix", Type::String),
        one("trimsuffix", "The text without the given end", |call| {
            Ok(Value::string(call.text(0).strip_suffix(call.text(1)).unwrap_or(call.text(0))))
        })
        .takes("suffix", Type::String),
        Function::new("startswith", "Whether the text begins so", |call| {
            Ok(Value::bool(call.text(0).starts_with(call.text(1))))
        })
        .takes("text", Type::String)
        .takes("prefix", Type::String)
        .gives(Type::Bool),
        Function::new("endswith", "Whether the text ends so", |call| {
            Ok(Value::bool(call.text(0).ends_with(call.text(1))))
        })
        .takes("text", Type::String)
        .takes("suffix", Type::String)
        .gives(Type::Bool),
        Function::new("strcontains", "Whether the second text is in the first", |call| {
            Ok(Value::bool(call.text(0).contains(call.text(1))))
        })
        .takes("text", Type::String)
        .takes("part", Type::String)
        .gives(Type::Bool),
        Function::new("replace", "The text with all occurrences of one part replaced by another", replace)
            .takes("text", Type::String)
            .takes("part", Type::String)
            .takes("replacement", Type::String)
            .gives(Type::String),
        Function::new(
            "substr",
            "A part of the text, by offset (from the end if negative) and length (-1: the rest)",
            substr,
        )
        .takes("text", Type::String)
        .takes("offset", Type::Number)
        .takes("length", Type::Number)
        .gives(Type::String),
        Function::new("indent", "The text with spaces before each line but the first", indent)
            .takes("spaces", Type::Number)
            .takes("text", Type::String)
            .gives(Type::String),
        Function::new("join", "The texts of all lists in one, with a separator between them", join)
            .takes("separator", Type::String)
            .takes_many("lists", texts())
            .gives(Type::String),
        Function::new("split", "The parts of a text between separators", |call| Ok(split(call.text(0), call.text(1))))
            .takes("separator", Type::String)
            .takes("text", Type::String)
            .gives(texts()),
        one("basename", "The last part of a path", |call| Ok(Value::string(basename(call.text(0))))),
        one("dirname", "A path without its last part", |call| Ok(Value::string(dirname(call.text(0))))),
    ]
}

/// The one capital letter of a letter; letters without one stay as they are.
fn upper(char: char) -> char {
    let mut capitals = char.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => char,
    }
}

fn lower(char: char) -> char {
    let mut smalls = char.to_lowercase();
    match (smalls.next(), smalls.next()) {
        (Some(small), None) => small,
        _ => char,
    }
}

fn title(text: &str) -> String {
    let mut after_letter = false;
    let mut titled = String::with_capacity(text.len());
    for char in text.chars() {
        if after_letter {
            titled.push(char);
        } else {
            titled.push(upper(char));
        }
        after_letter = char.is_alphanumeric() || char == '_';
    }
    titled
}

fn replace(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (text, part, replacement) = (call.text(0), call.text(1), call.text(2));
    if part.len() > 1 && part.starts_with('/') && part.ends_with('/') {
        return Err(
            Fault::at(1, "patterns between slashes are not supported").help("name the part as it stands in the text")
        );
    }
    let times = if part.is_empty() { text.chars().count() + 1 } else { text.matches(part).count() };
    if times.saturating_mul(replacement.len()).saturating_add(text.len()) > LONGEST {
        return Err(Fault::new("the text would become too long"));
    }
    Ok(Value::string(text.replace(part, replacement)))
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
        return Err(Fault::new("the text would become too long"));
    }
    Ok(Value::string(call.text(1).replace('\n', &format!("\n{}", " ".repeat(spaces)))))
}

fn join(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut parts = Vec::new();
    for list in 1..call.arguments.len() {
        for (index, element) in call.elements(list).into_iter().enumerate() {
            let Some(text) = element.as_str() else {
                return Err(Fault::at(list, format!("element {index} is null; cannot join null values")));
            };
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

fn basename(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" if path.is_empty() => ".",
        "" => "/",
        trimmed => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }
}

fn dirname(path: &str) -> String {
    let Some((folder, _)) = path.rsplit_once('/') else { return ".".to_owned() };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            ("..", None) if path.starts_with('/') => {}
            _ => parts.push(part),
        }
    }
    match (path.starts_with('/'), parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn texts() {
        check(&[
            (r#"upper("straße é")"#, r#""STRAßE É""#),
            (r#"lower("HELLO É")"#, r#""hello é""#),
            (r#"title("hello world, it's a-b")"#, r#""Hello World, It'S A-B""#),
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
            (r#"replace("1 + 2 + 3", "+", "-")"#, r#""1 - 2 - 3""#),
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
            (r#"basename("a/b/c.txt")"#, r#""c.txt""#),
            (r#"dirname("a/b/c.txt")"#, r#""a/b""#),
            (r#"dirname("c.txt")"#, r#"".""#),
            (r#"dirname("a//b/../c")"#, r#""a""#),
            (r#"dirname("/a")"#, r#""/""#),
        ]);
        refuse(&[
            (r#"replace("a", "/a/", "b")"#, "`replace`: patterns between slashes are not supported", "\"/a/\""),
            (r#"substr("a", 0.5, 1)"#, "`substr`: expected a whole number, found number 0.5", "0.5"),
            (r#"join(",", ["a", null])"#, "`join`: element 1 is null; cannot join null values", "[\"a\", null]"),
        ]);
    }
}
