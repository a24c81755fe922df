//! Nova, Glance, Neutron, Cinder, and what Heat says of itself.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};

use super::super::cloud;
use super::super::entity::{Server, Thing};
use super::super::refusal::Refusal;
use super::super::resource::{
    drop_default_rule, groups, in_use as resource_in_use, remove_server, rules, server_body, shown_server,
};
use super::super::schema;
use super::super::shared::Shared;
use super::super::world::World;
use super::whole::whole;
use super::{Engine, answer, body, by_hand, written};

pub(super) async fn build_info() -> Response {
    let revision = env!("CARGO_PKG_VERSION");
    axum::Json(json!({"api": {"revision": revision}, "engine": {"revision": revision}})).into_response()
}

pub(super) async fn resource_types() -> Response {
    let names: Vec<&str> = schema::resource_types().map(|kind| kind.name.as_str()).collect();
    axum::Json(json!({"resource_types": names})).into_response()
}

pub(super) async fn resource_type(Path((_, name)): Path<(String, String)>) -> Response {
    answer(schema::resource_type(&name).ok_or_else(|| {
        Refusal::new(404, "EntityNotFound", format!("The Resource Type ({name}) could not be found."))
    }).map(|kind| {
        let properties: Map<String, Json> = kind
            .properties
            .iter()
            .map(|(name, it)| {
                let mut shown = json!({"type": it.kind, "required": it.required, "update_allowed": it.update_allowed, "immutable": false});
                if let (Some(shown), Some(default)) = (shown.as_object_mut(), &it.default) {
                    shown.insert("default".to_owned(), default.clone());
                }
                (name.clone(), shown)
            })
            .collect();
        let attributes: Map<String, Json> = kind.attributes.iter().map(|name| (name.clone(), json!({}))).collect();
        json!({
            "resource_type": name,
            "properties": properties,
            "attributes": attributes,
            "support_status": {"status": "SUPPORTED", "version": null, "message": null, "previous_status": null},
        })
    }))
}

/// `GET /servers/detail`
pub(super) async fn servers(State(shared): Engine, Query(query): super::Query) -> Response {
    list_servers(&shared, &query, "servers/detail", |world, servers| {
        written(&servers.iter().map(|server| shown_server(world, server)).collect::<Vec<_>>())
    })
}

/// `GET /servers`, which says of each little more than that it is there.
pub(super) async fn server_names(State(shared): Engine, Query(query): super::Query) -> Response {
    list_servers(&shared, &query, "servers", |_, servers| {
        let short = |server: &&Server| json!({"id": server.id, "name": server.name, "links": []});
        written(&servers.iter().map(short).collect::<Vec<_>>())
    })
}

/// How many servers Nova shows at a time where it is not told.
const SERVERS: usize = 1000;

fn list_servers(
    shared: &Shared,
    query: &HashMap<String, String>,
    path: &str,
    body: impl Fn(&World, &[&Server]) -> Result<Box<RawValue>, Refusal>,
) -> Response {
    answer(shared.look(|world| {
        let limit = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(SERVERS);
        let marker = query.get("marker").and_then(|id| world.servers.get(id));
        let first = marker.map_or(Bound::Unbounded, |last| Bound::Excluded((Reverse(last.created), last.id.clone())));
        let mut found = world
            .newest
            .range((first, Bound::Unbounded))
            .filter_map(|(_, id)| world.servers.get(id))
            .filter(|server| query.get("name").is_none_or(|name| server.name.contains(name.as_str())));
        let page: Vec<&Server> = found.by_ref().take(limit).collect();
        let mut answer = BTreeMap::new();
        answer.insert("servers", body(world, &page)?);
        if let Some(last) = page.last().filter(|_| found.next().is_some()) {
            let href = format!("/compute/v2.1/{path}?limit={limit}&marker={}", last.id);
            answer.insert("servers_links", written(&json!([{"rel": "next", "href": href}]))?);
        }
        Ok(answer)
    }))
}

fn no_server(id: &str) -> Response {
    let body = json!({"itemNotFound": {"code": 404, "message": format!("Instance {id} could not be found.")}});
    (StatusCode::NOT_FOUND, axum::Json(body)).into_response()
}

pub(super) async fn server(State(shared): Engine, Path(id): Path<String>) -> Response {
    match shared.look(|world| Ok(world.servers.get(&id).map(|server| server_body(world, server)))) {
        Ok(Some(server)) => axum::Json(json!({"server": server})).into_response(),
        Ok(None) => no_server(&id),
        Err(refusal) => refusal.into_response(),
    }
}

