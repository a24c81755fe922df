//! What is known only after apply.

use disco::expression::{AttributeType, Kind, Type, Value};

use super::evaluate_with;

#[test]
fn the_unknown_spreads_with_its_type() {
    let cases = [
        ("x.address", "string"),
        ("\"http://${x.address}\"", "string"),
        ("x.count + 1", "number"),
        ("x.count > 1", "bool"),
        ("!(x.count == 1)", "bool"),
        ("x.names[0]", "string"),
        ("x.names[*]", "list(string)"),
        ("x.tags.a", "string"),
        ("[for n in x.names : n]", "any"),
        ("x.count > 1 ? 1 : 2", "number"),
        ("x.count > 1 ? 1 : \"a\"", "string"),
        ("length(x.names)", "number"),
        ("can(x.count)", "bool"),
        ("\"%{ if x.count > 1 }a%{ endif }\"", "string"),
        ("x.names == []", "bool"),
    ];
    for (text, expected) in cases {
        let (value, found, _) = evaluate_with(text, "", define);
        assert!(found.is_empty(), "{text}: {found:?}");
        match value.kind() {
            Kind::Unknown(of) => assert_eq!(of.to_string(), expected, "{text}"),
            known => panic!("{text}: {known:?}"),
        }
    }
}

#[test]
fn what_does_not_depend_on_it_is_known() {
    for text in ["false && x.count > 1", "x.count > 1 && false", "true || x.count > 1", "x.count > 1 || true"] {
        let (value, ..) = evaluate_with(text, "", define);
        assert!(value.as_bool().is_some(), "{text}");
    }
    let (value, ..) = evaluate_with("length([x.count, 1])", "", define);
    assert_eq!(value.as_number().and_then(disco::expression::Number::to_i64), Some(2));
    let (value, ..) = evaluate_with("[1, x.count] == [2, 1]", "", define);
    assert_eq!(value.as_bool(), Some(false));
}

#[test]
fn its_type_is_held_to() {
    let (_, found, _) = evaluate_with("x.adress", "", define);
    assert_eq!(found.iter().next().and_then(|found| found.help.clone()).as_deref(), Some("did you mean `address`?"));
    for text in ["x.names + 1", "x.count.a", "x.count[0]", "[for a in x.count : a]"] {
        let (value, found, _) = evaluate_with(text, "", define);
        assert!(value.is_failed() && found.has_errors(), "{text}");
    }
}

#[test]
fn nodes_are_found_by_their_index() {
    for (text, expected) in [
        ("nodes[3].name", Some("c")),
        ("nodes[*].name[1]", None),
        ("[for i, n in nodes : \"${i}${n.name}\"][2]", Some("3c")),
        ("nodes[*].name == [\"a\", \"b\", \"c\"] ? \"yes\" : \"no\"", Some("yes")),
    ] {
        let (value, found, _) = evaluate_with(text, "", define);
        if let Some(expected) = expected {
            assert_eq!(value.as_str(), Some(expected), "{text}: {found:?}");
        }
    }
    let (_, found, _) = evaluate_with("nodes[2]", "", define);
    let complaint = found.iter().next().expect("a complaint");
    assert_eq!(complaint.message, "node 2 does not exist");
    assert_eq!(complaint.labels[0].text, "the nodes are 0–1, 3");
}

fn define(scope: &disco::expression::Scope<'_>) {
    let attribute = |name: &str, of: Type| (name.into(), AttributeType::required(of));
    let of = Type::Object(
        [
            attribute("address", Type::String),
            attribute("count", Type::Number),
            attribute("names", Type::list(Type::String)),
            attribute("tags", Type::map(Type::String)),
        ]
        .into(),
    );
    scope.define("x", Value::unknown(of));
    let node = |name: &str| Value::object([("name", Value::string(name))]);
    scope.define("nodes", Value::members([(0, node("a")), (1, node("b")), (3, node("c"))].into()));
}
