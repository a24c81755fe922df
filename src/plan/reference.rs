//! What a property's value refers to.

use serde_json::Value as Json;

/// What a value refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference<'a> {
    /// `get_resource`, `get_attr`: a resource of the same template.
    Resource(&'a str),
    /// `get_param`
    Parameter(&'a str),
}

/// The resource that a value is, where it is nothing else: `{"get_resource": NAME}`.
pub(super) fn named(value: &Json) -> Option<&str> {
    value.get("get_resource")?.as_str()
}

/// Calls `found` for each reference in a value.
pub(super) fn references<'a>(value: &'a Json, found: &mut dyn FnMut(Reference<'a>)) {
    match value {
        Json::Array(items) => {
            for item in items {
                references(item, found);
            }
        }
        Json::Object(entries) => {
            if entries.len() == 1
                && let Some((function, argument)) = entries.iter().next()
                && let Some(reference) = reference(function, argument)
            {
                found(reference);
            }
            for entry in entries.values() {
                references(entry, found);
            }
        }
        _ => {}
    }
}

fn reference<'a>(function: &str, argument: &'a Json) -> Option<Reference<'a>> {
    let first = || argument.as_str().or_else(|| argument.get(0)?.as_str());
    match function {
        "get_resource" => argument.as_str().map(Reference::Resource),
        "get_attr" => argument.get(0)?.as_str().map(Reference::Resource),
        "get_param" => first().map(Reference::Parameter),
        _ => None,
    }
}

/// Whether a value refers to a parameter that fulfils `predicate`.
pub(super) fn has_parameter(value: &Json, predicate: &dyn Fn(&str) -> bool) -> bool {
    let mut any = false;
    references(value, &mut |reference| {
        any |= matches!(reference, Reference::Parameter(name) if predicate(name));
    });
    any
}

/// Whether a value refers to a resource that fulfils `predicate`.
pub(super) fn has_resource(value: &Json, predicate: &dyn Fn(&str) -> bool) -> bool {
    let mut any = false;
    references(value, &mut |reference| {
        any |= matches!(reference, Reference::Resource(name) if predicate(name));
    });
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_found_wherever_they_stand() {
        let value = json!({"a": [{"get_resource": "x"}], "b": {"str_replace": {"params": {"$y": {"get_attr": ["y", "z"]}}}},
            "c": {"get_param": "p"}, "d": {"get_param": ["q", 0]}, "e": "get_resource"});
        let mut found = Vec::new();
        references(&value, &mut |reference| found.push(reference));
        assert_eq!(
            found,
            [Reference::Resource("x"), Reference::Resource("y"), Reference::Parameter("p"), Reference::Parameter("q")]
        );
    }
}
