//! A stdout that takes no more is a failure, unless its reader has had enough.

use std::fs::{self, File};
use std::io::Read as _;
use std::process::Stdio;

use crate::support::{Run, Store, TestProject};

const PRINTING: [&str; 18] = [
    "--help",
    "help plan",
    "--version",
    "version",
    "validate",
    "validate --json",
    "plan",
    "plan --json",
    "show",
    "output",
    "template",
    "graph",
    "frameworks",
    "frameworks show spark",
    "explain dfs.replication",
    "flavors",
    "image",
    "images",
];

fn into(project: &TestProject, words: &str, stdout: File) -> Run {
    Run::of(&project.command(words).stdout(stdout).stderr(Stdio::piped()).output().unwrap())
}

#[test]
fn a_full_disk_under_stdout_is_said() {
    let project = TestProject::example("hadoop");
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for words in PRINTING {
        let run = into(&project, words, full()).ends_with(1);
        run.says(&["Error: cannot write to stdout", "No space left on device", "help: "]);
    }
    for words in ["apply -auto-approve", "apply --json --auto-approve"] {
        into(&project, words, full()).ends_with(1).says(&["cannot write to stdout"]);
        assert_eq!(Store::read(project.path()).stacks().len(), 0, "what nobody has seen is not done");
    }
    // A file that is open for reading only.
    let run = into(&project, "template", File::open("/dev/null").unwrap()).ends_with(1);
    run.says(&["cannot write to stdout", "Bad file descriptor"]);
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let project = TestProject::example("hadoop");
    for words in PRINTING {
        let mut child = project.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{words}");
    }
    // But nobody says yes to a plan that nobody has read.
    let mut child = project.command("apply").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = Run::of(&child.wait_with_output().unwrap()).ends_with(1);
    run.says(&["apply cancelled", "stdout was closed before the whole plan was printed", "--auto-approve"]);
    assert!(!project.file("disco.state.json").exists());
    // What is under way goes on.
    let mut child = project.command("apply -auto-approve").stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    project.disco("plan -detailed-exitcode").ends_with(0);
    assert!(fs::metadata(project.file("disco.state.json")).is_ok());
}

/// As for git and cargo a stdout that was closed on purpose is `/dev/null`: nothing fails, and nothing that is printed ends
/// up in a file that happens to be opened in its place.
#[test]
fn a_closed_stdout_is_nowhere() {
    let project = TestProject::example("hadoop");
    let closed = |words: &str, closing: &str| {
        let command = project.command(words);
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &format!("exec \"$0\" \"$@\" {closing}")]);
        shell.arg(command.get_program()).args(command.get_args()).current_dir(project.path());
        shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Run::of(&shell.output().unwrap())
    };
    for words in PRINTING {
        let run = closed(words, ">&-").ends_with(0);
        assert_eq!(run.stdout, "", "{words}");
    }
    closed("apply -auto-approve", ">&- 2>&- <&-").ends_with(0);
    assert_eq!(Store::read(project.path()).faults(), Vec::<String>::new());
    project.disco("plan -detailed-exitcode").ends_with(0);
    closed("plan -detailed-exitcode", ">&-").ends_with(0);
    closed("destroy -auto-approve", ">&-").ends_with(0);
}
