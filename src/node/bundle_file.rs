//! The written form of a bundle: what the agent reads, what Heat keeps, what a later plan compares with.
//!
//! This is the only place that knows the names of its sections and fields. What an older DISCO left out has its default;
//! a section, a field or a format that is not known here is an error, because a difference in it would go unseen.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::canonical::{canonical, canonical_with};

/// A node's configuration, or the cluster's last step, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum BundleFile {
    /// What makes a machine one of its group.
    Node(Box<NodeFile>),
    /// What is checked once every node is configured.
    Verify(VerifyFile),
}

impl BundleFile {
    /// Reads the JSON text of a `config` property; the error says what is not known about it.
    pub(crate) fn read(text: &str) -> Result<Self, serde_json::Error> {
        // By way of a value: what tells one kind from another by a tag reads no numbers with all their digits.
        serde_json::from_str::<Json>(text).and_then(serde_json::from_value)
    }

    /// The JSON text in its one form: equal bundles give equal bytes.
    pub(crate) fn to_text(&self) -> String {
        // Serialising to memory fails only for maps whose keys are not strings; there are none here.
        canonical(&serde_json::to_value(self).unwrap_or_default())
    }

    /// The same with these hosts, as canonical JSON, instead of its own.
    pub(crate) fn to_text_with(&self, hosts: &str) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            object.remove("hosts");
            return canonical_with(object, "hosts", hosts);
        }
        canonical(&value)
    }
}

/// The version of the form, a number; the agent refuses one that it does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct BundleFormat;

impl BundleFormat {
    const NUMBER: u32 = 1;
}

impl From<BundleFormat> for u32 {
    fn from(_: BundleFormat) -> Self {
        BundleFormat::NUMBER
    }
}

impl TryFrom<u32> for BundleFormat {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if number == Self::NUMBER { Ok(Self) } else { Err(format!("the format {number} is not known")) }
    }
}

/// The configuration of one group's nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NodeFile {
    pub(crate) format: BundleFormat,
    pub(crate) cluster: String,
    pub(crate) group: String,
    /// `master` or `slave`
    pub(crate) role: String,
    /// The agent's own text, gzip in base64.
    pub(crate) agent_gzip: String,
    pub(crate) hosts: Vec<HostFile>,
    /// Public keys, as `authorized_keys` has them.
    pub(crate) ssh_keys: Vec<String>,
    pub(crate) packages: Vec<String>,
    pub(crate) archives: Vec<ArchiveFile>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pythons: Vec<PythonFile>,
    /// Versions of the frameworks that have neither, by name: for people.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) versions: BTreeMap<String, String>,
    /// Names of the nodes of ensembles, in order, by `framework.ensemble`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) ensembles: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "MachineFile::is_empty")]
    pub(crate) machine: MachineFile,
    pub(crate) users: Vec<UserFile>,
    pub(crate) directories: Vec<DirectoryFile>,
    pub(crate) disks: Vec<DiskFile>,
    pub(crate) files: Vec<FileFile>,
    pub(crate) units: Vec<UnitFile>,
    pub(crate) steps: Vec<StepFile>,
    pub(crate) probes: Vec<ProbeFile>,
}

/// The cluster's last step, run on the first master.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct VerifyFile {
    pub(crate) format: BundleFormat,
    pub(crate) cluster: String,
    pub(crate) steps: Vec<StepFile>,
}

/// Names and addresses of a run of nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HostFile {
    /// `analytics-slaves-`
    pub(crate) prefix: String,
    pub(crate) first_index: u32,
    pub(crate) first_address: String,
    pub(crate) count: u32,
}

/// Software from a mirror.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ArchiveFile {
    /// Framework.
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha512: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha512_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256_url: Option<String>,
    /// Where to.
    pub(crate) directory: String,
    /// The path of the one file that it is, where it is not unpacked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// How many leading parts of paths in it are left out, where that is not one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) strip: Option<u32>,
    /// Units to restart when it changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) restarts: Vec<String>,
}

/// What the machine itself must be like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MachineFile {
    /// By `sysctl`'s names.
    pub(crate) sysctl: BTreeMap<String, String>,
    /// `always`, `madvise` or `never`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transparent_hugepages: Option<String>,
    /// Size of /dev/shm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shared_memory_mib: Option<u64>,
    /// Of the kernel.
    pub(crate) modules: Vec<String>,
}

impl MachineFile {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An environment of Python.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PythonFile {
    /// Framework.
    pub(crate) name: String,
    pub(crate) version: String,
    /// Root of the index of packages.
    pub(crate) index: String,
    /// Lines of a lock file, with digests.
    pub(crate) requirements: String,
    /// Where to.
    pub(crate) directory: String,
}

/// A system account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UserFile {
    pub(crate) name: String,
    pub(crate) group: String,
    pub(crate) home: String,
    /// The ensemble whose members alone have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<String>,
    /// Its number, where it has to be a certain one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uid: Option<u32>,
    /// Further groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<String>,
    /// What it logs in with; without one it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shell: Option<String>,
    /// Mode of its home folder, where that is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) home_mode: Option<String>,
}

/// A folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DirectoryFile {
    pub(crate) path: String,
    pub(crate) owner: String,
    pub(crate) mode: String,
    /// Left out where it is false.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) holds_data: bool,
    /// The ensemble whose members alone have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<String>,
}

