//! Whatever is handed in, the parser answers, and its places lie in the text.

use disco::source::{Diagnostics, Sources};
use disco::syntax;
use proptest::prelude::*;

const SAMPLE: &str = "\u{feff}# comment é\r\nlocals {\n  a = [1, 2.5e3, -3, \"x ${var.b ~} y\\n\"] // c\n  o = { k = 1, \"l m\" = 2, (n) = null }\n}\n\ncluster \"an-a\" {\n  d = <<-EOT\n      a ${var.x}\n    %{ for i, x in local.xs ~}\n    - ${upper(x)} %%{ $${\n    %{ endfor ~}\n    EOT\n  /* b */ e { f = true ? a.b[0].*.c : [for k, v in m : v if v != k] }\n  g = {for k, v in m : k => v...}\n}\n";

/// Parses in all three ways and checks every place.
fn check(text: &str) {
    let sources = Sources::new();
    let id = sources.add("test", text);
    let within = |diagnostics: &Diagnostics| {
        for label in diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels) {
            let range = label.span.range();
            assert!(text.get(range.clone()).is_some(), "{range:?} is no range of {text:?}");
        }
    };
    let (body, diagnostics) = syntax::parse(&sources, id);
    within(&diagnostics);
    for attribute in &body.attributes {
        assert!(text.get(attribute.value.span.range()).is_some());
        syntax::references(&attribute.value);
    }
    let (expression, diagnostics) = syntax::parse_expression(&sources, id);
    within(&diagnostics);
    assert!(expression.is_some() || diagnostics.has_errors(), "nothing and no word why: {text:?}");
    let (template, diagnostics) = syntax::parse_template(&sources, id);
    within(&diagnostics);
    assert!(template.is_some() || diagnostics.has_errors(), "nothing and no word why: {text:?}");
}

#[test]
fn the_sample_is_right() {
    let sources = Sources::new();
    let id = sources.add("test", SAMPLE);
    let (_, diagnostics) = syntax::parse(&sources, id);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
}

#[test]
fn every_beginning_of_a_file_is_answered() {
    for (at, _) in SAMPLE.char_indices() {
        check(&SAMPLE[..at]);
        check(&SAMPLE[at..]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_soup_of_tokens_is_answered(tokens in prop::collection::vec(prop::sample::select(vec![
        "a", "for", "in", "if", " ", "\n", "\r\n", "\"", "${", "%{", "}", "{", "[", "]", "(", ")", "=", ".", "..", "...",
        ",", ":", "?", "<<E\n", "<<-E\r\n", "E\n", "  E", "~", "~}", "\\", "'", "“", "é", "1", "0.5e3", "-", "!", "==", "=>", "::",
        "/*", "*/", "#", "//", "$${", "%%{", "endif", "endfor", "else", "*", "[*]", "\u{feff}", "block \"x\" {\n",
    ]), 0..40)) {
        check(&tokens.concat());
    }

    #[test]
    fn any_change_to_a_file_is_answered(from in 0..SAMPLE.len(), length in 0..30_usize, put in "[\"{}$%~()\\[\\]\n=a1 ]{0,3}") {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, put.into_bytes());
        check(&String::from_utf8_lossy(&bytes));
    }
}
