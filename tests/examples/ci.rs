//! The scripts of `examples/ci` do what its workflows have them do, with a host that is played.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Run, TestProject};

/// Answers like a host of code with the comments of the file `comments`, and writes down what it was asked.
const CURL: &str = r#"#!/bin/sh
echo "$@" >> "$HOME/asked"
case "$*" in
    *--request*) ;;
    *) cat "$HOME/comments" ;;
esac
for word in "$@"; do
    case "$word" in
        @*) cp "${word#@}" "$HOME/sent" ;;
        */curl) cp "$word" "$HOME/config" ;;
    esac
done
"#;

/// The example as a repository with its scripts in `ci/`, on a branch of its own.
fn repository() -> TestProject {
    let project = TestProject::example("ci");
    for folder in ["ci", "bin"] {
        fs::create_dir_all(project.file(folder)).unwrap();
    }
    for script in ["review.sh", "comment.sh"] {
        fs::copy(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci").join(script),
            project.file(&format!("ci/{script}")),
        )
        .unwrap();
    }
    project.write("bin/curl", CURL);
    let mut mode = fs::metadata(project.file("bin/curl")).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(project.file("bin/curl"), mode).unwrap();
    project.write(".gitignore", "/asked\n/sent\n/config\n/comments\n/review\n.disco\n");
    for words in ["init --quiet --initial-branch main", "add .", "commit --quiet -m first", "switch --quiet -c change"]
    {
        project.git(words);
    }
    project
}

/// Runs a script as a runner does.
fn run(project: &TestProject, line: &str, variables: &[(&str, &str)]) -> Run {
    let program = Path::new(env!("CARGO_BIN_EXE_disco")).parent().unwrap();
    let path = format!("{}:{}:{}", project.file("bin").display(), program.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).current_dir(project.path()).env_clear().env("PATH", path).env("HOME", project.path());
    command.envs(variables.iter().copied());
    Run::of(&command.output().unwrap())
}

#[test]
fn a_change_is_checked_and_compared() {
    let project = repository();
    run(&project, "ci/review.sh main", &[]).ends_with(0);
    assert!(project.read("review/comment.md").contains("### Difference: no changes"));
    let opened = project.read("lab.disco.hcl").replace("203.0.113.0/24", "0.0.0.0/0");
    project.write("lab.disco.hcl", &opened);
    let told = run(&project, "ci/review.sh main", &[("FINDINGS", "github")]).ends_with(0).stdout;
    assert!(told.starts_with("::warning file=lab.disco.hcl,line="), "{told}");
    let comment = project.read("review/comment.md");
    assert!(comment.starts_with("<!-- disco -->\n") && comment.contains("**(everybody)**"), "{comment}");
    run(&project, "ci/review.sh main", &[("FINDINGS", "gitlab")]).ends_with(0);
    let findings: serde_json::Value = serde_json::from_str(&project.read("review/findings")).unwrap();
    assert_eq!(findings[0]["check_name"], "disco::open_to_the_world");
    project.write("lab.disco.hcl", &opened.replace("  image = ", "image="));
    run(&project, "ci/review.sh main", &[]).ends_with(1).says(&["run `disco fmt`"]);
    project.write("lab.disco.hcl", &opened.replace("m1.medium", "m1.mediun"));
    run(&project, "ci/review.sh main", &[]).ends_with(1);
    project.write("lab.disco.hcl", "cluster {\n");
    run(&project, "ci/review.sh main", &[]).ends_with(1);
    assert!(project.read("review/comment.md").contains("cannot be compared"));
}

#[test]
fn there_is_one_comment_however_many_pushes_there_are() {
    let project = repository();
    project.write("review.md", "<!-- disco -->\n\"quoted\" and ünicode\n");
    let github = [("GITHUB_TOKEN", "hunter2"), ("GITHUB_REPOSITORY", "lab/clusters"), ("PULL_REQUEST", "7")];
    let gitlab = [
        ("GITLAB_TOKEN", "hunter2"),
        ("CI_API_V4_URL", "https://gitlab.example.org/api/v4"),
        ("CI_PROJECT_ID", "3"),
        ("CI_MERGE_REQUEST_IID", "7"),
    ];
    let asked = |variables: &[(&str, &str)], comments: &str| {
        project.write("comments", comments);
        let _ = fs::remove_file(project.file("asked"));
        run(&project, "ci/comment.sh review.md", variables).ends_with(0);
        let sent: serde_json::Value = serde_json::from_str(&project.read("sent")).unwrap();
        assert_eq!(sent["body"], "<!-- disco -->\n\"quoted\" and ünicode\n");
        let asked = project.read("asked");
        assert!(!asked.contains("hunter2"), "the token is no argument: {asked}");
        assert!(project.read("config").contains("hunter2"));
        asked.lines().last().unwrap().to_owned()
    };
    let none = r#"[{"id": 4, "body": "looks good"}]"#;
    let known = r#"[{"id": 4, "body": "looks good"}, {"id": 5, "body": "<!-- disco -->\n### Difference"}]"#;
    let last = asked(&github, none);
    assert!(last.contains("--request POST") && last.ends_with("/repos/lab/clusters/issues/7/comments"), "{last}");
    let last = asked(&github, known);
    assert!(last.contains("--request PATCH") && last.ends_with("/repos/lab/clusters/issues/comments/5"), "{last}");
    let last = asked(&gitlab, none);
    assert!(last.contains("--request POST") && last.ends_with("/projects/3/merge_requests/7/notes"), "{last}");
    let last = asked(&gitlab, known);
    assert!(last.contains("--request PUT") && last.ends_with("/projects/3/merge_requests/7/notes/5"), "{last}");
}

/// Every command of the workflows is one of the program or a script that is there, and every option exists.
#[test]
fn workflows_name_what_there_is() {
    let project = repository();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci");
    let mut seen = 0;
    for file in ["github.yml", "gitlab-ci.yml", "pre-commit-hooks.yaml"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            if let Some((_, script)) = line.split_once("ci/").filter(|(_, rest)| rest.contains(".sh")) {
                let name = script.split(' ').next().unwrap();
                assert!(project.file(&format!("ci/{name}")).exists(), "{file}: {line}");
                seen += 1;
            }
            let Some((_, words)) = line.split_once("disco ").filter(|(before, _)| !before.ends_with('/')) else {
                continue;
            };
            let verb = words.split(' ').next().unwrap();
            let help = project.disco(&format!("{verb} --help"));
            if help.code != 0 {
                continue;
            }
            for option in words.split(' ').filter(|word| word.starts_with("--")) {
                assert!(help.stdout.contains(option), "{file}: `disco {verb}` has no {option}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 8, "{seen}");
}
