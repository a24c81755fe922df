//! Nova's flavors, key pairs, server groups and quotas, and what a server is called.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::super::cloud::{self, Flavor};
use super::super::entity::Thing;
use super::super::packed::Packed;
use super::super::refusal::Refusal;
use super::super::resource::server_body;
use super::super::world::World;
use super::{Engine, answer, base, body, page};

fn flavor_body(flavor: &Flavor, base: &str) -> Json {
    let id = &flavor.id;
    json!({
        "id": id, "name": flavor.name, "vcpus": flavor.vcpus, "ram": flavor.ram, "disk": flavor.disk, "swap": "",
        "OS-FLV-EXT-DATA:ephemeral": 0, "OS-FLV-DISABLED:disabled": false, "os-flavor-access:is_public": true,
        "rxtx_factor": 1.0, "description": null, "extra_specs": {},
        "links": [
            {"rel": "self", "href": format!("{base}/compute/v2.1/flavors/{id}")},
            {"rel": "bookmark", "href": format!("{base}/compute/flavors/{id}")},
        ],
    })
}

/// `GET /flavors/detail`
pub(super) async fn flavors(Query(query): super::Query, headers: HeaderMap, uri: Uri) -> Response {
    let base = base(&headers, &uri);
    let (found, more) = page(cloud::flavors(), &query, |flavor, marker| flavor.id == marker);
    let list: Vec<Json> = found.iter().map(|flavor| flavor_body(flavor, &base)).collect();
    let mut answer = json!({ "flavors": list });
    if more && let (Some(answer), Some(last), Some(limit)) = (answer.as_object_mut(), found.last(), query.get("limit"))
    {
        let href = format!("{base}/compute/v2.1/flavors/detail?limit={limit}&marker={}", last.id);
        answer.insert("flavors_links".to_owned(), json!([{"rel": "next", "href": href}]));
    }
    axum::Json(answer).into_response()
}

fn flavor_of(id: &str) -> Result<Flavor, Refusal> {
    let found = cloud::flavor(id).filter(|flavor| flavor.id == id);
    found.ok_or_else(|| Refusal::new(404, "FlavorNotFound", format!("Flavor {id} could not be found.")))
}

/// `GET /flavors/ID`; a name is not one.
pub(super) async fn flavor(Path(id): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    answer(flavor_of(&id).map(|flavor| json!({"flavor": flavor_body(&flavor, &base(&headers, &uri))})))
}

/// `GET /flavors/ID/os-extra_specs`
pub(super) async fn extra_specs(Path(id): Path<String>) -> Response {
    answer(flavor_of(&id).map(|_| json!({"extra_specs": {}})))
}

