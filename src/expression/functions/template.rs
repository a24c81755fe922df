//! `templatefile` and `templatestring`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Call, Fault, Function};
use crate::expression::{Type, Value};
use crate::syntax::is_name;

pub(super) fn all() -> Vec<Function> {
    let with_names = |function: Function| function.takes("names", Type::Any).unknown().keeps_marks();
    vec![
        with_names(
            Function::new(
                "templatefile",
                "The string that a file makes as a template, with the given names in it",
                of_file,
            )
            .takes("path", Type::String),
        ),
        with_names(
            Function::new(
                "templatestring",
                "The string that a template in a string makes, with the given names in it",
                of_text,
            )
            .takes("template", Type::String),
        ),
    ]
}

/// What the template may name; `None` while that is not known.
fn names(names: &Value) -> Result<Option<&BTreeMap<Arc<str>, Value>>, Fault> {
    if names.is_unknown() {
        return Ok(None);
    }
    let Some(entries) = names.entries() else {
        return Err(Fault::at(1, "write the names as an object or a map: { name = value }"));
    };
    match entries.keys().find(|name| !is_name(name)) {
        Some(name) => Err(Fault::at(1, format!("{name:?} is not a name that a template can use"))
            .help("use letters, digits, `_` and `-`, beginning with a letter")),
        None => Ok(Some(entries)),
    }
}

fn owned(names: &BTreeMap<Arc<str>, Value>) -> impl Iterator<Item = (Arc<str>, Value)> {
    names.iter().map(|(name, value)| (Arc::clone(name), value.clone()))
}

fn of_file(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let given = call.value(1);
    let Some(names) = names(&given)? else { return Ok(Value::unknown(Type::Any)) };
    let template = call.scope.template_of(call.text(0)).map_err(|reason| Fault::at(0, reason))?;
    made(call.scope.evaluate_file(&template, owned(names), call.place))
}

fn of_text(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let given = call.value(1);
    let Some(names) = names(&given)? else { return Ok(Value::unknown(Type::Any)) };
    let template = call.scope.template_in(call.text(0));
    if !call.value(0).is_secret() {
        return made(call.scope.evaluate_file(&template, owned(names), call.place));
    }
    // complaints would show the template
    let (value, found) = call.scope.attempt(|| call.scope.evaluate_file(&template, owned(names), call.place));
    if found.has_errors() || value.contains_failed() {
        return Err(Fault::at(0, "this template has a mistake; it is secret, so the reason is not shown"));
    }
    made(value)
}

fn made(value: Value) -> Result<Value, Fault> {
    if value.is_null() {
        return Err(Fault::new("the template gives null")
            .help("a template of a single `${…}` gives its value: make sure it is not null"));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn templates() {
        check(&[
            (r#"templatefile("motd.tftpl", { name = "A", xs = [1, 2] })"#, r#""hello A: 1 2 ""#),
            (r#"templatestring("$${a} and %%{ if b }b%%{ endif }", { a = 1, b = true })"#, r#""1 and b""#),
            (r#"templatestring("$${x}", { x = [1] })"#, "[1]"),
            (r#"templatestring("a$${x}", { x = var.unknown })"#, "unknown"),
            (r#"templatestring("a", { x = var.secret })"#, r#""a""#),
            ("templatestring(var.secret, {})", r#"secret("hidden")"#),
        ]);
        refuse(&[
            (r#"templatestring("$${x}", {})"#, "`x` is not defined", "x"),
            (
                r#"templatestring("$${x}", { x = null })"#,
                "`templatestring`: the template gives null",
                r#"templatestring("$${x}", { x = null })"#,
            ),
            (
                r#"templatestring(sensitive("$${x}"), {})"#,
                "`templatestring`: this template has a mistake; it is secret, so the reason is not shown",
                r#"sensitive("$${x}")"#,
            ),
            (
                r#"templatestring("", { "1a" = 1 })"#,
                "`templatestring`: \"1a\" is not a name that a template can use",
                r#"{ "1a" = 1 }"#,
            ),
        ]);
    }
}
