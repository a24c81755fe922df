//! Looking at a template before anything is made of it.

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::super::{Engine, answer, body};
use crate::local::hot;
use crate::local::refusal::Refusal;

pub(in crate::local::api) async fn validate(State(shared): Engine, bytes: Bytes) -> Response {
    answer(shared.look(|_| {
        let request = body(&bytes)?;
        let Some(template) = request.get("template").filter(|it| !it.is_null()) else {
            return Err(Refusal::bad_request("No template specified"));
        };
        let hot = hot::glance(&hot::document(template)?).map_err(in_other_words)?;
        let mut given = Map::new();
        for part in ["/environment/parameters", "/parameters"] {
            given.extend(request.pointer(part).and_then(Json::as_object).cloned().unwrap_or_default());
        }
        let parameters: Map<String, Json> = hot
            .parameters
            .iter()
            .map(|(name, parameter)| {
                let kind = match parameter.kind.as_str() {
                    "number" => "Number",
                    "json" => "Json",
                    "boolean" => "Boolean",
                    "comma_delimited_list" => "CommaDelimitedList",
                    _ => "String",
                };
                let mut shown = json!({
                    "Type": kind,
                    "Description": parameter.description,
                    "NoEcho": if parameter.hidden { "true" } else { "false" },
                    "Label": parameter.label.as_deref().unwrap_or(name),
                });
                if let Some(shown) = shown.as_object_mut() {
                    shown.extend(parameter.default.clone().map(|default| ("Default".to_owned(), default)));
                    shown.extend(given.get(name).cloned().map(|value| ("Value".to_owned(), value)));
                    shown.extend(bounds(&parameter.constraints));
                }
                (name.clone(), shown)
            })
            .collect();
        let description = hot.description.unwrap_or_else(|| "No description".to_owned());
        let environment = json!({
            "resource_registry": {"resources": {}}, "parameters": given, "parameter_defaults": {}, "event_sinks": [],
        });
        Ok(json!({"Description": description, "Parameters": parameters, "Environment": environment}))
    }))
}

/// A validation's refusals have another type than those of a stack, and fewer colons.
fn in_other_words(refusal: Refusal) -> Refusal {
    if refusal.kind != "StackValidationFailed" {
        return refusal;
    }
    Refusal::bad_request(refusal.message.replace(": : ", ": "))
}

/// A parameter's constraints as a validation tells them.
fn bounds(constraints: &[Json]) -> Vec<(String, Json)> {
    let mut bounds = Vec::new();
    for (pointer, name) in [
        ("/range/min", "MinValue"),
        ("/range/max", "MaxValue"),
        ("/length/min", "MinLength"),
        ("/length/max", "MaxLength"),
        ("/allowed_values", "AllowedValues"),
        ("/custom_constraint", "CustomConstraint"),
    ] {
        let found = constraints.iter().find_map(|constraint| constraint.pointer(pointer));
        bounds.extend(found.map(|value| (name.to_owned(), value.clone())));
    }
    bounds
}
