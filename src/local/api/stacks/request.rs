//! What a request says a stack should be.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::local::entity::{Stack, Version};
use crate::local::hot::Parsed;
use crate::local::hot::{self, text_of};
use crate::local::packed::Packed;
use crate::local::refusal::Refusal;

/// What a request says a stack should be.
pub(super) struct Asked {
    pub version: Version,
    pub parsed: Parsed,
    pub tags: Option<Vec<String>>,
    pub timeout_mins: Option<u32>,
    pub disable_rollback: Option<bool>,
}

pub(super) fn asked(request: &Json, existing: Option<&Stack>) -> Result<Asked, Refusal> {
    let container = request.get("files_container").filter(|it| !it.is_null());
    if container.is_some_and(|it| it.as_str().is_none_or(|it| !it.is_empty())) {
        return Err(Refusal::bad_request("The embedded engine does not know the key: files_container"));
    }
    let environment = environment(request)?;
    let mut given: BTreeMap<String, Json> = existing.map(|stack| stack.version.parameters.clone()).unwrap_or_default();
    if let Some(clear) = request.get("clear_parameters").and_then(Json::as_array) {
        for name in clear.iter().filter_map(Json::as_str) {
            given.remove(name);
        }
    }
    given.extend(environment);
    for (name, value) in request.get("parameters").and_then(Json::as_object).into_iter().flatten() {
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
        text.parse::<u32>().map_err(|_| Refusal::bad_request("Only integer is acceptable by 'timeout_mins'."))
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

/// Sections of an environment.
const SECTIONS: [&str; 6] = [
    "parameters",
    "parameter_defaults",
    "resource_registry",
    "event_sinks",
    "encrypted_param_names",
    "parameter_merge_strategies",
];

/// Parameters of the environment: of its files, which are sent along with those that templates name, or as one object.
fn environment(request: &Json) -> Result<BTreeMap<String, Json>, Refusal> {
    let wrong = |message: String| Refusal::bad_request(format!("Environment not in valid format: {message}"));
    let read = |value: &Json| match value {
        Json::String(text) => serde_saphyr::from_str::<Json>(text).map_err(|error| wrong(error.to_string())),
        other => Ok(other.clone()),
    };
    let names = request.get("environment_files").and_then(Json::as_array).into_iter().flatten();
    let mut all = Vec::new();
    for name in names.filter_map(Json::as_str) {
        let file = request.get("files").and_then(|files| files.get(name));
        all.push(read(file.ok_or_else(|| wrong(format!("Cannot find environment file \"{name}\"")))?)?);
    }
    if let Some(one) = request.get("environment").filter(|it| !it.is_null()) {
        all.push(read(one)?);
    }
    let mut parameters = BTreeMap::new();
    for part in all.iter().filter_map(Json::as_object) {
        if let Some(section) = part.keys().find(|section| !SECTIONS.contains(&section.as_str())) {
            return Err(wrong(format!("environment has wrong section \"{section}\"")));
        }
        for section in ["parameter_defaults", "parameters"] {
            let given = part.get(section).and_then(Json::as_object).into_iter().flatten();
            parameters.extend(given.map(|(name, value)| (name.clone(), value.clone())));
        }
    }
    Ok(parameters)
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
    if !request.is_object() {
        return Err(Refusal::bad_request(
            "The server could not comply with the request since it is either malformed or otherwise incorrect.",
        ));
    }
    match request.get("stack_name").and_then(Json::as_str) {
        Some(name) => Ok(name.to_owned()),
        None => Err(Refusal::bad_request("No stack name specified")),
    }
}
