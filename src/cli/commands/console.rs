//! `disco console`

use std::io::{self, IsTerminal as _};

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure;
use crate::cli::line::{Editor, Typed};
use crate::project::{Console, Failure, FailureKind, keep_history, read_history};
use crate::report;
use crate::source::{Diagnostics, Severity};

/// Evaluate expressions with the project's variables, locals and clusters
///
/// Prints the value of each expression that is typed, or that stdin has, one a line; what has an open bracket goes on in
/// the next line. Expressions may use what an output may: var, local, cluster with what the state knows, path, workspace
/// and all functions. No cloud is asked. Without a project there are the functions only.
///
/// On a terminal Tab completes names, the arrow keys bring earlier lines back, and `exit` or Ctrl-D ends. Lines are kept
/// in memory; where `DISCO_CONSOLE_HISTORY` names a file, they are kept there for the next time, readable by you alone. One
/// that begins with a blank is not. From a pipe, a mistake does not keep the other expressions from being evaluated; the
/// command ends with 1 then.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {}

/// What is told on a terminal who asks for help.
const HELP: &str = "Type an expression to see its value, such as `cidrsubnet(\"10.0.0.0/8\", 8, 3)` or `var.NAME`.\n\
                    Tab completes names. End with `exit` or Ctrl-D.";

pub(super) fn run(_: &Options, context: &Context) -> Result<Exit, Failure> {
    if context.json {
        let message = "`disco console` has no JSON output";
        return Err(Failure::new(FailureKind::Definition, message)
            .help("write `jsonencode(EXPRESSION)`, or declare an output and run `disco output --json`"));
    }
    context.project.console(|console, found| {
        if found.has_errors() {
            tell(&found, context);
            context.printer.talk("The definitions have mistakes: what they are about has no value here.");
        } else {
            context.warn(&found)?;
        }
        if io::stdin().is_terminal() { typed(console, context) } else { piped(console, context) }
    })
}

/// Prints the value of an expression; false where it has none.
fn answer(text: &str, console: &Console<'_>, context: &Context) -> Result<bool, Failure> {
    match console.evaluate(text) {
        Ok(value) => context.printer.data(&report::literal(&value)).map(|()| true),
        Err(found) => {
            tell(&found, context);
            Ok(false)
        }
    }
}

/// Draws mistakes under their lines.
fn tell(found: &Diagnostics, context: &Context) {
    let mut errors = Diagnostics::new();
    errors.extend(found.iter().filter(|found| found.severity == Severity::Error).cloned());
    let failure = context.printer.hints.failure(Failure::of(FailureKind::Definition, errors));
    context.printer.complain(&failure::words(&failure, context.project.sources(), context.printer.drawing()));
}

/// Whether a line is nothing but blanks, or a comment.
fn is_empty(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || line.starts_with("//")
}

fn piped(console: &Console<'_>, context: &Context) -> Result<Exit, Failure> {
    let mut all_well = true;
    let mut expression = String::new();
    for line in io::stdin().lines() {
        let line = line.map_err(|fault| {
            Failure::new(FailureKind::Definition, "cannot read stdin")
                .because(&fault)
                .help("write expressions as UTF-8 text, one a line")
        })?;
        if expression.is_empty() {
            if is_empty(&line) {
                continue;
            }
            if line.trim() == "exit" {
                break;
            }
            expression = line;
        } else {
            expression.push('\n');
            expression.push_str(&line);
        }
        if !console.is_unfinished(&expression) {
            all_well &= answer(&expression, console, context)?;
            expression.clear();
        }
    }
    if !expression.is_empty() {
        all_well &= answer(&expression, console, context)?;
    }
    Ok(if all_well { Exit::Done } else { Exit::Failed(FailureKind::Definition) })
}

fn typed(console: &Console<'_>, context: &Context) -> Result<Exit, Failure> {
    let unusable = |verb: &str, fault: &io::Error| {
        Failure::new(FailureKind::Definition, format!("cannot {verb} the history of the console"))
            .because(fault)
            .help("DISCO_CONSOLE_HISTORY names its file: correct or unset it")
    };
    let history = match &context.console_history {
        Some(path) => read_history(path).map_err(|fault| unusable("read", &fault))?,
        None => Vec::new(),
    };
    let mut editor = Editor::new(history);
    let mut expression = String::new();
    loop {
        let prompt = if expression.is_empty() { "> " } else { "  " };
        let line = match editor.read(prompt, &|before| console.completions(before)) {
            Ok(Typed::Line(line)) => line,
            Ok(Typed::Interrupted) => {
                expression.clear();
                continue;
            }
            Ok(Typed::End) => break,
            Err(fault) => {
                return Err(Failure::new(FailureKind::Definition, "cannot read the terminal").because(&fault));
            }
        };
        match line.trim() {
            "exit" if expression.is_empty() => break,
            "help" if expression.is_empty() => context.printer.talk(HELP),
            _ if expression.is_empty() && is_empty(&line) => {}
            // An empty line gives up what is never closed.
            blank => {
                if !expression.is_empty() {
                    expression.push('\n');
                }
                expression.push_str(&line);
                if blank.is_empty() || !console.is_unfinished(&expression) {
                    answer(&expression, console, context)?;
                    expression.clear();
                }
            }
        }
    }
    if let Some(path) = &context.console_history {
        let kept: Vec<String> = editor.history.iter().filter(|line| !line.starts_with(' ')).cloned().collect();
        keep_history(path, &kept).map_err(|fault| unusable("write", &fault))?;
    }
    Ok(Exit::Done)
}
