//! The verbs.

mod apply;
mod client_config;
mod completions;
mod console;
mod destroy;
mod diff;
mod drift;
mod graph;
mod history;
mod explain;
mod flavors;
mod fmt;
mod force_unlock;
mod frameworks;
mod language;
mod lint;
mod image;
mod images;
mod import;
mod init;
mod local;
mod logs;
mod lsp;
mod output;
mod plan;
mod resume;
mod serve;
mod show;
mod ssh;
mod state;
mod status;
mod suggest;
mod suspend;
mod template;
mod validate;
mod version;
mod workspace;

use clap::Subcommand;

use super::context::Context;
use super::exit::Exit;
use crate::project::Failure;

/// What can be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(init::Options),
    Suggest(suggest::Options),
    Validate(validate::Options),
    Fmt(fmt::Options),
    Lint(lint::Options),
    Diff(diff::Options),
    Plan(plan::Options),
    Apply(apply::Options),
    Destroy(destroy::Options),
    Drift(drift::Options),
    Import(import::Options),
    Suspend(suspend::Options),
    Resume(resume::Options),
    Show(show::Options),
    History(history::Options),
    Console(console::Options),
    Output(output::Options),
    Status(status::Options),
    State(state::Options),
    Workspace(workspace::Options),
    ForceUnlock(force_unlock::Options),
    Ssh(ssh::Options),
    Logs(logs::Options),
    ClientConfig(client_config::Options),
    Template(template::Options),
    Graph(graph::Options),
    Frameworks(frameworks::Options),
    Flavors(flavors::Options),
    Images(images::Options),
    Image(image::Options),
    Explain(explain::Options),
    Language(language::Options),
    Lsp(lsp::Options),
    Local(local::Options),
    Serve(serve::Options),
    Completions(completions::Options),
    Version(version::Options),
}

impl Command {
    /// Whether it tells programs what happens, a message a line, instead of giving them one document.
    pub(super) fn streams(&self) -> bool {
        matches!(self, Self::Plan(_) | Self::Apply(_) | Self::Destroy(_) | Self::Suspend(_) | Self::Resume(_))
    }

    /// Whether it reads the project's files, and says nothing of a cloud.
    pub(super) fn only_reads_project(&self) -> bool {
        match self {
            Self::Show(options) => options.file.is_none(),
            Self::Validate(_)
            | Self::Lint(_)
            | Self::Output(_)
            | Self::Console(_)
            | Self::Template(_)
            | Self::Graph(_)
            | Self::Explain(_) => true,
            _ => false,
        }
    }

    /// Whether mistakes are drawn however many they are.
    pub(super) fn draws_all(&self) -> bool {
        match self {
            Self::Validate(options) => options.all,
            Self::Lint(options) => options.all,
            Self::Plan(options) => options.all,
            _ => false,
        }
    }

    /// Does it.
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Init(options) => init::run(&options, context),
            Self::Suggest(options) => suggest::run(&options, context),
            Self::Validate(options) => validate::run(&options, context),
            Self::Lint(options) => lint::run(&options, context),
            Self::Fmt(options) => fmt::run(&options, context),
            Self::Diff(options) => diff::run(&options, context),
            Self::Plan(options) => plan::run(&options, context),
            Self::Apply(options) => apply::run(&options, context),
            Self::Destroy(options) => destroy::run(&options, context),
            Self::Drift(options) => drift::run(&options, context),
            Self::Import(options) => import::run(&options, context),
            Self::Suspend(options) => suspend::run(&options, context),
            Self::Resume(options) => resume::run(&options, context),
            Self::Show(options) => show::run(&options, context),
            Self::History(options) => history::run(&options, context),
            Self::Console(options) => console::run(&options, context),
            Self::Output(options) => output::run(&options, context),
            Self::State(options) => state::run(&options, context),
            Self::Workspace(options) => workspace::run(&options, context),
            Self::ForceUnlock(options) => force_unlock::run(&options, context),
            Self::Status(options) => status::run(&options, context),
            Self::Ssh(options) => ssh::run(&options, context),
            Self::Logs(options) => logs::run(&options, context),
            Self::ClientConfig(options) => client_config::run(&options, context),
            Self::Template(options) => template::run(&options, context),
            Self::Graph(options) => graph::run(&options, context),
            Self::Frameworks(options) => frameworks::run(&options, context),
            Self::Language(options) => language::run(&options, context),
            Self::Lsp(options) => lsp::run(&options, context),
            Self::Flavors(options) => flavors::run(&options, context),
            Self::Images(options) => images::run(&options, context),
            Self::Image(options) => image::run(&options, context),
            Self::Explain(options) => explain::run(&options, context),
            Self::Serve(options) => serve::run(&options, context),
            Self::Local(options) => local::run(&options, context),
            Self::Completions(options) => completions::run(&options, context),
            Self::Version(options) => version::run(&options, context),
        }
    }
}
