//! What `--help` of each command ends with: a line or two to begin with.

use clap::Command;

/// Commands by their names, and how they are used. Each has at least one line that a shell takes as it stands.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("", &["disco init", "disco plan", "disco apply"]),
    ("init", &["disco init", "disco init --from hadoop my-cluster"]),
    ("suggest", &["disco suggest", "disco suggest --answers answers.hcl --out my-cluster"]),
    ("validate", &["disco validate", "disco validate --format sarif > disco.sarif"]),
    ("fmt", &["disco fmt --check --diff", "disco fmt - < main.disco.hcl"]),
    ("lint", &["disco lint"]),
    ("diff", &["disco diff main", "disco diff v1 v2 --format markdown"]),
    ("plan", &["disco plan --var slaves=5 --out five.plan", "disco plan --detailed-exitcode"]),
    ("apply", &["disco apply", "disco apply five.plan"]),
    ("destroy", &["disco destroy"]),
    ("drift", &["disco drift analytics"]),
    ("import", &["disco import cluster.analytics analytics"]),
    ("suspend", &["disco suspend analytics"]),
    ("resume", &["disco resume analytics"]),
    ("show", &["disco show", "disco show five.plan"]),
    ("history", &["disco history", "disco history show 7"]),
    ("history show", &["disco history show 7", "disco history show 7 --json"]),
    ("console", &["disco console", "echo 'cidrsubnet(\"10.0.0.0/8\", 8, var.slaves)' | disco console"]),
    ("output", &["disco output", "disco output --raw ssh"]),
    ("status", &["disco status --watch"]),
    ("state", &["disco state list", "disco state show 'cluster.analytics.slaves[1]'"]),
    ("state list", &["disco state list cluster.analytics.slaves"]),
    ("state show", &["disco state show 'cluster.analytics.slaves[1]'"]),
    ("state mv", &["disco state mv cluster.lab 'cluster.site[\"bonn\"]'"]),
    ("state rm", &["disco state rm analytics"]),
    ("state encrypt", &["disco state encrypt"]),
    ("state pull", &["disco state pull > state.json"]),
    ("state push", &["disco state push state.json"]),
    ("state history", &["disco state history"]),
    ("state rollback", &["disco state rollback 7"]),
    ("workspace", &["disco workspace list"]),
    ("workspace list", &["disco workspace list"]),
    ("workspace new", &["disco workspace new staging"]),
    ("workspace select", &["disco workspace select staging"]),
    ("workspace show", &["disco workspace show"]),
    ("workspace delete", &["disco workspace delete staging"]),
    ("force-unlock", &["disco force-unlock"]),
    ("ssh", &["disco ssh master", "disco ssh --as hdfs master hdfs dfsadmin -report"]),
    ("logs", &["disco logs --follow 'slaves[1]' datanode"]),
    ("client-config", &["disco client-config ./client"]),
    ("template", &["disco template analytics > analytics.yaml"]),
    ("graph", &["disco graph | dot -Tsvg > graph.svg", "disco graph --format mermaid"]),
    ("frameworks", &["disco frameworks", "disco frameworks show hadoop"]),
    ("frameworks list", &["disco frameworks list"]),
    ("frameworks show", &["disco frameworks show hadoop"]),
    ("frameworks new", &["disco frameworks new my-framework"]),
    ("frameworks check", &["disco frameworks check ./frameworks/mine --flavor 2048x1 --flavor 4194304x256"]),
    ("frameworks rehearse", &["disco frameworks rehearse ./frameworks/mine --into ./nodes"]),
    ("flavors", &["disco flavors"]),
    ("images", &["disco images"]),
    ("image", &["disco image debian-12 --format dockerfile > Dockerfile"]),
    ("explain", &["disco explain dfs.blocksize", "disco explain disco::unknown_flavor"]),
    ("language", &["disco language slaves"]),
    ("lsp", &["disco lsp"]),
    ("serve", &["disco serve", "disco serve --projects ~/clusters --listen 127.0.0.1:9000"]),
    ("local", &["disco local status"]),
    ("local serve", &["disco local serve --listen 127.0.0.1:8004"]),
    ("local status", &["disco local status"]),
    ("local stop", &["disco local stop"]),
    ("local setup", &["sudo disco local setup"]),
    ("local doctor", &["sudo disco local doctor"]),
    ("local clean", &["sudo disco local clean"]),
    ("local key-pair", &["disco local key-pair lab ~/.ssh/id_ed25519.pub"]),
    (
        "completions",
        &[
            "source <(disco completions bash)",
            "disco completions zsh > ~/.zsh/completions/_disco",
            "disco completions fish > ~/.config/fish/completions/disco.fish",
        ],
    ),
    ("version", &["disco version --json"]),
];

/// The lines for a command; none where nobody has written any.
pub(super) fn of(path: &str) -> &'static [&'static str] {
    EXAMPLES.iter().find(|(known, _)| *known == path).map(|(_, lines)| *lines).unwrap_or_default()
}

/// The command and those below it, each with its examples at the end of its help.
pub(super) fn taught(command: Command) -> Command {
    below(command, "")
}

fn below(command: Command, path: &str) -> Command {
    let lines = of(path);
    let command =
        if lines.is_empty() { command } else { command.after_help(format!("Examples:\n  {}", lines.join("\n  "))) };
    command.mut_subcommands(|inner| {
        let path = format!("{path} {}", inner.get_name());
        below(inner, path.trim_start())
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::complete::shell_words;
    use crate::cli::{CommandLine, arguments};

    /// The names of all commands, with those that they are under.
    fn paths(command: &Command, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            paths(inner, format!("{path} {}", inner.get_name()).trim_start(), found);
        }
    }

    #[test]
    fn every_command_has_examples_that_are_understood() {
        let command = CommandLine::command();
        let mut known = Vec::new();
        paths(&command, "", &mut known);
        for path in &known {
            assert!(!of(path).is_empty(), "src/cli/examples.rs has no example of `disco {path}`");
        }
        for (path, lines) in EXAMPLES {
            assert!(known.iter().any(|known| known == path), "`disco {path}` does not exist");
            for line in *lines {
                assert!(line.chars().count() < 95, "{line} is too long");
                let (_, words) = line.split_once("disco ").unwrap();
                let end = words.find([')', '|', '<', '>']).filter(|_| *path != "console").unwrap_or(words.len());
                let words = std::iter::once("disco".to_owned()).chain(shell_words(words[..end].trim()));
                let words = arguments::with_command_apart(words, &command);
                let matches = command.clone().try_get_matches_from(&words);
                let matches = matches.unwrap_or_else(|fault| panic!("{line}: {fault}"));
                let mut at = &matches;
                let mut typed = Vec::new();
                while let Some((name, inner)) = at.subcommand() {
                    typed.push(name);
                    at = inner;
                }
                let typed = typed.join(" ");
                assert!(path.is_empty() || typed.starts_with(path), "{line} is no example of `disco {path}`");
            }
        }
    }
}
