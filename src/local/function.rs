//! The intrinsic functions of templates.

use serde_json::{Map, Value as Json};

/// Where functions find what they ask for.
pub(crate) trait Context {
    /// The value of a parameter.
    fn parameter(&self, name: &str) -> Option<Json>;
    /// What `get_resource` gives.
    fn reference(&self, resource: &str) -> Option<Json>;
    /// What `get_attr` gives.
    fn attribute(&self, resource: &str, attribute: &str) -> Option<Json>;
}

const KNOWN: [&str; 8] = [
    "get_resource",
    "get_attr",
    "get_param",
    "list_join",
    "list_concat",
    "str_replace",
    "str_replace_strict",
    "str_split",
];
const UNKNOWN: [&str; 18] = [
    "get_file",
    "digest",
    "repeat",
    "resource_facade",
    "map_merge",
    "map_replace",
    "yaql",
    "if",
    "equals",
    "not",
    "and",
    "or",
    "filter",
    "str_replace_vstrict",
    "make_url",
    "list_concat_unique",
    "contains",
    "Fn::GetAtt",
];

/// The function a map calls, with its arguments.
fn call(map: &Map<String, Json>) -> Option<(&str, &Json)> {
    let (name, arguments) = map.iter().next()?;
    (map.len() == 1).then_some((name.as_str(), arguments))
}

/// Refuses functions the engine does not have, by name.
pub(crate) fn check(value: &Json) -> Result<(), String> {
    match value {
        Json::Array(items) => items.iter().try_for_each(check),
        Json::Object(map) => {
            if let Some((name, _)) = call(map)
                && UNKNOWN.contains(&name)
            {
                return Err(format!("The embedded engine does not know the function: {name}"));
            }
            map.values().try_for_each(check)
        }
        _ => Ok(()),
    }
}

fn visit(value: &Json, found: &mut dyn FnMut(&str, &Json)) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| visit(item, found)),
        Json::Object(map) => {
            if let Some((name, arguments)) = call(map)
                && KNOWN.contains(&name)
            {
                found(name, arguments);
            }
            map.values().for_each(|value| visit(value, found));
        }
        _ => {}
    }
}

/// Calls `found` with every resource that is referred to.
pub(crate) fn references(value: &Json, found: &mut dyn FnMut(&str)) {
    visit(value, &mut |name, arguments| {
        let resource = match name {
            "get_resource" => arguments.as_str(),
            "get_attr" => arguments.get(0).and_then(Json::as_str),
            _ => None,
        };
        if let Some(resource) = resource {
            found(resource);
        }
    });
}

/// Calls `found` with every resource and attribute that is asked for.
pub(crate) fn attributes(value: &Json, found: &mut dyn FnMut(&str, &str)) {
    visit(value, &mut |name, arguments| {
        if name == "get_attr"
            && let (Some(resource), Some(attribute)) =
                (arguments.get(0).and_then(Json::as_str), arguments.get(1).and_then(Json::as_str))
        {
            found(resource, attribute);
        }
    });
}

/// Calls `found` with every parameter that is asked for.
pub(crate) fn parameters(value: &Json, found: &mut dyn FnMut(&str)) {
    visit(value, &mut |name, arguments| {
        if name == "get_param"
            && let Some(parameter) = arguments.as_str().or_else(|| arguments.get(0).and_then(Json::as_str))
        {
            found(parameter);
        }
    });
}

/// The value with all functions carried out.
pub(crate) fn resolve(value: &Json, context: &dyn Context) -> Result<Json, String> {
    match value {
        Json::Array(items) => {
            items.iter().map(|item| resolve(item, context)).collect::<Result<_, _>>().map(Json::Array)
        }
        Json::Object(map) => {
            if let Some((name, arguments)) = call(map)
                && KNOWN.contains(&name)
            {
                return carry_out(name, arguments, context);
            }
            let entries = map.iter().map(|(name, value)| Ok((name.clone(), resolve(value, context)?)));
            entries.collect::<Result<Map<_, _>, String>>().map(Json::Object)
        }
        other => Ok(other.clone()),
    }
}

fn carry_out(name: &str, arguments: &Json, context: &dyn Context) -> Result<Json, String> {
    if name == "get_resource" {
        let resource = arguments.as_str().ok_or("Arguments to \"get_resource\" must be a string")?;
        return Ok(context.reference(resource).unwrap_or(Json::Null));
    }
    let arguments = resolve(arguments, context)?;
    match name {
        "get_param" => {
            let (parameter, path) = match &arguments {
                Json::String(parameter) => (parameter.as_str(), &[][..]),
                Json::Array(items) => match items.split_first() {
                    Some((Json::String(parameter), path)) => (parameter.as_str(), path),
                    _ => return Err("Argument to \"get_param\" must be string or list".to_owned()),
                },
                _ => return Err("Argument to \"get_param\" must be string or list".to_owned()),
            };
            let value =
                context.parameter(parameter).ok_or_else(|| format!("The Parameter ({parameter}) was not provided."))?;
            Ok(follow(value, path))
        }
        "get_attr" => match arguments.as_array().map(Vec::as_slice) {
            Some([Json::String(resource), Json::String(attribute), path @ ..]) => {
                Ok(context.attribute(resource, attribute).map_or(Json::Null, |value| follow(value, path)))
            }
            _ => {
                Err("Arguments to \"get_attr\" must be of the form [resource_name, attribute, (path), ...]".to_owned())
            }
        },
        "list_join" => list_join(&arguments),
        "list_concat" => {
            let lists =
                arguments.as_array().ok_or("Incorrect arguments to \"list_concat\" should be: [<list 1>, <list 2>]")?;
            Ok(Json::Array(lists.iter().filter_map(Json::as_array).flatten().cloned().collect()))
        }
        "str_split" => str_split(&arguments),
        _ => str_replace(name, &arguments),
    }
}

