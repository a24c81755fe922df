//! Stacks as answers show them: one, many, their template, environment and outputs.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Map, Value as Json, json};

use super::super::about::forbidden;
use super::super::{Engine, Query as Queried, answer, flag, heat, page};
use super::{One, find, find_live};
use crate::local::clock::timestamp;
use crate::local::entity::Stack;
use crate::local::hot::Parsed;
use crate::local::hot::text_of;
use crate::local::refusal::Refusal;
use crate::local::traversal::output as output_value;
use crate::local::world::World;

/// What a listing and a single answer have in common.
pub(super) fn shown(stack: &Stack, heat: &str) -> Map<String, Json> {
    let body = json!({
        "id": stack.id,
        "stack_name": stack.name,
        "stack_status": format!("{}_{}", stack.action, stack.status),
        "stack_status_reason": stack.reason,
        "description": "",
        "creation_time": timestamp(stack.created),
        "updated_time": stack.updated.map(timestamp),
        "deletion_time": stack.deleted.map(timestamp),
        "stack_owner": "disco",
        "parent": null,
        // Where Heat would keep the stack's own users.
        "stack_user_project_id": stack.id.replace('-', ""),
        "tags": if stack.tags.is_empty() { Json::Null } else { json!(stack.tags) },
        "links": [{"href": format!("{heat}/stacks/{}/{}", stack.name, stack.id), "rel": "self"}],
    });
    match body {
        Json::Object(body) => body,
        _ => Map::new(),
    }
}

fn whole(world: &World, id: &str, heat: &str, with_outputs: bool) -> Result<Json, Refusal> {
    let parsed = world.outline(id)?;
    let Some(stack) = world.stacks.get(id) else { return Err(Refusal::no_stack(id)) };
    let mut it = shown(stack, heat);
    let description = parsed.hot.description.clone().unwrap_or_else(|| "No description".to_owned());
    it.insert("description".to_owned(), description.clone().into());
    it.insert("template_description".to_owned(), description.into());
    it.insert("parameters".to_owned(), parameters(world, stack, &parsed));
    it.insert("tags".to_owned(), json!(stack.tags));
    it.insert("capabilities".to_owned(), json!([]));
    it.insert("notification_topics".to_owned(), json!([]));
    it.insert("disable_rollback".to_owned(), stack.disable_rollback.into());
    it.insert("timeout_mins".to_owned(), json!(stack.timeout_mins));
    if with_outputs && stack.deleted.is_none() {
        let outputs: Vec<Json> = parsed
            .hot
            .outputs
            .iter()
            .map(|(name, output)| {
                let value = output_value(world, id, &parsed, name).unwrap_or(Json::Null);
                json!({"output_key": name, "description": output.description, "output_value": value})
            })
            .collect();
        it.insert("outputs".to_owned(), outputs.into());
    }
    Ok(Json::Object(it))
}

/// Parameters as Heat shows them: all of them text, hidden ones covered.
pub(super) fn parameters(world: &World, stack: &Stack, parsed: &Parsed) -> Json {
    let mut shown = Map::new();
    shown.insert("OS::stack_id".to_owned(), stack.id.clone().into());
    shown.insert("OS::stack_name".to_owned(), stack.name.clone().into());
    shown.insert("OS::project_id".to_owned(), world.identity.project.clone().into());
    for (name, value) in &parsed.values {
        let hidden = parsed.hot.parameters.get(name).is_some_and(|parameter| parameter.hidden);
        shown.insert(name.clone(), if hidden { "******".into() } else { text_of(value).into() });
    }
    Json::Object(shown)
}

pub(in crate::local::api) async fn list(
    State(shared): Engine,
    Query(query): Queried,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answer(shared.look(|world| {
        if flag(&query, "global_tenant").unwrap_or(false) {
            return Err(forbidden("stacks:global_index"));
        }
        if query.get("limit").is_some_and(|limit| limit.parse::<usize>().is_err()) {
            return Err(Refusal::bad_request("Only integer is acceptable by 'limit'."));
        }
        let heat = heat(&headers, &uri, world);
        let deleted = flag(&query, "show_deleted").unwrap_or(false);
        let tags: Vec<&str> = query.get("tags").map(|tags| tags.split(',').collect()).unwrap_or_default();
        let any: Vec<&str> = query
            .get("tags-any")
            .or_else(|| query.get("tags_any"))
            .map(|it| it.split(',').collect())
            .unwrap_or_default();
        let mut found: Vec<&Stack> = world
            .stacks
            .values()
            .filter(|stack| deleted || stack.deleted.is_none())
            .filter(|stack| tags.iter().all(|tag| stack.tags.iter().any(|own| own == tag)))
            .filter(|stack| any.is_empty() || any.iter().any(|tag| stack.tags.iter().any(|own| own == tag)))
            .filter(|stack| query.get("name").is_none_or(|name| *name == stack.name))
            .filter(|stack| query.get("id").is_none_or(|id| *id == stack.id))
            .filter(|stack| query.get("status").is_none_or(|status| *status == stack.status.to_string()))
            .collect();
        // The newest first, as Heat lists them.
        found.sort_by(|left, right| right.created.cmp(&left.created).then(left.id.cmp(&right.id)));
        if query.get("sort_dir").is_some_and(|direction| direction == "asc") {
            found.reverse();
        }
        let (found, more) = page(found, &query, |stack, marker| stack.id == marker);
        let end = found.last().map(|stack| stack.id.clone());
        let list: Vec<Json> = found.into_iter().map(|stack| Json::Object(shown(stack, &heat))).collect();
        let mut answer = json!({"stacks": list});
        if more && let (Some(answer), Some(end)) = (answer.as_object_mut(), end) {
            let mut next: Vec<String> = query
                .iter()
                .filter(|(name, _)| *name != "marker")
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            next.sort();
            next.push(format!("marker={end}"));
            answer.insert(
                "links".to_owned(),
                json!([{"rel": "next", "href": format!("{heat}/stacks?{}", next.join("&"))}]),
            );
        }
        Ok(answer)
    }))
}

