//! Tests of the room `expression`.
#![expect(clippy::expect_used, reason = "what a test takes for granted may end it")]

mod complaints;
mod conversion;
mod evaluation;
mod laws;
mod library;
mod secrets;
mod terraform;
mod unknowns;
mod work;

use std::collections::BTreeMap;

use disco::expression::{FileReader, Scope, Value, write_json};
use disco::source::{Diagnostics, Sources};
use disco::syntax::{parse, parse_expression};

/// Files by name.
#[derive(Default)]
struct Files(BTreeMap<&'static str, &'static str>);

impl FileReader for Files {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).map(|text| text.as_bytes().to_vec()).ok_or_else(|| format!("file {path} does not exist"))
    }

    fn exists(&self, path: &str) -> Result<bool, String> {
        Ok(self.0.contains_key(path))
    }
}

/// Evaluates a text in a scope made by `define`, with `locals` as the attributes of a file.
fn evaluate_with(text: &str, locals: &str, define: impl Fn(&Scope<'_>)) -> (Value, Diagnostics, Sources) {
    let sources = Sources::new();
    let (value, diagnostics) = {
        let id = sources.add("locals.disco.hcl", locals);
        let (body, found) = parse(&sources, id);
        assert!(found.is_empty(), "{found:?}");
        let id = sources.add("expression", text);
        let (expression, found) = parse_expression(&sources, id);
        assert!(found.is_empty(), "{text}: {found:?}");
        let files =
            Files([("hello.tpl", "Hello ${name}!"), ("accent.txt", "e\u{301}"), ("broken.tpl", "a\nb ${nmae}")].into());
        let scope = Scope::new(&sources, &files);
        for attribute in &body.attributes {
            scope.define_lazy("local", &attribute.name.text, &attribute.value);
        }
        define(&scope);
        let value = scope.evaluate(&expression.expect("parsed"));
        (value, scope.take_diagnostics())
    };
    (value, diagnostics, sources)
}

/// The value of a text, as JSON, or the complaints.
fn shown(text: &str) -> String {
    shown_with(text, "")
}

/// The same with locals.
fn shown_with(text: &str, locals: &str) -> String {
    let (value, diagnostics, sources) = evaluate_with(text, locals, |_| {});
    if diagnostics.is_empty() {
        return write_json(&value).unwrap_or_else(|reason| format!("{reason}: {value:?}"));
    }
    complaints(&diagnostics, &sources)
}

/// Complaints with the text under their labels.
fn complaints(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let mut lines = Vec::new();
    for diagnostic in diagnostics {
        lines.push(format!("{}: {}", diagnostic.code, diagnostic.message));
        for label in &diagnostic.labels {
            let (name, position) = sources.locate(label.span);
            let place = format!(
                "  {name}:{}:{} `{}` {}",
                position.line,
                position.column,
                sources.snippet(label.span),
                label.text
            );
            lines.push(place.trim_end().to_owned());
        }
        lines.extend(diagnostic.help.iter().map(|help| format!("  help: {help}")));
    }
    lines.join("\n")
}
