//! Where on a command line the cursor is.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command};

use super::Candidate;
use crate::cli::arguments::VariableOption;

/// What the word before the cursor is.
#[derive(Debug)]
pub(super) enum Wanted<'c> {
    /// The name of an option.
    Option,
    /// The value of one; `prefix` is what stands before it in the same word: `--format=`.
    Value { argument: &'c Arg, prefix: String },
    /// A command, or the value of an argument without a name.
    Word { argument: Option<&'c Arg> },
    /// Nothing that could be known.
    Nothing,
}

/// A place on a command line.
#[derive(Debug)]
pub(super) struct Place<'c> {
    /// The command that was typed before, as far as it is known.
    command: &'c Command,
    /// Its name with those above it: `state show`.
    pub(super) path: String,
    /// The options typed, with their values.
    given: Vec<(&'c Arg, Option<String>)>,
    /// How many words were no options, since the command.
    words: usize,
    /// How the option is begun that is being typed.
    typed: String,
    /// What is wanted.
    pub(super) wanted: Wanted<'c>,
}

impl<'c> Place<'c> {
    /// Reads the words before the one that is being typed.
    pub(super) fn of(before: &[String], typed: &str, command: &'c Command) -> Self {
        let mut place = Self {
            command,
            path: String::new(),
            given: Vec::new(),
            words: 0,
            typed: typed.to_owned(),
            wanted: Wanted::Nothing,
        };
        let mut open: Option<&Arg> = None;
        let mut options = true;
        for word in before {
            if let Some(argument) = open.take() {
                place.given.push((argument, Some(word.clone())));
            } else if options && word == "--" {
                options = false;
            } else if options && word.len() > 1 && word.starts_with('-') {
                open = place.option(word);
            } else {
                place.word(word);
            }
        }
        place.wanted = place.wanted(open, options);
        place
    }

    /// Takes a word that is no option.
    fn word(&mut self, word: &str) {
        let asks_for_help = self.path.is_empty() && self.words == 0 && word == "help";
        match self.command.find_subcommand(word).filter(|_| self.words == 0) {
            Some(next) => {
                self.command = next;
                let blank = if self.path.is_empty() { "" } else { " " };
                self.path = format!("{}{blank}{}", self.path, next.get_name());
            }
            None if asks_for_help => {}
            None => self.words += 1,
        }
    }

    /// Takes a word of options; tells which of them wants the next word.
    fn option(&mut self, word: &str) -> Option<&'c Arg> {
        if let Some(name) = word.strip_prefix("--") {
            let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
            let argument = self.long(name)?;
            if value.is_none() && takes_next(argument) {
                return Some(argument);
            }
            self.given.push((argument, value.map(str::to_owned)));
            return None;
        }
        let shorts = &word[1..];
        for (at, short) in shorts.char_indices() {
            let argument = self.command.get_arguments().find(|argument| argument.get_short() == Some(short))?;
            if argument.get_action().takes_values() {
                let rest = &shorts[at + short.len_utf8()..];
                if rest.is_empty() {
                    return Some(argument);
                }
                self.given.push((argument, Some(rest.to_owned())));
                return None;
            }
            self.given.push((argument, None));
        }
        None
    }

    fn long(&self, name: &str) -> Option<&'c Arg> {
        self.command.get_arguments().find(|argument| argument.get_long() == Some(name))
    }

    fn wanted(&self, open: Option<&'c Arg>, options: bool) -> Wanted<'c> {
        if let Some(argument) = open {
            return Wanted::Value { argument, prefix: String::new() };
        }
        if options && self.typed.starts_with('-') {
            return match self.typed.split_once('=') {
                Some((name, _)) => match self.long(name.trim_start_matches('-')) {
                    Some(argument) => Wanted::Value { argument, prefix: format!("{name}=") },
                    None => Wanted::Nothing,
                },
                None => Wanted::Option,
            };
        }
        let unnamed: Vec<&Arg> = self.command.get_positionals().collect();
        // The last may take all that come; what a node is to run is not known here.
        let last = unnamed.last().filter(|last| is_repeated(last));
        let argument = unnamed.get(self.words).or(last).filter(|argument| !argument.is_trailing_var_arg_set()).copied();
        Wanted::Word { argument }
    }

    /// The options that may be typed here, with as many dashes as were.
    pub(super) fn options(&self) -> Vec<Candidate> {
        let dashes = if self.typed.starts_with('-') && !self.typed.starts_with("--") && self.typed.len() > 1 {
            "-"
        } else {
            "--"
        };
        let used = |argument: &Arg| {
            !is_repeated(argument) && self.given.iter().any(|(given, _)| given.get_id() == argument.get_id())
        };
        let known = self.command.get_arguments().filter(|argument| !argument.is_hide_set() && !used(argument));
        let candidate = |argument: &Arg| {
            Some(Candidate::new(format!("{dashes}{}", argument.get_long()?), line(argument.get_help())))
        };
        known.filter_map(candidate).collect()
    }

    /// The commands that may be typed here.
    pub(super) fn commands(&self) -> Vec<Candidate> {
        if self.words > 0 {
            return Vec::new();
        }
        let known =
            self.command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
        known.map(|command| Candidate::new(command.get_name(), line(command.get_about()))).collect()
    }

    /// Values that an option was given.
    pub(super) fn values_of(&self, id: &str) -> Vec<String> {
        let given = self.given.iter().filter(|(argument, _)| argument.get_id() == id);
        given.filter_map(|(_, value)| value.clone()).collect()
    }

    /// The project's folder.
    pub(super) fn directory(&self) -> Option<PathBuf> {
        let typed = self.values_of("directory").pop().map(PathBuf::from);
        typed.or_else(super::super::context::directory_variable)
    }

    /// In which order variables were set.
    pub(super) fn order(&self) -> Vec<VariableOption> {
        let kinds = self.given.iter().filter_map(|(argument, value)| match (argument.get_id().as_str(), value) {
            ("var", Some(_)) => Some(VariableOption::Assignment),
            ("var_file", Some(_)) => Some(VariableOption::File),
            _ => None,
        });
        kinds.collect()
    }
}

/// Whether the value of an option is the next word.
fn takes_next(argument: &Arg) -> bool {
    argument.get_action().takes_values() && !argument.is_require_equals_set()
}

fn is_repeated(argument: &Arg) -> bool {
    let many = argument.get_num_args().is_some_and(|count| count.max_values() > 1);
    many || matches!(argument.get_action(), ArgAction::Append | ArgAction::Count)
}

/// The first line of a help text.
fn line(text: Option<&clap::builder::StyledStr>) -> String {
    let text = text.map(ToString::to_string).unwrap_or_default();
    text.lines().next().unwrap_or_default().replace('\t', " ")
}
