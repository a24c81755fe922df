//! What values arguments may have.

use clap::{Arg, ValueHint};

use super::Candidate;
use super::place::Place;
use crate::cli::context::Context;
use crate::project::{Named, Paths, examples};
use crate::report;
use crate::source::{CODE_PREFIX, CODES};

/// What an argument's value may be.
enum Values {
    /// Something of the project.
    Named(Named),
    /// A path.
    Paths(Paths),
    /// These.
    These(Vec<Candidate>),
}

/// Which values an argument takes: those that clap knows, or what is told here by its name.
fn values(path: &str, argument: &Arg, typed: &str) -> Values {
    let known = argument.get_possible_values();
    if !known.is_empty() {
        let shown = known.iter().filter(|value| !value.is_hide_set());
        let about =
            |value: &clap::builder::PossibleValue| value.get_help().map(ToString::to_string).unwrap_or_default();
        return Values::These(shown.map(|value| Candidate::new(value.get_name(), about(value))).collect());
    }
    let words = |words: &[(&str, &str)]| words.iter().map(|(word, about)| Candidate::new(*word, *about)).collect();
    match (path, argument.get_id().as_str()) {
        (_, "var") => Values::Named(Named::Variable),
        ("init", "from") => {
            Values::These(examples().iter().map(|example| Candidate::new(&example.name, &example.title)).collect())
        }
        ("init" | "suggest", "on") => Values::Named(Named::Cloud),
        (_, "framework") | ("frameworks show", "name") => Values::Named(Named::Framework),
        (_, "directory") | ("client-config" | "init", "folder") | ("template", "out") | ("diff", _) => {
            Values::Paths(Paths::Folders)
        }
        ("apply" | "show", "file") | ("template", "plan") => Values::Paths(Paths::Plans),
        (_, "target" | "exclude") => Values::Named(Named::Part),
        ("workspace select" | "workspace delete", "name") => Values::Named(Named::Workspace),
        ("state list" | "state show", _) => Values::Named(Named::Address),
        (_, "node" | "victims" | "replace") => Values::Named(Named::Node),
        (_, "cluster" | "clusters") | ("suspend" | "resume", "names") => Values::Named(Named::Cluster),
        ("output", "name") => Values::Named(Named::Output),
        ("language", "block") => {
            Values::These(report::language_words().into_iter().map(|word| Candidate::new(word, "")).collect())
        }
        ("explain", _) if !typed.is_empty() && (typed.starts_with(CODE_PREFIX) || CODE_PREFIX.starts_with(typed)) => {
            Values::These(words(CODES))
        }
        ("explain", _) => Values::Named(Named::Explainable),
        _ => match argument.get_value_hint() {
            ValueHint::AnyPath | ValueHint::FilePath => Values::Paths(Paths::Any),
            ValueHint::DirPath => Values::Paths(Paths::Folders),
            _ if argument.get_id() == "var_file" => Values::Paths(Paths::Any),
            _ => Values::These(Vec::new()),
        },
    }
}

/// The values that an argument may have, of which some was typed.
pub(super) fn of(place: &Place<'_>, argument: &Arg, typed: &str, context: &Context) -> Vec<Candidate> {
    // Of several with commas the last is being typed.
    let (before, last) = match argument.get_value_delimiter() {
        Some(comma) => typed.split_at(typed.rfind(comma).map_or(0, |at| at + comma.len_utf8())),
        None => ("", typed),
    };
    let mut all = match values(&place.path, argument, last) {
        Values::These(all) => all,
        Values::Paths(of) => context.project.paths(last, of).into_iter().map(|path| Candidate::new(path, "")).collect(),
        Values::Named(of) => {
            context.project.candidates(of, last).into_iter().map(|(word, about)| Candidate { word, about }).collect()
        }
    };
    if ["init", "suggest"].contains(&place.path.as_str()) && argument.get_id() == "on" {
        all.extend(["simulated", "containers"].map(|word| Candidate::new(word, "on the embedded Heat")));
    }
    if !before.is_empty() {
        for candidate in &mut all {
            candidate.word.insert_str(0, before);
        }
    }
    all
}
