//! Everything the agent needs to make a machine one of its group: declarative items, the same for all its nodes.

use serde_json::{Map, Value as Json, json};

use super::canonical::{canonical, digest};
use super::hosts::{HostRule, host_rules};
use super::secret::Secrets;
use super::user_data::agent;
use crate::catalogue::{
    Archive, ClusterConfiguration, ClusterStep, Content, Directory, GroupConfiguration, Probe, StepMoment, SystemUser,
    Unit,
};
use crate::model::{ClusterSpec, GroupSpec, Members, Role};

/// Version of the bundle's form; the agent refuses one that it does not know.
const FORMAT: u32 = 1;

/// The configuration of one group's nodes as the agent reads it, and the secret values that it needs beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    text: String,
    digest: String,
    secrets: Secrets,
}

impl Bundle {
    /// The JSON text: equal input gives equal bytes, however many nodes there are.
    pub fn to_json(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the text.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Secret values by the names that stand for them in the text.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}

/// The bundle of one group. `salt` (the state's lineage) goes into the names of secrets.
pub fn bundle(
    spec: &ClusterSpec,
    group: &GroupSpec,
    configuration: &ClusterConfiguration,
    members: &Members,
    salt: &str,
) -> Bundle {
    let none = GroupConfiguration::default();
    let items = configuration.groups.get(&group.name).unwrap_or(&none);
    let mut secrets = Secrets::default();
    let files: Vec<Json> = items
        .files
        .iter()
        .map(|file| {
            json!({
                "framework": file.framework,
                "name": file.name,
                "path": file.path,
                "owner": file.owner,
                "mode": file.mode,
                "content": pieces(&file.content, salt, &mut secrets),
                "restarts": file.restarts,
                "keep": file.keep,
            })
        })
        .collect();
    let steps: Vec<Json> = configuration
        .steps
        .iter()
        .filter(|step| step.moment == StepMoment::BeforeStart && group.role == Role::Master)
        .map(|step| step_item(spec, step))
        .collect();
    let value = json!({
        "format": FORMAT,
        "kind": "node",
        "cluster": spec.name,
        "group": group.name,
        "role": group.role.name(),
        "agent_gzip": agent(),
        "hosts": host_rules(spec, members).iter().map(host_item).collect::<Vec<_>>(),
        "ssh_keys": spec.ssh.keys.iter().map(|key| key.value.trim()).collect::<Vec<_>>(),
        "packages": items.packages,
        "archives": items.archives.iter().map(archive_item).collect::<Vec<_>>(),
        "users": items.users.iter().map(user_item).collect::<Vec<_>>(),
        "directories": items.directories.iter().map(directory_item).collect::<Vec<_>>(),
        "disks": disks(group),
        "files": files,
        "units": items.units.iter().map(unit_item).collect::<Vec<_>>(),
        "steps": steps,
        "probes": items.probes.iter().map(probe_item).collect::<Vec<_>>(),
    });
    finish(&value, secrets)
}

/// The bundle of the cluster's last step, run on the first master once every node is configured: are all members
/// there? The members' names come beside it as an input, so that growing does not change it.
pub fn verification(spec: &ClusterSpec, configuration: &ClusterConfiguration) -> Bundle {
    let steps: Vec<Json> = configuration
        .steps
        .iter()
        .filter(|step| step.moment == StepMoment::Verify)
        .map(|step| step_item(spec, step))
        .collect();
    let value = json!({ "format": FORMAT, "kind": "verify", "cluster": spec.name, "steps": steps });
    finish(&value, Secrets::default())
}

fn finish(value: &Json, secrets: Secrets) -> Bundle {
    let text = canonical(value);
    let digest = digest(&text);
    Bundle { text, digest, secrets }
}

/// Text pieces as strings, neighbours joined; a secret one as `{"secret": NAME}`.
fn pieces(content: &Content, salt: &str, secrets: &mut Secrets) -> Vec<Json> {
    let mut pieces: Vec<Json> = Vec::new();
    for piece in &content.pieces {
        if piece.secret {
            pieces.push(json!({ "secret": secrets.keep(salt, &piece.value) }));
        } else if let Some(Json::String(text)) = pieces.last_mut() {
            text.push_str(&piece.value);
        } else {
            pieces.push(Json::String(piece.value.clone()));
        }
    }
    pieces
}

fn host_item(rule: &HostRule) -> Json {
    json!({
        "prefix": rule.prefix,
        "first_index": rule.first_index,
        "first_address": rule.first_address.to_string(),
        "count": rule.count,
    })
}

fn archive_item(archive: &Archive) -> Json {
    let mut item = Map::new();
    item.insert("name".to_owned(), json!(archive.name));
    item.insert("version".to_owned(), json!(archive.version));
    item.insert("urls".to_owned(), json!(archive.urls));
    item.insert("directory".to_owned(), json!(archive.directory));
    if let Some(sha512) = &archive.sha512 {
        item.insert("sha512".to_owned(), json!(sha512));
    }
    if let Some(url) = &archive.sha512_url {
        item.insert("sha512_url".to_owned(), json!(url));
    }
    Json::Object(item)
}

fn user_item(user: &SystemUser) -> Json {
    json!({ "name": user.name, "group": user.group, "home": user.home })
}

fn directory_item(directory: &Directory) -> Json {
    let mut item = json!({ "path": directory.path, "owner": directory.owner, "mode": directory.mode });
    if directory.holds_data {
        item["holds_data"] = Json::Bool(true);
    }
    item
}

/// A volume is found by its id, which each node gets as the input `volume-NAME`.
fn disks(group: &GroupSpec) -> Vec<Json> {
    group.volumes.iter().map(|volume| json!({ "volume": volume.name, "mount": volume.mount })).collect()
}

fn unit_item(unit: &Unit) -> Json {
    json!({
        "name": unit.name,
        "framework": unit.framework,
        "description": unit.description,
        "user": unit.user,
        "group": unit.group,
        "exec": unit.exec,
        "environment": unit.environment,
        "after": unit.after,
        "needs_step": unit.needs_step,
    })
}

fn probe_item(probe: &Probe) -> Json {
    match probe {
        Probe::Tcp { name, port, timeout_seconds } => {
            json!({ "kind": "tcp", "name": name, "port": port, "timeout_seconds": timeout_seconds })
        }
        Probe::Http { name, port, path, timeout_seconds } => json!({
            "kind": "http", "name": name, "port": port, "path": path, "timeout_seconds": timeout_seconds,
        }),
    }
}

fn step_item(spec: &ClusterSpec, step: &ClusterStep) -> Json {
    let members: Vec<String> = step.members_of.iter().map(|group| format!("{}-{group}-", spec.name)).collect();
    json!({
        "framework": step.framework,
        "name": step.name,
        "action": step.action,
        "member_prefixes": members,
        "timeout_seconds": step.timeout_seconds,
    })
}
