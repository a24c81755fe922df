//! `templatefile`.

use std::sync::Arc;

use super::{Call, Fault, Function};
use crate::expression::{Type, Value};

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new(
            "templatefile",
            "The text that a file makes as a template, with the given names in it",
            templatefile,
        )
        .takes("path", Type::String)
        .takes("names", Type::Any)
        .unknown()
        .gives(Type::Any)
        .keeps_marks(),
    ]
}

fn templatefile(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let names = call.value(1);
    if names.is_unknown() {
        return Ok(Value::unknown(Type::Any));
    }
    let Some(entries) = names.entries() else {
        return Err(Fault::at(1, "the names are an object or a map: { name = value }"));
    };
    let path = call.text(0);
    let template = call.scope.template_of(path).map_err(|reason| Fault::at(0, reason))?;
    let names = entries.iter().map(|(name, value)| (Arc::clone(name), value.clone()));
    Ok(call.scope.evaluate_file(&template, names, call.place))
}
