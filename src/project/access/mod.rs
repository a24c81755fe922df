//! How one gets onto a node: through the container engine of this host, or by SSH.
//!
//! Nothing here waits for another operation on the project: who has to look at a node while `disco apply` runs may.

mod container;
mod output;
mod script;
mod ssh;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

pub use script::LogsWanted;

pub(super) use crate::local::container::Streams;
pub(super) use output::output;

use super::cloud::offline_facts;
use super::definition::Loaded;
use super::failure::{Failure, FailureKind};
use super::nodes::{self, KnownNode};
use super::{Project, offline};
use crate::catalogue::ClusterConfiguration;
use crate::language::login_account;
use crate::model::{ClusterSpec, NodeDriver, Provider};
use crate::state::State;

/// A program to be run on a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeProgram {
    /// The program and its arguments; the account's shell where there are none.
    pub words: Vec<String>,
    /// The account to log in with, where it is not the image's own.
    pub login: Option<String>,
    /// The account to run it as, once logged in.
    pub run_as: Option<String>,
    /// The private key to log in with; SSH chooses where none is named.
    pub identity: Option<PathBuf>,
    /// Whether both ends are a terminal.
    pub has_terminal: bool,
}

/// A program of this host that runs one on a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The program.
    pub program: String,
    /// Its arguments, as values.
    pub arguments: Vec<String>,
    /// Variables beside those of this process.
    pub environment: Vec<(String, String)>,
    /// The folder to run it in, where it matters.
    pub folder: Option<PathBuf>,
    /// Whether its stdin is a pipe that stays open as long as somebody listens: what runs on the node ends with it.
    pub ends_with_stdin: bool,
}

impl Program {
    /// The command of this host that starts it.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }
}

/// What a way onto nodes goes by.
pub(super) struct Entry<'p> {
    project: &'p Project,
    provider: Provider,
    /// What the definition says of clusters, as far as it has no mistakes.
    specs: BTreeMap<String, ClusterSpec>,
    /// What frameworks put on their nodes.
    pub(super) configurations: BTreeMap<String, ClusterConfiguration>,
}

impl Project {
    /// The program of this host that runs another one on a node, or a shell there.
    ///
    /// # Errors
    /// A node that does not exist, that does not run, or that nobody gets onto.
    pub async fn on_node(&self, node: &str, program: &NodeProgram) -> Result<Program, Failure> {
        let (loaded, state) = self.remembered()?;
        let node = nodes::find(state.as_ref(), node)?;
        let entry = self.entry(&loaded, state.as_ref())?;
        let words = script::login(program);
        let streams = if program.has_terminal { Streams::Terminal } else { Streams::Plain };
        entry.run(&node, &words, program.login.as_deref(), program.identity.as_deref(), streams).await
    }

    /// The program of this host that prints what units of a node wrote to its journal.
    ///
    /// # Errors
    /// The same; a unit that was not meant.
    pub async fn logs(
        &self,
        node: &str,
        wanted: &LogsWanted,
        login: Option<&str>,
        identity: Option<&std::path::Path>,
    ) -> Result<Program, Failure> {
        let (loaded, state) = self.remembered()?;
        let node = nodes::find(state.as_ref(), node)?;
        let entry = self.entry(&loaded, state.as_ref())?;
        let units = entry.configurations.get(node.cluster).and_then(|all| all.groups.get(&node.id.group));
        let units = units.map(|group| group.units.as_slice());
        // Containers are entered as root; who logs in to a cloud's servers may not read all of a journal.
        let in_container = matches!(entry.provider, Provider::Local { .. });
        let login = login.or(in_container.then_some("root"));
        let words = script::journal(wanted, units, login != Some("root"))?;
        let program = entry.run(&node, &words, login, identity, Streams::Plain).await?;
        Ok(Program { ends_with_stdin: wanted.follow, ..program })
    }

    /// The definitions as far as there are any, and the state.
    pub(super) fn remembered(&self) -> Result<(Loaded, Option<State>), Failure> {
        let (loaded, diagnostics) = self.load_or_remember()?;
        if !loaded.placed {
            return Err(Failure::of(FailureKind::Definition, diagnostics));
        }
        let state = self.store(&loaded)?.load_now()?;
        Ok((loaded, state))
    }

    /// How nodes of this project are entered.
    pub(super) fn entry(&self, loaded: &Loaded, state: Option<&State>) -> Result<Entry<'_>, Failure> {
        let provider = self.provider(loaded, state)?;
        let facts = match state {
            Some(state) => offline::remembered(&provider, state),
            None => offline_facts(&provider),
        };
        let (evaluated, _, _) = self.evaluate(loaded, &BTreeMap::new(), &facts, state);
        let configurations = evaluated.clusters.into_iter().map(|(name, it)| (name, it.configuration)).collect();
        Ok(Entry { project: self, provider, specs: evaluated.spec.clusters, configurations })
    }
}

impl Entry<'_> {
    /// What the definition says of a cluster, if it has no mistakes.
    pub(super) fn spec(&self, cluster: &str) -> Option<&ClusterSpec> {
        self.specs.get(cluster)
    }

    /// Which cloud it is.
    pub(super) fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The program of this host that runs `words` on a node.
    pub(super) async fn run(
        &self,
        node: &KnownNode<'_>,
        words: &[String],
        login: Option<&str>,
        identity: Option<&std::path::Path>,
        streams: Streams,
    ) -> Result<Program, Failure> {
        let Some(server) = node.server_id() else {
            let message = format!("`{}` has no server yet", node.address());
            return Err(Failure::new(FailureKind::Refused, message).help("run `disco apply` to create it"));
        };
        if node.is_suspended() {
            let message = format!("`{}` is suspended", node.address());
            return Err(Failure::new(FailureKind::Refused, message)
                .help(format!("run `disco resume {}` to have its servers go on", node.cluster)));
        }
        let image = node.image().unwrap_or_default();
        let login = login.or_else(|| login_account(&image));
        match self.provider {
            Provider::Local { nodes: NodeDriver::Simulated, .. } => {
                let message = format!("`{}` is simulated: nothing runs there", node.address());
                Err(Failure::new(FailureKind::Refused, message).help(
                    "nodes that are containers of this host run everything: in another folder write `provider \"local\" { nodes = \"container\" }`, \
                     and run `disco local setup` and `disco apply` there; a cluster of simulated nodes stays what it is until `disco destroy`",
                ))
            }
            Provider::Local { nodes: NodeDriver::Container, .. } => {
                container::program(self.project, node, server, words, login, streams).await
            }
            Provider::OpenStack { .. } => {
                ssh::program(self.project, self.specs.get(node.cluster), node, words, login, identity, streams)
            }
        }
    }
}
