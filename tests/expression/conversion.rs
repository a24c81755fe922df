//! Conversions, types as written, and JSON.

use disco::expression::{
    Number, Scope, Type, Value, convert, equal, parse_type, read_json, to_json, type_of, unify, write_json,
};
use disco::source::Sources;
use disco::syntax::parse_expression;

use super::{Files, complaints, evaluate_with};

fn type_of_text(text: &str) -> (Type, String) {
    let sources = Sources::new();
    let id = sources.add("type", text);
    let (expression, _) = parse_expression(&sources, id);
    let files = Files::default();
    let scope = Scope::new(&sources, &files);
    let (of, found) = parse_type(&expression.expect("parsed"), &scope);
    (of, complaints(&found, &sources))
}

#[test]
fn types_are_written_back_as_they_are_read() {
    for text in [
        "any",
        "list(string)",
        "set(number)",
        "map(list(bool))",
        "tuple([string, number])",
        "object({a = optional(string), b = number})",
    ] {
        let (of, found) = type_of_text(text);
        assert_eq!((of.to_string().as_str(), found.as_str()), (text, ""));
    }
}

#[test]
fn wrong_types_say_what_is_right() {
    let drawn: Vec<String> = [
        "strin",
        "\"string\"",
        "list",
        "lst(string)",
        "list(string, number)",
        "object({ a = optional(number, \"x\") })",
        "object([string])",
        "optional(string)",
        "string(1)",
        "1 + 1",
        "[string]",
    ]
    .iter()
    .map(|text| format!("> {text}\n{}", type_of_text(text).1))
    .collect();
    crate::support::snapshot!("types", drawn.join("\n\n"));
}

fn converted(value: &str, of: &str) -> String {
    let (of, found) = type_of_text(of);
    assert_eq!(found, "");
    let (value, ..) = evaluate_with(value, "", |_| {});
    match convert(&value, &of) {
        Ok(value) => format!("{} {}", write_json(&value).expect("known"), type_of(&value)),
        Err(mismatch) => match mismatch.help {
            Some(ref help) => format!("{mismatch} ({help})"),
            None => mismatch.to_string(),
        },
    }
}

#[test]
fn values_are_converted_as_hcl_does() {
    for (value, of, expected) in [
        ("1", "string", "\"1\" string"),
        ("\"1.50\"", "number", "1.5 number"),
        ("true", "string", "\"true\" string"),
        ("\"false\"", "bool", "false bool"),
        ("\"1\"", "bool", "true bool"),
        ("\"0\"", "bool", "false bool"),
        ("\"True\"", "bool", "expected bool, found string \"True\""),
        ("\"2\"", "bool", "expected bool, found string \"2\""),
        ("0", "bool", "expected bool, found number 0"),
        ("\"abc\"", "number", "expected number, found string \"abc\""),
        ("1", "bool", "expected bool, found number 1"),
        ("[1, \"a\"]", "list(any)", "[\"1\",\"a\"] list(string)"),
        ("[1, []]", "list(any)", "all elements must be of the same type; they are a number and a list"),
        ("[1, \"a\"]", "list(number)", "[1]: expected number, found string \"a\""),
        ("[3, 1, 3]", "set(number)", "[1,3] set(number)"),
        ("{ a = 1 }", "map(string)", "{\"a\":\"1\"} map(string)"),
        ("[1]", "tuple([string, string])", "expected exactly 2 elements, found 1"),
        ("{ a = 1, z = 2 }", "object({ a = string })", "{\"a\":\"1\"} object({a = string})"),
        ("{}", "object({ a = string })", "attribute `a` (string) is missing"),
        ("{}", "object({ a = optional(string) })", "{\"a\":null} object({a = string})"),
        ("{}", "object({ a = optional(string, 5) })", "{\"a\":\"5\"} object({a = string})"),
        ("{ a = null }", "object({ a = optional(string, \"x\") })", "{\"a\":\"x\"} object({a = string})"),
        (
            "{ b = {} }",
            "object({ b = object({ c = optional(number, 1) }) })",
            "{\"b\":{\"c\":1}} object({b = object({c = number})})",
        ),
        (
            "{ nmae = 1 }",
            "object({ name = optional(string) })",
            "attribute `nmae` does not exist in an object of name (did you mean `name`?)",
        ),
        (
            "{ a = [{ b = \"x\" }] }",
            "object({ a = list(object({ b = number })) })",
            "a[0].b: expected number, found string \"x\"",
        ),
        ("null", "list(string)", "null list(string)"),
        ("\"a\"", "list(string)", "expected list(string), found string \"a\""),
    ] {
        assert_eq!(converted(value, of), expected, "{value} as {of}");
    }
}

#[test]
fn types_have_the_common_type_that_loses_nothing() {
    let unified = |types: &[&str]| {
        let types: Vec<Type> = types.iter().map(|of| type_of_text(of).0).collect();
        unify(&types).map(|of| of.to_string())
    };
    assert_eq!(unified(&["string", "number", "bool"]).as_deref(), Some("string"));
    assert_eq!(unified(&["any", "number"]).as_deref(), Some("number"));
    assert_eq!(unified(&["tuple([number])", "tuple([string, bool])"]).as_deref(), Some("list(string)"));
    assert_eq!(unified(&["object({ a = number })", "object({ a = string })"]).as_deref(), Some("object({a = string})"));
    assert_eq!(unified(&["object({ a = number })", "map(string)"]).as_deref(), Some("map(string)"));
    assert_eq!(unified(&["number", "bool"]), None);
    // whatever the order
    assert_eq!(unified(&["bool", "number", "any", "string"]).as_deref(), Some("string"));
    assert_eq!(unified(&["list(bool)", "tuple([number])", "set(string)"]).as_deref(), Some("list(string)"));
    assert_eq!(unified(&["tuple([])", "set(bool)", "tuple([string])"]).as_deref(), Some("set(string)"));
    assert_eq!(unified(&["tuple([bool])", "tuple([number])", "tuple([string])"]).as_deref(), Some("tuple([string])"));
    let objects = ["object({ a = bool })", "object({ a = number })", "object({ a = string })"];
    assert_eq!(unified(&objects).as_deref(), Some("object({a = string})"));
    assert_eq!(unified(&["map(bool)", "object({ a = number, b = string })"]).as_deref(), Some("map(string)"));
    assert_eq!(unified(&["tuple([bool, number])", "tuple([bool])"]), None);
    assert_eq!(unified(&["list(string)", "string"]), None);
}

#[test]
fn json_loses_no_digit() {
    let text = r#"{"a":[1,2.5,123456789012345678901234567890,0.1000000000000000000000001],"b":{"\"":"é\n"},"c":null}"#;
    let value = read_json(text).expect("JSON");
    assert_eq!(write_json(&value).as_deref(), Ok(text));
    assert_eq!(equal(&value, &read_json(text).expect("JSON")).as_bool(), Some(true));
    for wrong in ["", "{", "[1,]", "{\"a\" 1}", "01", "1.", "\"a", "nul", "1 2", "{a:1}"] {
        assert!(read_json(wrong).expect_err(wrong).starts_with("this is not JSON"), "{wrong}");
    }
    assert!(read_json(&"[".repeat(100_000)).is_err());
    let long = Number::parse("123456789012345678901234567890").expect("a number");
    assert_eq!(to_json(&Value::number(long)).expect("JSON").to_string(), "123456789012345678901234567890");
}
