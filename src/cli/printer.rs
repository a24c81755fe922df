//! Where words go: data to stdout, talk to stderr.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::MultiProgress;

use super::hint::Hints;
use crate::project::{Failure, FailureKind};
use crate::report::{DiagnosticDrawing, visible, visible_coloured};

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Only data and failures.
    Quiet,
    /// What a person wants to see.
    Normal,
    /// What is read and asked, and every resource of Heat, too.
    Verbose,
}

/// Prints, in colour or not. Every command gets one instead of printing by itself; clones share what became of stdout.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    /// Whether stdout may be coloured.
    pub colour: bool,
    /// Whether stderr is a terminal that can show progress.
    pub interactive: bool,
    /// Columns to use.
    pub width: usize,
    /// Whether mistakes are drawn however many they are.
    pub all: bool,
    /// How much is said.
    pub verbosity: Verbosity,
    /// How commands have to be typed.
    pub hints: Hints,
    stdout: Arc<Mutex<Stdout>>,
    bars: Arc<Mutex<Option<MultiProgress>>>,
}

/// What became of stdout.
#[derive(Debug, Default)]
enum Stdout {
    /// All is well.
    #[default]
    Open,
    /// Its reader has gone away, as `head` does: it wants no more.
    Left,
    /// It takes no more, and somebody wanted all of it.
    Failed(String),
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Printer {
    /// A printer for this terminal. Colour is off where `no_color` says so, where `NO_COLOR` is set or where stdout is
    /// no terminal.
    pub(crate) fn new(no_color: bool, no_color_variable: bool, columns: Option<usize>, verbosity: Verbosity) -> Self {
        let terminal = io::stdout().is_terminal();
        Self {
            colour: terminal && !no_color && !no_color_variable,
            interactive: io::stderr().is_terminal() && verbosity != Verbosity::Quiet,
            width: columns.or_else(columns_of_terminal).unwrap_or(100).clamp(40, 200),
            all: false,
            verbosity,
            hints: Hints::default(),
            stdout: Arc::default(),
            bars: Arc::default(),
        }
    }

    /// The same printer, for commands that are typed in this way.
    pub(crate) fn with_hints(self, hints: Hints) -> Self {
        Self { hints, ..self }
    }

    /// How mistakes are drawn.
    pub(super) fn drawing(&self) -> DiagnosticDrawing {
        DiagnosticDrawing { colour: self.colour, width: self.width, all: self.all }
    }

    /// Columns that a plan may take: on a terminal those there are; elsewhere, and for those who asked for more, as many
    /// as it needs, because what is cut cannot be reviewed.
    pub(super) fn plan_width(&self) -> Option<usize> {
        (std::io::stdout().is_terminal() && self.verbosity <= Verbosity::Normal).then_some(self.width)
    }

    /// Data: what the command was asked for. To a reader that has gone away (`| head`) nothing more is written, and that
    /// is no failure.
    ///
    /// # Errors
    /// What was not written to the end: a full disk, say.
    pub(crate) fn data(&self, text: &str) -> Result<(), Failure> {
        self.write(&self.shown(text))
    }

    /// Data that another program may take byte for byte: exactly `text`, but on a terminal, which might obey what is in it.
    ///
    /// # Errors
    /// Like [`Printer::data`].
    pub(crate) fn document(&self, text: &str) -> Result<(), Failure> {
        if io::stdout().is_terminal() { self.data(text) } else { self.write(text) }
    }

    /// The text without anything that a terminal would obey, but for colours of our own.
    fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.colour { visible_coloured(text) } else { visible(text) }
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = guard(&self.stdout);
        if let Stdout::Open = *stdout {
            let end = if text.ends_with('\n') { "" } else { "\n" };
            match write_stdout(&[text.as_bytes(), end.as_bytes()].concat()) {
                Ok(()) => {}
                Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => *stdout = Stdout::Left,
                Err(fault) => *stdout = Stdout::Failed(fault.to_string()),
            }
        }
        drop(stdout);
        self.check()
    }

    /// Fails where something that was to be on stdout is not there.
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match &*guard(&self.stdout) {
            Stdout::Open | Stdout::Left => Ok(()),
            Stdout::Failed(why) => {
                let failure = Failure::new(FailureKind::Output, "cannot write to stdout");
                Err(Failure { causes: vec![why.clone()], ..failure }
                    .help("make room or write it elsewhere, then run again"))
            }
        }
    }

    /// Whether all that was written to stdout so far has found a reader.
    pub(crate) fn is_read(&self) -> bool {
        matches!(*guard(&self.stdout), Stdout::Open)
    }

    /// Talk: what helps a person to follow; nothing when quiet.
    pub(crate) fn talk(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.complain(text);
        }
    }

    /// Talk for those who asked for more.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbosity > Verbosity::Normal {
            self.complain(text);
        }
    }

    /// Failures and warnings, always said; above the bars where there are any. Where stderr takes no more there is nobody
    /// left to tell.
    pub(crate) fn complain(&self, text: &str) {
        let text = &*self.shown(text);
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let say = || {
            let _ = io::stderr().write_all(&[text.as_bytes(), end.as_bytes()].concat());
        };
        match &*guard(&self.bars) {
            Some(bars) => bars.suspend(say),
            None => say(),
        }
    }

    /// From now on there are bars on the terminal, and what is said goes above them.
    pub(crate) fn show_bars(&self, bars: &MultiProgress) {
        *guard(&self.bars) = Some(bars.clone());
    }

    /// Takes the bars off the terminal, whatever they show.
    pub(crate) fn clear_bars(&self) {
        if let Some(bars) = guard(&self.bars).take() {
            let _ = bars.clear();
        }
    }

    /// A question on stderr.
    pub(crate) fn question(text: &str) {
        let mut out = io::stderr().lock();
        let _ = out.write_all(visible(text).as_bytes());
        let _ = out.flush();
    }

    /// A line from stdin; `None` at the end of input. Waits for as long as it takes.
    pub(crate) fn answer() -> Option<String> {
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim_end_matches(['\n', '\r']).to_owned()),
        }
    }
}

/// How wide the terminal is, if there is one.
pub(super) fn columns_of_terminal() -> Option<usize> {
    let size = terminal_size::terminal_size_of(io::stdout()).or_else(|| terminal_size::terminal_size_of(io::stderr()));
    size.map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0)
}

/// Writes all of it, past the buffer of the standard library, which keeps some failures to itself.
#[cfg(unix)]
fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    use std::os::fd::AsFd as _;
    let mut out = std::fs::File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let mut rest = bytes;
    while !rest.is_empty() {
        match out.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = &rest[written..],
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            // Somebody who shares it does not want to wait; whoever asked for the data does.
            Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => wait_for_reader(),
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "a pipe that is full is waited for, as a blocking write would")]
fn wait_for_reader() {
    std::thread::sleep(std::time::Duration::from_millis(5));
}

/// A failure as a person reads it, without colour: its sentence, why, and the way out.
pub(crate) fn sentence(failure: &Failure) -> String {
    let mut text = format!("Error: {}\n", failure.message);
    // Writing to a String cannot fail.
    for cause in &failure.causes {
        let _ = writeln!(text, "  because {}", cause.replace('\n', "\n  "));
    }
    if let Some(help) = &failure.help {
        let _ = writeln!(text, "  help: {}", help.replace('\n', "\n  "));
    }
    text
}
