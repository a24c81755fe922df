//! `disco init`

mod ask;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::hint::Hints;
use crate::project::{Answers, Begun, Failure, FailureKind, Place, examples};
use crate::report;

/// Write a first definition by asking, or copy an example
///
/// Asks a few questions on a terminal and writes NAME.disco.hcl; every question has an answer that Enter takes. Without a
/// terminal, or with --input=false, the options and those answers are taken. Nothing is overwritten. Where there are
/// definitions already, nothing needs to be initialised, and nothing is done.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Folder of the project; it is made if it is missing
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,

    /// Copy this example instead of asking
    #[arg(long, value_name = "EXAMPLE", conflicts_with_all = ["list", "name", "on", "framework", "slaves", "image", "flavor", "cidr", "external_network"])]
    from: Option<String>,

    /// List the examples
    #[arg(long)]
    list: bool,

    /// Name of the cluster
    #[arg(long)]
    name: Option<String>,

    /// Where the cluster is: `simulated`, `containers`, or the name of a cloud of clouds.yaml
    #[arg(long, value_name = "PLACE")]
    on: Option<String>,

    /// Framework that the cluster runs, or `none`; can be repeated
    #[arg(long, value_delimiter = ',')]
    framework: Vec<String>,

    /// How many slaves it has
    #[arg(long, value_name = "COUNT")]
    slaves: Option<String>,

    /// Image of the nodes
    #[arg(long)]
    image: Option<String>,

    /// Flavor of the nodes
    #[arg(long)]
    flavor: Option<String>,

    /// Addresses of the network, such as 10.20.0.0/24
    #[arg(long)]
    cidr: Option<String>,

    /// Network that the cluster's router leads to
    #[arg(long, value_name = "NETWORK")]
    external_network: Option<String>,

    /// Whether to ask
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    input: bool,
}

impl Options {
    /// Whether it says what to write.
    fn wants_something(&self) -> bool {
        let single =
            [&self.name, &self.on, &self.slaves, &self.image, &self.flavor, &self.cidr, &self.external_network];
        self.from.is_some() || !self.framework.is_empty() || single.iter().any(|option| option.is_some())
    }

    /// What is already answered, and the usual answers to the rest.
    fn answers(&self) -> Answers {
        let usual = Answers::default();
        let or = |given: &Option<String>, usual: String| given.clone().unwrap_or(usual);
        Answers {
            name: or(&self.name, usual.name),
            place: self.on.as_deref().map_or(usual.place, Place::from),
            frameworks: if self.framework.is_empty() { usual.frameworks } else { ask::frameworks(&self.framework) },
            slaves: or(&self.slaves, usual.slaves),
            image: or(&self.image, usual.image),
            master_flavor: or(&self.flavor, usual.master_flavor),
            slave_flavor: or(&self.flavor, usual.slave_flavor),
            cidr: or(&self.cidr, usual.cidr),
            external_network: or(&self.external_network, usual.external_network),
        }
    }
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    if options.list {
        return list(context);
    }
    let folder = options.folder.clone().unwrap_or_default();
    let there = context.project.definitions_in(&folder)?;
    if !there.is_empty() {
        return already(options, &there, context);
    }
    let begun = if let Some(example) = &options.from {
        context.project.write_example(&folder, example)?
    } else {
        let mut answers = options.answers();
        if options.input && !context.json && io::stdin().is_terminal() {
            ask::all(options, &mut answers, context)?;
        }
        context.project.write_definition(&folder, &answers)?
    };
    told(&begun, context)?;
    Ok(Exit::Done)
}

fn list(context: &Context) -> Result<Exit, Failure> {
    let all = examples();
    let width = all.iter().map(|example| example.name.len()).max().unwrap_or_default();
    let lines: Vec<String> = all.iter().map(|example| format!("{:width$}  {}", example.name, example.title)).collect();
    context.printer.data(&if context.json {
        report::examples_json(all.iter().map(|example| (example.name.as_str(), example.title.as_str()))).to_string()
    } else {
        lines.join("\n")
    })?;
    Ok(Exit::Done)
}

/// There are definitions: who only said `init` has nothing to do, who said what to write has said the wrong folder.
fn already(options: &Options, there: &[String], context: &Context) -> Result<Exit, Failure> {
    let names = some(there);
    if options.wants_something() {
        return Err(Failure::new(FailureKind::Refused, format!("the folder is a project already: it has {names}"))
            .help("name another folder, as in `disco init FOLDER`"));
    }
    if context.json {
        context.printer.data(&report::init_json(&shown(options.folder.as_deref()), &[]).to_string())?;
    } else {
        let next = hints(options.folder.as_deref(), context);
        let told = format!("Nothing needs to be initialised: the folder has {names}. Run `disco plan`.");
        context.printer.data(&next.text(&told))?;
    }
    Ok(Exit::Done)
}

fn some(names: &[String]) -> String {
    match names {
        [only] => format!("`{only}`"),
        [first, rest @ ..] => format!("`{first}` and {} more", rest.len()),
        [] => String::new(),
    }
}

fn shown(folder: Option<&Path>) -> String {
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.display().to_string()
}

/// How the next commands are typed.
fn hints(folder: Option<&Path>, context: &Context) -> Hints {
    match folder.filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => {
            // A folder in the current one is named as it was typed.
            let whole = context.project.directory().join(folder);
            Hints::new(Some(whole.strip_prefix(".").unwrap_or(&whole)))
        }
        None => context.printer.hints.clone(),
    }
}

/// What was written, and what to do next.
fn told(begun: &Begun, context: &Context) -> Result<(), Failure> {
    if context.json {
        return context.printer.data(&report::init_json(&shown(Some(&begun.folder)), &begun.files).to_string());
    }
    let files: Vec<String> = begun.files.iter().map(|name| begun.folder.join(name).display().to_string()).collect();
    context.printer.data(&format!("Written: {}", files.join(", ")))?;
    let next = "\nNext:\n  `disco plan` shows what would be created\n  `disco apply` creates it\n  \
                `disco language` shows what else a definition may say\n";
    context.printer.talk(&hints(Some(&begun.folder), context).text(next));
    Ok(())
}
