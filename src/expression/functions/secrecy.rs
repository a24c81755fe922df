//! Functions about secret marks.

use super::Function;
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new("sensitive", "The value, marked as secret: it is never shown", |call| {
            Ok(call.value(0).with_secret(true))
        })
        .takes("value", Type::Any)
        .nullable()
        .unknown()
        .handles_marks(),
        Function::new(
            "nonsensitive",
            "The value without its secret marks: for what only looks like a secret",
            |call| Ok(call.value(0).revealed_within()),
        )
        .takes("value", Type::Any)
        .nullable()
        .unknown()
        .handles_marks(),
        Function::new("ephemeralasnull", "The value as it is: no value here lasts for one run only", |call| {
            Ok(call.value(0))
        })
        .takes("value", Type::Any)
        .nullable()
        .unknown()
        .handles_marks(),
        Function::new("issensitive", "Whether the value or a part of it is secret", |call| {
            Ok(Value::bool(call.value(0).contains_secret()))
        })
        .takes("value", Type::Any)
        .nullable()
        .unknown()
        .gives(Type::Bool)
        .handles_marks(),
    ]
}
