//! Everything the agent needs to make a machine one of its group: declarative items, the same for all its nodes.

use std::cmp::Reverse;

use serde_json::Value as Json;

use super::bundle_file::{
    ArchiveFile, BundleFile, BundleFormat, DirectoryFile, DiskFile, FileFile, HostFile, MachineFile, NodeFile,
    PieceFile, ProbeFile, PythonFile, StepFile, UnitFile, UserFile, VerifyFile,
};
use super::canonical::digest;
use super::hosts::{HostRule, Hosts};
use super::secret::Secrets;
use super::user_data::Agent;
use crate::catalogue::{
    Archive, ClusterConfiguration, ClusterStep, ConfiguredFile, Content, Directory, GroupConfiguration,
    MachineSettings, Piece, Probe, ProbeKind, PythonEnvironment, StepMoment, SystemUser, Unit,
};
use crate::model::{ClusterSpec, GroupSpec, KNOWN_AFTER_APPLY, Role, Text};

/// What the name of an input begins with that is the id of a volume.
const VOLUME_INPUT: &str = "volume-";

/// The input that names volumes, with blanks between, which the agent unmounts because they change next. It does nothing
/// else then.
pub(crate) const RELEASE_INPUT: &str = "release";

/// Input of the verification that names the nodes that are about to leave.
pub(crate) const LEAVING_INPUT: &str = "leaving";

/// The kind of a step that takes work and data off the nodes that leave.
pub(crate) const DECOMMISSION: &str = "decommission";

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

/// The bundle of one group. `hosts` are those of the whole cluster; `salt` (the state's) goes into the names of secrets.
pub fn bundle(
    spec: &ClusterSpec,
    group: &GroupSpec,
    configuration: &ClusterConfiguration,
    hosts: &Hosts,
    salt: &str,
) -> Bundle {
    let empty = GroupConfiguration::default();
    let items = configuration.groups.get(&group.name).unwrap_or(&empty);
    let mut secrets = Secrets::default();
    let files = items.files.iter().map(|file| FileFile {
        framework: file.framework.clone(),
        name: file.name.clone(),
        path: file.path.clone(),
        owner: file.owner.clone(),
        mode: file.mode.clone(),
        content: pieces(file, salt, &mut secrets),
        restarts: file.restarts.clone(),
        keep: file.keep,
        only: file.only.clone(),
        fills_in: file.is_filled_in,
        base64: file.is_base64,
        concerns: file
            .concerns
            .iter()
            .map(|(unit, content)| {
                let own = pieces_of(file, content, salt, &mut secrets);
                (unit.clone(), digest(&serde_json::to_string(&own).unwrap_or_default()))
            })
            .collect(),
    });
    let files = files.collect();
    let steps = configuration
        .steps
        .iter()
        .filter(|step| step.moment == StepMoment::BeforeStart && group.role == Role::Master)
        .map(|step| step_file(spec, step));
    let own = items.steps.iter().map(|step| StepFile { of_node: true, ..step_file(spec, step) });
    let node = NodeFile {
        format: BundleFormat,
        cluster: spec.name.clone(),
        group: group.name.clone(),
        role: group.role.name().to_owned(),
        agent_gzip: Agent::Current.text().to_owned(),
        ssh_keys: spec.ssh.keys.iter().map(|key| key.value.trim().to_owned()).collect(),
        packages: items.packages.clone(),
        archives: items.archives.iter().map(archive_file).collect(),
        pythons: items.pythons.iter().map(python_file).collect(),
        versions: items.versions.clone(),
        ensembles: items.ensembles.clone(),
        machine: machine_file(&items.machine),
        users: items.users.iter().map(user_file).collect(),
        directories: items.directories.iter().map(directory_file).collect(),
        disks: disks(group),
        files,
        units: items.units.iter().map(unit_file).collect(),
        steps: steps.chain(own).collect(),
        probes: items.probes.iter().map(probe_file).collect(),
        ..NodeFile::default()
    };
    finish(BundleFile::Node(Box::new(node)).to_text_with(hosts.text()), secrets)
}

/// A node's configuration with the current agent, which can unmount disks; `None` where it has that already, or is not a
/// node's.
pub(crate) fn with_current_agent(config: &str) -> Option<String> {
    match BundleFile::read(config) {
        Ok(BundleFile::Node(node)) if !has_current_agent(&node) => Some(with_agent(node, Agent::Current)),
        _ => None,
    }
}

