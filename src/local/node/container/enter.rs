//! Programs inside a node's container.

use std::path::Path;

use super::argv::{SERVER_LABEL, Tool};
use super::command::Command;
use super::containers::{Condition, condition, inspect, tool};
use super::fault::ContainerFault;
use super::host::HostFacts;

/// How a program's streams are joined to those of whoever starts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// As they are.
    Plain,
    /// As they are, where nobody can answer questions.
    Unattended,
    /// Through a terminal of its own, because there is one at the other end.
    Terminal,
}

/// The container that stands for a server.
#[derive(Clone, Debug)]
pub struct NodeContainer {
    tool: Tool,
    /// Its name.
    pub name: String,
    /// What it does.
    pub condition: Condition,
}

impl NodeContainer {
    /// Runs a program in it, on behalf of an account, or of root where none is said.
    pub(crate) fn exec(&self, words: &[String], account: Option<&str>, streams: Streams) -> Command {
        let mut command = self.tool.run(["exec", "--interactive"]);
        if streams == Streams::Terminal {
            command = command.and(["--tty"]);
        }
        if let Some(account) = account {
            command = command.option("--user", account);
        }
        command.and([self.name.as_str()]).and(words.iter().map(String::as_str))
    }
}

/// The container of a server whose nodes have that folder; `None` where there is none.
///
/// # Errors
/// A host without a container engine, one that does not answer.
pub async fn container_of(
    folder: &Path,
    facts: &HostFacts,
    server: &str,
) -> Result<Option<NodeContainer>, ContainerFault> {
    let (tool, _) = tool(folder, facts)?;
    let found = inspect(&tool, &tool.containers(&format!("{SERVER_LABEL}={server}"))).await?;
    Ok(found.into_iter().next().map(|container| {
        let condition = condition(&container);
        NodeContainer { tool, name: container.name, condition }
    }))
}
