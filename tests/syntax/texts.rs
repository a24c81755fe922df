//! Quoted texts, heredocs and templates. What is wanted was compared with Terraform 1.11.

use super::{expression, template};

#[test]
fn escapes_are_resolved() {
    let rows = [
        (r#""a\nb\t\"\\""#, r#""a\nb\t\"\\""#),
        (r#""\u00e9\U0001F600""#, "\"é😀\""),
        (r#""$${a} %%{b} $a %b $$ %% 50%""#, r#""${a} %{b} $a %b $$ %% 50%""#),
        (r#""$$${a}""#, r#""$${a}""#),
        (r#""""#, r#""""#),
        (r#""a\\""#, r#""a\\""#),
        (r#""{ } = : ( ) # // /*""#, r#""{ } = : ( ) # // /*""#),
    ];
    for (text, wanted) in rows {
        assert_eq!(expression(text), wanted, "{text}");
    }
}

#[test]
fn what_looks_alike_is_alike() {
    let rows = [
        ("\"e\u{301}\"", "\"é\""),
        ("\"e\\u0301\"", "\"é\""),
        ("\"${a}e\u{301}\"", "(template ${a} \"é\")"),
        ("<<E\nu\u{308}\nE\n", "\"ü\\n\""),
        ("u\u{308}.e\u{301}", "ü.é"),
        ("{ u\u{308} = 1 }", "{ü=1}"),
        ("[for e\u{301} in a : e\u{301}]", "(for é in a : é)"),
        ("\"%{ for e\u{301} in a }${é}%{ endfor }\"", "(template (for é in a (${é})))"),
        ("{ \"u\u{308}\" = 1 }", "{<\"ü\">=1}"),
    ];
    for (text, wanted) in rows {
        assert_eq!(expression(text), wanted, "{text}");
    }
    assert_eq!(template("u\u{308} ${a}"), "\"ü \" ${a}");
}

#[test]
fn one_interpolation_alone_can_be_told_from_text() {
    assert_eq!(expression("\"${a}\""), "(template ${a})");
    assert_eq!(expression("\" ${~ a}\""), "(template \"\" ${a})");
    assert_eq!(expression("<<E\n${a}\nE\n"), "(heredoc ${a} \"\\n\")");
    assert_eq!(template("${a}"), "${a}");
}

#[test]
fn heredocs_are_dedented_over_all_their_lines() {
    let rows = [
        ("<<EOT\n  a\n b\nEOT\n", r#""  a\n b\n""#),
        ("<<-EOT\n  a\n b\n  EOT\n", r#"" a\nb\n""#),
        ("<<-EOT\n    a ${x}\nb c d e f\n  EOT\n", r#"(heredoc "    a " ${x} "\nb c d e f\n")"#),
        ("<<-EOT\n    a\n      ${x}\n  b\n  EOT\n", r#"(heredoc "  a\n    " ${x} "\nb\n")"#),
        ("<<-EOT\n    a\n\n    b\n  EOT\n", r#""a\n\nb\n""#),
        ("<<-EOT\n    a\n  \n    b\n  EOT\n", r#""a\n  \nb\n""#),
        ("<<-EOT\n${x}\n    b\n  EOT\n", r#"(heredoc ${x} "\n    b\n")"#),
        ("<<-EOT\n\ta\n\t\tb\n\tEOT\n", r#""a\n\tb\n""#),
        ("<<-EOT\n    $${a} %%{b} \\n \"q\"\n  EOT\n", r#""${a} %{b} \\n \"q\"\n""#),
        ("<<EOT\nEOT\n", r#""""#),
        ("<<EOT\n\nEOT", r#""\n""#),
        ("<<EOT\nEOTX\nxEOT\n EOT \n", r#""EOTX\nxEOT\n""#),
        ("<<EOT\na\r\n  b\r\nEOT\r\n", r#""a\r\n  b\r\n""#),
        ("<<-EOT\r\n    a\r\n  b\r\n  EOT\r\n", r#""  a\r\nb\r\n""#),
        ("[<<A\na\nA\n, <<-B\n  b\n  B\n]", r#"["a\n" "b\n"]"#),
        ("<<A\n${f(<<B\nb ${c}\nB\n)}\nA\n", r#"(heredoc ${f((heredoc "b " ${c} "\n"))} "\n")"#),
    ];
    for (text, wanted) in rows {
        assert_eq!(expression(text), wanted, "{text}");
    }
}

#[test]
fn directives_within_heredocs_are_dedented_with_the_rest() {
    let text = "<<-EOT\n    begin\n    %{ for x in xs }\n      - ${x}\n    %{ endfor }\n    %{ if y }\n  yes\n    %{ else }\n    no\n    %{ endif }\n    EOT\n";
    let wanted = r#"(heredoc "  begin\n  " (for x in xs ("\n    - " ${x} "\n  ")) "\n  " (if y ("\nyes\n  ") ("\n  no\n  ")) "\n")"#;
    assert_eq!(expression(text), wanted);
}

#[test]
fn trim_markers_reach_to_the_line_end_of_heredocs_and_through_quoted_texts() {
    let rows = [
        (r#""a \n ${~ b ~} \n c""#, r#"(template "a" ${b} "c")"#),
        (r#""a ${~ b} c""#, r#"(template "a" ${b} " c")"#),
        (r#""%{ if a ~} x %{~ else ~} y %{~ endif } z""#, r#"(template (if a ("x") ("y")) " z")"#),
        (
            "<<E\n%{ for x in xs ~}\n    server ${x}\n%{ endfor ~}\nend\nE\n",
            r#"(heredoc (for x in xs ("    server " ${x} "\n")) "end\n")"#,
        ),
        ("<<E\na\n  ${~ b ~}  \n  c\nE\n", r#"(heredoc "a\n" ${b} "  c\n")"#),
        (
            "<<-E\n    a\n    %{ if b ~}\n      c\n    %{ endif ~}\n  d\n  E\n",
            r#"(heredoc "a\n" (if b ("      c\n") ()) "  d\n")"#,
        ),
    ];
    for (text, wanted) in rows {
        assert_eq!(expression(text), wanted, "{text}");
    }
}

#[test]
fn templates_are_literal_but_for_their_sequences() {
    let rows = [
        ("", ""),
        ("a \"b\" \\n $${c}\n", r#""a \"b\" \\n ${c}\n""#),
        ("%{ if a }b%{ else }%{ if c }d%{ endif }%{ endif }e", r#"(if a ("b") ((if c ("d") ()))) "e""#),
        ("%{ for k, v in m }${k}=${v}\n%{ endfor }", r#"(for k, v in m (${k} "=" ${v} "\n"))"#),
        ("%{for x in [1, {a = 2}]}%{endfor}", "(for x in [1 {a=2}] ())"),
        ("${ f(\n  a,\n  b\n) }", "${f(a b)}"),
        ("${\n  a ?\n  b :\n  c\n}", "${(? a b c)}"),
        ("${ a /* } */ }", "${a}"),
        ("${ { a = \"}\" } }", "${{a=\"}\"}}"),
    ];
    for (text, wanted) in rows {
        assert_eq!(template(text), wanted, "{text}");
    }
}