/// A node's configuration with the agent of 0.1.0 instead of the current one; `None` where it has another one.
pub(crate) fn with_first_agent(config: &str) -> Option<String> {
    match BundleFile::read(config) {
        Ok(BundleFile::Node(node)) if has_current_agent(&node) => Some(with_agent(node, Agent::First)),
        _ => None,
    }
}

fn with_agent(mut node: Box<NodeFile>, agent: Agent) -> String {
    agent.text().clone_into(&mut node.agent_gzip);
    BundleFile::Node(node).to_text()
}

/// Whether a node's configuration brings the current agent.
pub(crate) fn has_current_agent(node: &NodeFile) -> bool {
    Agent::read(&node.agent_gzip) == Some(Agent::Current)
}

/// What a node's configuration brings as its agent, for people.
pub(crate) fn agent_words(packed: &str) -> String {
    match Agent::read(packed) {
        Some(Agent::First) => "version 1".to_owned(),
        Some(Agent::Current) => {
            "version 2, which keeps credentials for root, names what fails, unmounts disks and grows file systems"
                .to_owned()
        }
        None => format!("sha256 {}", digest(packed)),
    }
}

/// The bundle of the cluster's last step, run on the first master once every node is configured: are all members
/// there? The members' names come beside it as an input, so that growing does not change it.
pub fn verification(spec: &ClusterSpec, configuration: &ClusterConfiguration) -> Bundle {
    let of = |moment| configuration.steps.iter().filter(move |step| step.moment == moment);
    let drains = |step: &&ClusterStep| step.action.get("kind").and_then(Json::as_str) == Some(DECOMMISSION);
    // Who leaves is drained by those who build on others before these: in the opposite order of their start.
    let mut frameworks: Vec<&str> = Vec::new();
    for step in &configuration.steps {
        if !frameworks.contains(&step.framework.as_str()) {
            frameworks.push(&step.framework);
        }
    }
    let mut drained: Vec<&ClusterStep> = of(StepMoment::Verify).filter(drains).collect();
    drained.sort_by_key(|step| Reverse(frameworks.iter().position(|name| *name == step.framework)));
    // Then whether everybody is there, and then whether they work together.
    let members = of(StepMoment::Verify).filter(|step| !drains(step));
    let jobs = of(StepMoment::SmokeTest).filter(|_| spec.lifecycle.smoke_test.value);
    let steps = drained.into_iter().chain(members).chain(jobs).map(|step| step_file(spec, step));
    let verify = VerifyFile { format: BundleFormat, cluster: spec.name.clone(), steps: steps.collect() };
    finish(BundleFile::Verify(verify).to_text(), Secrets::default())
}

fn finish(text: String, secrets: Secrets) -> Bundle {
    let digest = digest(&text);
    Bundle { text, digest, secrets }
}

/// The pieces of a content, neighbouring texts joined; the secret ones by the names that stand for them.
fn pieces(file: &ConfiguredFile, salt: &str, secrets: &mut Secrets) -> Vec<PieceFile> {
    pieces_of(file, &file.content, salt, secrets)
}

fn pieces_of(file: &ConfiguredFile, content: &Content, salt: &str, secrets: &mut Secrets) -> Vec<PieceFile> {
    let mut pieces: Vec<PieceFile> = Vec::new();
    for Piece { text: Text { value, secret }, key, generated } in &content.pieces {
        if let Some(generated) = generated {
            pieces.push(PieceFile::Secret { secret: secrets.expect(generated) });
        } else if *secret {
            let key = key.as_ref().map(|key| format!("{key} in ")).unwrap_or_default();
            let purpose = format!("{key}{} of {}", file.name, file.framework);
            pieces.push(PieceFile::Secret { secret: secrets.keep(salt, value, purpose) });
        } else if let Some(PieceFile::Text(text)) = pieces.last_mut() {
            text.push_str(value);
        } else {
            pieces.push(PieceFile::Text(value.clone()));
        }
    }
    pieces
}

impl From<&HostRule> for HostFile {
    fn from(rule: &HostRule) -> Self {
        Self {
            prefix: rule.prefix.clone(),
            first_index: rule.first_index,
            first_address: rule.first_address.map_or_else(|| KNOWN_AFTER_APPLY.to_owned(), |first| first.to_string()),
            count: rule.count,
        }
    }
}

