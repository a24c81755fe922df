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
        let hot = hot::read(&hot::document(template)?)?;
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
                if let (Some(shown), Some(default)) = (shown.as_object_mut(), &parameter.default) {
                    shown.insert("Default".to_owned(), default.clone());
                }
                (name.clone(), shown)
            })
            .collect();
        let description = hot.description.unwrap_or_else(|| "No description".to_owned());
        Ok(json!({"Description": description, "Parameters": parameters}))
    }))
}
