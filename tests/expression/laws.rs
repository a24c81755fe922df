//! Laws, tried with generated values and expressions.

use disco::expression::{
    NoFiles, Number, Scope, Type, Value, convert, equal, order, read_json, type_of, unify, write_json,
};
use disco::source::Sources;
use disco::syntax::parse_expression;
use proptest::prelude::*;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::null()),
        any::<bool>().prop_map(Value::bool),
        any::<i64>().prop_map(Value::integer),
        (any::<i64>(), 0u32..9).prop_map(|(digits, scale)| {
            Value::number(Number::parse(&format!("{digits}e-{scale}")).expect("a number"))
        }),
        "[a-z0-9é]{0,4}".prop_map(Value::string),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::tuple),
            prop::collection::btree_map("[a-c]", inner, 0..4).prop_map(Value::object),
        ]
    })
}

fn of() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::Any), Just(Type::String), Just(Type::Number), Just(Type::Bool)];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::vec(inner, 0..3).prop_map(Type::Tuple),
        ]
    })
}

/// Texts of small expressions, right and wrong.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("x".to_owned()),
        Just("local.a".to_owned()),
        Just("unknown".to_owned()),
        Just("secret".to_owned()),
        Just("nodes".to_owned()),
        (-9i32..9).prop_map(|number| number.to_string()),
        "[a-c1]{0,2}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (two.clone(), prop::sample::select(vec!["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"]))
                .prop_map(|((a, b), operator)| format!("({a} {operator} {b})")),
            two.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            two.clone().prop_map(|(a, b)| format!("{{ a = {a}, (\"${{{b}}}\") = 1 }}")),
            two.clone().prop_map(|(a, b)| format!("[{a}][{b}]")),
            two.clone().prop_map(|(a, b)| format!("[for k, v in {a} : {b} if v != k]")),
            two.clone().prop_map(|(a, b)| format!("{{ for v in {a} : v => {b}... }}")),
            two.clone().prop_map(|(a, b)| format!("try({a}, {b})")),
            two.prop_map(|(a, b)| format!("\"%{{ if {a} }}x${{{b}}}%{{ endif }}\"")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            inner.clone().prop_map(|a| format!("({a})[*].a")),
            inner.clone().prop_map(|a| format!("({a}).a[0]")),
            inner.clone().prop_map(|a| format!("!{a}")),
            inner.clone().prop_map(|a| format!("length({a})")),
            inner.prop_map(|a| format!("length({a}...)")),
        ]
    })
}

fn integer(number: i128) -> Number {
    Number::parse(&number.to_string()).expect("a number")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_numbers_are_exact(a in any::<i64>(), b in any::<i64>()) {
        let (x, y) = (i128::from(a), i128::from(b));
        let (left, right) = (Number::from(a), Number::from(b));
        prop_assert_eq!(left.add(&right), Some(integer(x + y)));
        prop_assert_eq!(left.subtract(&right), Some(integer(x - y)));
        prop_assert_eq!(left.multiply(&right), Some(integer(x * y)));
        prop_assert_eq!(left.cmp(&right), x.cmp(&y));
        prop_assert_eq!(left.to_string(), a.to_string());
        if y != 0 {
            prop_assert_eq!(left.remainder(&right), Some(integer(x % y)));
            prop_assert_eq!(left.divide(&right).map(|n| n.truncate()), Some(integer(x / y)));
            let floor = x / y - i128::from(x % y != 0 && (x < 0) != (y < 0));
            prop_assert_eq!(left.divide(&right).map(|n| n.floor()), Some(integer(floor)));
            prop_assert_eq!(left.divide(&right).and_then(|n| n.multiply(&right)), Some(left));
        }
    }

    #[test]
    fn decimals_are_read_back(digits in any::<i64>(), scale in 0u32..40) {
        let number = Number::parse(&format!("{digits}e-{scale}")).expect("a number");
        prop_assert_eq!(Number::parse(&number.to_string()), Some(number));
    }

    #[test]
    fn endless_decimals_are_near(a in 1i64..1_000_000, b in 1i64..1_000_000) {
        let exact = Number::from(a).divide(&Number::from(b)).expect("a number");
        let written = Number::parse(&exact.to_string()).expect("a number");
        let (high, low) = if written > exact { (written, exact.clone()) } else { (exact.clone(), written) };
        let error = high.subtract(&low).expect("small");
        prop_assert!(error <= exact.multiply(&Number::parse("1e-153").expect("a number")).expect("small"));
    }

    #[test]
    fn a_conversion_is_final(value in value(), to in of()) {
        if let Ok(once) = convert(&value, &to) {
            let twice = convert(&once, &to);
            prop_assert!(twice.is_ok(), "{:?} as {}", once, to);
            prop_assert!(order(&once, &twice.expect("converted")).is_eq());
        }
    }

    #[test]
    fn a_converted_value_has_its_type(value in value(), to in of()) {
        if let Ok(converted) = convert(&value, &to)
            && !to.has_any()
        {
            prop_assert_eq!(type_of(&converted), to);
        }
    }

    #[test]
    fn every_value_converts_to_what_it_has_in_common_with_others(a in value(), b in value()) {
        if let Some(common) = unify(&[type_of(&a), type_of(&b)]) {
            prop_assert!(convert(&a, &common).is_ok(), "{:?} as {}", a, common);
            prop_assert!(convert(&b, &common).is_ok(), "{:?} as {}", b, common);
        }
    }

    #[test]
    fn equality_agrees_with_order(a in value(), b in value()) {
        prop_assert_eq!(equal(&a, &a).as_bool(), Some(true));
        prop_assert_eq!(equal(&a, &b).as_bool(), equal(&b, &a).as_bool());
        prop_assert_eq!(equal(&a, &b).as_bool(), Some(order(&a, &b).is_eq()));
    }

    #[test]
    fn json_is_read_back(value in value()) {
        let text = write_json(&value).expect("known");
        prop_assert!(order(&value, &read_json(&text).expect("JSON")).is_eq(), "{}", text);
        let standard: serde_json::Value = serde_json::from_str(&text).expect("JSON for others too");
        prop_assert_eq!(standard.is_object(), value.entries().is_some());
    }

    #[test]
    fn no_expression_panics_and_every_failure_is_told(text in expression()) {
        let sources = Sources::new();
        let id = sources.add("expression", text.as_str());
        let (expression, _) = parse_expression(&sources, id);
        let a = sources.add("a", "[1, { a = 2 }]");
        let (a, _) = parse_expression(&sources, a);
        let scope = Scope::new(&sources, &NoFiles);
        let Some((expression, a)) = expression.as_ref().zip(a.as_ref()) else { return Ok(()) };
        scope.define_lazy("local", "a", a);
        scope.define("x", Value::object([("a", Value::integer(1))]));
        scope.define("unknown", Value::unknown(Type::Any));
        scope.define("secret", Value::string("geheim").with_secret(true));
        scope.define("nodes", Value::members([(0, Value::integer(1)), (2, Value::integer(2))].into()));
        let value = scope.evaluate(expression);
        let found = scope.take_diagnostics();
        prop_assert!(!value.contains_failed() || found.has_errors(), "{}: {:?} {:?}", text, value, found);
        let told = format!("{found:?}{value:?}");
        prop_assert!(!told.contains("geheim"), "{}: {}", text, told);
        let again = scope.evaluate(expression);
        prop_assert!(order(&value, &again).is_eq());
    }
}
