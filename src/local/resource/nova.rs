//! Servers, server groups and key pairs.

use std::collections::BTreeSet;

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value as Json, json};

use super::super::clock::timestamp;
use super::super::cloud::{self, Flavor};
use super::super::entity::{Action, Phase, Row, Server, Wanted, Work};
use super::super::packed::Packed;
use super::super::world::World;
use super::{Begun, Failure, Properties, change, check, cinder, made_up, make, name_of, server_ports, text, thing};

pub(super) fn server(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    match action {
        Action::Create => create(world, row, properties),
        Action::Update => update(world, row, properties),
        Action::Delete if !super::exists(world, row) => Ok(Begun::Takes(0.1)),
        Action::Delete => Ok(becomes(world, row, Wanted::Gone, Work::Delete)),
        Action::Suspend => Ok(becomes(world, row, Wanted::Paused, Work::Suspend)),
        Action::Resume => Ok(becomes(world, row, Wanted::Running, Work::Resume)),
        _ => {
            let id = row.physical.as_deref().unwrap_or_default();
            let Some(server) = world.servers.get(id) else {
                return Err(Failure::nova("NotFound", 404, format_args!("Instance {id} could not be found.")));
            };
            let status = &server.status;
            if status == "ACTIVE" {
                return Ok(Begun::Takes(0.3));
            }
            Err(Failure::new("Error", format!("'status': expected 'ACTIVE', got '{status}'")))
        }
    }
}

/// The server's machine is to be there in another way, or no longer.
fn becomes(world: &mut World, row: &Row, wanted: Wanted, work: Work) -> Begun {
    if let Some(server) = row.physical.as_deref().and_then(|id| world.server_mut(id)) {
        server.wanted = wanted;
    }
    Begun::Machine(work)
}

fn metadata(properties: &Properties) -> Packed<Json> {
    properties.get("metadata").map_or_else(|| Packed::of(&json!({})), Packed::of)
}

fn find_flavor(name: &str) -> Result<Flavor, Failure> {
    cloud::flavor(name)
        .ok_or_else(|| Failure::new("NotFound", format!("No Flavor matching {{'name': '{name}'}}. (HTTP 404)")))
}

fn create(world: &mut World, row: &Row, properties: &Properties) -> Result<Begun, Failure> {
    let flavor = find_flavor(text(properties, "flavor").unwrap_or_default())?;
    let wanted = text(properties, "image").unwrap_or_default();
    let image = cloud::image(wanted)
        .ok_or_else(|| Failure::new("NotFound", format!("No images matching {{'name': '{wanted}'}}.")))?;
    if flavor.ram < image.min_ram || flavor.disk < image.min_disk {
        return Err(Failure::nova("BadRequest", 400, "Flavor's memory or disk is too small for requested image."));
    }
    quota(world, 1, flavor.vcpus, flavor.ram)?;
    let group = properties.get("scheduler_hints").and_then(|hints| hints.get("group")?.as_str()).map(str::to_owned);
    if let Some(group) = &group
        && world.members.get(group).copied().unwrap_or_default() >= world.limits.server_group_members
    {
        return Err(Failure::nova("Forbidden", 403, "Quota exceeded, too many servers in group"));
    }
    let id = super::super::ids::uuid();
    let name = name_of(world, row, properties);
    let ports = server_ports::plug(world, &id, &name, properties)?;
    let now = world.now;
    let is_software = text(properties, "user_data_format") == Some("SOFTWARE_CONFIG");
    let polls = is_software && text(properties, "software_config_transport") == Some("POLL_SERVER_HEAT");
    let user = polls.then(|| world.stack_user(&row.stack, &row.name));
    let user_data = world.identity.nodes.is_real().then(|| user_data(world, properties)).flatten();
    world.add_server(Server {
        id: id.clone(),
        name,
        flavor: flavor.name,
        image: image.name,
        status: "BUILD".to_owned(),
        phase: Phase::Building,
        wanted: Wanted::Running,
        ordered: 0,
        rebuilds: 0,
        reboots: 0,
        user_data,
        user,
        due: None,
        job: None,
        ports,
        groups: group.into_iter().collect(),
        mounted: BTreeSet::new(),
        metadata: metadata(properties),
        key_name: text(properties, "key_name").map(str::to_owned),
        stack: row.stack.clone(),
        created: now,
        updated: now,
        log: Packed::default(),
    });
    if let Some(row) = world.row_mut(row.id) {
        row.physical = Some(id);
    }
    Ok(Begun::Machine(Work::Build))
}

/// What a server carries out at its first boot: the text, or that of the software configuration that is named.
fn user_data(world: &World, properties: &Properties) -> Option<String> {
    let given = text(properties, "user_data")?;
    let config = world.thing(given, "config").map(|config| config.body.text("config").unwrap_or_default());
    Some(config.unwrap_or_else(|| given.to_owned())).filter(|text| !text.is_empty())
}