/// A volume and where it is mounted; its id comes as the input `volume-NAME`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DiskFile {
    pub(crate) volume: String,
    pub(crate) mount: String,
}

/// A file with its content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FileFile {
    pub(crate) framework: String,
    /// As the definition's `config` block has it.
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) owner: String,
    pub(crate) mode: String,
    /// Neighbouring pieces of text are one.
    pub(crate) content: Vec<PieceFile>,
    /// Units to restart when the content changes.
    pub(crate) restarts: Vec<String>,
    /// Written only where no such file is yet.
    pub(crate) keep: bool,
    /// The ensemble whose members alone have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<String>,
    /// Whether the node puts values of its own in the place of their marks.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) fills_in: bool,
    /// Whether its text is base64, which the node decodes.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) base64: bool,
    /// SHA-256 of what of it concerns each unit, where not all of it concerns all.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) concerns: BTreeMap<String, String>,
}

/// A piece of a file's content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum PieceFile {
    /// Text as it is.
    Text(String),
    /// The name of the input that holds a secret text.
    Secret {
        /// `secret-…`
        secret: String,
    },
}

/// A systemd service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UnitFile {
    /// `hadoop-hdfs-namenode.service`
    pub(crate) name: String,
    pub(crate) framework: String,
    pub(crate) description: String,
    pub(crate) user: String,
    pub(crate) group: String,
    pub(crate) exec: String,
    pub(crate) environment: BTreeMap<String, String>,
    /// The file with what only root reads of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment_file: Option<String>,
    /// Units it starts after.
    pub(crate) after: Vec<String>,
    /// The steps that must have run before it can start, with blanks between.
    pub(crate) needs_step: Option<String>,
    /// Whether a package brings it, so that the agent only adds to it.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) packaged: bool,
    /// Further lines of its section `Service`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) options: BTreeMap<String, String>,
    /// The ensemble whose members alone have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<String>,
    /// systemd's `KillMode`, where it is not systemd's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kill_mode: Option<String>,
    /// systemd's `SuccessExitStatus`, where one beside its own counts as a clean end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) success_exit_status: Option<u8>,
}

/// A step of the cluster as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StepFile {
    pub(crate) framework: String,
    pub(crate) name: String,
    /// The agent's own description of it: `kind` and its arguments.
    pub(crate) action: Json,
    /// Of the names of nodes that it expects.
    pub(crate) member_prefixes: Vec<String>,
    pub(crate) timeout_seconds: u32,
    /// Whether each node runs it, and not the first master alone.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) of_node: bool,
    /// The ensemble whose members alone have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<String>,
}

/// What must answer on the node itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ProbeFile {
    /// A port that accepts connections.
    Tcp {
        name: String,
        port: u16,
        timeout_seconds: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<String>,
    },
    /// A page that is there.
    Http {
        name: String,
        port: u16,
        path: String,
        timeout_seconds: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<String>,
    },
    /// What a port answers to words.
    Words {
        name: String,
        port: u16,
        send: String,
        expect: String,
        timeout_seconds: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<String>,
    },
    /// A command that ends with 0.
    Command {
        name: String,
        command: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        timeout_seconds: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<String>,
    },
}

impl NodeFile {
    /// Indices of the nodes of this group that have what only members of an ensemble have; `None` where all nodes have it.
    pub(crate) fn members(&self, only: Option<&String>) -> Option<BTreeSet<u32>> {
        let prefix = format!("{}-{}-", self.cluster, self.group);
        let names = self.ensembles.get(only?).map(Vec::as_slice).unwrap_or_default();
        Some(names.iter().filter_map(|name| name.strip_prefix(&prefix)?.parse().ok()).collect())
    }
}

impl PieceFile {
    /// The name of the input that it is, if it is secret.
    pub(crate) fn secret(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Secret { secret } => Some(secret),
        }
    }
}

impl ProbeFile {
    /// What it is called, for people.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Tcp { name, .. }
            | Self::Http { name, .. }
            | Self::Words { name, .. }
            | Self::Command { name, .. } => name,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_back() {
        let unit = UnitFile { name: "a.service".to_owned(), exec: "/a".to_owned(), ..UnitFile::default() };
        let file = FileFile {
            content: vec![PieceFile::Text("a\n".to_owned()), PieceFile::Secret { secret: "secret-1".to_owned() }],
            ..FileFile::default()
        };
        let probe = ProbeFile::Tcp { name: "a".to_owned(), port: 1, timeout_seconds: 2, only: None };
        let node = NodeFile { units: vec![unit], files: vec![file], probes: vec![probe], ..NodeFile::default() };
        for bundle in [BundleFile::Node(Box::new(node)), BundleFile::Verify(VerifyFile::default())] {
            let text = bundle.to_text();
            let read = BundleFile::read(&text).unwrap();
            assert_eq!(read, bundle);
            assert_eq!(read.to_text(), text);
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for strange in [
            json!({"format": 2, "kind": "node"}),
            json!({"format": 1, "kind": "other"}),
            json!({"format": 1, "kind": "node", "sockets": []}),
            json!({"format": 1, "kind": "node", "units": [{"name": "a", "nice": 3}]}),
        ] {
            assert!(BundleFile::read(&strange.to_string()).is_err(), "{strange}");
        }
        assert!(BundleFile::read(&json!({"format": 1, "kind": "node"}).to_string()).is_ok());
        assert!(BundleFile::read("#!/bin/sh\n").is_err());
    }
}