fn archive_file(archive: &Archive) -> ArchiveFile {
    let Archive { name, version, urls, sha512, sha512_url, sha256_url, directory, file, strip, restarts } =
        archive.clone();
    ArchiveFile { name, version, urls, sha512, sha512_url, sha256_url, directory, file, strip, restarts }
}

fn python_file(python: &PythonEnvironment) -> PythonFile {
    let PythonEnvironment { name, version, index, requirements, directory } = python.clone();
    PythonFile { name, version, index, requirements, directory }
}

fn machine_file(machine: &MachineSettings) -> MachineFile {
    let MachineSettings { sysctl, transparent_hugepages, shared_memory_mib, modules } = machine.clone();
    let transparent_hugepages = transparent_hugepages.map(|pages| pages.name().to_owned());
    MachineFile { sysctl, transparent_hugepages, shared_memory_mib, modules: modules.into_iter().collect() }
}

fn user_file(user: &SystemUser) -> UserFile {
    let SystemUser { name, group, home, uid, groups, shell, home_mode, only } = user.clone();
    UserFile { name, group, home, only, uid, groups, shell, home_mode }
}

fn directory_file(directory: &Directory) -> DirectoryFile {
    let Directory { path, owner, mode, holds_data, only } = directory.clone();
    DirectoryFile { path, owner, mode, holds_data, only }
}

/// The input of a deployment that tells a node the id of a volume, which it finds the disk by.
pub(crate) fn volume_input(volume: &str) -> String {
    format!("{VOLUME_INPUT}{volume}")
}

/// Whether an input of a deployment is the id of a volume.
pub(crate) fn is_volume_input(input: &str) -> bool {
    input.starts_with(VOLUME_INPUT)
}

/// A volume is found by its id, which each node gets as the input `volume-NAME`.
fn disks(group: &GroupSpec) -> Vec<DiskFile> {
    let volumes = group.volumes.iter();
    volumes.map(|volume| DiskFile { volume: volume.name.clone(), mount: volume.mount.clone() }).collect()
}

fn unit_file(unit: &Unit) -> UnitFile {
    UnitFile {
        name: unit.name.clone(),
        framework: unit.framework.clone(),
        description: unit.description.clone(),
        user: unit.user.clone(),
        group: unit.group.clone(),
        exec: command_line(&unit.exec),
        packaged: unit.packaged,
        options: unit.options.clone(),
        only: unit.only.clone(),
        environment: unit.environment.clone(),
        environment_file: unit.environment_file.clone(),
        after: unit.after.clone(),
        needs_step: unit.needs_step.clone(),
        kill_mode: unit.kill_mode.map(|mode| mode.name().to_owned()),
        success_exit_status: unit.success_exit_status,
    }
}

/// Arguments as systemd reads them from one line. Signs that it replaces, `%` and `$`, are left to the agent.
fn command_line(arguments: &[String]) -> String {
    let plain = |text: &str| !text.is_empty() && !text.contains([' ', '\t', '"', '\'', '\\', ';']);
    let quoted = |text: &String| {
        if plain(text) { text.clone() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
    };
    arguments.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn probe_file(probe: &Probe) -> ProbeFile {
    let Probe { name, kind, timeout_seconds, only } = probe.clone();
    match kind {
        ProbeKind::Tcp { port } => ProbeFile::Tcp { name, port, timeout_seconds, only },
        ProbeKind::Http { port, path } => ProbeFile::Http { name, port, path, timeout_seconds, only },
        ProbeKind::Words { port, send, expect } => ProbeFile::Words { name, port, send, expect, timeout_seconds, only },
        ProbeKind::Command { command, expect, user } => {
            ProbeFile::Command { name, command, expect, user, timeout_seconds, only }
        }
    }
}

fn step_file(spec: &ClusterSpec, step: &ClusterStep) -> StepFile {
    StepFile {
        framework: step.framework.clone(),
        name: step.name.clone(),
        action: step.action.clone(),
        member_prefixes: step.members_of.iter().map(|group| format!("{}-{group}-", spec.name)).collect(),
        timeout_seconds: step.timeout_seconds,
        of_node: false,
        only: step.only.clone(),
    }
}
