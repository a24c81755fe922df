//! Hints that name a command, as it has to be typed from here: with the folder that was given by `-C`.

use std::borrow::Cow;
use std::path::Path;

use crate::project::Failure;
use crate::source::{Diagnostics, shell_word};

/// Commands that work on a project.
const COMMANDS: [&str; 34] = [
    "apply",
    "client-config",
    "console",
    "destroy",
    "diff",
    "drift",
    "explain",
    "flavors",
    "fmt",
    "force-unlock",
    "frameworks",
    "graph",
    "history",
    "image",
    "images",
    "import",
    "init",
    "lint",
    "local",
    "logs",
    "lsp",
    "output",
    "plan",
    "resume",
    "serve",
    "show",
    "ssh",
    "state",
    "status",
    "suggest",
    "suspend",
    "template",
    "validate",
    "workspace",
];

/// Where the commands of hints are to work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints {
    /// ` -C FOLDER`, as a shell reads it; empty where the user stands in the project.
    option: String,
}

impl Hints {
    /// For a project that was named by `-C`.
    pub(crate) fn new(folder: Option<&Path>) -> Self {
        let option = folder.map(|folder| format!(" -C {}", quoted(&folder.to_string_lossy())));
        Self { option: option.unwrap_or_default() }
    }

    /// The text, with every command in it as it has to be typed.
    pub(crate) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        const PROGRAM: &str = "disco";
        if self.option.is_empty() || !text.contains(PROGRAM) {
            return Cow::Borrowed(text);
        }
        let mut whole = String::with_capacity(text.len() + self.option.len());
        let mut rest = text;
        while let Some(at) = rest.find(PROGRAM) {
            let (before, after) = rest.split_at(at + PROGRAM.len());
            whole.push_str(before);
            let begins = !rest[..at].ends_with(|char: char| char.is_alphanumeric() || matches!(char, '.' | '/' | '-'));
            let word = after.strip_prefix(' ').unwrap_or_default();
            let word = word.split(|char: char| !char.is_ascii_lowercase()).next().unwrap_or_default();
            if begins && COMMANDS.contains(&word) {
                whole.push_str(&self.option);
            }
            rest = after;
        }
        Cow::Owned(whole + rest)
    }

    /// A failure whose ways out can be typed.
    pub(crate) fn failure(&self, mut failure: Failure) -> Failure {
        failure.help = failure.help.map(|help| self.text(&help).into_owned());
        failure.diagnostics = self.diagnostics(&failure.diagnostics);
        failure
    }

    /// The same for mistakes and warnings.
    pub(crate) fn diagnostics(&self, found: &Diagnostics) -> Diagnostics {
        let mut all = Diagnostics::new();
        all.extend(found.iter().cloned().map(|mut found| {
            found.help = found.help.map(|help| self.text(&help).into_owned());
            found
        }));
        all
    }
}

/// A word as a shell reads it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '/' | '.' | '-' | '_' | '~' | '+' | ',');
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { shell_word(word) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn commands_work_in_the_folder_that_was_given() {
        let there = Hints::new(Some(Path::new("my lab")));
        let told = there
            .text("run `disco plan`, or\n  disco apply FILE; .disco/states, disco.state.json and `disco help` stay");
        let meant = "run `disco -C 'my lab' plan`, or\n  disco -C 'my lab' apply FILE; .disco/states, disco.state.json and `disco help` stay";
        assert_eq!(told, meant);
        assert_eq!(Hints::new(Some(Path::new("../lab"))).text("`disco show`"), "`disco -C ../lab show`");
        assert_eq!(Hints::new(None).text("`disco show`"), "`disco show`");
    }

    #[test]
    fn every_command_that_works_on_a_project_is_known() {
        let elsewhere = ["completions", "language", "version"];
        let command = crate::cli::CommandLine::command();
        for name in command.get_subcommands().map(clap::Command::get_name) {
            assert_ne!(COMMANDS.contains(&name), elsewhere.contains(&name), "{name}");
        }
    }
}