/// What Nova shows a public key by: the MD5 of it is long past; a digest of the same length is as good here.
fn fingerprint(key: &str) -> String {
    let digest = Sha256::digest(key.trim().as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

fn key_body(world: &World, key: &Thing, whole: bool) -> Json {
    let public = key.body.text("public_key").unwrap_or_default();
    let mut shown = json!({"name": key.name, "public_key": public, "fingerprint": fingerprint(&public), "type": "ssh"});
    if whole && let Some(shown) = shown.as_object_mut() {
        shown.extend([
            ("id".to_owned(), json!(1)),
            ("user_id".to_owned(), json!(world.identity.user)),
            ("created_at".to_owned(), key.body.field("created_at").unwrap_or(Json::Null)),
            ("deleted".to_owned(), json!(false)),
            ("deleted_at".to_owned(), Json::Null),
            ("updated_at".to_owned(), Json::Null),
        ]);
    }
    shown
}

/// `GET /os-keypairs`
pub(super) async fn keys(State(shared): Engine) -> Response {
    answer(shared.look(|world| {
        let mut found: Vec<&Thing> = world.things.values().filter(|thing| thing.kind == "keypair").collect();
        found.sort_by(|left, right| left.name.cmp(&right.name));
        let list: Vec<Json> = found.into_iter().map(|key| json!({"keypair": key_body(world, key, false)})).collect();
        Ok(json!({ "keypairs": list }))
    }))
}

/// `GET /os-keypairs/NAME`
pub(super) async fn key(State(shared): Engine, Path(name): Path<String>) -> Response {
    answer(shared.look(|world| {
        let key = world.thing(&name, "keypair").ok_or_else(|| no_key(world, &name))?;
        Ok(json!({"keypair": key_body(world, key, true)}))
    }))
}

fn no_key(world: &World, name: &str) -> Refusal {
    Refusal::new(404, "KeypairNotFound", format!("Keypair {name} not found for user {}", world.identity.user))
}

/// `POST /os-keypairs`, as a person would, for servers that name it.
pub(super) async fn add_key(State(shared): Engine, bytes: Bytes) -> Response {
    answer(shared.transact(|world| {
        let request = body(&bytes)?;
        let text = |field: &str| request["keypair"][field].as_str().map(str::to_owned);
        let name = text("name").filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Refusal::bad_request("Invalid input for field/attribute name."))?;
        if world.things.contains_key(&name) {
            return Err(Refusal::new(409, "KeyPairExists", format!("Key pair '{name}' already exists.")));
        }
        let given = text("public_key").filter(|key| !key.trim().is_empty());
        let is_key = |key: &String| {
            let mut words = key.split_whitespace();
            let known =
                words.next().is_some_and(|kind| ["ssh-", "ecdsa-", "sk-"].iter().any(|it| kind.starts_with(it)));
            known && words.next().is_some()
        };
        if given.is_some_and(|key| !is_key(&key)) {
            return Err(Refusal::bad_request("Keypair data is invalid: failed to generate fingerprint"));
        }
        // Without one, Nova would generate a pair; the machines of this engine have no use for it.
        let public = text("public_key").unwrap_or_default();
        let created = super::super::clock::timestamp(world.now);
        let fields = [("id", name.clone()), ("name", name.clone()), ("public_key", public), ("created_at", created)];
        let fields: Map<String, Json> =
            fields.into_iter().map(|(field, value)| (field.to_owned(), value.into())).collect();
        let key = Thing {
            id: name.clone(),
            kind: "keypair".to_owned(),
            name,
            uses: Vec::new(),
            addresses: Vec::new(),
            body: Packed::of(&fields),
        };
        let mut shown = key_body(world, &key, false);
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("user_id".to_owned(), json!(world.identity.user));
        }
        world.put(key);
        Ok(json!({ "keypair": shown }))
    }))
}

