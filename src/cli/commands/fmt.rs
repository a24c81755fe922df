//! `disco fmt`

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};

use crate::cli::context::{Context, stdin};
use crate::cli::exit::Exit;
use crate::project::{Failure, FailureKind, LayoutRequest, OtherLayout};
use crate::report;

/// Rewrite definitions in the canonical layout
///
/// Rewrites definitions, variable files and framework manifests in the layout of `terraform fmt`: indentation, spaces,
/// and `=` and comments of consecutive lines in one column. Only blanks change. Prints the names of the files that
/// differed. Without PATHS it takes the project's folder.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command")]
pub(in crate::cli) struct Options {
    /// Files, or folders whose definitions are meant; `-` reads stdin and writes stdout
    paths: Vec<PathBuf>,
    /// Write nothing; end with 3 if a file has another layout
    #[arg(long)]
    check: bool,
    /// Show what differs, as `diff -u` does
    #[arg(long)]
    diff: bool,
    /// Go into the folders of folders, too
    #[arg(long)]
    recursive: bool,
    /// Whether to write what differs
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    write: bool,
    /// Whether to print the names of files that differ
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    list: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    if options.paths.iter().any(|path| path == Path::new("-")) {
        return stream(options, context);
    }
    let request = LayoutRequest {
        paths: options.paths.clone(),
        recursive: options.recursive,
        write: options.write && !options.check,
    };
    let (differing, diagnostics) = context.project.lay_out(&request)?;
    if context.json {
        let diffs: Vec<String> = differing.iter().map(difference).collect();
        let files = differing.iter().zip(&diffs).map(|(other, diff)| (other.name.as_str(), diff.as_str()));
        context.printer.data(&report::layout_json(files).to_string())?;
    } else {
        for other in &differing {
            if options.list {
                context.printer.data(&other.name)?;
            }
            if options.diff {
                context.printer.data(&difference(other))?;
            }
        }
    }
    if diagnostics.has_errors() {
        return Err(Failure::of(FailureKind::Definition, diagnostics));
    }
    Ok(if options.check && !differing.is_empty() { Exit::OtherLayout } else { Exit::Done })
}

/// From stdin to stdout.
fn stream(options: &Options, context: &Context) -> Result<Exit, Failure> {
    if options.paths.len() > 1 {
        let message = "`-` is the only path where it is one";
        return Err(Failure::new(FailureKind::Definition, message).help("format stdin and files one after the other"));
    }
    let failed = |fault| Failure::new(FailureKind::Definition, "cannot read stdin").because(&fault);
    let bytes = stdin().map_err(failed)?;
    // What is no UTF-8 is a mistake, and is not printed.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (diagnostics, other) = context.project.layout_of("<stdin>", bytes);
    if diagnostics.has_errors() {
        return Err(Failure::of(FailureKind::Definition, diagnostics));
    }
    match &other {
        Some(other) if options.diff => context.printer.data(&difference(other))?,
        None if options.diff => {}
        _ if options.check => {}
        _ => context.printer.document(other.as_ref().map_or(&text, |other| &other.after))?,
    }
    Ok(if options.check && other.is_some() { Exit::OtherLayout } else { Exit::Done })
}

fn difference(other: &OtherLayout) -> String {
    let (old, new) = (format!("old/{}", other.name), format!("new/{}", other.name));
    report::unified((&old, &other.before), (&new, &other.after))
}
