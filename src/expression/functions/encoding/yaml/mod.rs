//! `yamlencode` and `yamldecode`.

mod read;
mod scalar;
mod write;

use super::composed::all_composed;
use crate::expression::functions::{Fault, Function};
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new("yamlencode", "The value in YAML", |call| write::yaml(&call.value(0)).map(Value::string))
            .takes("value", Type::Any)
            .nullable()
            .gives(Type::String),
        Function::new("yamldecode", "The value that YAML writes", |call| {
            read::yaml(call.text(0))
                .map(|value| all_composed(&value))
                .map_err(|reason| Fault::at(0, format!("not valid YAML: {reason}")))
        })
        .takes("string", Type::String),
    ]
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::super::examples::{check, refuse};

    #[test]
    fn values() {
        check(&[
            (
                r#"yamlencode({ a = "b", c = [1, { d = null, e = [] }], f = {} })"#,
                r#""\"a\": \"b\"\n\"c\":\n- 1\n- \"d\": null\n  \"e\": []\n\"f\": {}\n""#,
            ),
            (r#"yamlencode({ a = "x\ny\n", b = [["p"]] })"#, r#""\"a\": |\n  x\n  y\n\"b\":\n- - \"p\"\n""#),
            (r#"yamldecode("a: [1, x]\nb: yes\n")"#, r#"{"a":[1,"x"],"b":true}"#),
            (r#"yamldecode("12345678901234567890123")"#, "12345678901234567890123"),
            (r#"yamldecode("a: &x {k: 1}\nb: {<<: *x, l: 2}")"#, r#"{"a":{"k":1},"b":{"k":1,"l":2}}"#),
            (r#"yamldecode(yamlencode({ on = "yes", n = "12:30" }))"#, r#"{"n":"12:30","on":"yes"}"#),
        ]);
        refuse(&[
            (
                r#"yamldecode("a: 1\na: 2")"#,
                "`yamldecode`: not valid YAML: the key \"a\" is in a mapping twice (line 2, column 1)",
                r#""a: 1\na: 2""#,
            ),
            (r#"yamldecode("[1")"#, "`yamldecode`: not valid YAML: unclosed bracket '[' (line 1, column 1)", "\"[1\""),
        ]);
    }

    #[test]
    fn aliases_cannot_grow_without_an_end() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\\n".to_owned();
        for level in 1..12 {
            let before = vec![format!("*a{}", level - 1); 10].join(", ");
            let _ = write!(text, "a{level}: &a{level} [{before}]\\n");
        }
        let expression = format!("yamldecode(\"{text}\")");
        refuse(&[(
            &expression,
            "`yamldecode`: not valid YAML: its aliases stand for more than 100000 values (line 5, column 45)",
            &expression["yamldecode(".len()..expression.len() - 1],
        )]);
    }
}
