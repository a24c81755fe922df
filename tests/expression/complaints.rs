//! What people get wrong, and what they are told.

use super::{shown, shown_with};
use crate::support::snapshot;

#[test]
fn mistakes_have_a_place_and_a_way_out() {
    let locals = "office = [\"a\", \"b\"]\nsizes = { small = 1, large = 2 }\nnothing = null\n";
    let mistakes = [
        "local.ofice",
        "loca.office",
        "office",
        "var.x",
        "local",
        "local.sizes.smal",
        "local.sizes[\"x\"]",
        "local.office[2]",
        "local.office[-1]",
        "local.office[0.5]",
        "local.office[\"x\"]",
        "local.office.name",
        "local.nothing.name",
        "local.nothing[0]",
        "\"a\" + 1",
        "[1] + 1",
        "1 < \"b\"",
        "null + 1",
        "!1",
        "1 ? 2 : 3",
        "null ? 2 : 3",
        "true ? 1 : []",
        "1 && true",
        "1 / 0",
        "1 % 0",
        "\"x${null}\"",
        "\"x${local.sizes}\"",
        "[for x in 1 : x]",
        "[for x in null : x]",
        "[for x in [1] : x if 1]",
        "{ for x in [1, 1] : x => 1 }",
        "{ for x in [[]] : x => 1 }",
        "{ a = 1, (\"a\") = 2 }",
        "{ local.nothing = 1 }",
        "lenth([])",
        "length()",
        "length(null)",
        "length(1)",
        "uuid()",
        "length(1...)",
        "try(local.x, [][0])",
        "try([][1], [][0])",
        "templatefile(\"nowhere\", {})",
        "templatefile(\"broken.tpl\", { name = 1 })",
        "sensitive(\"geheim\") + 1",
        "sensitive([\"geheim\"])[\"geheim\"]",
    ];
    let drawn: Vec<String> = mistakes.iter().map(|text| format!("> {text}\n{}", shown_with(text, locals))).collect();
    assert!(!drawn.iter().any(|drawn| drawn.contains(": `+` expects numbers, found string \"geheim")), "{drawn:#?}");
    snapshot!("complaints", drawn.join("\n\n"));
}

#[test]
fn a_cycle_is_told_once_with_every_place() {
    let locals = "a = length(local.b)\nb = [local.c]\nc = length(local.a)\nlone = local.lone\n";
    snapshot!("cycles", shown_with("[local.a, local.b, local.c, local.lone, try(local.a, 1)]", locals));
}

#[test]
fn several_mistakes_come_together() {
    let found = shown("[1 / 0, lenth(1), \"${null}x\", nothing]");
    assert_eq!(found.matches("disco::").count(), 4, "{found}");
}
