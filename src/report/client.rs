//! What was written for clients.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use super::visible;
use crate::source::{listed, shell_word};

/// What was written for clients of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientConfig {
    /// The cluster.
    pub cluster: String,
    /// The folder, for people.
    pub folder: String,
    /// Where it is, whatever folder a program is in.
    pub absolute: String,
    /// Each file, by name, and whether it was not there before as it is now.
    pub files: Vec<(String, bool)>,
    /// Keys that are secret and were left out: file and key.
    pub left_out: Vec<(String, String)>,
    /// Ports of services that no rule opens: name and number.
    pub closed: Vec<(String, u16)>,
    /// Whether no node has an address outside of its network.
    pub only_inside: bool,
}

/// The document of `disco client-config --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ClientFile<'a> {
    format_version: FormatVersion,
    cluster: &'a str,
    folder: &'a str,
    files: Vec<WrittenFile<'a>>,
    /// Keys that were left out because their values are secret.
    left_out: Vec<LeftOutFile<'a>>,
    /// Ports of services that no rule opens.
    closed_ports: Vec<PortFile<'a>>,
    /// Whether the addresses are those of the cluster's own network, because no node has a floating IP.
    only_inside: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WrittenFile<'a> {
    name: &'a str,
    /// False: it was there already as it is.
    written: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LeftOutFile<'a> {
    file: &'a str,
    key: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PortFile<'a> {
    /// What an `allow` block calls it.
    name: &'a str,
    port: u16,
}

/// The result for programs.
pub fn client_config_json(facts: &ClientConfig) -> Json {
    document(&ClientFile {
        format_version: FormatVersion::Current,
        cluster: &facts.cluster,
        folder: &facts.folder,
        files: facts.files.iter().map(|(name, written)| WrittenFile { name, written: *written }).collect(),
        left_out: facts.left_out.iter().map(|(file, key)| LeftOutFile { file, key }).collect(),
        closed_ports: facts.closed.iter().map(|(name, port)| PortFile { name, port: *port }).collect(),
        only_inside: facts.only_inside,
    })
}

/// The result for people.
pub fn client_config(facts: &ClientConfig) -> String {
    let names = |wanted: bool| {
        let names = facts.files.iter().filter(|(_, written)| *written == wanted);
        listed(&names.map(|(name, _)| name.clone()).collect::<Vec<_>>())
    };
    let (new, same) = (names(true), names(false));
    let mut text = String::new();
    // Writing to a String cannot fail.
    if !new.is_empty() {
        let _ = writeln!(text, "Wrote {new} to {}.", facts.folder);
    }
    if !same.is_empty() {
        let _ = writeln!(text, "Unchanged: {same}.");
    }
    let folder = shell_word(&facts.absolute);
    let exports: Vec<String> = [("HADOOP_CONF_DIR", "-site.xml"), ("SPARK_CONF_DIR", "spark-defaults.conf")]
        .into_iter()
        .filter(|(_, end)| facts.files.iter().any(|(name, _)| name.ends_with(end)))
        .map(|(variable, _)| format!("{variable}={folder}"))
        .collect();
    if !exports.is_empty() {
        let _ = writeln!(text, "Use them with: export {}", exports.join(" "));
    }
    if !facts.left_out.is_empty() {
        let keys: Vec<String> = facts.left_out.iter().map(|(file, key)| format!("`{key}` of {file}")).collect();
        let _ = writeln!(text, "Left out because they are secret: {}.", listed(&keys));
    }
    if facts.only_inside {
        text.push_str(
            "The addresses are those of the cluster's own network: no node has a floating IP.\n  help: write \
                       `floating_ip = true` in `master` and in `slaves`, unless clients are in that network\n",
        );
    }
    if !facts.closed.is_empty() {
        let ports: Vec<String> = facts.closed.iter().map(|(name, port)| format!("`{name}` ({port})")).collect();
        let first = facts.closed.first().map_or("", |(name, _)| name.as_str());
        let _ = writeln!(
            text,
            "No rule lets clients reach {}.\n  help: add `allow \"{first}\" {{ from = [\"203.0.113.0/24\"] }}` to `security` for \
             each that they use, with the network that they are in",
            listed(&ports)
        );
    }
    visible(&text).into_owned()
}