fn follow(value: Json, path: &[Json]) -> Json {
    path.iter().fold(value, |value, step| match (&value, step) {
        (Json::Array(items), step) => {
            let index = step.as_u64().or_else(|| step.as_str().and_then(|text| text.parse().ok()));
            index.and_then(|index| items.get(usize::try_from(index).ok()?)).cloned().unwrap_or(Json::Null)
        }
        (Json::Object(map), Json::String(name)) => map.get(name).cloned().unwrap_or(Json::Null),
        _ => Json::Null,
    })
}

fn list_join(arguments: &Json) -> Result<Json, String> {
    let (delimiter, lists) = match arguments.as_array().map(Vec::as_slice) {
        Some([Json::String(delimiter), lists @ ..]) if !lists.is_empty() => (delimiter, lists),
        _ => return Err("Incorrect arguments to \"list_join\" should be: list_join : [ <delim>, <list> ]".to_owned()),
    };
    let mut words = Vec::new();
    for list in lists {
        for item in list.as_array().into_iter().flatten() {
            words.push(match item {
                Json::String(text) => text.clone(),
                Json::Null => String::new(),
                Json::Array(_) | Json::Object(_) => item.to_string(),
                other => return Err(format!("Items to join must be string, map or list not {other}")),
            });
        }
    }
    Ok(Json::String(words.join(delimiter)))
}

fn str_split(arguments: &Json) -> Result<Json, String> {
    match arguments.as_array().map(Vec::as_slice) {
        Some([Json::String(delimiter), Json::String(text), rest @ ..]) => {
            let parts: Vec<Json> = text.split(delimiter.as_str()).map(Json::from).collect();
            Ok(if rest.is_empty() { Json::Array(parts) } else { follow(Json::Array(parts), rest) })
        }
        Some([_, Json::Null, ..]) => Ok(Json::Null),
        _ => {
            Err("Incorrect arguments to \"str_split\" should be: str_split : [ <delim>, <string> (, index) ]"
                .to_owned())
        }
    }
}

/// Replaces in one pass, the longest words first, as Heat does.
fn str_replace(name: &str, arguments: &Json) -> Result<Json, String> {
    let (Some(template), Some(Json::Object(words))) = (arguments.get("template"), arguments.get("params")) else {
        return Err(format!("\"{name}\" syntax should be: {name}: {{template: <text>, params: <words>}}"));
    };
    let Some(template) = template.as_str() else {
        return if template.is_null() { Ok(Json::Null) } else { Err(format!("\"{name}\" template must be a string")) };
    };
    let mut words: Vec<(&str, String)> = words
        .iter()
        .map(|(word, value)| {
            let text = match value {
                Json::String(text) => text.clone(),
                Json::Null => String::new(),
                other => other.to_string(),
            };
            (word.as_str(), text)
        })
        .filter(|(word, _)| !word.is_empty())
        .collect();
    words.sort_by(|(left, _), (right, _)| right.len().cmp(&left.len()).then(left.cmp(right)));
    if name == "str_replace_strict"
        && let Some((word, _)) = words.iter().find(|(word, _)| !template.contains(word))
    {
        return Err(format!("The following params were not found in the template: {word}"));
    }
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(first) = rest.chars().next() {
        if let Some((word, text)) = words.iter().find(|(word, _)| rest.starts_with(word)) {
            out.push_str(text);
            rest = &rest[word.len()..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    Ok(Json::String(out))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Fixed;

    impl Context for Fixed {
        fn parameter(&self, name: &str) -> Option<Json> {
            (name == "n").then(|| json!({"a": [1, 2]}))
        }
        fn reference(&self, resource: &str) -> Option<Json> {
            Some(json!(format!("id-of-{resource}")))
        }
        fn attribute(&self, _: &str, attribute: &str) -> Option<Json> {
            (attribute == "fixed_ips").then(|| json!([{"ip_address": "10.0.0.4"}]))
        }
    }

    #[test]
    fn functions_do_what_heats_do() {
        let table = [
            (json!({"get_resource": "net"}), json!("id-of-net")),
            (json!({"get_param": ["n", "a", 1]}), json!(2)),
            (json!({"get_attr": ["p", "fixed_ips", 0, "ip_address"]}), json!("10.0.0.4")),
            (json!({"list_join": ["-", ["a", {"get_resource": "b"}], ["c"]]}), json!("a-id-of-b-c")),
            (json!({"str_split": [",", "a,b", 1]}), json!("b")),
            (json!({"str_replace": {"template": "$ab $a", "params": {"$a": "1", "$ab": 2}}}), json!("2 1")),
            (json!({"x": {"no_such_fn": 1}}), json!({"x": {"no_such_fn": 1}})),
        ];
        for (value, expected) in table {
            assert_eq!(resolve(&value, &Fixed).unwrap(), expected, "{value}");
        }
        assert_eq!(
            resolve(&json!({"list_join": [",", [2]]}), &Fixed).unwrap_err(),
            "Items to join must be string, map or list not 2"
        );
        assert!(check(&json!({"x": [{"yaql": {}}]})).unwrap_err().contains("yaql"));
    }
}
