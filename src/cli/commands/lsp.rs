//! `disco lsp`

use std::io::{BufReader, stdin, stdout};

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::lsp;
use crate::project::{Failure, FailureKind};

/// Serve editors: the Language Server Protocol on stdin and stdout
///
/// Editors start it for *.disco.hcl and *.vars.hcl files: what is wrong while it is typed, hover, completion, definitions,
/// references, rename and formatting. Files that are open count as they are in the editor. It asks no cloud, writes
/// nothing, and ends when stdin does. With --var and --var-file projects are looked at with those values.
///
/// examples/editors has configurations for VS Code, Neovim and Helix; the least that Neovim needs:
///
/// vim.lsp.config('disco', { cmd = { 'disco', 'lsp' }, filetypes = { 'hcl' } })
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {}

pub(super) fn run(_: &Options, context: &Context) -> Result<Exit, Failure> {
    let served = lsp::serve(&context.project, BufReader::new(stdin()), stdout());
    match served {
        Ok(true) => Ok(Exit::Done),
        Ok(false) => Ok(Exit::Of(1)),
        Err(fault) => Err(Failure::new(FailureKind::Output, "cannot write to stdout").because(&fault)),
    }
}
