//! Work grows with the size of the definition, not faster, and depth is bounded.

use std::fmt::Write;

use disco::expression::{NoFiles, Scope, Value};
use disco::source::Sources;
use disco::syntax::{parse, parse_expression};

use super::shown_with;

/// How many expressions are evaluated for one pass over a local of `size` elements that looks up each of them.
fn evaluations(size: usize) -> u64 {
    let sources = Sources::new();
    let id =
        sources.add("locals", "pairs = [for i in big : big[i]]\nsame = { for i in local.pairs : i => local.pairs[i] }");
    let (body, _) = parse(&sources, id);
    let scope = Scope::new(&sources, &NoFiles);
    scope.define("big", Value::tuple((0..size).map(|index| Value::number(index.into())).collect()));
    for attribute in &body.attributes {
        scope.define_lazy("local", &attribute.name.text, &attribute.value);
    }
    let id = sources
        .add("expression", "[for k, v in local.same : length(local.pairs) == length(local.same) ? local.pairs[v] : 0]");
    let (expression, _) = parse_expression(&sources, id);
    let value = scope.evaluate(&expression.expect("parsed"));
    assert!(scope.take_diagnostics().is_empty());
    assert_eq!(value.count(), Some(size));
    scope.evaluations()
}

#[test]
fn looking_up_each_element_is_linear() {
    let (small, large) = (evaluations(100), evaluations(10_000));
    assert!(large <= small * 101, "{small} for 100, {large} for 10,000");
}

#[test]
fn a_lookup_shares_what_it_finds() {
    let sources = Sources::new();
    let scope = Scope::new(&sources, &NoFiles);
    scope.define_entry("local", "big", Value::tuple((0..1000).map(Value::integer).collect()));
    let id = sources.add("expression", "local.big");
    let (expression, _) = parse_expression(&sources, id);
    let expression = expression.expect("parsed");
    let (first, second) = (scope.evaluate(&expression), scope.evaluate(&expression));
    let address = |value: &Value| value.elements().map(|elements| std::ptr::from_ref(elements[0]));
    assert_eq!(address(&first), address(&second));
}

#[test]
fn a_chain_of_ten_thousand_locals_is_evaluated() {
    let mut locals = "l0 = 1\n".to_owned();
    for index in 1..10_000 {
        let _ = writeln!(locals, "l{index} = local.l{} + 1", index - 1);
    }
    assert_eq!(shown_with("local.l9999", &locals), "10000");
}

#[test]
fn a_long_chain_through_branches_ends_with_a_clear_error() {
    let mut locals = "l0 = 1\n".to_owned();
    for index in 1..10_000 {
        let _ = writeln!(locals, "l{index} = true ? local.l{} : 0", index - 1);
    }
    let found = shown_with("try(local.l9999, 1)", &locals);
    assert!(found.starts_with("disco::too_deep"), "{found}");
    assert_eq!(found.matches("disco::").count(), 1, "{found}");
}

#[test]
fn every_kind_of_recursion_is_bounded() {
    for recursion in [
        "[for x in [1] : PREVIOUS][0]",
        "try(PREVIOUS, 1)",
        "sensitive(try(PREVIOUS, length([PREVIOUS])))",
        "\"%{ if true }${PREVIOUS}%{ endif }\"",
        "true && PREVIOUS == 1 ? 1 : 2",
        "{ for x in [1] : x => PREVIOUS }[1]",
        "{ a = (true ? [PREVIOUS] : []) }.a[0]",
        "1 + try(-(1 * PREVIOUS + 2), 1)",
    ] {
        let mut locals = "l0 = 1\n".to_owned();
        for index in 1..500 {
            let _ = writeln!(locals, "l{index} = {}", recursion.replace("PREVIOUS", &format!("local.l{}", index - 1)));
        }
        let found = shown_with("local.l499", &locals);
        assert!(found.starts_with("disco::too_deep"), "{recursion}: {found}");
    }
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    assert_eq!(shown_with(&deep, ""), deep);
    let long = vec!["1"; 120].join(" + ");
    assert_eq!(shown_with(&long, ""), "120");
}

