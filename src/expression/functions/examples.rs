//! Examples of calls, for the tests of all families.

use std::fmt::Write as _;

use crate::expression::{FileReader, Kind, Scope, Type, Value};
use crate::source::{Diagnostics, SourceId, Sources};
use crate::syntax;

struct Files;

impl FileReader for Files {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "hello.txt" => Ok(b"hello".to_vec()),
            "bytes" => Ok(vec![0xff]),
            "motd.tftpl" => Ok(b"hello ${name}: %{ for x in xs }${x} %{ endfor }".to_vec()),
            "broken.tftpl" => Ok(b"hello\n${1 +}\n".to_vec()),
            other => Err(format!("no file `{other}`")),
        }
    }

    fn exists(&self, path: &str) -> Result<bool, String> {
        if path == "sub" { Err("`sub` is a folder, not a file".to_owned()) } else { Ok(self.read(path).is_ok()) }
    }

    fn list(&self, _folder: &str) -> Result<Vec<String>, String> {
        Ok(vec!["bytes".into(), "hello.txt".into(), "sub/other.txt".into()])
    }

    fn home(&self) -> Option<String> {
        Some("/home/somebody".to_owned())
    }

    fn folder(&self) -> Option<String> {
        Some("/project".to_owned())
    }
}

fn evaluate(sources: &Sources, text: &str) -> (SourceId, Value, Diagnostics) {
    let id = sources.add("example", text);
    let (expression, diagnostics) = syntax::parse_expression(sources, id);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    let expression = expression.expect("parses");
    let scope = Scope::new(sources, &Files);
    scope.define_entry("var", "unknown", Value::unknown(Type::String));
    scope.define_entry("var", "unknown_list", Value::unknown(Type::list(Type::String)));
    scope.define_entry("var", "secret", Value::string("hidden").with_secret(true));
    let value = scope.evaluate(&expression);
    (id, value, scope.take_diagnostics())
}

/// A value in JSON's notation; `unknown` for what is unknown, `secret(…)` for what is marked.
pub(super) fn shown(value: &Value) -> String {
    let all = |values: Vec<&Value>| values.into_iter().map(shown).collect::<Vec<_>>().join(",");
    let text = match value.kind() {
        Kind::Null(_) => "null".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::String(text) => format!("{text:?}"),
        Kind::Unknown(_) => "unknown".to_owned(),
        Kind::Failed => "failed".to_owned(),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let mut text = String::new();
            for (key, entry) in entries.iter() {
                let comma = if text.is_empty() { "" } else { "," };
                write!(text, "{comma}{key:?}:{}", shown(entry)).expect("a text takes all");
            }
            format!("{{{text}}}")
        }
        _ => format!("[{}]", all(value.elements().unwrap_or_default())),
    };
    if value.is_secret() { format!("secret({text})") } else { text }
}

/// What an expression gives.
pub(super) fn value_of(text: &str) -> Value {
    evaluate(&Sources::new(), text).1
}

/// Each expression gives what stands beside it, and no complaint.
pub(super) fn check(rows: &[(&str, &str)]) {
    for (text, wanted) in rows {
        let sources = Sources::new();
        let (_, value, diagnostics) = evaluate(&sources, text);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        assert_eq!(shown(&value), *wanted, "{text}");
    }
}

/// Each expression is refused with that message, at that part of it.
pub(super) fn refuse(rows: &[(&str, &str, &str)]) {
    for (text, message, place) in rows {
        let sources = Sources::new();
        let (_, value, diagnostics) = evaluate(&sources, text);
        assert!(value.is_failed(), "{text}: {}", shown(&value));
        let found: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
        assert_eq!(found, [*message], "{text}");
        let span = diagnostics.iter().next().and_then(crate::source::Diagnostic::span).expect("a place");
        assert_eq!(sources.snippet(span), *place, "{text}");
    }
}
