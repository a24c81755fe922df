//! The values of a template's parameters.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::cloud;
use super::super::refusal::Refusal;
use super::{Hot, Parameter, text_of};

/// The values of all parameters, after Heat's checks.
pub(crate) fn parameter_values(hot: &Hot, given: &BTreeMap<String, Json>) -> Result<BTreeMap<String, Json>, Refusal> {
    if let Some(unknown) = given.keys().find(|name| !hot.parameters.contains_key(*name)) {
        let message = format!("The Parameter ({unknown}) was not defined in template.");
        return Err(Refusal::new(400, "UnknownUserParameter", message));
    }
    let mut values = BTreeMap::new();
    for (name, parameter) in &hot.parameters {
        let Some(value) = given.get(name).or(parameter.default.as_ref()) else {
            return Err(Refusal::new(400, "UserParameterMissing", format!("The Parameter ({name}) was not provided.")));
        };
        let value = read_value(parameter, value)
            .and_then(|value| constrained(parameter, &value).map(|()| value))
            .map_err(|message| Refusal::invalid(format!("Parameter '{name}' is invalid: {message}")))?;
        values.insert(name.clone(), value);
    }
    Ok(values)
}

fn read_value(parameter: &Parameter, value: &Json) -> Result<Json, String> {
    Ok(match (parameter.kind.as_str(), value) {
        ("string", Json::String(_)) | ("number", Json::Number(_)) | ("boolean", Json::Bool(_)) => value.clone(),
        ("string", Json::Object(_) | Json::Array(_)) => return Err("Value must be a string".to_owned()),
        ("string", other) => Json::String(text_of(other)),
        ("number", other) => {
            let text = text_of(other);
            serde_json::from_str::<serde_json::Number>(text.trim())
                .map(Json::Number)
                .map_err(|_| format!("could not convert string to float: '{text}'"))?
        }
        ("boolean", other) => {
            let text = text_of(other);
            match text.to_ascii_lowercase().as_str() {
                "t" | "true" | "on" | "y" | "yes" | "1" => Json::Bool(true),
                "f" | "false" | "off" | "n" | "no" | "0" => Json::Bool(false),
                _ => {
                    return Err(format!(
                        "Unrecognized value '{text}', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'"
                    ));
                }
            }
        }
        ("comma_delimited_list", Json::String(text)) => {
            let items = if text.is_empty() {
                Vec::new()
            } else {
                text.split(',').map(|item| Json::from(item.trim())).collect()
            };
            Json::Array(items)
        }
        ("json", Json::String(text)) => {
            serde_json::from_str(text).map_err(|error| format!("Value must be valid JSON: {error}"))?
        }
        (_, other) => other.clone(),
    })
}

fn constrained(parameter: &Parameter, value: &Json) -> Result<(), String> {
    for constraint in &parameter.constraints {
        let said = constraint.get("description").and_then(Json::as_str);
        let fail = |message: String| Err(said.map_or(message, str::to_owned));
        if let Some(range) = constraint.get("range") {
            let (min, max) = (range.get("min").and_then(Json::as_f64), range.get("max").and_then(Json::as_f64));
            let number = value.as_f64().unwrap_or_default();
            if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                let bound = |name: &str| range.get(name).map_or_else(|| "None".to_owned(), text_of);
                return fail(format!(
                    "{} is out of range (min: {}, max: {})",
                    text_of(value),
                    bound("min"),
                    bound("max")
                ));
            }
        }
        if let Some(length) = constraint.get("length") {
            let count =
                value.as_str().map_or_else(|| value.as_array().map_or(0, Vec::len), |text| text.chars().count());
            let bound = |name: &str| length.get(name).and_then(Json::as_u64).and_then(|it| usize::try_from(it).ok());
            if bound("min").is_some_and(|min| count < min) || bound("max").is_some_and(|max| count > max) {
                let bound = |name: &str| length.get(name).map_or_else(|| "None".to_owned(), text_of);
                return fail(format!(
                    "length ({count}) is out of range (min: {}, max: {})",
                    bound("min"),
                    bound("max")
                ));
            }
        }
        if let Some(allowed) = constraint.get("allowed_values").and_then(Json::as_array)
            && !allowed.iter().any(|allowed| text_of(allowed) == text_of(value))
        {
            let quoted = |it: &Json| if it.is_string() { it.to_string() } else { text_of(it) };
            let words: Vec<String> = allowed.iter().map(quoted).collect();
            return fail(format!("\"{}\" is not an allowed value [{}]", text_of(value), words.join(", ")));
        }
        let text = value.as_str().unwrap_or_default();
        match constraint.get("custom_constraint").and_then(Json::as_str) {
            Some("glance.image") if cloud::image(text).is_none() => {
                return fail(format!("Error validating value '{text}': No images matching {{'name': '{text}'}}."));
            }
            Some("nova.flavor") if cloud::flavor(text).is_none() => {
                let why = format!("No Flavor matching {{'name': '{text}'}}. (HTTP 404)");
                return fail(format!("Error validating value '{text}': {why}"));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::read;
    use super::*;

    #[test]
    fn parameters_are_checked() {
        let hot = read(&json!({
            "heat_template_version": "2018-08-31",
            "parameters": {"count": {"type": "number", "default": 3, "constraints": [{"range": {"min": 0, "max": 50}}]}}
        }))
        .unwrap();
        let with = |value: Json| parameter_values(&hot, &BTreeMap::from([("count".to_owned(), value)]));
        assert_eq!(with(json!("4")).unwrap()["count"], json!(4));
        assert_eq!(
            with(json!(99)).unwrap_err().message,
            "Parameter 'count' is invalid: 99 is out of range (min: 0, max: 50)"
        );
        assert_eq!(
            with(json!("many")).unwrap_err().message,
            "Parameter 'count' is invalid: could not convert string to float: 'many'"
        );
    }
}
