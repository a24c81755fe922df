//! Whatever an expression is, it comes to a value or to a complaint.

use disco::expression::{FileReader, Scope, Type, Value, convert, order, read_json, type_of, write_json};
use disco::source::{Diagnostics, Sources};
use disco::syntax::{parse, parse_expression};

use super::Target;
use super::mutate::changed;

pub(super) const TARGET: Target = Target {
    name: "expressions",
    make: |corpus, random| {
        let text = random.one(&corpus.expressions).clone();
        changed(text, &corpus.expressions, random).into_bytes()
    },
    check: |input| check(&String::from_utf8_lossy(input)),
};

/// What nothing may show.
const SECRET: &str = "geheim";

const LOCALS: &str = r#"
a      = [1, { a = 2 }]
b      = { x = local.a, y = "é" }
number = 5
text   = "Hello, ${local.number}!"
loop   = local.loop
"#;

struct Files;

impl FileReader for Files {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "a.txt" => Ok(b"a text\n".to_vec()),
            "t.tpl" => Ok(b"Hello ${name}!%{ for x in xs } ${x}%{ endfor }".to_vec()),
            other => Err(format!("file {other} does not exist")),
        }
    }

    fn exists(&self, path: &str) -> Result<bool, String> {
        Ok(path == "a.txt")
    }
}

fn check(text: &str) {
    let sources = Sources::new();
    let (locals, _) = parse(&sources, sources.add("locals", LOCALS));
    let id = sources.add("expression", text);
    let (Some(expression), _) = parse_expression(&sources, id) else { return };
    let evaluated = || {
        let scope = Scope::new(&sources, &Files);
        for attribute in &locals.attributes {
            scope.define_lazy("local", &attribute.name.text, &attribute.value);
        }
        scope.define("unknown", Value::unknown(Type::Any));
        scope.define_entry("var", "unknown", Value::unknown(Type::list(Type::String)));
        scope.define("secret", Value::string(SECRET).with_secret(true));
        scope.define_entry("var", "secret", Value::string(SECRET).with_secret(true));
        scope.define("nodes", Value::members([(0, Value::integer(1)), (2, Value::integer(2))].into()));
        let value = scope.evaluate(&expression);
        (value, scope.take_diagnostics())
    };
    let (value, found) = evaluated();
    places(&found, &sources);
    assert!(!value.contains_failed() || found.has_errors(), "it failed, and nothing says why");
    let told = format!("{found:?}{value:?}");
    assert!(!told.contains(SECRET) || text.contains(SECRET), "it tells the secret: {told}");
    let (again, found_again) = evaluated();
    assert!(order(&value, &again).is_eq(), "another value the second time");
    assert_eq!(found.len(), found_again.len(), "other complaints the second time");
    if found.has_errors() {
        return;
    }
    let of = type_of(&value);
    let converted = convert(&value, &of);
    assert!(converted.as_ref().is_ok_and(|same| order(same, &value).is_eq()), "{of:?} of itself: {converted:?}");
    if !value.contains_unknown()
        && let Ok(json) = write_json(&value)
    {
        let back = read_json(&json).expect("JSON");
        let standard: Result<serde_json::Value, _> = serde_json::from_str(&json);
        assert!(standard.is_ok(), "no JSON for others: {json}");
        assert_eq!(write_json(&back).as_deref(), Ok(json.as_str()), "read back");
    }
}

/// All places lie in their texts.
fn places(found: &Diagnostics, sources: &Sources) {
    for label in found.iter().flat_map(|found| &found.labels) {
        let source = sources.get(label.span.source);
        assert!(source.text().get(label.span.range()).is_some(), "{:?} is no range of `{}`", label.span, source.name());
        sources.locate(label.span);
    }
}
