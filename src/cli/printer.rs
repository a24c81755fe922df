//! Where words go: data to stdout, talk to stderr.

use std::io::{IsTerminal, Write};

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Only data and failures.
    Quiet,
    /// What a person wants to see.
    Normal,
    /// Why things are done, too.
    Verbose,
}

/// Prints, in colour or not. Every command gets one instead of printing by itself.
#[derive(Clone, Debug)]
pub struct Printer {
    /// Whether stdout may be coloured.
    pub colour: bool,
    /// Whether stderr is a terminal that can show progress.
    pub interactive: bool,
    /// Columns to use.
    pub width: usize,
    /// How much is said.
    pub verbosity: Verbosity,
}

impl Printer {
    /// A printer for this terminal. Colour is off where `no_color` says so, where `NO_COLOR` is set or where stdout is
    /// no terminal.
    pub fn new(no_color: bool, no_color_variable: bool, columns: Option<usize>, verbosity: Verbosity) -> Self {
        let terminal = std::io::stdout().is_terminal();
        Self {
            colour: terminal && !no_color && !no_color_variable,
            interactive: std::io::stderr().is_terminal() && verbosity != Verbosity::Quiet,
            width: columns.unwrap_or(100).clamp(60, 200),
            verbosity,
        }
    }

    /// Data: what the command was asked for. A reader that has gone away (`| head`) is no error.
    pub fn data(text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = out.write_all(b"\n");
        }
        let _ = out.flush();
    }

    /// Talk: what helps a person to follow; nothing when quiet.
    pub fn talk(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            Self::complain(text);
        }
    }

    /// Talk for those who asked for more.
    pub fn detail(&self, text: &str) {
        if self.verbosity > Verbosity::Normal {
            Self::complain(text);
        }
    }

    /// Failures and warnings, always said.
    pub fn complain(text: &str) {
        let mut out = std::io::stderr().lock();
        let _ = out.write_all(text.as_bytes());
        if !text.ends_with('\n') {
            let _ = out.write_all(b"\n");
        }
    }

    /// A question on stderr, the answer's line from stdin; `None` at the end of input.
    pub fn ask(question: &str) -> Option<String> {
        let mut out = std::io::stderr().lock();
        let _ = out.write_all(question.as_bytes());
        let _ = out.flush();
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim_end_matches(['\n', '\r']).to_owned()),
        }
    }
}
