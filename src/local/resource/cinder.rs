//! Volumes and their attachments.

use serde_json::{Map, Value as Json, json};

use super::super::entity::{Action, Row, Work};
use super::super::hot::text_of;
use super::super::world::World;
use super::neutron::in_use;
use super::{Begun, Failure, Properties, change, check, find, made_up, make, name_of, text, thing};

pub(super) fn volume(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    match action {
        Action::Create => {
            if world.count("volume") >= world.limits.volumes {
                let message = format!(
                    "VolumeLimitExceeded: Maximum number of volumes allowed ({}) exceeded for quota 'volumes'.",
                    world.limits.volumes
                );
                return Err(Failure::nova("OverLimit", 413, message));
            }
            quota(world, size(properties))?;
            let mut volume = thing(world, "volume", name_of(world, row, properties), properties);
            volume.body.change(|body| {
                for (name, value) in [
                    ("size", json!(size(properties))),
                    ("status", json!("available")),
                    ("attachments_list", json!([])),
                    ("bootable", json!("false")),
                ] {
                    body.insert(name.to_owned(), value);
                }
            });
            make(world, row, volume);
            Ok(Begun::Takes(4.0))
        }
        Action::Update => {
            let (before, after) = (size(&row.properties.read()), size(properties));
            if after < before {
                return Err(Failure::new("NotSupported", "Shrinking volume is not supported."));
            }
            quota(world, after - before).map_err(|failure| {
                let id = row.physical.as_deref().unwrap_or_default();
                Failure::new("Error", format!("Failed to extend volume {id} - {}", failure.message))
            })?;
            let mut changed = properties.clone();
            changed.insert("size".to_owned(), json!(after));
            change(world, row, &changed);
            let volume = row.physical.clone().unwrap_or_default();
            let server = world.things.get(&volume).and_then(|it| attached_to(&it.body.read()));
            match server.filter(|_| after > before) {
                // Heat detaches it, has it extended, and attaches it again.
                Some(server) => {
                    world.order(&server, None, Work::Detach(volume.clone()));
                    Ok(Begun::Disks { server, seconds: 8.0 })
                }
                None => Ok(Begun::Takes(3.0)),
            }
        }
        Action::Delete => {
            let id = row.physical.clone().unwrap_or_default();
            if in_use(world, &id) {
                return Err(Failure::new("Error", "Volume in use"));
            }
            Ok(Begun::Takes(3.0))
        }
        Action::Check => check(world, row),
        _ => Ok(Begun::Takes(0.5)),
    }
}

/// Size in GiB; Heat takes it as a number or as text.
fn size(properties: &Properties) -> u64 {
    properties.get("size").and_then(|size| text_of(size).parse().ok()).unwrap_or_default()
}

/// Refuses gigabytes beyond the project's limit.
fn quota(world: &World, more: u64) -> Result<(), Failure> {
    let (used, limit) = (world.gigabytes, world.limits.gigabytes);
    if more == 0 || used + more <= limit {
        return Ok(());
    }
    let message = format!(
        "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested {more}G, quota is {limit}G and {used}G has been consumed."
    );
    Err(Failure::nova("OverLimit", 413, message))
}

pub(super) fn attachment(
    world: &mut World,
    row: &Row,
    properties: &Properties,
    action: Action,
) -> Result<Begun, Failure> {
    match action {
        Action::Create | Action::Update => {
            if action == Action::Update
                && let Some(id) = &row.physical
            {
                detach(world, id);
            }
            let wanted = text(properties, "volume_id").unwrap_or_default();
            let volume = find(world, "volume", wanted)
                .ok_or_else(|| Failure::new("EntityNotFound", format!("The Volume ({wanted}) could not be found.")))?;
            let server = text(properties, "instance_uuid").unwrap_or_default().to_owned();
            if !world.servers.contains_key(&server) {
                let message = format!("Instance {server} could not be found.");
                return Err(Failure::nova("NotFound", 404, message));
            }
            let state = world.things.get(&volume).and_then(|it| it.body.text("status"));
            if state.as_deref() != Some("available") {
                let message = format!(
                    "Invalid volume: volume {volume} status must be available or downloading to reserve, but the current status is {}.",
                    state.as_deref().unwrap_or("unknown")
                );
                return Err(Failure::nova("BadRequest", 400, message));
            }
            set_volume(world, &volume, Some(&server));
            let mut attachment = thing(world, "attachment", made_up(world, row), properties);
            attachment.uses = vec![volume.clone()];
            attachment.body.change(|body| {
                body.insert("volume_id".to_owned(), volume.into());
                body.insert("server_id".to_owned(), server.clone().into());
            });
            make(world, row, attachment);
            Ok(Begun::Disks { server, seconds: 3.0 })
        }
        _ => Ok(Begun::Takes(2.0)),
    }
}

/// The server whose disks an attachment's, or an attached volume's, action is about.
pub(crate) fn server_of(world: &World, row: &Row) -> Option<String> {
    let thing = world.things.get(row.physical.as_deref()?)?;
    match thing.kind.as_str() {
        "attachment" => thing.body.text("server_id"),
        "volume" => attached_to(&thing.body.read()),
        _ => None,
    }
}

/// The server that a volume is attached to.
fn attached_to(volume: &Map<String, Json>) -> Option<String> {
    volume.get("attachments_list")?.get(0)?.get("server_id")?.as_str().map(str::to_owned)
}

fn set_volume(world: &mut World, id: &str, server: Option<&str>) {
    let Some(mut volume) = world.take(id) else { return };
    let attachments = server.map_or_else(|| json!([]), |server| json!([{"server_id": server, "volume_id": id}]));
    volume.body.change(|body| {
        body.insert("status".to_owned(), if server.is_some() { "in-use" } else { "available" }.into());
        body.insert("attachments_list".to_owned(), attachments);
    });
    world.put(volume);
}

/// Takes a volume off its server.
pub(super) fn detach(world: &mut World, attachment: &str) {
    let Some(attachment) = world.take(attachment) else { return };
    if let Some(volume) = attachment.body.text("volume_id") {
        if let Some(server) = attachment.body.text("server_id") {
            world.order(&server, None, Work::Detach(volume.clone()));
        }
        set_volume(world, &volume, None);
    }
}

/// Takes all volumes off a server that is gone.
pub(super) fn detach_all(world: &mut World, server: &str) {
    for volume in world.attached.get(server).cloned().unwrap_or_default() {
        set_volume(world, &volume, None);
    }
}
