//! `disco fmt`: which files, what is printed, how it ends.

use std::fs;

use crate::support::TestProject;

const UNTIDY: &str = "variable \"slaves\" {\ntype=number\n  default    = 3 # three\n}\n";
const TIDY: &str = "variable \"slaves\" {\n  type    = number\n  default = 3 # three\n}\n";

/// A project with a tidy and an untidy definition, untidy variables and an untidy file below.
fn project() -> TestProject {
    let project = TestProject::with(UNTIDY);
    project.write("tidy.disco.hcl", "locals {\n  a = 1\n}\n");
    project.write("disco.vars.hcl", "slaves=2\n");
    project.write("other.hcl", "a=1\n");
    fs::create_dir_all(project.file("below/.hidden")).unwrap();
    project.write("below/x.disco.hcl", "locals{\na=1\n}\n");
    project.write("below/.hidden/x.disco.hcl", "locals{\na=1\n}\n");
    project
}

#[test]
fn files_of_the_project_are_rewritten_and_named() {
    let project = project();
    let run = project.disco("fmt --check").ends_with(3);
    assert_eq!(run.stdout, "disco.vars.hcl\nmain.disco.hcl\n");
    assert_eq!(project.read("main.disco.hcl"), UNTIDY);
    let run = project.disco("fmt").ends_with(0);
    assert_eq!(run.stdout, "disco.vars.hcl\nmain.disco.hcl\n");
    assert_eq!(
        (project.read("main.disco.hcl").as_str(), project.read("disco.vars.hcl").as_str()),
        (TIDY, "slaves = 2\n")
    );
    let run = project.disco("fmt").ends_with(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    project.disco("fmt -check").ends_with(0);
    assert_eq!(project.read("other.hcl"), "a=1\n", "not a file of the project");
}

#[test]
fn folders_of_folders_are_for_those_who_ask() {
    let project = project();
    let run = project.disco("fmt -recursive -write=false").ends_with(0);
    assert_eq!(run.stdout, "below/x.disco.hcl\ndisco.vars.hcl\nmain.disco.hcl\n");
    assert_eq!(project.read("main.disco.hcl"), UNTIDY);
    let run = project.disco("fmt below other.hcl").ends_with(0);
    assert_eq!(run.stdout, "below/x.disco.hcl\nother.hcl\n");
    assert_eq!(project.read("other.hcl"), "a = 1\n");
    assert_eq!(project.read("below/.hidden/x.disco.hcl"), "locals{\na=1\n}\n");
}

#[test]
fn the_difference_is_one_for_patch() {
    let project = project();
    let run = project.disco("fmt --diff --list=false main.disco.hcl --check").ends_with(3);
    let expected = "--- old/main.disco.hcl\n+++ new/main.disco.hcl\n@@ -1,4 +1,4 @@\n variable \"slaves\" {\n-type=number\n-  default    = 3 # three\n+  type    = number\n+  default = 3 # three\n }\n";
    assert_eq!(run.stdout, expected);
    let run = project.disco("fmt --json --write=false").ends_with(0);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["files"][1]["path"], "main.disco.hcl");
    assert_eq!(document["files"][1]["diff"], expected);
}

#[test]
fn stdin_goes_to_stdout() {
    let project = project();
    let run = project.disco_answering("fmt -", UNTIDY).ends_with(0);
    assert_eq!(run.stdout, TIDY);
    let run = project.disco_answering("fmt --check -", UNTIDY).ends_with(3);
    assert_eq!(run.stdout, "");
    project.disco_answering("fmt --check -", TIDY).ends_with(0);
    let run = project.disco_answering("fmt -", "a = [\n").ends_with(1).says(&["<stdin>:1:5", "never closed"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn what_is_wrong_stays_as_it_is_and_the_others_are_done() {
    let project = project();
    project.write("broken.disco.hcl", "a=[\n");
    let run = project.disco("fmt").ends_with(1).says(&["broken.disco.hcl:1:3", "never closed"]);
    assert_eq!(run.stdout, "disco.vars.hcl\nmain.disco.hcl\n");
    assert_eq!((project.read("broken.disco.hcl").as_str(), project.read("main.disco.hcl").as_str()), ("a=[\n", TIDY));
    project.write("note.txt", "a=1\n");
    project.disco("fmt note.txt").ends_with(1).says(&["`note.txt` is not a file in HCL", "help: "]);
    project.disco("fmt nothing.hcl").ends_with(1).says(&["cannot read `nothing.hcl`", "does not exist"]);
    project.disco("fmt - main.disco.hcl").ends_with(1).says(&["help: "]);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let project = project();
    fs::rename(project.file("main.disco.hcl"), project.file("below/real.hcl")).unwrap();
    symlink("below/real.hcl", project.file("main.disco.hcl")).unwrap();
    fs::set_permissions(project.file("below/real.hcl"), fs::Permissions::from_mode(0o664)).unwrap();
    symlink("..", project.file("below/up")).unwrap();
    symlink("nowhere", project.file("gone.disco.hcl")).unwrap();
    project.disco("fmt -recursive").ends_with(1).says(&["gone.disco.hcl", "is a link to nowhere"]);
    fs::remove_file(project.file("gone.disco.hcl")).unwrap();
    project.disco("fmt -recursive").ends_with(0);
    assert_eq!(project.read("below/real.hcl"), TIDY);
    assert!(fs::symlink_metadata(project.file("main.disco.hcl")).unwrap().is_symlink());
    let mode = fs::metadata(project.file("below/real.hcl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o664);
}