/// `DELETE /os-keypairs/NAME`
pub(super) async fn delete_key(State(shared): Engine, Path(name): Path<String>) -> Response {
    let deleted = shared.transact(|world| {
        if world.thing(&name, "keypair").is_none() {
            return Err(no_key(world, &name));
        }
        world.take(&name);
        Ok(())
    });
    match deleted {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `DELETE /os-server-groups/ID`
pub(super) async fn delete_server_group(State(shared): Engine, Path(id): Path<String>) -> Response {
    let deleted = shared.transact(|world| {
        if world.thing(&id, "server_group").is_none() {
            let message = format!("Instance group {id} could not be found.");
            return Err(Refusal::new(404, "InstanceGroupNotFound", message));
        }
        world.take(&id);
        Ok(())
    });
    match deleted {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET /os-server-groups`
pub(super) async fn server_groups(State(shared): Engine) -> Response {
    answer(shared.look(|world| {
        let mut found: Vec<&Thing> = world.things.values().filter(|thing| thing.kind == "server_group").collect();
        found.sort_by(|left, right| left.id.cmp(&right.id));
        let list: Vec<Json> = found.into_iter().map(|group| group_body(world, group)).collect();
        Ok(json!({ "server_groups": list }))
    }))
}

fn group_body(world: &World, group: &Thing) -> Json {
    let mut members: Vec<&String> =
        world.servers.values().filter(|server| server.groups.contains(&group.id)).map(|server| &server.id).collect();
    members.sort();
    let policies = group.body.field("policies").unwrap_or_else(|| json!([]));
    json!({
        "id": group.id, "name": group.name, "policies": policies, "policy": policies.get(0), "rules": {},
        "members": members, "metadata": {}, "project_id": world.identity.project, "user_id": world.identity.user,
    })
}

/// `GET /os-server-groups/ID`
pub(super) async fn server_group(State(shared): Engine, Path(id): Path<String>) -> Response {
    answer(shared.look(|world| {
        let group = world.thing(&id, "server_group").ok_or_else(|| {
            Refusal::new(404, "InstanceGroupNotFound", format!("Instance group {id} could not be found."))
        })?;
        Ok(json!({"server_group": group_body(world, group)}))
    }))
}

fn no_server(id: &str) -> Refusal {
    Refusal::new(404, "InstanceNotFound", format!("Instance {id} could not be found."))
}

/// `PUT /servers/ID`: its name.
pub(super) async fn rename(State(shared): Engine, Path(id): Path<String>, bytes: Bytes) -> Response {
    answer(shared.transact(|world| {
        let request = body(&bytes)?;
        let mut server = world.drop_server(&id).ok_or_else(|| no_server(&id))?;
        if let Some(name) = request["server"]["name"].as_str() {
            name.clone_into(&mut server.name);
        }
        let shown = server_body(world, &server);
        world.add_server(server);
        Ok(json!({ "server": shown }))
    }))
}

/// `POST /servers/ID/metadata`: more of it.
pub(super) async fn describe(State(shared): Engine, Path(id): Path<String>, bytes: Bytes) -> Response {
    answer(shared.transact(|world| {
        let request = body(&bytes)?;
        let server = world.server_mut(&id).ok_or_else(|| no_server(&id))?;
        let mut metadata = server.metadata.read();
        if let (Some(metadata), Some(more)) = (metadata.as_object_mut(), request["metadata"].as_object()) {
            metadata.extend(more.clone());
        }
        server.metadata = Packed::of(&metadata);
        Ok(json!({ "metadata": metadata }))
    }))
}

/// `GET /os-quota-sets/PROJECT`, with what is used where `detail` is asked for.
pub(super) async fn quota_set(State(shared): Engine, uri: Uri) -> Response {
    answer(shared.look(|world| {
        let limits = &world.limits;
        let (cores, ram) = world.used;
        let counted = [
            ("instances", limits.instances, world.servers.len() as u64),
            ("cores", limits.cores, cores),
            ("ram", limits.ram, ram),
            ("server_groups", limits.server_groups, world.count("server_group")),
            ("server_group_members", limits.server_group_members, 0),
            ("key_pairs", 100, world.count("keypair")),
            ("metadata_items", 128, 0),
            ("injected_files", 5, 0),
            ("injected_file_content_bytes", 10_240, 0),
            ("injected_file_path_bytes", 255, 0),
        ];
        let detail = uri.path().ends_with("/detail");
        let mut set = Map::new();
        set.insert("id".to_owned(), world.identity.project.clone().into());
        for (name, limit, used) in counted {
            let limit = cloud::told(limit);
            let told = if detail { json!({"limit": limit, "in_use": used, "reserved": 0}) } else { limit.into() };
            set.insert(name.to_owned(), told);
        }
        // What Neutron counts, Nova does not.
        for name in ["fixed_ips", "floating_ips", "security_groups", "security_group_rules"] {
            let told = if detail { json!({"limit": -1, "in_use": 0, "reserved": 0}) } else { json!(-1) };
            set.insert(name.to_owned(), told);
        }
        Ok(json!({ "quota_set": set }))
    }))
}