/// Behind Heat's back, as a person or a broken host would.
pub(super) async fn delete_server(State(shared): Engine, Path(id): Path<String>) -> Response {
    let deleted = shared.transact(|world| {
        let known = world.servers.contains_key(&id);
        remove_server(world, &id);
        Ok(known)
    });
    match deleted {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => no_server(&id),
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn server_action(State(shared): Engine, Path(id): Path<String>, bytes: Bytes) -> Response {
    let action = body(&bytes).ok().and_then(|request| request.as_object()?.keys().next().cloned());
    let done = shared
        .transact(|world| action.as_deref().and_then(|action| by_hand::server_action(world, &id, action)).transpose());
    match done {
        Ok(Some(())) => return StatusCode::ACCEPTED.into_response(),
        Ok(None) => {}
        Err(refusal) => return refusal.into_response(),
    }
    let output = shared.look(|world| {
        let request = body(&bytes)?;
        let Some(asked) = request.get("os-getConsoleOutput") else {
            let name = request.as_object().and_then(|map| map.keys().next().cloned()).unwrap_or_default();
            if !world.servers.contains_key(&id) {
                return Ok(None);
            }
            return Err(Refusal::bad_request(format!("The embedded engine does not know the server action: {name}")));
        };
        let length =
            asked.get("length").and_then(Json::as_u64).and_then(|it| usize::try_from(it).ok()).unwrap_or(usize::MAX);
        Ok(world.servers.get(&id).map(|server| {
            let log = server.log.read();
            log[log.len().saturating_sub(length)..].join("\n")
        }))
    });
    match output {
        Ok(Some(output)) => axum::Json(json!({"output": output})).into_response(),
        Ok(None) => no_server(&id),
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn zones() -> Response {
    axum::Json(json!({"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": true}, "hosts": null}]}))
        .into_response()
}

/// What Neutron's plugins bring.
pub(super) async fn extensions() -> Response {
    const ALIASES: [&str; 6] =
        ["external-net", "quotas", "quota_details", "router", "security-group", "subnet_allocation"];
    let list = ALIASES.map(|alias| json!({"alias": alias, "name": alias, "description": "", "links": [], "updated": "2012-01-01T10:00:00-00:00"}));
    axum::Json(json!({"extensions": list})).into_response()
}

/// Which hosts a zone has is the operator's business.
pub(super) async fn no_zone_detail() -> Response {
    let message = "Policy doesn't allow os_compute_api:os-availability-zone:detail to be performed.";
    Refusal::new(403, "Forbidden", message).into_response()
}

fn of_kind<'a>(world: &'a World, kind: &'a str) -> impl Iterator<Item = &'a Thing> {
    world.things.values().filter(move |thing| thing.kind == kind)
}

pub(super) fn external() -> Json {
    json!({
        "id": cloud::PUBLIC_ID, "name": cloud::PUBLIC_NAME, "router:external": true, "status": "ACTIVE",
        "subnets": [cloud::PUBLIC_SUBNET_ID], "shared": false, "admin_state_up": true, "mtu": 1500,
        "cidr": cloud::PUBLIC_CIDR, "is_default": false,
    })
}

pub(super) fn kind_of(collection: &str) -> Option<&'static str> {
    Some(match collection {
        "networks" => "network",
        "subnets" => "subnet",
        "ports" => "port",
        "routers" => "router",
        "floatingips" => "floatingip",
        "security-groups" => "security_group",
        "security-group-rules" => "security_group_rule",
        _ => return None,
    })
}

pub(super) fn unknown_collection(collection: &str) -> Refusal {
    Refusal::new(404, "HTTPNotFound", format!("The embedded engine does not know Neutron's {collection}"))
}

pub(super) async fn network_show(State(shared): Engine, Path((collection, id)): Path<(String, String)>) -> Response {
    answer(shared.look(|world| {
        let kind = kind_of(&collection).ok_or_else(|| unknown_collection(&collection))?;
        let missing = || by_hand::missing(kind, &id);
        let is_it = |thing: &Json| thing["id"] == id;
        let body = match kind {
            "network" if id == cloud::PUBLIC_ID => external(),
            "security_group" => groups(world).into_iter().find(is_it).ok_or_else(missing)?,
            "security_group_rule" => rules(world).into_iter().find(is_it).ok_or_else(missing)?,
            _ => Json::Object(world.thing(&id, kind).ok_or_else(missing)?.body.read()),
        };
        Ok(json!({kind: whole(world, kind, body)}))
    }))
}

/// Behind Heat's back, as a person would.
pub(super) async fn network_delete(State(shared): Engine, Path((collection, id)): Path<(String, String)>) -> Response {
    let deleted = shared.transact(|world| {
        let kind = kind_of(&collection).ok_or_else(|| unknown_collection(&collection))?;
        if kind == "security_group_rule" && drop_default_rule(world, &id) {
            return Ok(());
        }
        if world.thing(&id, kind).is_none() {
            return Err(by_hand::missing(kind, &id));
        }
        // A port goes from under its server; nothing else goes while something hangs on it.
        if kind != "port" && kind != "floatingip" && resource_in_use(world, &id) {
            return Err(by_hand::still_used(world, kind, &id));
        }
        world.take(&id);
        Ok(())
    });
    match deleted {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn volumes(State(shared): Engine) -> Response {
    answer(shared.look(|world| {
        let list: Vec<Json> = of_kind(world, "volume").map(|thing| Json::Object(thing.body.read())).collect();
        Ok(json!({"volumes": list}))
    }))
}
