//! `disco plan`

use std::path::{Path, PathBuf};

use clap::Args;

use crate::apply::{Interrupt, NoObserver};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::hint::quoted;
use crate::cli::options::{InputOptions, PartOptions, PlanFormat};
use crate::project::{Failure, FailureKind, Operation};

/// Show what apply would change
///
/// Shows what `apply` would change, step by step, and changes nothing.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command")]
pub(in crate::cli) struct Options {
    /// Plan to destroy all clusters
    #[arg(long)]
    destroy: bool,

    /// Exit with 0 for no changes, 1 for a failure, 2 for changes
    #[arg(long)]
    detailed_exitcode: bool,

    /// Plan steps that lose stored data instead of refusing them
    #[arg(long)]
    accept_data_loss: bool,

    /// Nodes that leave where their group becomes smaller, instead of those with the highest indices: `slaves[1]`
    #[arg(long, value_name = "NODE", value_delimiter = ',', conflicts_with = "destroy")]
    victims: Vec<String>,

    #[command(flatten)]
    part: PartOptions,

    /// Replace the server of this node, `cluster.NAME.GROUP[INDEX]`, or of all nodes of this group, although nothing
    /// differs; can be repeated
    #[arg(long, value_name = "ADDRESS", conflicts_with = "destroy")]
    replace: Vec<String>,

    #[command(flatten)]
    _input: InputOptions,

    /// Ask the cloud nothing: plan from the state and what it remembers
    #[arg(long, conflicts_with = "verify")]
    offline: bool,

    /// Compare with Heat's own preview
    #[arg(long, conflicts_with_all = ["destroy", "target", "exclude", "replace"])]
    verify: bool,

    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "json")]
    format: PlanFormat,

    /// Draw all mistakes, not the first 20 only
    #[arg(long)]
    pub(in crate::cli) all: bool,

    /// Save the plan to this file, for `apply FILE`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let operation = if options.destroy { Operation::PlanDestroy } else { Operation::Plan };
    if let Some(file) = &options.out {
        context.project.check_plan_path(file)?;
    }
    let planned = if options.offline {
        run_offline(options, operation, context)
    } else {
        run_online(options, operation, context)
    };
    match (planned, options.format.findings()) {
        // What stops the plan is what programs of this kind are told.
        (Err(failure), Some(format)) if failure.kind != FailureKind::Output => {
            let kind = failure.kind;
            context.print_findings(&Err(failure), format)?;
            Ok(Exit::Failed(kind))
        }
        (outcome, _) => outcome,
    }
}

/// With the cloud.
fn run_online(options: &Options, operation: Operation, context: &Context) -> Result<Exit, Failure> {
    Context::wait(async {
        let mut session = context.project.open(operation).await?;
        session.set_victims(&options.victims)?;
        session.set_scope(&options.part.scope(&options.replace));
        context.tell_details(&session);
        let result = Box::pin(async {
            let mut nobody = NoObserver;
            let plan = session.plan(options.accept_data_loss, Interrupt::never(), &mut nobody);
            let planned = Box::pin(plan).await?;
            context.present_as(&planned, session.expected(&planned), options.format)?;
            Context::refuse_as(&planned, options.format)?;
            if options.verify {
                let verified = session.verify(&planned).await?;
                context.warn(&verified.diagnostics)?;
                context.printer.talk(&format!("\n{}", verified.summary()));
            }
            if let Some(file) = &options.out {
                session.save(&planned, file).await?;
                tell_saved(file, context);
            }
            Ok(planned)
        })
        .await;
        let (planned, outcome) = match result {
            Ok(planned) => {
                let waiting = options.detailed_exitcode && planned.plan.is_open();
                (Some(planned), Ok(if waiting { Exit::Changes } else { Exit::Done }))
            }
            Err(failure) => (None, Err(failure)),
        };
        session.leave(planned);
        outcome
    })
}

/// The same without a cloud.
fn run_offline(options: &Options, operation: Operation, context: &Context) -> Result<Exit, Failure> {
    Context::wait(async {
        let mut session = context.project.open_offline(operation).await?;
        session.set_victims(&options.victims)?;
        session.set_scope(&options.part.scope(&options.replace));
        let planned = session.plan(options.accept_data_loss)?;
        context.present_as(&planned, None, options.format)?;
        Context::refuse_as(&planned, options.format)?;
        if let Some(file) = &options.out {
            session.save(&planned, file).await?;
            tell_saved(file, context);
        }
        Ok(if options.detailed_exitcode && planned.plan.is_open() { Exit::Changes } else { Exit::Done })
    })
}

fn tell_saved(file: &Path, context: &Context) {
    let file = file.display();
    let word = quoted(&file.to_string());
    let told = format!("\nSaved the plan to: {file}\n\nTo perform exactly these actions, run:\n    disco apply {word}");
    context.printer.talk(&context.printer.hints.text(&told));
}
