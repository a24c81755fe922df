//! The layout that `disco fmt` gives.
//!
//! `layout/*.expected` is what `terraform fmt` 1.11 makes of the file beside it.

use std::fs;
use std::path::Path;

use disco::source::Sources;
use disco::syntax;

fn formatted(text: &str) -> String {
    let sources = Sources::new();
    let id = sources.add("test.disco.hcl", text);
    syntax::format(&sources, id)
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, ' ' | '\t')).collect()
}

#[test]
fn the_layout_is_that_of_terraform() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/syntax/layout");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "hcl") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let (_, diagnostics) = super::parsed(&text);
        assert!(diagnostics.is_empty(), "{}", path.display());
        let expected = fs::read_to_string(path.with_extension("expected")).unwrap();
        let found = formatted(&text);
        for (line, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
            assert_eq!(found, expected, "{}:{}", path.display(), line + 1);
        }
        assert_eq!(found, expected, "{}", path.display());
        assert_eq!(formatted(&found), found, "{}: a second time", path.display());
        assert_eq!(without_blanks(&found), without_blanks(&text), "{}", path.display());
        seen += 1;
    }
    assert_eq!(seen, 8);
}

#[test]
fn the_bytes_of_a_string_stay_what_they_are() {
    let text = "\u{feff}a=\"  x  \\\" # not a comment\"\nb =<<EOT\n  a  =  1\n\tb\nEOT\nc   = \"${  a  }  ${b}\"\n";
    let expected = "\u{feff}a = \"  x  \\\" # not a comment\"\nb = <<EOT\n  a  =  1\n\tb\nEOT\nc = \"${a}  ${b}\"\n";
    assert_eq!(formatted(text), expected);
}

#[test]
fn an_index_of_a_number_does_not_become_a_fraction() {
    let text = "a = 1 .2\nb = 1.  2\nc = x.0 .y\nd = x.0  . 1 .y\n";
    assert_eq!(formatted(text), "a = 1 .2\nb = 1 .2\nc = x.0.y\nd = x.0 .1.y\n");
}

#[test]
fn whatever_is_written_only_blanks_change() {
    let texts = [
        "",
        "}",
        "a = \"",
        "a = [",
        "x {\n a = <<E\n",
        "a = 1 /*",
        "${",
        "\"%{",
        "a\t=\t1 \r\n\r\n }} {{ ( ]\n  b = 2",
        "a = \"b\r\nc = \"${[\r\n",
        "e = <<E\r\n%{ for x in y[\r\n ~}\r\nE\r\n",
    ];
    for text in texts {
        let found = formatted(text);
        assert_eq!(without_blanks(&found), without_blanks(text), "{text:?}");
        assert_eq!(formatted(&found), found, "{text:?}");
    }
}
