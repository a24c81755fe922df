//! The reference of the command line is what `--help` prints.

use crate::support::{TestProject, snapshot};

#[test]
fn the_reference_is_as_it_is_printed() {
    let project = TestProject::with("");
    let mut reference = String::new();
    for command in
        ["", "validate", "plan", "apply", "destroy", "show", "output", "template", "local", "local serve", "version"]
    {
        let run = project.disco(&format!("{command} --help")).ends_with(0);
        reference.push_str(&format!("$ disco {command} --help\n{}\n", run.stdout));
    }
    snapshot!("help", reference);
}
