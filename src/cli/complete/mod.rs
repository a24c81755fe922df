//! Completion on a command line: what the word before the cursor may become.
//!
//! The scripts for the shells are a few lines that ask the program, `disco __complete SHELL …`: it knows its own commands,
//! the project and the shell's quoting. Those of `clap_complete` would be 100 KB of the program and would not know the project.
//! Whatever goes wrong, nothing is said: nobody has asked for it yet.

mod place;
mod shell;
mod values;

use clap::ValueEnum;

use super::arguments;
use super::context::Context;
use super::hint::Hints;
use super::options::GlobalOptions;
use place::{Place, Wanted};

/// The word that asks for completion in place of a command.
const WORD: &str = "__complete";

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    /// GNU Bash
    Bash,
    /// Z shell
    Zsh,
    /// fish
    Fish,
}

impl Shell {
    /// What it has to read to complete words of `disco`.
    pub(super) fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("disco.bash"),
            Self::Zsh => include_str!("disco.zsh"),
            Self::Fish => include_str!("disco.fish"),
        }
    }
}

/// A word that may be meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// The word as a whole.
    pub(super) word: String,
    /// What it is.
    pub(super) about: String,
}

impl Candidate {
    fn new(word: impl Into<String>, about: impl Into<String>) -> Self {
        Self { word: word.into(), about: about.into() }
    }
}

/// The words of a line, as a shell reads them.
#[cfg(test)]
pub(super) fn shell_words(line: &str) -> Vec<String> {
    shell::words(line).words
}

/// The lines to print where a shell asks; `None` where none does.
pub(super) fn answer(words: &[String], command: &clap::Command) -> Option<String> {
    let [_, asks, rest @ ..] = words else { return None };
    if asks != WORD {
        return None;
    }
    let [shell, rest @ ..] = rest else { return Some(String::new()) };
    let Ok(shell) = Shell::from_str(shell, false) else { return Some(String::new()) };
    let lines: Vec<String> = if shell == Shell::Bash {
        let [line, breaks] = rest else { return Some(String::new()) };
        let typed = shell::words(line);
        let all = candidates(typed.words.get(1..).unwrap_or_default(), command);
        all.iter().map(|candidate| typed.completed(&candidate.word, breaks)).collect()
    } else {
        let line = |candidate: &Candidate| match candidate.about.as_str() {
            "" => candidate.word.clone(),
            about => format!("{}\t{about}", candidate.word),
        };
        candidates(rest, command).iter().map(line).collect()
    };
    // A name with a line end in it cannot be told to a shell.
    let lines: Vec<String> = lines.into_iter().filter(|line| !line.contains('\n')).collect();
    Some(lines.join("\n"))
}

/// What the last of the words may become, those before it being done.
fn candidates(words: &[String], command: &clap::Command) -> Vec<Candidate> {
    let Some((typed, before)) = words.split_last() else { return Vec::new() };
    let mut command = command.clone();
    command.build();
    let before = arguments::with_long_options(before.iter().cloned(), &arguments::long_options(&command));
    let place = Place::of(&before, typed, &command);
    let mut all = match &place.wanted {
        Wanted::Option => place.options(),
        Wanted::Value { argument, prefix } => {
            let values = values::of(&place, argument, &typed[prefix.len()..], &context(&place));
            values.into_iter().map(|found| Candidate { word: format!("{prefix}{}", found.word), ..found }).collect()
        }
        Wanted::Word { argument } => {
            let mut all = place.commands();
            if let Some(argument) = argument {
                all.extend(values::of(&place, argument, typed, &context(&place)));
            }
            all
        }
        Wanted::Nothing => Vec::new(),
    };
    all.retain(|candidate| candidate.word.starts_with(typed.as_str()));
    all
}

/// Where the command would run.
fn context(place: &Place<'_>) -> Context {
    let options = GlobalOptions {
        directory: place.directory(),
        json: false,
        no_color: true,
        quiet: true,
        verbose: 0,
        var: place.values_of("var"),
        var_file: place.values_of("var_file"),
        lock_timeout: std::time::Duration::ZERO,
    };
    Context::new(options, &place.order(), false, Hints::default())
}
