//! `disco suggest`: what is asked, what is said, what is written.

use std::process::Command;

use crate::support::{Run, TestProject};

const ANSWERS: &str =
    "work   = [\"stream\"]\nanswer = \"10ms\"\nrate   = { events = 20000, bytes = 500 }\ncode   = [\"spark\"]\n";

fn empty() -> TestProject {
    let project = TestProject::with("");
    std::fs::remove_file(project.file("main.disco.hcl")).unwrap();
    project.write("answers.hcl", ANSWERS);
    project
}

#[test]
fn a_suggestion_becomes_a_cluster() {
    let project = empty();
    let run = project.disco("suggest --answers answers.hcl --out lab --name fraud").ends_with(0);
    assert!(run.stdout.starts_with("flink with kafka ("), "{}", run.stdout);
    for said in
        ["For it:", "Ruled out:", "spark answers no sooner", "Another answer would change that:", "answer = \"1s\""]
    {
        assert!(run.stdout.contains(said), "{said} is missing in:\n{}", run.stdout);
    }
    run.says(&["Written: lab/fraud.disco.hcl", "disco -C lab plan"]);
    project.disco("-C lab fmt --check").ends_with(0);
    project.disco("-C lab apply --auto-approve").ends_with(0);
    project.disco("-C lab plan --detailed-exitcode").ends_with(0);
    let text = project.read("lab/fraud.disco.hcl");
    project.disco("suggest --answers answers.hcl --out lab").ends_with(1).says(&["is a project already"]);
    assert_eq!(project.read("lab/fraud.disco.hcl"), text);
}

#[test]
fn answers_come_from_stdin_and_as_json() {
    let project = empty();
    let run =
        project.disco_answering("suggest --answers - --json", "{\"work\": [\"sql\"], \"volume\": {\"now\": \"5 GB\"}}");
    let told: serde_json::Value = serde_json::from_str(&run.ends_with(0).stdout).unwrap();
    assert_eq!(told["suggestions"][0]["title"], "no cluster: a database on one machine");
    assert!(told["definition"].as_str().unwrap().contains("postgresql"));
    assert_eq!(told["found"], true);
    let run = project.disco_answering("suggest --answers -", "work = [\"sqll\"]");
    run.ends_with(1).says(&["disco::wrong_answer", "did you mean `sql`?", "<stdin>:1:8"]);
    project.disco("suggest").ends_with(1).says(&["nobody can be asked", "suggest --answers FILE"]);
    project.disco("suggest --json").ends_with(1);
    project.disco("suggest --answers gone.hcl").ends_with(1).says(&["cannot read `gone.hcl`"]);
}

#[test]
fn a_cloud_is_named() {
    let project = empty();
    project.disco("suggest --answers answers.hcl --on lab --out there").ends_with(0);
    let text = project.read("there/suggested.disco.hcl");
    assert!(text.contains("provider \"openstack\" {\n  cloud = \"lab\"\n}"), "{text}");
    project.disco("-C there validate").ends_with(0);
}

#[test]
fn questions_are_asked_on_a_terminal() {
    let project = empty();
    let command = project.command("suggest --no-color");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/answers.py");
    let mut python = Command::new("python3");
    // Work, a slip first; how it comes; how soon; how much data and its growth; the rest stays open.
    python.arg(script).arg(format!("strem,stream,stream,10ms,2 TB,{}", ",".repeat(30)));
    python.arg(command.get_program()).args(command.get_args()).current_dir(project.path()).env("HOME", project.path());
    let run = Run::of(&python.output().unwrap());
    for said in [
        "did you mean `stream`?",
        "How soon is an answer needed?",
        "flink with kafka",
        "answer = \"10ms\"",
        "exit code 0",
    ] {
        assert!(run.stdout.contains(said), "{said} is missing in:\n{}", run.stdout);
    }
}
