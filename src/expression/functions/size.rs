//! `length`: of texts and of everything that has elements.

use unicode_segmentation::UnicodeSegmentation;

use super::{Call, Fault, Function};
use crate::expression::words::{found, kind_of_type};
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new("length", "How many elements, entries, nodes or characters the value has", length)
            .takes("value", Type::Any)
            .partly_unknown()
            .gives(Type::Number)
            .gives_by(|types| match &types[0] {
                of @ (Type::Number | Type::Bool) => Err(sizeless(kind_of_type(of))),
                _ => Ok(Type::Number),
            })
            .keeps_marks(),
    ]
}

fn length(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let value = call.value(0);
    let count = match value.as_str() {
        Some(text) => Some(text.graphemes(true).count()),
        None => value.count(),
    };
    match count {
        Some(count) => Ok(Value::number(count.into())),
        None => Err(sizeless(&found(&value))),
    }
}

fn sizeless(found: &str) -> Fault {
    Fault::at(0, format!("expected a string or a collection, found {found}"))
}
