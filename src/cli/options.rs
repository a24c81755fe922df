//! Options that every command understands.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::project::ScopeRequest;

/// Flattened into the command line once; resolved once into a [`Context`](super::context::Context).
#[derive(Clone, Debug, Args)]
pub(crate) struct GlobalOptions {
    /// Use the project in this folder instead of the current one
    #[arg(short = 'C', long, global = true, value_name = "FOLDER", env = "DISCO_DIRECTORY")]
    pub directory: Option<PathBuf>,

    /// Write JSON to stdout: one document, or one message a line during an operation
    #[arg(long, global = true)]
    pub json: bool,

    /// Print without colour
    #[arg(long, global = true)]
    pub no_color: bool,

    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print also which files are read, where state and cloud are, each Heat resource's progress and each request to the
    /// cloud; twice for headers and bodies too, without secrets
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// Set a variable of the project; can be repeated, the last one wins
    #[arg(long, global = true, value_name = "NAME=VALUE")]
    pub var: Vec<String>,

    /// Set variables from this file; can be repeated, in order with --var
    #[arg(long, global = true, value_name = "FILE")]
    pub var_file: Vec<String>,

    /// Wait this long for another operation on the project to end, such as 30s or 5m
    #[arg(long, global = true, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: std::time::Duration,
}

/// What a plan is about, where that is not everything.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct PartOptions {
    /// Plan only this cluster, `cluster.NAME`, and what it refers to, or only this group, `cluster.NAME.GROUP`; can be
    /// repeated
    #[arg(long, value_name = "ADDRESS")]
    target: Vec<String>,

    /// Plan everything but this cluster, and what refers to it, or but this group; can be repeated
    #[arg(long, value_name = "ADDRESS", conflicts_with = "target")]
    exclude: Vec<String>,
}

impl PartOptions {
    /// As a project takes it, with what is to be replaced.
    pub(in crate::cli) fn scope(&self, replaced: &[String]) -> ScopeRequest {
        ScopeRequest { targets: self.target.clone(), excluded: self.exclude.clone(), replaced: replaced.to_vec() }
    }

    /// Whether everything is meant.
    pub(in crate::cli) fn is_all(&self) -> bool {
        self.target.is_empty() && self.exclude.is_empty()
    }
}

/// Whether anything may be asked.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct InputOptions {
    /// Whether questions may be asked: with `--input=false` whatever would ask for approval fails instead
    #[arg(
        long,
        value_name = "BOOL",
        action = ArgAction::Set,
        num_args = 0..=1,
        require_equals = true,
        default_value = "true",
        default_missing_value = "true"
    )]
    pub input: bool,
}

/// How a text for people is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum TextFormat {
    /// For a terminal
    #[default]
    Text,
    /// For a comment of a pull request, 65,536 characters at most
    Markdown,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum FindingsFormat {
    /// Drawn under the lines, for a terminal
    #[default]
    Text,
    /// The same as --json
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// GitLab's report of code quality
    Gitlab,
}

/// How a plan is written, or what was found on the way to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum PlanFormat {
    /// For a terminal
    #[default]
    Text,
    /// For a comment of a pull request, 65,536 characters at most
    Markdown,
    /// Errors and warnings alone, as SARIF 2.1.0
    Sarif,
    /// Errors and warnings alone, as annotations of a GitHub workflow
    Github,
    /// Errors and warnings alone, as GitLab's report of code quality
    Gitlab,
}

impl PlanFormat {
    /// The format of what was found, where that alone is wanted.
    pub(in crate::cli) fn findings(self) -> Option<FindingsFormat> {
        match self {
            Self::Text | Self::Markdown => None,
            Self::Sarif => Some(FindingsFormat::Sarif),
            Self::Github => Some(FindingsFormat::Github),
            Self::Gitlab => Some(FindingsFormat::Gitlab),
        }
    }
}

/// Reads how many things are worked on at a time.
pub(in crate::cli) fn at_least_one(text: &str) -> Result<std::num::NonZeroUsize, String> {
    text.parse().map_err(|_| format!("`{text}` is not possible: write a whole number from 1"))
}

/// Reads `90`, `90s`, `5m`, `1h`.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().map_err(|_| format!("`{text}` is not a valid duration: write 30s, 5m or 1h"))?;
    let seconds = match unit {
        "" | "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3600),
        _ => None,
    };
    seconds
        .map(std::time::Duration::from_secs)
        .ok_or_else(|| format!("`{text}` is not a valid duration: write 30s, 5m or 1h"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("30s").unwrap().as_secs(), 30);
        assert_eq!(duration("5m").unwrap().as_secs(), 300);
        assert_eq!(duration("7").unwrap().as_secs(), 7);
        assert!(duration("5 minutes").is_err());
        assert!(duration("99999999999999999999s").is_err());
    }

    #[test]
    fn numbers_of_things_at_a_time() {
        assert_eq!(at_least_one("3").map(std::num::NonZeroUsize::get), Ok(3));
        for wrong in ["0", "-1", "many", ""] {
            let words = at_least_one(wrong).unwrap_err();
            assert_eq!(words, format!("`{wrong}` is not possible: write a whole number from 1"));
        }
    }
}
