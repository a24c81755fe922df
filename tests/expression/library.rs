//! Functions that another language hands in.

use disco::expression::{Library, Number, Scope, Value, write_json};
use disco::source::Sources;
use disco::syntax::parse_expression;

use super::complaints;

/// `sum` of numbers, `refuse` with a reason, and nothing else.
struct Few;

impl Library for Few {
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        match name {
            "sum" => {
                let numbers = arguments.iter().filter_map(Value::as_number);
                let sum = numbers.cloned().try_fold(Number::from(0_i64), |sum, number| sum.add(&number));
                Some(sum.map(Value::number).ok_or_else(|| "too long".to_owned()))
            }
            "refuse" => Some(Err(format!("{} arguments are too many", arguments.len()))),
            _ => None,
        }
    }
}

fn shown(text: &str) -> String {
    let sources = Sources::new();
    let id = sources.add("expression", text);
    let (expression, found) = parse_expression(&sources, id);
    assert!(found.is_empty(), "{text}: {found:?}");
    let scope = Scope::foreign(&sources, &Few);
    scope.define("l", Value::tuple(vec![Value::integer(1), Value::integer(2)]));
    scope.define("secret", Value::integer(3).with_secret(true));
    scope.define("later", Value::unknown(disco::expression::Type::Any));
    let value = scope.evaluate(&expression.expect("parsed"));
    let found = scope.take_diagnostics();
    if !found.is_empty() {
        return complaints(&found, &sources);
    }
    if value.is_secret() { "(secret)".to_owned() } else { write_json(&value).unwrap_or_else(|reason| reason) }
}

#[test]
fn calls_mean_what_the_library_says() {
    assert_eq!(shown("sum()"), "0");
    assert_eq!(shown("sum(1, sum(2, 3), l...)"), "9");
    assert_eq!(shown("true ? sum(1) : \"a\""), "1");
    assert_eq!(shown("sum(1, secret)"), "(secret)");
    assert_eq!(shown("sum(later...)"), "a value known only after apply cannot be written as JSON");
}

#[test]
fn mistakes_have_a_place() {
    assert_eq!(
        shown("1 + upper(\"a\")"),
        "disco::unknown_function: function `upper` does not exist\n  expression:1:5 `upper` not known"
    );
    assert_eq!(
        shown("try(1)"),
        "disco::unknown_function: function `try` does not exist\n  expression:1:1 `try` not known"
    );
    assert_eq!(
        shown("[refuse(l...)]"),
        "disco::function_failed: `refuse`: 2 arguments are too many\n  expression:1:2 `refuse(l...)`"
    );
    assert_eq!(
        shown("refuse(secret)"),
        "disco::function_failed: `refuse` does not work with these arguments\n  \
         expression:1:1 `refuse(secret)` one of them is secret, so the reason is not shown"
    );
    assert_eq!(shown("sum(1...)"), "disco::wrong_type: `...` spreads a list, found number 1\n  expression:1:5 `1`");
    // the mistake in an argument is the only one
    assert_eq!(shown("refuse(1 / 0)").lines().next(), Some("disco::division_by_zero: division by zero"));
}
