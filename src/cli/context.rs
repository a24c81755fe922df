//! What a command runs in: options resolved once (flag, then environment, then default).
#![expect(clippy::disallowed_methods, reason = "the environment is read here and nowhere else")]

use std::path::PathBuf;

use super::arguments::VariableOption;
use super::hint::Hints;
use super::options::GlobalOptions;
use super::printer::{Printer, Verbosity};
use super::stream::Stream;
use crate::heat::CallLog;
use crate::project::{CloudAccess, Notices, OperationLog, Project, Request, VariableArgument};

/// Everything a command needs to know about where it runs.
#[derive(Debug)]
pub(crate) struct Context {
    /// Where words go.
    pub printer: Printer,
    /// Whether stdout carries JSON.
    pub json: bool,
    /// Whether that JSON is a message a line.
    pub streams: bool,
    /// Where the messages of an operation go.
    pub stream: Stream,
    /// The project.
    pub project: Project,
    /// Where the lines of the console are kept, if they are.
    pub console_history: Option<PathBuf>,
}

impl Context {
    /// Resolves the options. `order` says in which order `--var` and `--var-file` were typed.
    pub(crate) fn new(options: GlobalOptions, order: &[VariableOption], streams: bool, hints: Hints) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let verbosity = match (options.quiet, options.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, _) => Verbosity::Verbose,
        };
        let columns = variable("COLUMNS").and_then(|columns| columns.parse().ok());
        let mut assignments = options.var.into_iter().map(VariableArgument::Assignment);
        let mut files = options.var_file.into_iter().map(VariableArgument::File);
        let variables = order
            .iter()
            .filter_map(|option| match option {
                VariableOption::Assignment => assignments.next(),
                VariableOption::File => files.next(),
            })
            .collect();
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| {
                ["DISCO_", "OS_", "AWS_", "PG"].iter().any(|of| name.starts_with(of)) || name == "XDG_CONFIG_HOME"
            })
            .collect();
        let request = Request {
            directory: options.directory.unwrap_or_else(|| PathBuf::from(".")),
            home: variable("HOME").map(PathBuf::from),
            user: variable("USER").or_else(|| variable("LOGNAME")).unwrap_or_else(account),
            host: host(),
            environment,
            variables,
            verbose: verbosity == Verbosity::Verbose,
            lock_timeout: options.lock_timeout,
            program: std::env::current_exe().ok(),
            clouds: CloudAccess::OwnMachine,
        };
        let printer = Printer::new(options.no_color, no_color(), columns, verbosity).with_hints(hints);
        let talk = printer.clone();
        let log = OperationLog::default();
        let stream = Stream::new(printer.clone(), options.json, streams, log.clone());
        let mut project = Project::new(request).noticed_by(Notices::new(move |line| talk.talk(line))).kept_in(log);
        if verbosity == Verbosity::Verbose {
            let log = printer.clone();
            let contents = options.verbose > 1;
            project = project.told_to(CallLog::new(contents, move |call| log.detail(&crate::report::call(call))));
        }
        let console_history = variable("DISCO_CONSOLE_HISTORY").map(PathBuf::from);
        Self { printer, json: options.json, streams, stream, project, console_history }
    }
}

/// The project's folder that the environment names.
pub(crate) fn directory_variable() -> Option<PathBuf> {
    std::env::var_os("DISCO_DIRECTORY").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// Whether the user wants no colour anywhere.
pub(crate) fn no_color() -> bool {
    std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty())
}

/// Everything on stdin.
pub(crate) fn stdin() -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What the kernel says of this process; empty where it says nothing.
pub(crate) fn own_status() -> String {
    std::fs::read_to_string("/proc/self/status").unwrap_or_default()
}

/// The number of the account that runs this process, for services and containers, which have no `USER`.
fn account() -> String {
    let status = own_status();
    let number = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next());
    number.map_or_else(|| "somebody".to_owned(), |number| format!("uid {number}"))
}

/// The host's name, as the lock file tells it to others.
fn host() -> String {
    let name = gethostname::gethostname().to_string_lossy().trim().to_owned();
    if name.is_empty() { "this host".to_owned() } else { name }
}
