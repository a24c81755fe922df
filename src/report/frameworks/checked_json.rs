//! What a framework puts on machines of some sizes, for programs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::checked::content;
use crate::catalogue::{ClusterConfiguration, ClusterStep, GroupConfiguration, Probe, ProbeKind, Unit, in_words};
use crate::report::document::{FormatVersion, document};

/// The answer of `disco frameworks check --json`. Values that each node fills in itself are written as in the manifest:
/// `${node.name}`. Secrets are not shown.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct CheckedFile<'a> {
    format_version: FormatVersion,
    /// In the order asked for.
    clusters: Vec<ClusterFile<'a>>,
}

/// A cluster of machines of one size.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ClusterFile<'a> {
    memory_mib: u64,
    vcpus: u32,
    /// By group.
    groups: BTreeMap<&'a str, GroupFile<'a>>,
    /// Steps of the cluster as a whole, on its first master.
    steps: Vec<StepFile<'a>>,
    /// Settings that are computed once, when the cluster is created, as `framework.setting`.
    fixed: &'a BTreeMap<String, String>,
}

/// What every node of a group gets.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct GroupFile<'a> {
    packages: &'a [String],
    archives: Vec<SoftwareFile<'a>>,
    python_environments: Vec<SoftwareFile<'a>>,
    /// Host names in the order of their places, by `framework.ensemble`.
    ensembles: &'a BTreeMap<String, Vec<String>>,
    users: Vec<UserFile<'a>>,
    directories: Vec<DirectoryFile<'a>>,
    files: Vec<FileFile<'a>>,
    /// In the order of their start.
    units: Vec<UnitFile<'a>>,
    /// Of each of these nodes, before its services start.
    steps: Vec<StepFile<'a>>,
    /// What must answer before a node is ready.
    probes: Vec<ProbeFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SoftwareFile<'a> {
    framework: &'a str,
    version: &'a str,
    directory: &'a str,
    /// Where it comes from, best first.
    urls: Vec<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UserFile<'a> {
    name: &'a str,
    group: &'a str,
    home: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DirectoryFile<'a> {
    path: &'a str,
    owner: &'a str,
    mode: &'a str,
    holds_data: bool,
    /// The ensemble whose members alone have it.
    only: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FileFile<'a> {
    framework: &'a str,
    name: &'a str,
    path: &'a str,
    owner: &'a str,
    mode: &'a str,
    content: String,
    /// Units that are started again when it changes.
    restarts: &'a [String],
    /// The ensemble whose members alone have it.
    only: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UnitFile<'a> {
    framework: &'a str,
    service: &'a str,
    name: &'a str,
    user: &'a str,
    group: &'a str,
    /// The program and its arguments; empty where a package brings the unit.
    exec: Vec<String>,
    /// Whether a package of the distribution brings the unit.
    packaged: bool,
    environment: BTreeMap<&'a str, String>,
    options: BTreeMap<&'a str, String>,
    after: &'a [String],
    memory_mib: u64,
    needs_step: Option<&'a str>,
    /// The ensemble whose members alone run it.
    only: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ProbeFile<'a> {
    name: &'a str,
    #[cfg_attr(test, schemars(extend("enum" = ["tcp", "http", "words", "command"])))]
    kind: &'static str,
    port: Option<u16>,
    /// The page that must be there.
    path: Option<&'a str>,
    send: Option<&'a str>,
    /// A regular expression that the answer has.
    expect: Option<&'a str>,
    command: Vec<String>,
    timeout_seconds: u32,
    /// The ensemble on whose members alone it is asked.
    only: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StepFile<'a> {
    framework: &'a str,
    name: &'a str,
    #[cfg_attr(test, schemars(extend("enum" = crate::catalogue::StepMoment::ALL.map(crate::catalogue::StepMoment::name))))]
    moment: &'static str,
    /// As the manifest has it, formulas computed.
    #[cfg_attr(test, schemars(with = "serde_json::Map<String, Json>"))]
    action: Json,
    /// Groups whose nodes it expects.
    members_of: &'a [String],
    timeout_seconds: u32,
    /// The ensemble whose members alone run it.
    only: Option<&'a str>,
}

