//! `disco suggest`

mod ask;

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::context::{Context, stdin};
use crate::cli::exit::Exit;
use crate::cli::hint::Hints;
use crate::project::{Failure, FailureKind, Place, read_file};
use crate::report;
use crate::source::{Diagnostic, Diagnostics, Severity};
use crate::suggest::{Answers, suggest};

/// Suggest frameworks and a definition from a few answers
///
/// Asks what is to be done, with how much data and how soon, and says which frameworks suit: why, what speaks against
/// them, what is ruled out, how large the cluster has to be, and which other answer would change that. Any question may
/// be left open. What needs no cluster is said, too. With --out it writes the definition, and replaces nothing.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Take the answers from this file (HCL or JSON) instead of asking; `-` reads stdin
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    answers: Option<PathBuf>,

    /// Write the definition into this folder, which is made if it is missing
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,

    /// Name of the cluster
    #[arg(long, default_value = "suggested")]
    name: String,

    /// Where the cluster is: `simulated`, `containers`, or the name of a cloud of clouds.yaml
    #[arg(long, value_name = "PLACE")]
    on: Option<String>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let place = options.on.as_deref().map(Place::from);
    let given = given(options, context)?;
    let (on, found) = Context::wait(context.project.suggestible(place.as_ref()))?;
    context.warn(&found)?;
    let asked = given.is_none();
    let answers = match given {
        Some(answers) => answers,
        None => ask::all(&on.facts, context)?,
    };
    let result = suggest(&answers, &on.catalogue, &on.facts);
    let mut text = None;
    if let Some(first) = result.first() {
        let (written, found) =
            context.project.suggested_definition(&result, first, &on, &options.name, place.as_ref())?;
        if found.has_errors() && options.out.is_some() {
            return Err(Failure::of(FailureKind::Definition, found));
        }
        let mut errors = Diagnostics::new();
        errors.extend(
            found
                .iter()
                .filter(|one| one.severity == Severity::Error)
                .cloned()
                .map(|one| Diagnostic { severity: Severity::Warning, ..one }),
        );
        context.warn(&errors)?;
        text = Some(written);
    }
    // What cannot be written is no result.
    let begun = match (&options.out, &text) {
        (Some(folder), Some(text)) => Some(context.project.write_suggested(folder, &options.name, text)?),
        _ => None,
    };
    if context.json {
        context.printer.data(&report::suggestions_json(&result, text.as_deref()).to_string())?;
        return Ok(Exit::Done);
    }
    context.printer.data(&report::suggestions(&result, context.printer.width))?;
    if asked && !answers.text().is_empty() {
        context.printer.talk(&format!(
            "\nThese were your answers; change some in a file, and run `disco suggest --answers FILE`:\n\n{}",
            indented(&answers.text())
        ));
    }
    match begun {
        Some(begun) => {
            let files: Vec<String> =
                begun.files.iter().map(|name| begun.folder.join(name).display().to_string()).collect();
            let whole = context.project.directory().join(&begun.folder);
            let hints = Hints::new(Some(whole.strip_prefix(".").unwrap_or(&whole)));
            let next = hints.text("`disco plan` shows what would be created").into_owned();
            context.printer.talk(&format!("\nWritten: {}\n{next}\n", files.join(", ")));
        }
        None => context.printer.talk("\n`--out FOLDER` writes the definition of this cluster.\n"),
    }
    Ok(Exit::Done)
}

/// The answers of a file; nothing where somebody can be asked.
fn given(options: &Options, context: &Context) -> Result<Option<Answers>, Failure> {
    let Some(path) = &options.answers else {
        if context.json || !io::stdin().is_terminal() {
            let message = "nobody can be asked: there is no terminal";
            let message = if context.json { "nobody is asked with --json" } else { message };
            return Err(Failure::new(FailureKind::Definition, message).help(
                "write the answers into a file, as in `work = [\"stream\"]`, and run `disco suggest --answers FILE`",
            ));
        }
        return Ok(None);
    };
    let (name, bytes) = if path.as_os_str() == "-" {
        ("<stdin>".to_owned(), stdin())
    } else {
        (path.display().to_string(), read_file(path))
    };
    let failed = |fault| Failure::new(FailureKind::Definition, format!("cannot read `{name}`")).because(&fault);
    let bytes = bytes.map_err(failed)?;
    context.project.read_answers(&name, bytes).map(Some)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| ["  ", line, "\n"].concat()).collect()
}
