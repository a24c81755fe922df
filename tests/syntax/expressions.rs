//! Expressions and references.

use disco::source::Sources;
use disco::syntax;

use super::{expression, parsed};

#[test]
fn expressions_have_the_structure_that_hcl_gives_them() {
    let rows = [
        ("null", "null"),
        ("true", "true"),
        ("-5", "(Negate 5)"),
        ("- 5", "(Negate 5)"),
        ("- /* five */ 5", "(Negate 5)"),
        ("!a", "(Not a)"),
        ("-a.b", "(Negate a.b)"),
        ("1 + 2 * 3", "(+ 1 (* 2 3))"),
        ("1 - 2 - 3", "(- (- 1 2) 3)"),
        ("a && b || c", "(|| (&& a b) c)"),
        ("a == b && c != d", "(&& (== a b) (!= c d))"),
        ("a < b == c >= d", "(== (< a b) (>= c d))"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("(1 + 2) % 3", "(% ((+ 1 2)) 3)"),
        ("[1, a, \"b\",]", "[1 a \"b\"]"),
        ("[\n  1, # one\n  2 // two\n  , /* three */ 3\n]", "[1 2 3]"),
        ("{ a = 1, \"b c\" : 2, (d) = 3 }", "{a=1 <\"b c\">=2 <(d)>=3}"),
        ("{\n  a = 1 # one\n  b = 2\n}", "{a=1 b=2}"),
        ("{ a = 1,\r\n b = 2\r\n}", "{a=1 b=2}"),
        ("a.b[0].c[\"d\"]", "a.b[0].c[\"d\"]"),
        ("a.0.b.1", "a[0].b[1]"),
        ("a.0.b.1", "a[0].b[1]"),
        ("a.0[1]", "a[0][1]"),
        ("a.*.b", "a.*1.b"),
        ("a.*.b.0.c[0].d", "a.*3.b[0].c[0].d"),
        ("a.*[0].*.b", "a.*0[0].*1.b"),
        (
            "{\nfor\nk, v in m\n:\nk +\n1\n=>\n{\na = v\nb = [\n1\n]\n}\nif v &&\nk\n}",
            "(for k, v in m : (+ k 1) => {a=v b=[1]} if (&& v k))",
        ),
        ("{ null = 1, true: 2, false = 3 }", "{null=1 true=2 false=3}"),
        ("{ (null) = 1 }", "{<(null)>=1}"),
        ("{ a.b = 1 }", "{<a.b>=1}"),
        ("a[*].b[0]", "a[*].b[0]"),
        ("a[b + 1]", "a[(+ b 1)]"),
        ("f(a, b...)", "f(a b...)"),
        ("f(\n  a,\n  b,\n)", "f(a b)"),
        ("provider::name::f(1)", "provider::name::f(1)"),
        ("f(1)[0].a", "f(1)[0].a"),
        ("[for x in xs : x if x > 1]", "(for x in xs : x if (> x 1))"),
        ("{for k, v in m : k => v...}", "(for k, v in m : k => v...)"),
        ("{ for k, v in m : k => v if v }", "(for k, v in m : k => v if v)"),
        ("{\r\n  for k, v in m :\r\n  k => v\r\n}", "(for k, v in m : k => v)"),
        ("[format(\"%d\", 1)]", "[format(\"%d\" 1)]"),
        ("\"${a}\"", "(template ${a})"),
        ("\"a ${b + \"c ${d}\"} e\"", "(template \"a \" ${(+ b (template \"c \" ${d}))} \" e\")"),
        ("größe.ñ", "größe.ñ"),
        ("a-b.c-d", "a-b.c-d"),
    ];
    for (text, wanted) in rows {
        assert_eq!(expression(text), wanted, "{text}");
    }
}

#[test]
fn numbers_keep_every_digit() {
    let long = "9".repeat(4_000);
    let numbers = ["0", "1.50", "1e3", "1E+3", "2.5e-7", "1e400", "18446744073709551617", "0.1000000000000000000001"];
    for number in numbers.into_iter().chain([&*long]) {
        assert_eq!(expression(number), number);
        assert_eq!(expression(&format!("-{number}")), format!("(Negate {number})"));
        assert_eq!(expression(&format!("[{number},a.0]")), format!("[{number} a[0]]"));
    }
}

#[test]
fn objects_with_many_keys_are_read_or_refused_plainly() {
    let object = |keys: usize| {
        let entries: Vec<String> = (0..keys).map(|key| format!("  key-{key} = \"value {key}\"\n")).collect();
        format!("{{\n{}}}", entries.concat())
    };
    assert!(expression(&object(1000)).contains("key-999=\"value 999\""));
    let sources = Sources::new();
    let id = sources.add("test", object(5001));
    let (expression, diagnostics) = syntax::parse_expression(&sources, id);
    assert!(expression.is_none());
    let messages: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    assert_eq!(messages, ["an object holds at most 5000 keys"]);
}

#[test]
fn names_are_made_of_what_unicode_says() {
    for name in ["größe", "数", "a-b_1", "𝒳", "ªb", "a·b", "a‿b", "℮", "a٣"] {
        assert_eq!(expression(name), name);
        assert!(parsed(&format!("{name} = 1")).1.is_empty(), "{name}");
    }
    for name in ["½", "a½", "a²", "ⓐ", "-a", "٣", "\u{7aa}a"] {
        assert!(parsed(&format!("{name} = 1")).1.has_errors(), "{name}");
    }
}

#[test]
fn references_are_roots_and_steps_without_bound_names() {
    let rows: [(&str, &[&str]); 10] = [
        ("var.a + local.b.c", &["var.a", "local.b.c"]),
        ("[for x in var.xs : x.name if x.on && local.on]", &["var.xs", "local.on"]),
        ("{for k, v in var.m : k => [for v in v : v]}", &["var.m"]),
        ("[for x in x : x]", &["x"]),
        ("cluster.a.slaves[0].ip", &["cluster.a.slaves.0.ip"]),
        ("cluster[\"a b\"].ui", &["cluster.a b.ui"]),
        ("var.a[var.b].c", &["var.a", "var.b"]),
        ("\"${var.a} %{ for x in local.xs }${x}${y}%{ endfor }\"", &["var.a", "local.xs", "y"]),
        ("{ a = b, (c) = d }", &["b", "c", "d"]),
        ("f(var.a[*].b, cluster.x.*.ip)", &["var.a", "cluster.x"]),
    ];
    for (text, wanted) in rows {
        let sources = Sources::new();
        let id = sources.add("test", text);
        let (expression, _) = syntax::parse_expression(&sources, id);
        let found: Vec<String> = syntax::references(&expression.expect("parses"))
            .iter()
            .map(|reference| {
                let steps = reference.steps.iter().map(|(name, _)| format!(".{name}"));
                format!("{}{}", reference.root, steps.collect::<String>())
            })
            .collect();
        assert_eq!(found, wanted, "{text}");
    }
}