/// A limit: its name, what is wanted, what is used, how much there may be.
type QuotaDemand = (&'static str, u64, u64, u64);

fn quota(world: &World, instances: u64, more_cores: u64, more_ram: u64) -> Result<(), Failure> {
    let limits = &world.limits;
    let (cores, ram) = world.used;
    let wants: [QuotaDemand; 3] = [
        ("instances", instances, world.servers.len() as u64, limits.instances),
        ("cores", more_cores, cores, limits.cores),
        ("ram", more_ram, ram, limits.ram),
    ];
    let over: Vec<_> =
        wants.into_iter().filter(|(_, wanted, used, limit)| *wanted > 0 && used + wanted > *limit).collect();
    if over.is_empty() {
        return Ok(());
    }
    let list = |part: fn(&QuotaDemand) -> String| over.iter().map(part).collect::<Vec<_>>().join(", ");
    let names = list(|it| it.0.to_owned());
    let message = format!(
        "Quota exceeded for {names}: Requested {}, but already used {} of {} {names}",
        list(|it| it.1.to_string()),
        list(|it| it.2.to_string()),
        list(|it| it.3.to_string()),
    );
    Err(Failure::nova("Forbidden", 403, message))
}

fn update(world: &mut World, row: &Row, properties: &Properties) -> Result<Begun, Failure> {
    let id = row.physical.clone().unwrap_or_default();
    let before = row.properties.read();
    let changed = |name: &str| properties.get(name) != before.get(name);
    let (resized, rebuilt, replugged) = (changed("flavor"), changed("image"), changed("networks"));
    let mut restart = None;
    if resized {
        let flavor = find_flavor(text(properties, "flavor").unwrap_or_default())?;
        let (cores, ram) = world
            .servers
            .get(&id)
            .and_then(|server| cloud::flavor(&server.flavor))
            .map_or((0, 0), |before| (before.vcpus, before.ram));
        quota(world, 0, flavor.vcpus.saturating_sub(cores), flavor.ram.saturating_sub(ram))?;
        if let Some(mut server) = world.drop_server(&id) {
            server.flavor = flavor.name;
            "RESIZE".clone_into(&mut server.status);
            world.add_server(server);
        }
        restart = Some("resize: shut down, moved to its new size");
    }
    if rebuilt {
        let wanted = text(properties, "image").unwrap_or_default();
        let image = cloud::image(wanted)
            .ok_or_else(|| Failure::new("NotFound", format!("No images matching {{'name': '{wanted}'}}.")))?;
        if let Some(server) = world.server_mut(&id) {
            server.image = image.name;
            server.mounted.clear();
            server.rebuilds += 1;
            "REBUILD".clone_into(&mut server.status);
            server.log = Packed::default();
        }
        restart = Some("rebuild: disk written anew");
    }
    if replugged {
        server_ports::change(world, &id, properties)?;
    }
    if (changed("name") || changed("metadata"))
        && let Some(mut server) = world.drop_server(&id)
    {
        if let Some(name) = text(properties, "name") {
            name.clone_into(&mut server.name);
        }
        server.metadata = metadata(properties);
        world.add_server(server);
    }
    if let Some(line) = restart {
        world.say(&id, line);
        if let Some(server) = world.server_mut(&id) {
            server.phase = Phase::Building;
            server.job = None;
        }
        world.server_due(&id, None);
    }
    Ok(Begun::Machine(Work::Change { resized, rebuilt, replugged }))
}

/// A server's action went well.
pub(super) fn completed(world: &mut World, id: &str, action: Action) {
    match action {
        Action::Create => world.started(id),
        Action::Update if world.servers.get(id).is_some_and(|server| server.phase == Phase::Building) => {
            world.started(id);
        }
        Action::Delete => remove_server(world, id),
        Action::Suspend => {
            if let Some(server) = world.server_mut(id) {
                "SUSPENDED".clone_into(&mut server.status);
            }
        }
        Action::Resume => {
            if let Some(server) = world.server_mut(id) {
                "ACTIVE".clone_into(&mut server.status);
            }
            world.order(id, None, Work::Deployment);
        }
        _ => {}
    }
}

/// A server could not be built: Nova keeps it, in `ERROR`, and no machine of it.
pub(super) fn not_built(world: &mut World, id: &str) {
    if let Some(server) = world.server_mut(id) {
        server.wanted = Wanted::Gone;
    }
    failed(world, id);
}

/// A server could not be made what it should be.
pub(crate) fn failed(world: &mut World, id: &str) {
    if let Some(server) = world.server_mut(id) {
        "ERROR".clone_into(&mut server.status);
    }
}

/// The server is gone; what was its own goes with it.
pub(crate) fn remove_server(world: &mut World, id: &str) {
    server_ports::unplug_all(world, id);
    cinder::detach_all(world, id);
    world.drop_server(id);
}

/// A server as Nova shows it, written down as it is looked up; `phase` is the engine's own.
pub(crate) struct ShownServer<'w> {
    world: &'w World,
    server: &'w Server,
}

/// A server as Nova shows it.
pub(crate) fn shown_server<'w>(world: &'w World, server: &'w Server) -> ShownServer<'w> {
    ShownServer { world, server }
}

