//! Secret marks survive everything.

use disco::expression::{Type, Value, convert, kind_of};

use super::evaluate_with;

#[test]
fn marks_survive_every_operation() {
    let secret = [
        "local.s",
        "\"x${local.s}\"",
        "local.s == \"a\"",
        "[local.s][0]",
        "{ a = local.s }.a",
        "[1, 2][local.n]",
        "{ a = 1 }[local.s]",
        "local.n + 1",
        "-local.n",
        "local.n > 1",
        "local.n > 1 ? 1 : 2",
        "local.n == 1 && true",
        "local.list[0]",
        "local.list[*]",
        "[for x in local.list : x]",
        "[for x in [1, 2] : x if local.n == x]",
        "{ for x in [\"a\"] : local.s => x }",
        "{ for x in [\"a\"] : local.s => x... }",
        "{ (local.s) = 1 }",
        "length(local.s)",
        "length(local.list)",
        "try(local.s, 1)",
        "\"%{ if local.n == 1 }a%{ else }b%{ endif }\"",
        "\"%{ for x in local.list }${x}%{ endfor }\"",
        "templatefile(\"hello.tpl\", { name = local.s })",
        "local.object.a",
        "true ? local.s : \"b\"",
    ];
    let locals = "s = sensitive(\"a\")\nn = sensitive(1)\nlist = sensitive([\"a\"])\nobject = sensitive({ a = 1 })\n";
    for text in secret {
        let (value, found, _) = evaluate_with(text, locals, |_| {});
        assert!(found.is_empty(), "{text}: {found:?}");
        assert!(value.is_secret() && !value.is_failed(), "{text} is no secret: {}", kind_of(&value));
    }
    for text in ["[local.s, 1][1]", "length([local.s])", "{ a = local.s, b = 1 }.b"] {
        let (value, ..) = evaluate_with(text, locals, |_| {});
        assert!(!value.contains_secret(), "{text}");
    }
}

/// Parts of a text are apart only where the text is written down as it is: see `config` blocks.
#[test]
fn a_secret_condition_makes_all_of_a_text_secret() {
    let locals = "s = sensitive(\"a\")\nn = sensitive(1)\nmade = \"x ${local.s}\"\n";
    for text in ["\"a ${local.s}\"", "\"b ${local.made}\"", "\"%{ if local.n == 1 }a%{ else }b%{ endif } ${local.s}\""]
    {
        let (value, ..) = evaluate_with(text, locals, |_| {});
        assert!(value.is_secret() && format!("{value:?}") == "(secret)", "{text}: {value:?}");
    }
}

#[test]
fn debug_and_complaints_hide_what_is_secret() {
    let value = Value::tuple(vec![Value::string("geheim")]).with_secret(true);
    assert!(!format!("{value:?}").contains("geheim"));
    let mismatch = convert(&value, &Type::list(Type::Number)).expect_err("no number");
    assert!(!mismatch.to_string().contains("geheim"), "{mismatch}");
    let set = convert(&Value::tuple(vec![Value::string("a").with_secret(true)]), &Type::set(Type::String));
    assert!(set.expect("a set").is_secret());
}
