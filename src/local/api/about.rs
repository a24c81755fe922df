//! What Heat says of itself: template versions and their functions, and what only an operator may ask.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Value as Json, json};

use super::super::hot::{ALIASES, VERSIONS};
use super::super::refusal::Refusal;
use super::answer;

const PREFIX: &str = "heat_template_version.";
/// Functions of the newest templates, with what each does.
const FUNCTIONS: [(&str, &str); 8] = [
    ("get_attr", "A function for resolving resource attributes."),
    ("get_param", "A function for resolving parameter references."),
    ("get_resource", "A function for resolving resource references."),
    ("list_concat", "A function for extending lists."),
    ("list_join", "A function for joining one or more lists of strings."),
    ("str_replace", "A function for performing string substitutions."),
    ("str_replace_strict", "A function for performing string substitutions, in which every word must be found."),
    ("str_split", "A function for splitting delimited strings into a list."),
];

/// `GET /template_versions`
pub(super) async fn versions() -> Response {
    let list: Vec<Json> = VERSIONS
        .into_iter()
        .map(|version| {
            let alias = ALIASES.iter().find(|(of, _)| *of == version).map(|(_, alias)| format!("{PREFIX}{alias}"));
            json!({"version": format!("{PREFIX}{version}"), "type": "hot", "aliases": Vec::from_iter(alias)})
        })
        .collect();
    answer(Ok(json!({ "template_versions": list })))
}

/// `GET /template_versions/VERSION/functions`: those that the engine carries out.
pub(super) async fn functions(Path((_, version)): Path<(String, String)>) -> Response {
    let bare = version.strip_prefix(PREFIX).unwrap_or_default();
    let known = VERSIONS.contains(&bare) || ALIASES.iter().any(|(_, alias)| *alias == bare);
    answer(if known {
        let list = FUNCTIONS.map(|(name, description)| json!({"functions": name, "description": description}));
        Ok(json!({ "template_functions": list }))
    } else {
        Err(Refusal::new(404, "NotFound", format!("Template version {version} not found")))
    })
}

/// `GET /services`
pub(super) async fn services() -> Response {
    answer(Err::<Json, _>(forbidden("service:index")))
}

/// An ordinary user may not.
pub(super) fn forbidden(action: &str) -> Refusal {
    Refusal::new(403, "Forbidden", format!("You are not authorized to use {action}."))
}
