//! What people get wrong, and what they are told.

use disco::source::{Diagnostic, Sources};
use disco::syntax;

use super::{complaints, parsed};

/// All complaints about each of the texts.
fn report(rows: &[&str]) -> String {
    let mut report = String::new();
    for text in rows {
        let sources = Sources::new();
        let id = sources.add("test.disco.hcl", *text);
        let (_, diagnostics) = syntax::parse(&sources, id);
        report.extend(["---- ", text, "\n", &complaints(&sources, &diagnostics)]);
    }
    report
}

#[test]
fn structure() {
    let rows = [
        "a",
        "a b",
        "a \"b\"",
        "a \"b\"\n{\n}",
        "a\n\n{\n  b = 1\n}\nc",
        "a = ",
        "a = # nothing",
        "a : 1",
        "a 1",
        "a b = 1",
        "a = 1 b = 2",
        "a = 1,",
        "a = 1;",
        "a { b = 1, c = 2 }",
        "a { b = 1 c = 2 }",
        "a { b = 1; c = 2 }",
        "a { b { } }",
        "a { b = 1\n}",
        "a { b = 1\n  c = 2 }",
        "a { b = 1\n  c = 2\n}",
        "a { b \"c\" {} }",
        "a {\n  b = 1 }\nc = 2",
        "a { } b { }",
        "\"dfs.blocksize\" = 1",
        "a {\n  \"dfs.blocksize\" = 1\n  c = 2\n}",
        "dfs.blocksize = 1",
        "a[0] = 1",
        "a \"${b}\" { }",
        "}\na = 1",
        "= 1",
        "a = 1\nb = 2\na = 3",
        "a {\n  b = 1\n  b = 2\n}",
        "\u{feff}a = 1\nb",
        "[a]\nb = 1",
    ];
    crate::support::snapshot!("structure", report(&rows));
}

#[test]
fn expressions() {
    let rows = [
        "a = [1,,2]",
        "a = [1 2]",
        "a = f(1 2)",
        "a = f(1,",
        "a = 'x'",
        "a = 'it is'\nb = 2",
        "a = “x”",
        "a = ‘x’ + 1",
        "a = `x`",
        "a = b ? c",
        "a = b c",
        "a = 1 +",
        "a = 1 +\n  2",
        "a = 1 +\n  b\nc = 2\nd",
        "a = b\n  ? 1\n  : 2\nc",
        "a = 1\n  + 2\n",
        "a = * 2",
        "a = b = c",
        "a = b & c",
        "a = { b 1 }",
        "a = { b = 1 c = 2 }",
        "a = { b = 1, b = 2 }",
        "a = { b = 1, \"b\" = 2 }",
        "a = {\n  \"x y\" = 1\n  c = { \"x y\" = 2 }\n  \"x y\" = 3\n}",
        "a = [for x iné : x]",
        "a = [forx in é : x]",
        "a = [for x in é : x ifé]",
        "a = { for é, x in é : é => x ifé }",
        "a = b.0.1",
        "a = b.*.c.1.2.d",
        "a = b.*.c.*",
        "a = b.",
        "a = b[",
        "a = [for x in xs]",
        "a = [for x xs : x]",
        "a = {for x in xs : x}",
        "a = ${b}",
        "a = 0x10",
        "a = 1_000",
        "a = 10GB",
        "a = 1e99999",
        "a = b\u{a0}+ c",
        "a = b ^ 2",
        "a = \"\\d\"",
        "a = \"\\u12\"",
        "a = @",
        "a = b ? c : ",
        "a = <<",
        "a = <<EOT x\nEOT\n",
    ];
    crate::support::snapshot!("expressions", report(&rows));
}

#[test]
fn an_address_without_quotes_is_one_mistake_within_a_text_too() {
    for (text, word, what) in [
        ("a = 10.20.30.40", "10.20.30.40", "an address"),
        ("a = \"${10.20.30.40}\"", "10.20.30.40", "an address"),
        ("a = \"x ${ [ -10.20.30.40 ] } y\"", "10.20.30.40", "an address"),
        ("a = \"${f(10.20.0.0/24)}\"", "10.20.0.0/24", "an address"),
        ("a = \"%{ if b == 3.5.0-rc1 }x%{ endif }\"", "3.5.0-rc1", "a version"),
        ("a = <<E\n${3.5.0 /* x */}\nE\n", "3.5.0", "a version"),
    ] {
        let at = text.find(word).map(|at| text[..at].chars().rev().take_while(|char| *char != '\n').count() + 1);
        let line = text.lines().position(|line| line.contains(word)).map(|line| line + 1);
        let expected = format!(
            "---- {text}\ndisco::syntax: `{word}` looks like {what}, but is not in quotes\n  {}:{} \"{word}\" \n  \
             help: put it in quotes: `\"{word}\"`\n",
            line.unwrap_or_default(),
            at.unwrap_or_default(),
        );
        assert_eq!(report(&[text]), expected);
    }
    let sources = Sources::new();
    let id = sources.add("test.disco.hcl", "a = \"${1.5.x} ${b.1} ${[1][0]}\"");
    assert!(syntax::parse(&sources, id).1.is_empty(), "these are indices and attributes");
}

