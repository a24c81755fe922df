//! What Tab makes of a line, in the shells themselves.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::support::TestProject;

/// The folder of the program.
fn programs() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_disco")).parent().unwrap()
}

/// A project that was applied, with two slaves and a saved plan.
fn project() -> TestProject {
    let project = TestProject::lab();
    project.disco("apply --auto-approve --var slaves=2").ends_with(0);
    project.disco("plan --var slaves=5 --out five.plan").ends_with(0);
    project
}

/// What the program offers a shell in place of the last word.
fn offered(project: &TestProject, words: &[&str]) -> Vec<String> {
    let run = project.command("__complete zsh").args(words).output().unwrap();
    assert!(run.status.success() && run.stderr.is_empty(), "{words:?}: {run:?}");
    let text = String::from_utf8(run.stdout).unwrap();
    text.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn names_of_the_project_are_offered() {
    let project = project();
    let is = |words: &[&str], all: &[&str]| assert_eq!(offered(&project, words), all, "{words:?}");
    is(&["pla"], &["plan"]);
    is(&["help", "pla"], &["plan"]);
    is(&["plan", "--det"], &["--detailed-exitcode"]);
    is(&["plan", "-det"], &["-detailed-exitcode"]);
    is(&["plan", "--detailed-exitcode", "--det"], &[]);
    is(&["plan", "--format", "ma"], &["markdown"]);
    is(&["plan", "--format=ma"], &["--format=markdown"]);
    is(&["plan", "-var", "sl"], &["slaves="]);
    is(&["ssh", "ma"], &["master"]);
    is(&["ssh", "cl"], &["cluster.lab.master", "cluster.lab.slaves[0]", "cluster.lab.slaves[1]"]);
    is(&["ssh", "master", ""], &[]);
    is(&["apply", "--victims", "slaves[0],slaves[1"], &["slaves[0],slaves[1]"]);
    is(&["drift", "l"], &["lab"]);
    is(&["drift", "lab", ""], &["lab"]);
    is(&["state", "show", "cluster.lab.ma"], &["cluster.lab.master", "cluster.lab.master[0]"]);
    is(&["plan", "--target", "cluster.lab"], &["cluster.lab", "cluster.lab.master", "cluster.lab.slaves"]);
    is(&["workspace", "select", "de"], &["default"]);
    is(&["apply", "fi"], &["five.plan"]);
    is(&["explain", "disco::unknown_fl"], &["disco::unknown_flavor"]);
    is(&["explain", "sl"], &["slaves"]);
    is(&["language", "secur"], &["security"]);
    is(&["frameworks", "show", "sp"], &["spark"]);
    is(&["init", "--from", "two"], &["two-groups"]);
    is(&["completions", "z"], &["zsh"]);
    is(&["plan", "--var-file", "main"], &["main.disco.hcl"]);
    is(&["-C", "..", "plan", "--var-f"], &["--var-file"]);
    is(&["-C", "..", "plan", "--dir"], &[]);
    is(&["frobnicate", ""], &[]);
}

#[test]
fn settings_and_outputs_are_offered() {
    let project = TestProject::example("hadoop");
    let is = |words: &[&str], all: &[&str]| assert_eq!(offered(&project, words), all, "{words:?}");
    is(&["explain", "dfs.blocks"], &["dfs.blocksize"]);
    is(&["explain", "hdfs-site.xml:dfs.blocks"], &["hdfs-site.xml:dfs.blocksize"]);
    is(
        &["explain", "framework.hadoop.replic"],
        &["framework.hadoop.replication", "framework.hadoop.replication_created"],
    );
    is(&["output", "y"], &["yarn_ui"]);
    is(&["ssh", ""], &[]);
}

#[test]
fn nothing_is_said_of_what_is_wrong() {
    let project = TestProject::with("cluster \"lab\" {\n  slaves {\n");
    assert_eq!(offered(&project, &["drift", ""]), ["lab"]);
    project.write("disco.state.json", "{");
    assert_eq!(offered(&project, &["ssh", ""]), [""; 0]);
    for words in ["__complete", "__complete tcsh x", "__complete bash x", "__complete zsh"] {
        let run = project.disco(words).ends_with(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""), "{words}");
    }
    let run = project.command("__complete zsh -C /nowhere ssh").arg("").output().unwrap();
    assert!(run.status.success() && run.stdout.is_empty() && run.stderr.is_empty(), "{run:?}");
}

/// The line that a shell has after a tab.
fn completed(project: &TestProject, shell: &str, typed: &str) -> String {
    let script = project.disco(&format!("completions {shell}")).ends_with(0).stdout;
    project.write(&format!("script.{shell}"), &script);
    let result = project.file("line");
    let _ = std::fs::remove_file(&result);
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/shell.py"))
        .arg(shell)
        .arg(project.file(&format!("script.{shell}")))
        .arg(&result)
        .arg(typed)
        .current_dir(project.path())
        .env_clear()
        .envs([
            ("PATH", path.as_str()),
            ("TERM", "xterm"),
            ("LANG", "C.UTF-8"),
            ("HOME", &project.path().to_string_lossy()),
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::read_to_string(&result).unwrap_or_default().trim_end_matches('\n').to_owned()
}

/// Lines that become the same in every shell.
const EVERYWHERE: [(&str, &str); 5] = [
    ("disco pla", "disco plan "),
    ("disco plan --format=ma", "disco plan --format=markdown "),
    ("disco plan --var sl", "disco plan --var slaves="),
    ("disco explain disco::unknown_fl", "disco explain disco::unknown_flavor "),
    ("disco apply fi", "disco apply five.plan "),
];

/// Has a shell complete these lines, and those that become the same everywhere. Where it is not installed, that is said.
fn completes(shell: &str, lines: &[(&str, &str)]) {
    if Command::new(shell).arg("--version").output().is_err() {
        // Past the harness, which would keep it to itself.
        let told = format!("SKIPPED: {shell} is not installed, what Tab completes there is not tested\n");
        std::io::stderr().write_all(told.as_bytes()).unwrap();
        return;
    }
    let project = project();
    for (typed, line) in EVERYWHERE.iter().chain(lines) {
        assert_eq!(completed(&project, shell, typed), *line, "{shell}: {typed}");
    }
}

#[test]
fn tab_completes_in_bash() {
    completes(
        "bash",
        &[
            ("disco ssh sl", "disco ssh slaves\\["),
            ("disco ssh slaves\\[1", "disco ssh slaves\\[1\\] "),
            ("disco ssh 'slaves[1", "disco ssh 'slaves[1]'"),
            ("cd /; disco -C / help expl", "cd /; disco -C / help explain "),
        ],
    );
}

#[test]
fn tab_completes_in_zsh() {
    let quoted = ("disco ssh 'slaves[1", "disco ssh 'slaves[1]' ");
    completes("zsh", &[("disco ssh slaves\\[1", "disco ssh slaves\\[1\\] "), quoted]);
}

#[test]
fn tab_completes_in_fish() {
    completes("fish", &[]);
}
