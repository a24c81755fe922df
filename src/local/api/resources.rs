//! Resources of a stack.

use std::collections::BTreeMap;

use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, Uri};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::super::clock::timestamp;
use super::super::entity::{Action, Phase, Row, Stack, Status};
use super::super::grant::Agent;
use super::super::hot::{text_of, truthy};
use super::super::node::heat_credentials;
use super::super::refusal::Refusal;
use super::super::resource::{self, attributes, deployed};
use super::super::world::World;
use super::{Engine, answer, base, body, flag, heat, written};

/// A resource as it is shown.
#[derive(Serialize)]
struct Shown<'a> {
    resource_name: &'a str,
    logical_resource_id: &'a str,
    physical_resource_id: &'a str,
    resource_type: &'a str,
    resource_status: String,
    resource_status_reason: &'a str,
    creation_time: String,
    updated_time: String,
    required_by: Vec<&'a str>,
    links: [Link; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Json>,
}

#[derive(Serialize)]
struct Link {
    href: String,
    rel: &'static str,
}

fn shown<'a>(row: &'a Row, stack: &Stack, heat: &str, required_by: Vec<&'a str>) -> Shown<'a> {
    let stack_url = format!("{heat}/stacks/{}/{}", stack.name, stack.id);
    let own = Link { href: format!("{stack_url}/resources/{}", row.name), rel: "self" };
    Shown {
        resource_name: &row.name,
        logical_resource_id: &row.name,
        physical_resource_id: row.physical.as_deref().unwrap_or_default(),
        resource_type: &row.kind,
        resource_status: format!("{}_{}", row.action, row.status),
        resource_status_reason: &row.reason,
        creation_time: timestamp(row.created),
        updated_time: timestamp(row.updated),
        required_by,
        links: [own, Link { href: stack_url, rel: "stack" }],
        description: None,
        attributes: None,
    }
}

impl Shown<'_> {
    /// With what is only told of one resource, or where it is asked for.
    fn in_detail(self, world: &World, row: &Row) -> Self {
        Self { description: Some(""), attributes: Some(attributes(world, row)), ..self }
    }
}

/// What of a stack's resources is made from which rows.
struct RequiredBy<'a>(Vec<(u64, &'a str)>);

impl<'a> RequiredBy<'a> {
    fn of(world: &'a World, stack: &str) -> Self {
        let rows = world.current.get(stack).into_iter().flat_map(|rows| rows.values());
        let rows = rows.filter_map(|id| world.rows.get(id));
        let mut by: Vec<_> =
            rows.flat_map(|row| row.requires.iter().map(|required| (*required, row.name.as_str()))).collect();
        by.sort_unstable();
        Self(by)
    }

    /// Names of the resources made from a row.
    fn names(&self, row: u64) -> Vec<&'a str> {
        let first = self.0.partition_point(|(required, _)| *required < row);
        self.0[first..].iter().take_while(|(required, _)| *required == row).map(|(_, name)| *name).collect()
    }
}

pub(super) async fn list(
    State(shared): Engine,
    Path((_, name, id)): Path<(String, String, String)>,
    Query(query): super::Query,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answer(shared.look(|world| {
        let stack = super::stacks::find(world, &name, &id)?;
        let heat = heat(&headers, &uri, world);
        let detail = flag(&query, "with_detail").unwrap_or(false);
        let by = RequiredBy::of(world, &id);
        let rows =
            world.current.get(&id).into_iter().flat_map(|rows| rows.values()).filter_map(|id| world.rows.get(id));
        let list: Vec<Shown<'_>> = rows
            .filter(|row| query.get("type").is_none_or(|kind| *kind == row.kind))
            .filter(|row| query.get("name").is_none_or(|name| *name == row.name))
            .filter(|row| query.get("status").is_none_or(|status| *status == row.status.to_string()))
            .map(|row| {
                let it = shown(row, stack, &heat, by.names(row.id));
                if detail { it.in_detail(world, row) } else { it }
            })
            .collect();
        written(&BTreeMap::from([("resources", list)]))
    }))
}

fn find<'a>(world: &'a World, stack: &Stack, resource: &str) -> Result<&'a Row, Refusal> {
    world.row_named(&stack.id, resource).ok_or_else(|| Refusal::no_resource(&stack.name, resource))
}

type One = Path<(String, String, String, String)>;

