//! What the node agent would do with a framework, for people and for programs.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::report::document::{FormatVersion, document};
use crate::source::shell_word;

/// What the agent did on a node, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RehearsedNode {
    /// Host name.
    #[serde(default)]
    pub node: String,
    /// Whether these are the steps of the whole cluster, which follow when all nodes are ready.
    #[serde(default)]
    pub of_cluster: bool,
    /// Why it failed; empty where it did not.
    pub error: String,
    /// What it said.
    pub log: Vec<String>,
    /// Commands that it would have run, each as a list of words.
    pub commands: Vec<Vec<String>>,
    /// Files that it wrote, as the node would have them.
    pub files: Vec<String>,
}

/// The answer of `disco frameworks rehearse --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct RehearsalFile<'a> {
    format_version: FormatVersion,
    /// The first node of each group, then the first master once more for the steps of the cluster.
    nodes: &'a [RehearsedNode],
}

/// For programs.
pub fn rehearsal_json(nodes: &[RehearsedNode]) -> Json {
    document(&RehearsalFile { format_version: FormatVersion::Current, nodes })
}

/// For people: what each node would write and run.
pub fn rehearsal(nodes: &[RehearsedNode]) -> String {
    let mut text = String::new();
    for node in nodes {
        let more = if node.of_cluster { ", the steps of the cluster" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}# {}{more}\n", if text.is_empty() { "" } else { "\n" }, node.node);
        for path in &node.files {
            let _ = writeln!(text, "writes {path}");
        }
        for command in &node.commands {
            let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
            let _ = match command.split_first() {
                // What the agent asks for itself.
                Some((word, rest)) if word == "members" && node.of_cluster => {
                    writeln!(text, "waits for {}", rest.join(" "))
                }
                Some((word, rest)) if word == "answer" && node.of_cluster => {
                    writeln!(text, "waits for {}", rest.join(" to be "))
                }
                _ => writeln!(text, "runs {}", words.join(" ")),
            };
        }
        if !node.error.is_empty() {
            let _ = writeln!(text, "fails: {}", node.error);
        } else if node.files.is_empty() && node.commands.is_empty() {
            text.push_str("nothing\n");
        }
    }
    text
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "/.:_-+=,@".contains(sign);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { shell_word(word) }
}