/// What a framework puts on clusters of machines of some sizes: memory in MiB, cores, configuration.
pub fn configurations_json<'a>(clusters: impl IntoIterator<Item = (u64, u32, &'a ClusterConfiguration)>) -> Json {
    let clusters = clusters.into_iter().map(|(memory_mib, vcpus, of)| ClusterFile {
        memory_mib,
        vcpus,
        groups: of.groups.iter().map(|(name, items)| (name.as_str(), group(items))).collect(),
        steps: of.steps.iter().map(step).collect(),
        fixed: &of.fixed,
    });
    document(&CheckedFile { format_version: FormatVersion::Current, clusters: clusters.collect() })
}

fn group(of: &GroupConfiguration) -> GroupFile<'_> {
    let archives = of.archives.iter().map(|archive| SoftwareFile {
        framework: &archive.name,
        version: &archive.version,
        directory: &archive.directory,
        urls: archive.urls.iter().map(String::as_str).collect(),
    });
    let pythons = of.pythons.iter().map(|python| SoftwareFile {
        framework: &python.name,
        version: &python.version,
        directory: &python.directory,
        urls: vec![&python.index],
    });
    let users = of.users.iter();
    let directories = of.directories.iter().map(|directory| DirectoryFile {
        path: &directory.path,
        owner: &directory.owner,
        mode: &directory.mode,
        holds_data: directory.holds_data,
        only: directory.only.as_deref(),
    });
    let files = of.files.iter().map(|file| FileFile {
        framework: &file.framework,
        name: &file.name,
        path: &file.path,
        owner: &file.owner,
        mode: &file.mode,
        content: content(&file.content),
        restarts: &file.restarts,
        only: file.only.as_deref(),
    });
    GroupFile {
        packages: &of.packages,
        archives: archives.collect(),
        python_environments: pythons.collect(),
        ensembles: &of.ensembles,
        users: users.map(|user| UserFile { name: &user.name, group: &user.group, home: &user.home }).collect(),
        directories: directories.collect(),
        files: files.collect(),
        units: of.units.iter().map(unit).collect(),
        steps: of.steps.iter().map(step).collect(),
        probes: of.probes.iter().map(probe).collect(),
    }
}

fn unit(of: &Unit) -> UnitFile<'_> {
    UnitFile {
        framework: &of.framework,
        service: &of.service,
        name: &of.name,
        user: &of.user,
        group: &of.group,
        exec: of.exec.iter().map(|word| in_words(word)).collect(),
        packaged: of.packaged,
        environment: of.environment.iter().map(|(name, value)| (name.as_str(), in_words(value))).collect(),
        options: of.options.iter().map(|(name, value)| (name.as_str(), in_words(value))).collect(),
        after: &of.after,
        memory_mib: of.memory_mib,
        needs_step: of.needs_step.as_deref(),
        only: of.only.as_deref(),
    }
}

fn probe(of: &Probe) -> ProbeFile<'_> {
    let mut file = ProbeFile {
        name: &of.name,
        kind: "tcp",
        port: None,
        path: None,
        send: None,
        expect: None,
        command: Vec::new(),
        timeout_seconds: of.timeout_seconds,
        only: of.only.as_deref(),
    };
    match &of.kind {
        ProbeKind::Tcp { port } => file.port = Some(*port),
        ProbeKind::Http { port, path } => {
            (file.kind, file.port, file.path) = ("http", Some(*port), Some(path.as_str()));
        }
        ProbeKind::Words { port, send, expect } => {
            (file.kind, file.port, file.send, file.expect) =
                ("words", Some(*port), Some(send.as_str()), Some(expect.as_str()));
        }
        ProbeKind::Command { command, expect, .. } => {
            file.kind = "command";
            file.command = command.iter().map(|word| in_words(word)).collect();
            file.expect = expect.as_deref();
        }
    }
    file
}

fn step(of: &ClusterStep) -> StepFile<'_> {
    StepFile {
        framework: &of.framework,
        name: &of.name,
        moment: of.moment.name(),
        action: in_words_json(&of.action),
        members_of: &of.members_of,
        timeout_seconds: of.timeout_seconds,
        only: of.only.as_deref(),
    }
}

/// A value of which every text is as people read it.
fn in_words_json(value: &Json) -> Json {
    match value {
        Json::String(text) => Json::String(in_words(text)),
        Json::Array(items) => Json::Array(items.iter().map(in_words_json).collect()),
        Json::Object(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.clone(), in_words_json(value))).collect())
        }
        other => other.clone(),
    }
}
