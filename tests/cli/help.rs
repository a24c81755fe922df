//! The reference of the command line is what `--help` prints.

use std::fmt::Write;

use crate::support::{TestProject, snapshot};

/// A command's help and, after it, that of its own commands, as it names them.
fn tell(project: &TestProject, command: &str, reference: &mut String) {
    let help = project.disco(&format!("{command} --help")).ends_with(0).stdout;
    let _ = writeln!(reference, "$ {} --help\n{help}", format!("disco {command}").trim_end());
    let list = help.split("\nCommands:\n").nth(1).unwrap_or_default().lines().take_while(|line| !line.is_empty());
    // A name stands at the beginning of its line; what goes on from the line before is further in.
    let names = list.filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')));
    for name in names.filter_map(|line| line.split(' ').next()) {
        tell(project, format!("{command} {name}").trim_start(), reference);
    }
}

#[test]
fn the_reference_is_as_it_is_printed() {
    let mut reference = String::new();
    tell(&TestProject::with(""), "", &mut reference);
    assert!(reference.contains("$ disco frameworks show --help") && reference.contains("$ disco graph --help"));
    for help in reference.split("\n$ ") {
        assert!(help.contains("\nExamples:\n  "), "no example in:\n{help}");
    }
    let long: Vec<&str> = reference.lines().filter(|line| line.chars().count() > 100).collect();
    assert!(long.is_empty(), "{long:#?}");
    snapshot!("help", reference);
}