#[test]
fn deep_values_end_with_a_clear_error() {
    let mut locals = "l0 = 1\n".to_owned();
    for index in 1..10_000 {
        let _ = writeln!(locals, "l{index} = [local.l{}]", index - 1);
    }
    let found = shown_with("local.l9999", &locals);
    assert!(found.starts_with("disco::too_deep: collections are nested"), "{found}");
}

#[test]
fn a_cycle_of_ten_thousand_locals_does_not_crash() {
    let mut locals = String::new();
    for index in 0..10_000 {
        let _ = writeln!(locals, "l{index} = local.l{} + 1", (index + 1) % 10_000);
    }
    let found = shown_with("local.l0", &locals);
    assert!(found.starts_with("disco::"), "{found}");
}

#[test]
fn numbers_cannot_grow_without_an_end() {
    let mut locals = "l0 = 12345678901234567890\n".to_owned();
    for index in 1..60 {
        let _ = writeln!(locals, "l{index} = local.l{} * local.l{}", index - 1, index - 1);
    }
    let found = shown_with("local.l59", &locals);
    assert!(found.starts_with("disco::number_too_long"), "{found}");
}

#[test]
fn texts_and_lists_cannot_grow_without_an_end() {
    for (first, step) in [
        ("\"0123456789\"", "\"${PREVIOUS}${PREVIOUS}\""),
        ("\"ab\"", "\"%{ for x in [1, 2] }${PREVIOUS}%{ endfor }\""),
        ("\"ab\"", "join(PREVIOUS, [PREVIOUS, PREVIOUS])"),
        ("\"ab\"", "replace(PREVIOUS, \"a\", PREVIOUS)"),
        ("\"ab\"", "format(\"%s%s\", PREVIOUS, PREVIOUS)"),
        ("\"ab\"", "formatlist(\"%s%s\", [PREVIOUS, PREVIOUS], PREVIOUS)[0]"),
        ("\"ab\"", "jsonencode([PREVIOUS, PREVIOUS])"),
        ("[1]", "concat(PREVIOUS, PREVIOUS)"),
        ("[1]", "[PREVIOUS, PREVIOUS]"),
        ("[1]", "{ a = PREVIOUS, b = PREVIOUS }"),
        ("[1]", "setproduct(PREVIOUS, PREVIOUS)"),
        ("[1]", "flatten([PREVIOUS, PREVIOUS])"),
    ] {
        let previous = |text: &str, index: usize| text.replace("PREVIOUS", &format!("local.l{index}"));
        let mut locals = format!("l0 = {first}\n");
        for index in 1..60 {
            let _ = writeln!(locals, "l{index} = {}", previous(step, index - 1));
        }
        let found = shown_with("local.l59", &locals);
        assert!(found.starts_with("disco::"), "{step}: {}", &found[..found.len().min(500)]);
        assert_eq!(found.matches("disco::").count(), 1, "{step}: {found}");
    }
}

#[test]
fn no_function_makes_a_text_longer_than_texts_may_be() {
    let long = "a".repeat(5_000);
    for expression in [
        format!("replace({long:?}, \"a\", {long:?})"),
        format!("replace({long:?}, \"/a/\", {long:?})"),
        format!("join({long:?}, split(\"\", {long:?}))"),
        format!("format({:?}, {long:?})", "%[1]s".repeat(5_000)),
        format!("regexall({:?}, {:?})", format!("{}.*{}", "(".repeat(200), ")".repeat(200)), long.repeat(20)),
        format!("indent(4096, {:?})", "\n".repeat(5_000)),
    ] {
        let found = shown_with(&expression, "");
        assert!(found.contains("the string would become too long"), "{}: {found}", &expression[..10]);
    }
}

#[test]
fn no_pattern_takes_more_than_a_pass_over_the_text() {
    let text = format!("{}b", "a".repeat(2_000));
    for pattern in ["(a*)*c", "(a|a)*c", "(a|aa)+$", "(.*)(.*)(.*)(.*)c", "(?:a?){30}a{30}c"] {
        assert_eq!(shown_with(&format!("can(regex({pattern:?}, {text:?}))"), ""), "false", "{pattern}");
    }
}
