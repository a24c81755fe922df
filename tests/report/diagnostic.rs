//! Complaints as text and as JSON.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use disco::report;
use disco::source::{Diagnostic, Diagnostics, SourceId, Sources, Span};

/// A span over the first place where `what` stands.
fn place(sources: &Sources, id: SourceId, what: &str) -> Span {
    let start = sources.get(id).text().find(what).expect("stands there");
    Span::new(id, start, start + what.len())
}

fn drawn(sources: &Sources, diagnostic: Diagnostic) -> String {
    let mut all = Diagnostics::new();
    all.push(diagnostic);
    report::diagnostics(&all, sources, false, 80)
}

#[test]
fn columns_count_characters() {
    let sources = Sources::new();
    let id = sources.add("größe.disco.hcl", "# é\nnäme = \"größe\" + wrong # ü\nnext = 1\n");
    let diagnostic = Diagnostic::error("disco::unknown_variable", "there is no variable `wrong`")
        .at(place(&sources, id, "wrong"), "not known")
        .at(place(&sources, id, "\"größe\""), "text")
        .help("declare it: `variable \"wrong\" { … }`");
    let text = drawn(&sources, diagnostic);
    assert!(text.contains("[größe.disco.hcl:2:18]"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour: {text}");
    crate::support::snapshot!("characters", text);
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let sources = Sources::new();
    let id = sources.add("a.disco.hcl", format!("a = [{}wrong{}]\n", "\"é\", ".repeat(2000), ", 1".repeat(2000)));
    let text = drawn(&sources, Diagnostic::error("disco::x", "wrong").at(place(&sources, id, "wrong"), "this"));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("[a.disco.hcl:1:10006]"), "{text}");
    crate::support::snapshot!("long-line", text);
}

#[test]
fn places_far_apart_and_in_other_files_are_all_shown() {
    let sources = Sources::new();
    let one = sources.add("one.disco.hcl", format!("first = 1\n{}second = 2\n", "# …\n".repeat(40)));
    let two = sources.add("two.disco.hcl", "cluster \"a\" {\n  x = 1\n}\n");
    let block = Span::new(two, 0, 24);
    let diagnostic = Diagnostic::warning("disco::x", "set in several places")
        .at(place(&sources, one, "second"), "again here")
        .at(place(&sources, one, "first"), "first here")
        .at(block, "and in this block");
    crate::support::snapshot!("places", drawn(&sources, diagnostic));
}

#[test]
fn odd_places_are_drawn_too() {
    let sources = Sources::new();
    let empty = sources.add("empty.disco.hcl", "");
    let id = sources.add("a.disco.hcl", "a = \"\u{1b}[31m\"\r\n\tb = 1");
    let end = sources.get(id).text().len();
    let mut all = Diagnostics::new();
    all.push(Diagnostic::error("disco::x", "nothing here").at(Span::new(empty, 0, 0), ""));
    all.push(Diagnostic::error("disco::x", "at the end").at(Span::new(id, end, end), "after this"));
    all.push(Diagnostic::error("disco::x", "past the end").at(Span::new(id, 900, 1000), ""));
    all.push(Diagnostic::error("disco::x", "two lines").at(Span::new(id, 4, end), "begins here"));
    all.push(Diagnostic::error("disco::x", "no place").help("none"));
    let text = report::diagnostics(&all, &sources, false, 80);
    assert!(!text.contains('\u{1b}'), "{text}");
    crate::support::snapshot!("odd-places", text);
}

#[test]
fn colour_changes_no_words() {
    let sources = Sources::new();
    let id = sources.add("a.disco.hcl", "a = 1\n");
    let mut all = Diagnostics::new();
    all.push(Diagnostic::error("disco::x", "wrong").at(place(&sources, id, "1"), "here"));
    let coloured = report::diagnostics(&all, &sources, true, 80);
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    for (at, piece) in coloured.split('\u{1b}').enumerate() {
        plain += if at == 0 { piece } else { piece.split_once('m').expect("a colour").1 };
    }
    assert_eq!(plain, report::diagnostics(&all, &sources, false, 80));
}

#[test]
fn json_has_the_same_facts() {
    let sources = Sources::new();
    let id = sources.add("a.disco.hcl", "é = wrong\nb = 1\n");
    let mut all = Diagnostics::new();
    all.push(Diagnostic::error("disco::x", "no `wrong`").at(place(&sources, id, "wrong"), "here").help("try `right`"));
    all.push(Diagnostic::warning("disco::y", "hm"));
    let wanted = serde_json::json!([
        {
            "severity": "error", "code": "disco::x", "message": "no `wrong`", "help": "try `right`",
            "labels": [{
                "file": "a.disco.hcl", "line": 1, "column": 5, "end": { "line": 1, "column": 10 }, "text": "here",
            }],
        },
        { "severity": "warning", "code": "disco::y", "message": "hm", "labels": [], "help": null },
    ]);
    assert_eq!(report::diagnostics_json(&all, &sources), wanted);
}
