//! Functions that convert between types.

use super::{Call, Fault, Function};
use crate::expression::{Type, Value, convert, type_of};

pub(super) fn all() -> Vec<Function> {
    let to = |name, summary, gives, body| {
        Function::new(name, summary, body).takes("value", Type::Any).nullable().unknown().gives(gives).keeps_marks()
    };
    vec![
        to("tostring", "The value as a string", Type::String, |call| converted(call, &Type::String)),
        to("tonumber", "The value as a number", Type::Number, |call| converted(call, &Type::Number)),
        to("tobool", "The value as a bool", Type::Bool, |call| converted(call, &Type::Bool)),
        to("tolist", "The value as a list", Type::list(Type::Any), |call| converted(call, &Type::list(Type::Any))),
        to("toset", "The value as a set: sorted, each element once", Type::set(Type::Any), |call| {
            converted(call, &Type::set(Type::Any))
        }),
        to("tomap", "The value as a map", Type::map(Type::Any), |call| converted(call, &Type::map(Type::Any))),
        Function::new("type", "The name of the value's type", |call| {
            let value = call.value(0);
            let of = type_of(&value);
            // what is known of something unknown may be all there is to know
            let open = value.contains_unknown() && of.has_any();
            Ok(if open { Value::unknown(Type::String) } else { Value::string(of.to_string()) })
        })
        .takes("value", Type::Any)
        .nullable()
        .unknown()
        .gives(Type::String)
        .handles_marks(),
    ]
}

fn converted(call: &Call<'_, '_>, to: &Type) -> Result<Value, Fault> {
    let value = call.value(0);
    convert(&value, to).map_err(|mismatch| {
        let fault = Fault::at(0, mismatch.to_string());
        let (elements, entries) = (value.elements().is_some(), value.entries().is_some());
        match to {
            Type::Number if !elements && !entries => fault.help("write a number in decimal: 12, -0.5 or 1e3"),
            Type::Bool if !elements && !entries => fault.help("write \"true\", \"false\", \"1\" or \"0\""),
            Type::String if elements || entries => fault.help("use `jsonencode(…)` for a string of any value"),
            Type::List(_) | Type::Set(_) if entries => fault.help("use `keys(…)` or `values(…)` for a list from a map"),
            Type::List(_) | Type::Set(_) if !elements => fault.help("write a list of one element as `[…]`"),
            Type::Map(_) if elements => fault.help("write `{ for x in … : key => value }` for a map from a list"),
            _ => fault,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn conversions() {
        check(&[
            ("tostring(12)", r#""12""#),
            ("tostring(true)", r#""true""#),
            ("tostring(null)", "null"),
            (r#"tonumber("1.50")"#, "1.5"),
            (r#"tobool("true")"#, "true"),
            (r#"tolist(["a", 1])"#, r#"["a","1"]"#),
            (r#"tolist(toset(["c", "a", "c"]))"#, r#"["a","c"]"#),
            (r#"tomap({ a = 1, b = "x" })"#, r#"{"a":"1","b":"x"}"#),
            (r#"type(tolist(["a"]))"#, r#""list(string)""#),
        ]);
        refuse(&[
            (r#"tonumber("x")"#, "`tonumber`: expected number, found string \"x\"", "\"x\""),
            (r#"tobool("yes")"#, "`tobool`: expected bool, found string \"yes\"", "\"yes\""),
        ]);
    }
}