#[test]
fn unclosed() {
    let rows = [
        "a = \"x\nb = 2",
        "a = \"x",
        "a {\n  b = \"x\n  c = 2\n}\n",
        "a = \"x ${b\nc = 2",
        "a = \"x ${b\"\nc = 2",
        "a = \"x ${\"y}\"\nc = 2",
        "a \"b {\n  c = 1\n}\n",
        "a = [1, 2\nb = 3\n",
        "a {\n  b = [1, 2\n  c = 3\n}\nd = 1",
        "a = f(1, 2\n\nblock \"x\" {\n  y = }\n}\n",
        "a {\n  b {\n    c = 1\n}\n\nd \"e\" {\n  f = 1\n}\n",
        "a {\n  b = 1\n\nc \"d\" {\n  e = 1\n}\n",
        "a = 1 /* b\nc d\n\"",
        "a {\n  b = [1, /* 2\n  ]\n}\n\nc \"d\" {\n}\n",
        "a = /* b\n",
        "a \"b\" /* c\n{\n}\n",
        "a = \"${b /* }\"\nc d\n",
        "a = (1, 2]\nb = 3",
        "a = [1, 2}\nb = 3",
        "/* a\nb = 1",
        "a = <<EOT\nx\ny\n",
        "a = <<-EOT\nx\n  EOT,\ny\n",
        "a = <<EOT\nx\n\nblock \"x\" {\n  y = 1 2\n}\n",
        "a = <<EOT\n${b\nEOT\n",
        "a = \"%{ for x in xs }${x}\"",
        "a = \"%{ if x }y%{ else }z\"",
        "a = \"%{ endif }\"",
        "a = \"%{ for x in xs }%{ endif }\"",
        "a = \"%{ else }\"",
        "a = \"%{ foreach x in xs }\"",
        "a = \"%{ elsif x }\"",
        "a = \"%{ if x }%{ else if y }%{ endif }\"",
        "a = \"%{ for x }%{ endfor }\"",
        "a = \"%{ if }%{ endif }\"",
        "a = \"${}\"",
        "a = \"${b c}\"",
        "a = \"${b +}\"",
        "a = <<-EOT\n    é ${b +}\n    ${c d}\n    EOT\n",
        "a = \"${f(1}\"",
    ];
    crate::support::snapshot!("unclosed", report(&rows));
}

#[test]
fn three_broken_blocks_give_three_errors() {
    let text =
        "a \"x\" {\n  b = [1,,2]\n}\n\nc \"y\" {\n  d = 'e'\n  ok = 1\n}\n\nf = \"never closed\n\ng {\n  h = 1 2\n}\n";
    let (body, diagnostics) = parsed(text);
    let lines: Vec<u32> =
        diagnostics.iter().filter_map(disco::source::Diagnostic::span).map(|span| span.start).collect();
    assert_eq!(lines.len(), 4, "{diagnostics:?}");
    assert_eq!(body.blocks.len(), 3);
    assert_eq!(&*body.blocks[1].body.attributes[1].name.text, "ok");
}

#[test]
fn too_deep_is_said_plainly() {
    let rows = [
        format!("a = {}1{}", "[".repeat(100), "]".repeat(100)),
        format!("a = {}1{}", "(".repeat(1000), ")".repeat(1000)),
        format!("a = {}1", "-".repeat(100)),
        format!("a = 1{}", " + 1".repeat(200)),
        format!("a = {}b{}", "\"${".repeat(90), "}\"".repeat(90)),
        format!("{}{}", "a {\n".repeat(100), "}\n".repeat(100)),
        format!("a = b{}", " ? 1 : b".repeat(100)),
    ];
    for text in rows {
        let (_, diagnostics) = parsed(&text);
        let messages: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(messages[0].contains(" deep") || messages[0].contains("128 operators"), "{messages:?}");
    }
}

#[test]
fn errors_in_a_template_file_are_placed_in_it() {
    let sources = Sources::new();
    let id = sources.add("motd.tftpl", "hello\n%{ for x in xs }\n  ${x +}\n");
    let (template, diagnostics) = syntax::parse_template(&sources, id);
    assert!(template.is_none());
    crate::support::snapshot!("template", complaints(&sources, &diagnostics));
}

#[test]
fn a_carriage_return_alone_ends_no_line() {
    for (text, column) in [("a = 1\rb = 2", 6), ("a = \"b\rc\"\n", 7), ("a = <<E\nb\rc\nE\n", 2), ("a = \"${b\r}\"", 9)]
    {
        let sources = Sources::new();
        let id = sources.add("test.disco.hcl", text);
        let (_, diagnostics) = syntax::parse(&sources, id);
        let columns: Vec<usize> =
            diagnostics.iter().filter_map(Diagnostic::span).map(|span| sources.locate(span).1.column).collect();
        assert_eq!(columns, [column], "{text:?}: {diagnostics:?}");
    }
    assert!(parsed("# a\rb\na = 1\r\n").1.is_empty());
}
