//! The reference of the command line is what `--help` prints.

use std::fmt::Write;

use crate::support::{TestProject, snapshot};

#[test]
fn the_reference_is_as_it_is_printed() {
    let project = TestProject::with("");
    let mut reference = String::new();
    for command in [
        "",
        "validate",
        "plan",
        "apply",
        "destroy",
        "show",
        "output",
        "template",
        "frameworks",
        "frameworks show",
        "explain",
        "local",
        "local serve",
        "version",
    ] {
        let run = project.disco(&format!("{command} --help")).ends_with(0);
        let _ = writeln!(reference, "$ disco {command} --help\n{}", run.stdout);
    }
    snapshot!("help", reference);
}
