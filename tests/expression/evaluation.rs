//! What expressions give.

use super::{shown, shown_with};

/// Expression and what it gives as JSON.
const TABLE: &[(&str, &str)] = &[
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("0.1 + 0.2", "0.3"),
    ("0.1 + 0.2 == 0.3", "true"),
    ("1 / 3 * 3", "1"),
    ("1 / 4", "0.25"),
    ("-5 % 3", "-2"),
    ("5.5 % 2", "1.5"),
    ("-5.5 % -2", "-1.5"),
    // as in HashiCorp's specification suite, which works with binary fractions of 512 bits
    (
        "11 % 5.1",
        "0.80000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000024",
    ),
    ("9223372036854775807 + 1", "9223372036854775808"),
    ("99999999999999999999 * 99999999999999999999", "9999999999999999999800000000000000000001"),
    ("1e3", "1000"),
    ("1.50", "1.5"),
    ("\"${1.50}\"", "1.5"),
    ("\"x${1.50}\"", "\"x1.5\""),
    ("\"1\" + 2", "3"),
    ("\"1\" == 1", "false"),
    ("1 == 1.0", "true"),
    ("null == null", "true"),
    ("[] == {}", "false"),
    ("[1, 2] == [1, 2]", "true"),
    ("{ a = 1 } == { a = 1 }", "true"),
    ("{ a = 1 } != { a = 2 }", "true"),
    ("true && !false", "true"),
    ("false && 1 / 0 == 1", "false"),
    ("true || 1 / 0 == 1", "true"),
    ("true ? 1 : 1 / 0", "1"),
    // both results have one type, also where only one of them can be made
    ("true ? 1 : file(\"nowhere\")", "\"1\""),
    ("true ? 1 : length(file(\"nowhere\"))", "1"),
    ("true ? 1 : \"a\"", "\"1\""),
    ("false ? [1] : [\"a\", \"b\"]", "[\"a\",\"b\"]"),
    ("true ? { a = 1 } : { b = \"x\" }", "{\"a\":1}"),
    ("true ? null : 1", "null"),
    ("type(true ? null : 1)", "\"number\""),
    ("type(false ? [1] : null)", "\"tuple([number])\""),
    ("3 > 2 ? \"yes\" : \"no\"", "\"yes\""),
    ("[for x in [1, 2, 3] : x * 2]", "[2,4,6]"),
    ("[for i, x in [\"a\", \"b\"] : \"${i}${x}\"]", "[\"0a\",\"1b\"]"),
    ("[for k, v in { b = 1, a = 2 } : k]", "[\"a\",\"b\"]"),
    ("[for x in [1, 2, 3] : x if x != 2]", "[1,3]"),
    ("{ for x in [\"a\", \"b\"] : x => length(x) }", "{\"a\":1,\"b\":1}"),
    ("{ for x in [\"aa\", \"b\", \"cc\"] : length(x) => x... }", "{\"1\":[\"b\"],\"2\":[\"aa\",\"cc\"]}"),
    ("[for x in [1] : [for x in [2] : x]]", "[[2]]"),
    ("[{ a = 1 }, { a = 2 }][*].a", "[1,2]"),
    ("[{ a = [1, 2] }][*].a[1]", "[2]"),
    ("[{ a = [1, 2] }].*.a[0]", "[1,2]"),
    // a legacy index belongs to what an attribute splat takes along
    ("[{ a = [1, 2] }].*.a.0", "[1]"),
    ("{ null = 1, true = 2 }", "{\"null\":1,\"true\":2}"),
    ("null[*]", "[]"),
    ("\"a\"[*]", "[\"a\"]"),
    ("{ a = 1 }[*].a", "[1]"),
    ("[[{ a = 1 }], [{ a = 2 }]][*][*].a", "[[1],[2]]"),
    ("{ a = 1, \"b-c\" = 2, (\"d\") = 3 }", "{\"a\":1,\"b-c\":2,\"d\":3}"),
    ("{ a = { b = [10, 20] } }.a.b[1]", "20"),
    ("[10, 20][\"1\"]", "20"),
    ("{ \"1\" = \"x\" }[1]", "\"x\""),
    ("[10, 20].1", "20"),
    ("\"a${1}b${true}\"", "\"a1btrue\""),
    ("\"%{ if true }yes%{ else }no%{ endif }\"", "\"yes\""),
    ("\"%{ for i, x in [\"a\", \"b\"] }${i}${x},%{ endfor }\"", "\"0a,1b,\""),
    ("\"a %{~ if true } b %{~ endif } c\"", "\"a b c\""),
    ("\"${[1, 2]}\"", "[1,2]"),
    ("length(\"e\\u0301a\")", "2"),
    ("\"e\\u0301\" == \"\u{e9}\"", "true"),
    ("file(\"accent.txt\") == \"\u{e9}\"", "false"),
    (
        "length([1, 2]...)",
        "disco::function_arguments: `length` takes 1 argument, but 2 are given\n  expression:1:8 `[1, 2]` one too many\n  help: write `length(value)`",
    ),
    ("length([[1, 2]]...)", "2"),
    ("try([][0], \"fallback\")", "\"fallback\""),
    ("try(1, 2)", "1"),
    ("can([][0])", "false"),
    ("can(1 + 1)", "true"),
    ("templatefile(\"hello.tpl\", { name = \"you\" })", "\"Hello you!\""),
    ("issensitive(sensitive(1))", "true"),
    ("issensitive(nonsensitive([sensitive(1)]))", "false"),
    ("-(-1)", "1"),
    (
        "1 / 3",
        "0.33333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333335",
    ),
    ("2 / 3 == 1 / 3 + 1 / 3", "true"),
];

#[test]
fn expressions_give_what_hcl_says() {
    for (expression, expected) in TABLE {
        assert_eq!(shown(expression), *expected, "{expression}");
    }
}

#[test]
fn locals_are_evaluated_once_whatever_their_order() {
    let locals = "a = local.b + 1\nb = local.c * 2\nc = 20\nunused = 1 / 0\n";
    assert_eq!(shown_with("local.a", locals), "41");
    assert_eq!(shown_with("local[\"a\"]", locals), "41");
}

#[test]
fn what_try_swallowed_is_still_reported_where_it_is_used() {
    let locals = "bad = [][0]\nsafe = try(local.bad, 1)\n";
    assert_eq!(shown_with("local.safe", locals), "1");
    let both = shown_with("[local.safe, local.bad]", locals);
    assert!(both.starts_with("disco::index_out_of_range"), "{both}");
}

#[test]
fn one_mistake_makes_one_message() {
    let locals = "bad = 1 / 0\nworse = local.bad + 1\nworst = \"${local.worse}!\"\n";
    let found = shown_with("[local.worst, local.worse, length(local.bad), local.bad.x]", locals);
    assert_eq!(found.matches("disco::").count(), 1, "{found}");
}
