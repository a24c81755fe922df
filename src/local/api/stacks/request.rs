//! What a request says a stack should be.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::local::entity::{Stack, Version};
use crate::local::hot::{self, text_of};
use crate::local::packed::Packed;
use crate::local::refusal::Refusal;
use crate::local::world::Parsed;

/// What a request says a stack should be.
pub(super) struct Asked {
    pub version: Version,
    pub parsed: Parsed,
    pub tags: Option<Vec<String>>,
    pub timeout_mins: Option<u32>,
    pub disable_rollback: Option<bool>,
}

pub(super) fn asked(request: &Json, existing: Option<&Stack>) -> Result<Asked, Refusal> {
    for unknown in ["files", "files_container", "environment_files"] {
        if request.get(unknown).is_some_and(|it| !it.is_null() && it.as_object().is_none_or(|it| !it.is_empty())) {
            return Err(Refusal::bad_request(format!("The embedded engine does not know the key: {unknown}")));
        }
    }
    let mut given: BTreeMap<String, Json> = existing.map(|stack| stack.version.parameters.clone()).unwrap_or_default();
    if let Some(clear) = request.get("clear_parameters").and_then(Json::as_array) {
        for name in clear.iter().filter_map(Json::as_str) {
            given.remove(name);
        }
    }
    let environment = request.pointer("/environment/parameters").and_then(Json::as_object);
    let parameters = request.get("parameters").and_then(Json::as_object);
    for (name, value) in environment.into_iter().chain(parameters).flatten() {
        given.insert(name.clone(), value.clone());
    }
    let template = match (request.get("template").filter(|it| !it.is_null()), existing) {
        (Some(template), _) => hot::document(template)?,
        (None, Some(existing)) => existing.version.template.read(),
        (None, None) => return Err(Refusal::bad_request("No template specified")),
    };
    let hot = hot::read(&template)?;
    if existing.is_some() {
        given.retain(|name, _| hot.parameters.contains_key(name));
    }
    let values = hot::parameter_values(&hot, &given)?;
    let timeout = request.get("timeout_mins").filter(|it| !it.is_null()).map(|minutes| {
        let text = text_of(minutes);
        text.parse::<u32>()
            .map_err(|_| Refusal::bad_request(format!("Only integer is allowed for timeout_mins: '{text}'")))
    });
    let tags = request.get("tags").filter(|it| !it.is_null()).map(|tags| match tags {
        Json::Array(tags) => tags.iter().map(text_of).collect(),
        other => text_of(other).split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
    });
    Ok(Asked {
        version: Version { template: Packed::of(&template), parameters: given },
        parsed: Parsed { hot, values },
        tags,
        timeout_mins: timeout.transpose()?,
        disable_rollback: request.get("disable_rollback").filter(|it| !it.is_null()).map(hot::truthy),
    })
}

pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let mut characters = name.chars();
    let good = characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|it| it.is_ascii_alphanumeric() || "_-.".contains(it))
        && name.len() <= 255;
    if good {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "Invalid stack name {name} must contain only alphanumeric or \"_-.\" characters, must start with alpha and must be 255 characters or less."
    )))
}

pub(super) fn named(request: &Json) -> Result<String, Refusal> {
    match request.get("stack_name").and_then(Json::as_str) {
        Some(name) => Ok(name.to_owned()),
        None => Err(Refusal::bad_request("No stack name specified")),
    }
}
