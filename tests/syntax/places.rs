//! Every part of the tree knows its place in the original bytes.

use disco::source::Sources;
use disco::syntax;
use disco::syntax::CommentKind;
use disco::syntax::tree::{ExpressionKind, TemplatePart};

#[test]
fn spans_are_those_of_the_original_bytes() {
    for prefix in ["", "\u{feff}", "# é\r\n", "\u{feff}/* ü */ "] {
        let text = format!(
            "{prefix}block \"é\" label {{\r\n  name  = \"x ${{var.a}} y\" # c\r\n  inner {{ n = [1, 22] }}\r\n}}\r\n"
        );
        let sources = Sources::new();
        let id = sources.add("a", text);
        let (body, diagnostics) = syntax::parse(&sources, id);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let at = |span| sources.snippet(span);
        let block = &body.blocks[0];
        assert_eq!(at(block.kind.span), "block");
        assert_eq!((&*block.labels[0].text, at(block.labels[0].span)), ("é", "\"é\"".to_owned()));
        assert_eq!(at(block.labels[1].span), "label");
        assert_eq!(at(block.head), "block \"é\" label");
        assert!(at(block.span).starts_with("block") && at(block.span).ends_with('}'));
        assert!(at(block.body.span).starts_with("\r\n  name") && at(block.body.span).ends_with("}\r\n"));
        let attribute = &block.body.attributes[0];
        assert_eq!(at(attribute.name.span), "name");
        assert_eq!(at(attribute.span), "name  = \"x ${var.a} y\"");
        assert_eq!(at(attribute.value.span), "\"x ${var.a} y\"");
        let ExpressionKind::Template(template) = &attribute.value.kind else { panic!("a template") };
        let [TemplatePart::Literal(_, first), TemplatePart::Interpolation(inner), TemplatePart::Literal(_, last)] =
            template.parts.as_slice()
        else {
            panic!("three parts")
        };
        assert_eq!((at(*first), at(inner.span), at(*last)), ("x ".into(), "var.a".into(), " y".into()));
        let ExpressionKind::Traversal(traversal) = &inner.kind else { panic!("a traversal") };
        assert_eq!((at(traversal.root.span), at(traversal.steps[0].span)), ("var".into(), ".a".into()));
        let ExpressionKind::Tuple(items) = &block.body.blocks[0].body.attributes[0].value.kind else {
            panic!("a tuple")
        };
        assert_eq!(at(items[1].span), "22");
    }
}

#[test]
fn operators_indices_and_names_have_places() {
    let sources = Sources::new();
    let id = sources.add("a", "{ k = a.b[ 0 ] + 1, for_x = [for k, v in m : -v] }");
    let (expression, diagnostics) = syntax::parse_expression(&sources, id);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let at = |span| sources.snippet(span);
    let ExpressionKind::Object(items) = expression.expect("parses").kind else { panic!("an object") };
    let syntax::tree::ObjectKey::Name(key) = &items[0].key else { panic!("a name") };
    assert_eq!(at(key.span), "k");
    let ExpressionKind::Binary(binary) = &items[0].value.kind else { panic!("an operation") };
    assert_eq!((at(binary.operator_span), at(binary.left.span)), ("+".into(), "a.b[ 0 ]".into()));
    let ExpressionKind::Traversal(traversal) = &binary.left.kind else { panic!("a traversal") };
    assert_eq!(at(traversal.steps[1].span), "[ 0 ]");
    let ExpressionKind::For(each) = &items[1].value.kind else { panic!("a loop") };
    assert_eq!(at(each.value_name.span), "v");
    assert_eq!(at(each.value.span), "-v");
}

#[test]
fn comments_are_kept_with_their_kind_and_place() {
    let sources = Sources::new();
    let text =
        "\u{feff}# a\r\nb = [ // é\n  1, /* two\n lines */ 2]\nc = \"# no ${ d /* in */ } // no\"\ne = <<E\n# no\nE\n#";
    let id = sources.add("a", text);
    let found = syntax::comments(&sources, id);
    let shown: Vec<_> = found.iter().map(|(kind, span)| (*kind, sources.snippet(*span))).collect();
    let expected = [
        (CommentKind::Hash, "# a"),
        (CommentKind::Slashes, "// é"),
        (CommentKind::Block, "/* two\n lines */"),
        (CommentKind::Block, "/* in */"),
        (CommentKind::Hash, "#"),
    ];
    assert_eq!(shown, expected.map(|(kind, text)| (kind, text.to_owned())));
}
