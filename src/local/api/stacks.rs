//! Stacks.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Map, Value as Json, json};

use super::super::clock::timestamp;
use super::super::entity::{Action, Stack, Status, Version};
use super::super::hot::{self, text_of};
use super::super::refusal::Refusal;
use super::super::validate;
use super::super::walk::output as output_value;
use super::super::world::{Parsed, World, uuid};
use super::{Engine, accepted, answer, body, flag, heat, page};

/// A stack by name and id, deleted or not.
pub(super) fn find<'a>(world: &'a World, name: &str, id: &str) -> Result<&'a Stack, Refusal> {
    world.stacks.get(id).filter(|stack| stack.name == name).ok_or_else(|| Refusal::no_stack(name))
}

/// A stack by name and id that has not been deleted.
pub(super) fn find_live<'a>(world: &'a World, name: &str, id: &str) -> Result<&'a Stack, Refusal> {
    find(world, name, id).and_then(|it| if it.deleted.is_none() { Ok(it) } else { Err(Refusal::no_stack(name)) })
}

/// What a listing and a single answer have in common.
fn shown(stack: &Stack, heat: &str) -> Map<String, Json> {
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
        "stack_user_project_id": null,
        "tags": if stack.tags.is_empty() { Json::Null } else { json!(stack.tags) },
        "links": [{"href": format!("{heat}/stacks/{}/{}", stack.name, stack.id), "rel": "self"}],
    });
    match body {
        Json::Object(body) => body,
        _ => Map::new(),
    }
}

fn whole(world: &mut World, id: &str, heat: &str, with_outputs: bool) -> Result<Json, Refusal> {
    let parsed = world.parsed(id)?;
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
fn parameters(world: &World, stack: &Stack, parsed: &Parsed) -> Json {
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

/// What a request says a stack should be.
struct Asked {
    version: Version,
    parsed: Parsed,
    tags: Option<Vec<String>>,
    timeout_mins: Option<u32>,
    disable_rollback: Option<bool>,
}

fn asked(request: &Json, existing: Option<&Stack>) -> Result<Asked, Refusal> {
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
        (None, Some(existing)) => existing.version.template.clone(),
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
        version: Version { template, parameters: given },
        parsed: Parsed { hot, values },
        tags,
        timeout_mins: timeout.transpose()?,
        disable_rollback: request.get("disable_rollback").filter(|it| !it.is_null()).map(hot::truthy),
    })
}

