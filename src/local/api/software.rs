//! Software configurations and deployments.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Map, Value as Json, json};

use super::super::clock::timestamp;
use super::super::entity::{Deployment, Status, Thing};
use super::super::packed::Packed;
use super::super::refusal::Refusal;
use super::super::resource::{Outcome, finish};
use super::super::world::World;
use super::{Engine, answer, base, body};

fn shown(world: &World, deployment: &Deployment) -> Json {
    // While it waits, the reason says how far the machine is.
    let reason = match world.servers.get(&deployment.server).filter(|_| deployment.status == Status::InProgress) {
        Some(server) => format!("{}: {}", deployment.reason, server.phase),
        None => deployment.reason.clone(),
    };
    json!({
        "id": deployment.id,
        "server_id": deployment.server,
        "config_id": deployment.derived,
        "name": deployment.name,
        "status": deployment.status.to_string(),
        "status_reason": reason,
        "action": deployment.action.to_string(),
        "input_values": deployment.inputs,
        "output_values": deployment.outputs,
        "creation_time": timestamp(deployment.created),
        "updated_time": timestamp(deployment.updated),
    })
}

pub(super) async fn deployments(State(shared): Engine, Query(query): super::Query) -> Response {
    answer(shared.look(|world| {
        let list: Vec<Json> = if let Some(server) = query.get("server_id") {
            let own = world.deployments_of.get(server).into_iter().flatten();
            own.filter_map(|(_, id)| world.deployments.get(id)).map(|it| shown(world, it)).collect()
        } else {
            let mut all: Vec<&Deployment> = world.deployments.values().collect();
            all.sort_by(|left, right| left.id.cmp(&right.id));
            all.into_iter().map(|it| shown(world, it)).collect()
        };
        Ok(json!({"software_deployments": list}))
    }))
}

fn find(world: &World, id: &str) -> Result<Deployment, Refusal> {
    world
        .deployments
        .get(id)
        .cloned()
        .ok_or_else(|| Refusal::new(404, "NotFound", format!("Deployment with id {id} not found")))
}

pub(super) async fn deployment(State(shared): Engine, Path((_, id)): Path<(String, String)>) -> Response {
    answer(shared.look(|world| Ok(json!({"software_deployment": shown(world, &find(world, &id)?)}))))
}

pub(super) async fn set_deployment(
    State(shared): Engine,
    Path((_, id)): Path<(String, String)>,
    bytes: Bytes,
) -> Response {
    answer(shared.transact(|world| {
        let request = body(&bytes)?;
        let mut deployment = find(world, &id)?;
        let outputs = request.get("output_values").and_then(Json::as_object).cloned();
        let reason = request.get("status_reason").and_then(Json::as_str);
        let status = match request.get("status").and_then(Json::as_str) {
            Some("COMPLETE") => Some(Status::Complete),
            Some("FAILED") => Some(Status::Failed),
            Some("IN_PROGRESS") | None => None,
            Some(other) => return Err(Refusal::bad_request(format!("Invalid status {other} specified"))),
        };
        match status {
            Some(status) if deployment.status == Status::InProgress => {
                let reason = reason.unwrap_or("Outputs received").to_owned();
                finish(world, &id, Outcome { status, reason, outputs: outputs.unwrap_or_default() });
            }
            status => {
                deployment.status = status.unwrap_or(deployment.status);
                if let Some(reason) = reason {
                    reason.clone_into(&mut deployment.reason);
                }
                if let Some(outputs) = outputs {
                    deployment.outputs = Packed::of(&Json::Object(outputs));
                }
                deployment.updated = world.now;
                world.put_deployment(deployment);
            }
        }
        Ok(json!({"software_deployment": shown(world, &find(world, &id)?)}))
    }))
}

pub(super) async fn metadata(
    State(shared): Engine,
    Path((_, server)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answer(
        shared.look(|world| {
            Ok(json!({"metadata": super::resources::deployments_of(world, &server, &base(&headers, &uri))}))
        }),
    )
}

fn config_shown(config: &Thing, whole: bool) -> Json {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), config.id.clone().into());
    shown.insert("name".to_owned(), config.name.clone().into());
    for name in ["group", "creation_time"] {
        shown.insert(name.to_owned(), config.body.field(name).unwrap_or(Json::Null));
    }
    if whole {
        for name in ["config", "inputs", "outputs", "options"] {
            shown.insert(name.to_owned(), config.body.field(name).unwrap_or(Json::Null));
        }
    }
    Json::Object(shown)
}

pub(super) async fn configs(State(shared): Engine) -> Response {
    answer(shared.look(|world| {
        let mut found: Vec<&Thing> = world.things.values().filter(|thing| thing.kind == "config").collect();
        found.sort_by(|left, right| left.id.cmp(&right.id));
        Ok(json!({"software_configs": found.into_iter().map(|it| config_shown(it, false)).collect::<Vec<_>>()}))
    }))
}

pub(super) async fn config(State(shared): Engine, Path((_, id)): Path<(String, String)>) -> Response {
    answer(shared.look(|world| {
        // A deployment's own copy has the id that the deployment tells of.
        let derived = world.deployments.values().find(|deployment| deployment.derived == id);
        let original = derived.map_or(id.as_str(), |deployment| deployment.config.as_str());
        let config = world
            .thing(original, "config")
            .ok_or_else(|| Refusal::new(404, "NotFound", format!("Software config with id {id} not found")))?;
        let mut shown = config_shown(config, true);
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("id".to_owned(), id.clone().into());
        }
        Ok(json!({"software_config": shown}))
    }))
}

/// `POST /software_configs`
pub(super) async fn add_config(State(shared): Engine, bytes: Bytes) -> Response {
    answer(shared.transact(|world| {
        let request = body(&bytes)?;
        let text = |field: &str| request.get(field).and_then(Json::as_str).map(str::to_owned);
        let name = text("name").ok_or_else(|| Refusal::bad_request("'name' is a required property"))?;
        let id = super::super::ids::uuid();
        let fields = json!({
            "id": id, "name": name, "group": text("group").unwrap_or_else(|| "Heat::Ungrouped".to_owned()),
            "config": text("config").unwrap_or_default(), "creation_time": timestamp(world.now),
            "inputs": request.get("inputs").cloned().unwrap_or_else(|| json!([])),
            "outputs": request.get("outputs").cloned().unwrap_or_else(|| json!([])),
            "options": request.get("options").cloned().unwrap_or_else(|| json!({})),
        });
        let body = Packed::of(&fields.as_object().cloned().unwrap_or_default());
        let config = Thing { id, kind: "config".to_owned(), name, uses: Vec::new(), addresses: Vec::new(), body };
        let shown = config_shown(&config, true);
        world.put(config);
        Ok(json!({ "software_config": shown }))
    }))
}

/// `DELETE /software_configs/ID`
pub(super) async fn delete_config(State(shared): Engine, Path((_, id)): Path<(String, String)>) -> Response {
    let deleted = shared.transact(|world| {
        if world.thing(&id, "config").is_none() {
            return Err(Refusal::new(404, "NotFound", format!("Software config with id {id} not found")));
        }
        if world.deployments.values().any(|deployment| deployment.config == id) {
            let message = format!("Software config with id {id} can not be deleted as it is referenced.");
            return Err(Refusal::new(400, "RestrictedAction", message));
        }
        world.take(&id);
        Ok(())
    });
    match deleted {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
