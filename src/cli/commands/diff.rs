//! `disco diff`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::options::TextFormat;
use crate::project::Failure;
use crate::report::{self, Comparison, PlanDrawing};

/// Show what two versions of the definitions differ by, without a cloud
///
/// Compares two folders, or two revisions of git, and shows what the second would change if the first were what runs:
/// nodes, settings with the values that follow, files, ports and who may reach them, what would be replaced or lose
/// data, and what it takes. With one A it is compared with the project as it is; without any, the last commit is. Exits
/// with 0 for no differences, 1 for a failure, 2 for differences.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Folders or revisions: `A B`, `main..HEAD`, `main...HEAD`, `main`
    #[arg(value_name = "A", num_args = 0..=2)]
    sides: Vec<String>,

    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "json")]
    format: TextFormat,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let (before, after) = context.project.sides(&options.sides)?;
    let compared = after.project.compare(&before.project)?;
    let of = Comparison {
        plan: &compared.plan,
        before: &before.name,
        after: &after.name,
        size_before: compared.before,
        size_after: compared.after,
    };
    let sources = context.project.sources();
    let text = match options.format {
        _ if context.json => report::comparison_json(of, sources).to_string(),
        TextFormat::Markdown => report::comparison_markdown(of, &compared.warnings, sources),
        TextFormat::Text => {
            context.warn(&compared.warnings)?;
            context.warn(&compared.plan.diagnostics)?;
            let drawing = PlanDrawing { colour: context.printer.colour, width: context.printer.plan_width() };
            report::comparison(of, sources, drawing)
        }
    };
    context.printer.data(&text)?;
    Ok(if of.differs() { Exit::Changes } else { Exit::Done })
}