fn check_name(name: &str) -> Result<(), Refusal> {
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

fn named(request: &Json) -> Result<String, Refusal> {
    match request.get("stack_name").and_then(Json::as_str) {
        Some(name) => Ok(name.to_owned()),
        None => Err(Refusal::bad_request("No stack name specified")),
    }
}

pub(super) async fn create(State(shared): Engine, headers: HeaderMap, uri: Uri, bytes: Bytes) -> Response {
    let created = shared.transact(|world| {
        let request = body(&bytes)?;
        let name = named(&request)?;
        if request.get("template").is_none_or(Json::is_null) {
            return Err(Refusal::bad_request("No template specified"));
        }
        check_name(&name)?;
        if world.names.contains_key(&name) {
            return Err(Refusal::new(409, "StackExists", format!("The Stack ({name}) already exists.")));
        }
        let asked = asked(&request, None)?;
        validate::properties(world, "", &asked.parsed)?;
        let (id, now) = (uuid(), world.now);
        world.add_stack(Stack {
            id: id.clone(),
            name: name.clone(),
            action: Action::Create,
            status: Status::InProgress,
            reason: String::new(),
            version: asked.version,
            previous: None,
            tags: asked.tags.unwrap_or_default(),
            timeout_mins: asked.timeout_mins,
            disable_rollback: asked.disable_rollback.unwrap_or(true),
            created: now,
            updated: None,
            deleted: None,
            started: now,
            traversal: 0,
        });
        world.start(&id, Action::Create);
        let href = format!("{}/stacks/{name}/{id}", heat(&headers, &uri, world));
        Ok(json!({"stack": {"id": id, "links": [{"href": href, "rel": "self"}]}}))
    });
    match created {
        Ok(body) => (StatusCode::CREATED, axum::Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn preview(State(shared): Engine, bytes: Bytes) -> Response {
    answer(shared.look(|world| {
        let request = body(&bytes)?;
        let name = named(&request)?;
        check_name(&name)?;
        let asked = asked(&request, None)?;
        validate::properties(world, "", &asked.parsed)?;
        let resources: Vec<Json> = asked
            .parsed
            .hot
            .resources
            .iter()
            .map(|(name, it)| json!({"resource_name": name, "resource_type": it.kind, "resource_status": "INIT_COMPLETE"}))
            .collect();
        Ok(json!({"stack": {"stack_name": name, "id": "None", "resources": resources}}))
    }))
}

pub(super) async fn validate(State(shared): Engine, bytes: Bytes) -> Response {
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

pub(super) async fn list(State(shared): Engine, Query(query): super::Query, headers: HeaderMap, uri: Uri) -> Response {
    answer(shared.look(|world| {
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

fn found(headers: &HeaderMap, uri: &Uri, world: &World, stack: &Stack) -> (String, Json) {
    let href = format!("{}/stacks/{}/{}", heat(headers, uri, world), stack.name, stack.id);
    let message = format!(
        "The resource was found at <a href=\"{href}\">{href}</a>;\nyou should be redirected automatically.\n\n"
    );
    (href, json!({"message": message, "code": "302 Found", "title": "Found"}))
}

pub(super) async fn redirect(
    State(shared): Engine,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let found = shared.look(|world| by_name(world, &name).map(|stack| found(&headers, &uri, world, &stack)));
    match found {
        Ok((href, body)) => (StatusCode::FOUND, [(header::LOCATION, href)], axum::Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

type One = Path<(String, String, String)>;

pub(super) async fn show(
    State(shared): Engine,
    Path((_, name, id)): One,
    Query(query): super::Query,
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

fn update(world: &mut World, name: &str, id: &str, bytes: &[u8], keep: bool) -> Result<(), Refusal> {
    let stack = find_live(world, name, id)?;
    let request = body(bytes)?;
    if !keep && request.get("template").is_none_or(Json::is_null) {
        return Err(Refusal::bad_request("No template specified"));
    }
    if stack.action == Action::Suspend {
        return Err(Refusal::new(400, "NotSupported", "Updating a stack when it is suspended is not supported."));
    }
    if stack.action == Action::Delete {
        return Err(Refusal::new(400, "NotSupported", "Updating a stack when it is deleting is not supported."));
    }
    let asked = asked(&request, keep.then_some(stack))?;
    validate::properties(world, id, &asked.parsed)?;
    if let Some(stack) = world.stack_mut(id) {
        // An update over a running one still goes back to the last version that was complete.
        if stack.status != Status::InProgress || stack.previous.is_none() {
            stack.previous = Some(stack.version.clone());
        }
        stack.version = asked.version;
        if !keep || asked.tags.is_some() {
            stack.tags = asked.tags.unwrap_or_default();
        }
        if !keep || asked.timeout_mins.is_some() {
            stack.timeout_mins = asked.timeout_mins;
        }
        if let Some(disable) = asked.disable_rollback {
            stack.disable_rollback = disable;
        }
    }
    world.start(id, Action::Update);
    if let Some(traversal) = world.stacks.get(id).map(|stack| stack.traversal) {
        world.remember(id, traversal, Arc::new(asked.parsed));
    }
    Ok(())
}

pub(super) async fn replace(State(shared): Engine, Path((_, name, id)): One, bytes: Bytes) -> Response {
    match shared.transact(|world| update(world, &name, &id, &bytes, false)) {
        Ok(()) => accepted(),
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn patch(State(shared): Engine, Path((_, name, id)): One, bytes: Bytes) -> Response {
    match shared.transact(|world| update(world, &name, &id, &bytes, true)) {
        Ok(()) => accepted(),
        Err(refusal) => refusal.into_response(),
    }
}

fn remove(world: &mut World, id: &str) {
    let deleting =
        world.stacks.get(id).is_some_and(|it| it.action == Action::Delete && it.status == Status::InProgress);
    if !deleting {
        world.start(id, Action::Delete);
    }
}

pub(super) async fn delete(State(shared): Engine, Path((_, name, id)): One) -> Response {
    let deleted = shared.transact(|world| {
        find_live(world, &name, &id)?;
        remove(world, &id);
        Ok(())
    });
    match deleted {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn delete_by_name(
    State(shared): Engine,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let found = shared.look(|world| by_name(world, &name).map(|stack| found(&headers, &uri, world, &stack)));
    match found {
        Ok((href, body)) => (StatusCode::FOUND, [(header::LOCATION, href)], axum::Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn act(State(shared): Engine, Path((_, name, id)): One, bytes: Bytes) -> Response {
    let done = shared.transact(|world| {
        let request = body(&bytes)?;
        let asked = request.as_object().filter(|map| map.len() == 1).and_then(|map| map.keys().next().cloned());
        let Some(asked) = asked else { return Err(Refusal::bad_request("No action specified")) };
        let stack = find_live(world, &name, &id)?;
        let (running, action, status) = (stack.status == Status::InProgress, stack.action, stack.status);
        match asked.as_str() {
            "suspend" | "resume" if running => {
                let action = if asked == "suspend" { Action::Suspend } else { Action::Resume };
                // Heat starts, fails, and lets the running action go on.
                let reason = format!(
                    "Resource {action} failed: Error: State ('{}', '{status}') invalid for {asked}",
                    stack.action
                );
                world.event(
                    &id,
                    &name,
                    "OS::Heat::Stack",
                    Some(id.clone()),
                    format!("{action}_IN_PROGRESS"),
                    &format!("Stack {action} started"),
                );
                world.event(&id, &name, "OS::Heat::Stack", Some(id.clone()), format!("{action}_FAILED"), &reason);
            }
            "suspend" => world.start(&id, Action::Suspend),
            "resume" => world.start(&id, Action::Resume),
            "check" if running => {}
            "check" => world.start(&id, Action::Check),
            "cancel_update" if running && action == Action::Update => world.roll_back(&id),
            "cancel_without_rollback" if running => {
                world.walks.remove(&id);
                world.end_stack(&id, Status::Failed, &format!("Stack {action} cancelled"));
            }
            "cancel_update" | "cancel_without_rollback" => {
                let message = format!("Cancelling update when stack is ('{action}', '{status}') is not supported.");
                return Err(Refusal::new(400, "NotSupported", message));
            }
            other => return Err(Refusal::bad_request(format!("Invalid action {other} specified"))),
        }
        Ok(asked)
    });
    match done {
        Ok(asked) if asked.starts_with("cancel") => accepted(),
        Ok(_) => axum::Json(Json::Null).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn template(State(shared): Engine, Path((_, name, id)): One) -> Response {
    answer(shared.look(|world| find(world, &name, &id).map(|stack| stack.version.template.clone())))
}

pub(super) async fn environment(State(shared): Engine, Path((_, name, id)): One) -> Response {
    answer(shared.look(|world| {
        let stack = find(world, &name, &id)?.clone();
        let parsed = world.parsed(&id)?;
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

pub(super) async fn outputs(State(shared): Engine, Path((_, name, id)): One) -> Response {
    answer(shared.look(|world| {
        find_live(world, &name, &id)?;
        let parsed = world.parsed(&id)?;
        let list: Vec<Json> = parsed
            .hot
            .outputs
            .iter()
            .map(|(name, output)| json!({"output_key": name, "description": output.description}))
            .collect();
        Ok(json!({"outputs": list}))
    }))
}

pub(super) async fn output(
    State(shared): Engine,
    Path((_, name, id, wanted)): Path<(String, String, String, String)>,
) -> Response {
    answer(shared.look(|world| {
        find_live(world, &name, &id)?;
        let parsed = world.parsed(&id)?;
        let value = output_value(world, &id, &parsed, &wanted)?;
        let description = parsed.hot.outputs.get(&wanted).map(|output| output.description.clone());
        Ok(json!({"output": {"output_key": wanted, "description": description, "output_value": value}}))
    }))
}
