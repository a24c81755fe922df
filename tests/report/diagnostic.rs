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
    report::diagnostics(&all, sources, report::DiagnosticDrawing::new(false, 80))
}

#[test]
fn columns_count_characters() {
    let sources = Sources::new();
    let id = sources.add("größe.disco.hcl", "# é\nnäme = \"größe\" + wrong # ü\nnext = 1\n");
    let diagnostic = Diagnostic::error("disco::unknown_variable", "variable `wrong` does not exist")
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
    let text = report::diagnostics(&all, &sources, report::DiagnosticDrawing::new(false, 80));
    assert!(!text.contains('\u{1b}'), "{text}");
    crate::support::snapshot!("odd-places", text);
}

/// The columns of a terminal over which a line is underlined, and what the source shows there.
fn underlined(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let cells = |line: &str| -> Vec<char> {
        let mut cells = Vec::new();
        for char in line.chars() {
            let width = match char {
                '\u{300}'..='\u{36f}' => 0,
                '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{9fff}' | '\u{1f300}'..='\u{1faff}' => 2,
                _ => 1,
            };
            cells.extend(std::iter::repeat_n(char, width));
        }
        cells
    };
    let pairs = lines.windows(2).filter(|pair| pair[0].contains('│') && pair[1].trim_start().starts_with('·'));
    pairs
        .filter(|pair| pair[1].contains(['─', '┬']))
        .map(|pair| {
            let (source, marks) = (cells(pair[0]), cells(pair[1]));
            let under = marks.iter().enumerate().filter(|(_, mark)| matches!(mark, '─' | '┬'));
            let mut shown: Vec<char> = under.filter_map(|(at, _)| source.get(at).copied()).collect();
            shown.dedup_by(|one, other| one == other && u32::from(*one) >= 0x1100);
            shown.into_iter().collect()
        })
        .collect()
}

#[test]
fn marks_stand_under_what_they_mean() {
    for line in [
        "a = wrong",
        "\ta = wrong",
        "a\t=\twrong\t# tab",
        "  \t  a = wrong",
        "a = \"集群\" + wrong",
        "a = \"😀\", wrong",
        "a = \"é\" + wrong",
        "a = \"e\u{301}\" + wrong",
        "\ta = \"集\t群\" + wrong",
    ] {
        for (before, after) in [("", ""), ("x = 1\n", "\ny = 2\n"), ("x = 1\r\n", "\r\ny = 2\r\n")] {
            let sources = Sources::new();
            let id = sources.add("a.disco.hcl", format!("{before}{line}{after}"));
            for label in ["here", ""] {
                let text = drawn(&sources, Diagnostic::error("disco::x", "x").at(place(&sources, id, "wrong"), label));
                assert_eq!(underlined(&text), ["wrong"], "{text}");
                assert!(!text.contains('\r'), "{text:?}");
            }
        }
    }
    let sources = Sources::new();
    let id = sources.add("a.disco.hcl", "a = \"集群\"\r\n");
    let text = drawn(&sources, Diagnostic::error("disco::x", "x").at(place(&sources, id, "集群"), "here"));
    assert_eq!(underlined(&text), ["集群"], "{text}");
}

#[test]
fn no_line_ends_in_a_blank() {
    let sources = Sources::new();
    let one = sources.add("one.disco.hcl", "\n  a = 1   \n\t\n");
    let two = sources.add("two.disco.hcl", "b = 2\n");
    let mut all = Diagnostics::new();
    all.push(
        Diagnostic::error("disco::x", "wrong").at(place(&sources, one, "1"), "").at(place(&sources, two, "2"), "two"),
    );
    for colour in [false, true] {
        let text = report::diagnostics(&all, &sources, report::DiagnosticDrawing::new(colour, 80));
        for line in text.lines() {
            let plain: String = line
                .split('\u{1b}')
                .enumerate()
                .map(|(at, piece)| if at == 0 { piece } else { piece.split_once('m').expect("a colour").1 })
                .collect();
            assert_eq!(plain, plain.trim_end(), "{text}");
        }
    }
}

#[test]
fn colour_changes_no_words() {
    let sources = Sources::new();
    let id = sources.add("a.disco.hcl", "\na = 1\n");
    let mut all = Diagnostics::new();
    all.push(Diagnostic::error("disco::x", "wrong").at(place(&sources, id, "1"), "here"));
    let coloured = report::diagnostics(&all, &sources, report::DiagnosticDrawing::new(true, 80));
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    for (at, piece) in coloured.split('\u{1b}').enumerate() {
        plain += if at == 0 { piece } else { piece.split_once('m').expect("a colour").1 };
    }
    assert_eq!(plain, report::diagnostics(&all, &sources, report::DiagnosticDrawing::new(false, 80)));
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
            "severity": "error", "code": "disco::x", "message": "no `wrong`", "help": "try `right`", "causes": [],
            "labels": [{
                "file": "a.disco.hcl", "line": 1, "column": 5, "end": { "line": 1, "column": 10 }, "text": "here",
            }],
        },
        { "severity": "warning", "code": "disco::y", "message": "hm", "labels": [], "causes": [], "help": null },
    ]);
    assert_eq!(report::diagnostics_json(&all, &sources), wanted);
}

#[test]
fn everything_fits_the_terminal_and_stands_under_its_text() {
    let sources = Sources::new();
    let text = format!("\u{feff}a = \"漢字{}\" wrong \u{202e}\tend\n", "e\u{301}漢".repeat(12));
    let id = sources.add("a.disco.hcl", text);
    let said = "something that takes more words than there is room for on the right of the place that it is about";
    let mut all = Diagnostics::new();
    all.push(Diagnostic::error("disco::x", "in the middle").at(place(&sources, id, "wrong"), said));
    all.push(Diagnostic::error("disco::x", "at the end").at(place(&sources, id, "end"), said));
    all.push(Diagnostic::error("disco::x", "at the start").at(place(&sources, id, "a ="), said));
    for width in [60, 80, 100] {
        let drawn = report::diagnostics(&all, &sources, report::DiagnosticDrawing::new(false, width));
        for line in drawn.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{width}: {line}\n{drawn}");
        }
        assert!(drawn.contains("[a.disco.hcl:1:1]"), "{drawn}");
    }
    crate::support::snapshot!("fits", report::diagnostics(&all, &sources, report::DiagnosticDrawing::new(false, 80)));
}

#[test]
fn no_more_are_drawn_than_anybody_reads() {
    let sources = Sources::new();
    let mut all = Diagnostics::new();
    for number in 0..30 {
        all.push(Diagnostic::warning("disco::x", format!("warning {number}")));
    }
    for number in 0..15 {
        all.push(Diagnostic::error("disco::x", format!("error {number}")));
    }
    let drawn = report::diagnostics(&all, &sources, report::DiagnosticDrawing::new(false, 80));
    assert!(drawn.contains("error 14") && drawn.contains("warning 4") && !drawn.contains("warning 5"), "{drawn}");
    assert!(drawn.ends_with("25 more are not shown; --all shows all\n\n"), "{drawn}");
}