pub(super) async fn show(
    State(shared): Engine,
    Path((_, name, id, wanted)): One,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answer(shared.look(|world| {
        let stack = super::stacks::find(world, &name, &id)?;
        let row = find(world, stack, &wanted)?;
        let by = RequiredBy::of(world, &id).names(row.id);
        let it = shown(row, stack, &heat(&headers, &uri, world), by).in_detail(world, row);
        Ok(json!({"resource": it}))
    }))
}

/// What a server's agent polls: its deployments, and with what it logs in from now on.
pub(super) async fn metadata(
    State(shared): Engine,
    Path((_, name, id, wanted)): One,
    agent: Option<Extension<Agent>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    if agent.is_some() {
        let booting = shared.look(|world| {
            let server = world.row_named(&id, &wanted).and_then(|row| world.servers.get(row.physical.as_deref()?));
            let booting = server.filter(|server| world.identity.nodes.is_real() && server.phase == Phase::Booting);
            Ok(booting.map(|server| server.id.clone()))
        });
        if let Ok(Some(server)) = booting {
            let came = shared.transact(|world| {
                world.agent_came(&server);
                Ok(())
            });
            if let Err(refusal) = came {
                return refusal.into_response();
            }
        }
    }
    answer(shared.look(|world| {
        let stack = super::stacks::find(world, &name, &id)?;
        let row = find(world, stack, &wanted)?;
        let base = base(&headers, &uri);
        let Some(server) = row.physical.as_deref().and_then(|id| world.servers.get(id)) else {
            return Ok(json!({"metadata": {}}));
        };
        let mut metadata = json!({
            "deployments": deployments_of(world, &server.id, &base), "phase": server.phase.to_string(),
        });
        if let (Some(heat), Some(metadata)) = (heat_credentials(world, server, &base), metadata.as_object_mut()) {
            let collected = json!({"collectors": ["ec2", "heat", "local"], "heat": heat});
            metadata.insert("os-collect-config".to_owned(), collected);
        }
        Ok(json!({"metadata": metadata}))
    }))
}

/// All deployments of a server, as its agent reads them.
pub(super) fn deployments_of(world: &World, server: &str, base: &str) -> Vec<Json> {
    let own = world.deployments_of.get(server).into_iter().flatten();
    own.filter_map(|(_, id)| world.deployments.get(id)).map(|it| deployed(world, it, base)).collect()
}

pub(super) async fn signal(State(shared): Engine, Path((_, name, id, wanted)): One, bytes: Bytes) -> Response {
    answer(shared.transact(|world| {
        let stack = super::stacks::find_live(world, &name, &id)?;
        let row = find(world, stack, &wanted)?;
        if row.kind != "OS::Heat::SoftwareDeployment" {
            return Err(Refusal::new(400, "ResourceActionNotSupported", "signal is not supported for resource."));
        }
        let deployment = row.physical.clone().unwrap_or_default();
        // Heat takes anything for a signal.
        let signal: Json = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!({}));
        resource::signal(world, &deployment, &signal);
        Ok(Json::Null)
    }))
}

pub(super) async fn mark(State(shared): Engine, Path((_, name, id, wanted)): One, bytes: Bytes) -> Response {
    answer(shared.transact(|world| {
        let asked = body(&bytes)?;
        let stack = super::stacks::find_live(world, &name, &id)?;
        let Some(unhealthy) = asked.get("mark_unhealthy") else {
            return Err(Refusal::bad_request("Missing mandatory (mark_unhealthy) key from mark unhealthy request"));
        };
        let told = unhealthy.as_str().map(str::to_ascii_lowercase);
        if !unhealthy.is_boolean() && !told.is_some_and(|told| ["true", "false"].contains(&told.as_str())) {
            let message = format!(
                "Unrecognized value \"{}\" for \"mark_unhealthy\", acceptable values are: true, false.",
                text_of(unhealthy)
            );
            return Err(Refusal::bad_request(message));
        }
        let row = find(world, stack, &wanted)?;
        let (row, status) = (row.id, row.status);
        if status == Status::InProgress {
            let message = format!("The resource {wanted} is already being updated.");
            return Err(Refusal::new(409, "ActionInProgress", message));
        }
        if truthy(unhealthy) {
            let reason =
                asked.get("resource_status_reason").and_then(Json::as_str).unwrap_or("marked unhealthy by user");
            world.set_row(row, Action::Check, Status::Failed, reason);
        } else {
            world.set_row(row, Action::Check, Status::Complete, "state changed");
        }
        Ok(Json::Null)
    }))
}
