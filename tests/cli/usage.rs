//! What was typed and is no command line: one style of error, and the way out.

use std::fmt::Write as _;

use crate::support::{TestProject, snapshot};

#[test]
fn slips_and_words_of_other_tools_are_answered() {
    let project = TestProject::lab();
    let typed = [
        "apply -auto-aprove",
        "apply --auto-aproove",
        "plan -lock-timeuot=1m",
        "plam",
        "init --upgrade",
        "refresh",
        "import lab x",
        "taint cluster.lab.master[0]",
        "state lst",
        "up",
        "create",
        "delete",
        "ls",
        "frobnicate",
        "help frobnicate",
        "frameworks shwo hadoop",
        "-chdir=x plan",
        "plan --bogus",
        "-C show plan --bogus",
        "plan lab",
        "graph --format svg",
        "graph --format",
        "explain",
        "output --raw",
        "-q -v plan",
        "apply --lock-timeout=soon",
        "local serve --listen everywhere",
        "local",
    ];
    let mut told = String::new();
    for words in typed {
        let run = project.disco(words).ends_with(1);
        assert_eq!(run.stdout, "", "{words}");
        let _ = writeln!(told, "$ disco {words}\n{}", run.stderr);
    }
    snapshot!("usage", told);
}

#[test]
fn help_has_two_spellings() {
    let project = TestProject::with("");
    let spellings = [
        ("help", "--help"),
        ("help plan", "plan --help"),
        ("help local serve", "local serve --help"),
        ("-C show help plan", "plan --help"),
        ("--var help=help -qC help help help local", "local --help"),
    ];
    for (one, other) in spellings {
        assert_eq!(project.disco(one).ends_with(0).stdout, project.disco(other).ends_with(0).stdout);
    }
    let listed = project.disco("frameworks list").ends_with(0).stdout;
    assert_eq!(listed, project.disco("frameworks").ends_with(0).stdout);
    assert_eq!(project.disco("frameworks list --json").ends_with(0).stdout, project.disco("frameworks --json").stdout);
}