/// The same as a value.
pub(crate) fn server_body(world: &World, server: &Server) -> Json {
    serde_json::to_value(shown_server(world, server)).unwrap_or_default()
}

impl Serialize for ShownServer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { world, server } = *self;
        let (state, power) = match server.status.as_str() {
            "BUILD" => ("building", 0),
            "SUSPENDED" => ("suspended", 4),
            "RESIZE" => ("resized", 1),
            "SHUTOFF" => ("stopped", 4),
            "PAUSED" => ("paused", 3),
            "SHELVED_OFFLOADED" => ("shelved_offloaded", 4),
            "ERROR" => ("error", 0),
            _ => ("active", 1),
        };
        let is_building = server.status == "BUILD";
        let flavor = cloud::flavor(&server.flavor);
        let created = timestamp(server.created);
        let plugged = server_ports::plugged(world, server);
        let mut it = serializer.serialize_map(None)?;
        it.serialize_entry("id", &server.id)?;
        it.serialize_entry("name", &server.name)?;
        it.serialize_entry("status", &server.status)?;
        it.serialize_entry("tenant_id", &world.identity.project)?;
        it.serialize_entry("user_id", &world.identity.user)?;
        it.serialize_entry("metadata", &server.metadata)?;
        it.serialize_entry("phase", &server.phase)?;
        it.serialize_entry("image", &json!({"id": cloud::image(&server.image).map(|image| image.id)}))?;
        it.serialize_entry(
            "flavor",
            &json!({
                "id": flavor.as_ref().map(|it| &it.id),
                "original_name": server.flavor,
                "vcpus": flavor.as_ref().map(|it| it.vcpus),
                "ram": flavor.as_ref().map(|it| it.ram),
                "disk": flavor.as_ref().map(|it| it.disk),
            }),
        )?;
        it.serialize_entry("created", &created)?;
        it.serialize_entry("updated", &timestamp(server.updated))?;
        it.serialize_entry("addresses", &plugged.addresses)?;
        it.serialize_entry("accessIPv4", "")?;
        it.serialize_entry("accessIPv6", "")?;
        it.serialize_entry("key_name", &server.key_name)?;
        it.serialize_entry("hostId", "")?;
        it.serialize_entry("config_drive", "")?;
        it.serialize_entry("OS-DCF:diskConfig", "MANUAL")?;
        it.serialize_entry("OS-SRV-USG:launched_at", &(!is_building).then_some(&created))?;
        it.serialize_entry("OS-SRV-USG:terminated_at", &())?;
        it.serialize_entry("security_groups", &plugged.groups)?;
        it.serialize_entry("OS-EXT-AZ:availability_zone", "nova")?;
        it.serialize_entry("OS-EXT-STS:task_state", &is_building.then_some("spawning"))?;
        it.serialize_entry("OS-EXT-STS:vm_state", state)?;
        it.serialize_entry("OS-EXT-STS:power_state", &power)?;
        it.serialize_entry("server_groups", &server.groups)?;
        it.serialize_entry("os-extended-volumes:volumes_attached", &[(); 0])?;
        it.serialize_entry("progress", &0)?;
        it.end()
    }
}

pub(super) fn attribute(world: &World, id: &str, name: &str) -> Option<Json> {
    let server = world.servers.get(id)?;
    Some(match name {
        "name" => json!(server.name),
        "instance_name" => json!(format!("instance-{}", &server.id[..8])),
        "accessIPv4" | "accessIPv6" => json!(""),
        "addresses" => json!(server_ports::plugged(world, server).addresses),
        "networks" => server_ports::plugged(world, server)
            .addresses
            .into_iter()
            .map(|(name, list)| (name.to_owned(), list.iter().map(|it| json!(it.addr)).collect::<Json>()))
            .collect(),
        "show" => server_body(world, server),
        "os_collect_config" => json!({}),
        "tags" => json!([]),
        _ => Json::Null,
    })
}

pub(super) fn group(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    match action {
        Action::Create => {
            if world.count("server_group") >= world.limits.server_groups {
                return Err(Failure::nova("Forbidden", 403, "Quota exceeded, too many server groups."));
            }
            let group = thing(world, "server_group", name_of(world, row, properties), properties);
            make(world, row, group);
            Ok(Begun::Takes(0.5))
        }
        _ => Ok(Begun::Takes(0.4)),
    }
}

pub(super) fn key(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    match action {
        Action::Create => {
            let name = text(properties, "name").map_or_else(|| made_up(world, row), str::to_owned);
            if world.things.contains_key(&name) {
                return Err(Failure::nova("Conflict", 409, format_args!("Key pair '{name}' already exists.")));
            }
            let mut key = thing(world, "keypair", name.clone(), properties);
            key.id = name;
            make(world, row, key);
            Ok(Begun::Takes(0.4))
        }
        Action::Update => {
            change(world, row, properties);
            Ok(Begun::Takes(0.2))
        }
        Action::Check => check(world, row),
        _ => Ok(Begun::Takes(0.3)),
    }
}
