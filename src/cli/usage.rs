//! What was typed and is no command line, in the words that every other mistake has.

use std::fmt::Write as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{arguments, foreign};
use crate::project::{Failure, FailureKind};
use crate::source::similar_word;

/// The mistake, and the way out. `words` are those typed, program name first.
pub(super) fn failure(error: &clap::Error, words: &[String], command: &clap::Command) -> Failure {
    let text = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    // Without what stands for its value.
    let bare = |argument: String| {
        if argument.starts_with('<') {
            return argument.trim_end_matches("...").to_owned();
        }
        argument.split([' ', '.']).next().unwrap_or_default().to_owned()
    };
    let argument = text(ContextKind::InvalidArg).map(bare).unwrap_or_default();
    let stranger = text(ContextKind::InvalidSubcommand);
    let (path, here) = spoken(words, command, stranger.as_deref());
    let see = format!("run `{path} --help` to see what it accepts");
    let wrong = |message: String| Failure::new(FailureKind::Definition, message);
    match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            let help = foreign::option(&argument).map(str::to_owned);
            let suggested = text(ContextKind::SuggestedArg).map(|option| format!("did you mean `{option}`?"));
            let known = arguments::long_options(here);
            let near = || similar_word(argument.trim_start_matches('-'), known.iter().map(String::as_str));
            let suggested = suggested.or_else(|| near().map(|option| format!("did you mean `--{option}`?")));
            wrong(format!("`{path}` has no option `{argument}`")).help(help.or(suggested).unwrap_or(see))
        }
        ErrorKind::UnknownArgument => wrong(format!("`{path}` does not take the argument `{argument}`")).help(see),
        ErrorKind::InvalidSubcommand => {
            let typed = stranger.unwrap_or_default();
            let known = || here.get_subcommands().map(clap::Command::get_name);
            let other = (path == "disco").then(|| foreign::command(&typed)).flatten().map(str::to_owned);
            let help = other.or_else(|| similar_word(&typed, known()).map(|name| format!("did you mean `{name}`?")));
            wrong(format!("`{path} {typed}` does not exist")).help(help.or_else(|| commands(here)).unwrap_or(see))
        }
        ErrorKind::InvalidValue => {
            let value = text(ContextKind::InvalidValue).unwrap_or_default();
            let valid = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(valid)) => valid.join(" or "),
                _ => String::new(),
            };
            match (value.as_str(), valid.as_str()) {
                ("", _) => wrong(format!("`{argument}` needs a value")).help(see),
                (_, "") => wrong(format!("`{argument}` does not take `{value}`")).help(see),
                _ => wrong(format!("`{argument}` does not take `{value}`")).help(format!("write {valid}")),
            }
        }
        ErrorKind::ValueValidation => {
            let value = text(ContextKind::InvalidValue).unwrap_or_default();
            let failure = wrong(format!("`{argument}` does not take `{value}`"));
            match std::error::Error::source(error) {
                Some(cause) => failure.help(cause.to_string()),
                None => failure.help(see),
            }
        }
        ErrorKind::MissingRequiredArgument => wrong(format!("`{path}` needs `{argument}`")).help(see),
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg).map(bare).unwrap_or_default();
            wrong(format!("`{argument}` and `{other}` cannot be used together")).help("use one of them")
        }
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            wrong(format!("`{argument}` has too many or too few values")).help(see)
        }
        _ => {
            let told = error.to_string();
            let first = told.lines().next().unwrap_or_default();
            wrong(first.trim_start_matches("error: ").to_owned()).help(see)
        }
    }
}

/// The command that was meant as far as its words are known, up to the `stranger`, and what it may take.
fn spoken<'c>(words: &[String], command: &'c clap::Command, stranger: Option<&str>) -> (String, &'c clap::Command) {
    let (mut path, mut here) = (command.get_name().to_owned(), command);
    let typed = arguments::command_places(words, command).into_iter().map(|at| words[at].as_str());
    for word in typed.take_while(|word| Some(*word) != stranger) {
        if let Some(next) = here.find_subcommand(word) {
            // Writing to a String cannot fail.
            let _ = write!(path, " {}", next.get_name());
            here = next;
        }
    }
    (path, here)
}

/// The commands to choose from, if there are any.
fn commands(here: &clap::Command) -> Option<String> {
    let names: Vec<&str> = here.get_subcommands().map(clap::Command::get_name).collect();
    (!names.is_empty()).then(|| format!("the commands are {}", names.join(", ")))
}