fn by_name(world: &World, name: &str) -> Result<Stack, Refusal> {
    let id = world.names.get(name).map_or(name, String::as_str);
    world.stacks.get(id).cloned().ok_or_else(|| Refusal::no_stack(name))
}

fn found(headers: &HeaderMap, uri: &Uri, world: &World, stack: &Stack, part: &str) -> (String, Json) {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let href = format!("{}/stacks/{}/{}{part}{query}", heat(headers, uri, world), stack.name, stack.id);
    let message = format!(
        "The resource was found at <a href=\"{href}\">{href}</a>;\nyou should be redirected automatically.\n\n"
    );
    (href, json!({"message": message, "code": "302 Found", "title": "Found"}))
}

pub(in crate::local::api) async fn redirect(
    State(shared): Engine,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let found = shared.look(|world| by_name(world, &name).map(|stack| found(&headers, &uri, world, &stack, "")));
    redirected(found)
}

/// A part of a stack that is asked for by the stack's name: `/stacks/NAME/events`.
pub(in crate::local::api) async fn lookup(
    State(shared): Engine,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let part = uri.path().rsplit('/').next().map(|part| format!("/{part}")).unwrap_or_default();
    redirected(shared.look(|world| by_name(world, &name).map(|stack| found(&headers, &uri, world, &stack, &part))))
}

fn redirected(found: Result<(String, Json), Refusal>) -> Response {
    match found {
        Ok((href, body)) => (StatusCode::FOUND, [(header::LOCATION, href)], axum::Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

pub(in crate::local::api) async fn show(
    State(shared): Engine,
    Path((_, name, id)): One,
    Query(query): Queried,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answer(shared.look(|world| {
        find(world, &name, &id)?;
        let heat = heat(&headers, &uri, world);
        let stack = whole(world, &id, &heat, flag(&query, "resolve_outputs").unwrap_or(true))?;
        Ok(json!({"stack": stack}))
    }))
}

pub(in crate::local::api) async fn template(State(shared): Engine, Path((_, name, id)): One) -> Response {
    answer(shared.look(|world| find(world, &name, &id).map(|stack| stack.version.template.raw().to_owned())))
}

pub(in crate::local::api) async fn environment(State(shared): Engine, Path((_, name, id)): One) -> Response {
    answer(shared.look(|world| {
        let stack = find(world, &name, &id)?.clone();
        let parsed = world.outline(&id)?;
        let given: Map<String, Json> = stack
            .version
            .parameters
            .iter()
            .map(|(name, value)| {
                let hidden = parsed.hot.parameters.get(name).is_some_and(|parameter| parameter.hidden);
                (name.clone(), if hidden { "******".into() } else { value.clone() })
            })
            .collect();
        Ok(json!({
            "resource_registry": {"resources": {}},
            "parameters": given,
            "parameter_defaults": {},
            "event_sinks": [],
            "encrypted_param_names": [],
        }))
    }))
}

pub(in crate::local::api) async fn outputs(State(shared): Engine, Path((_, name, id)): One) -> Response {
    answer(shared.look(|world| {
        find_live(world, &name, &id)?;
        let parsed = world.outline(&id)?;
        let list: Vec<Json> = parsed
            .hot
            .outputs
            .iter()
            .map(|(name, output)| json!({"output_key": name, "description": output.description}))
            .collect();
        Ok(json!({"outputs": list}))
    }))
}

pub(in crate::local::api) async fn output(
    State(shared): Engine,
    Path((_, name, id, wanted)): Path<(String, String, String, String)>,
) -> Response {
    answer(shared.look(|world| {
        find_live(world, &name, &id)?;
        let parsed = world.outline(&id)?;
        let value = output_value(world, &id, &parsed, &wanted)?;
        let description = parsed.hot.outputs.get(&wanted).map(|output| output.description.clone());
        Ok(json!({"output": {"output_key": wanted, "description": description, "output_value": value}}))
    }))
}
