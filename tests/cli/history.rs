//! `disco history`: what operations said is kept.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::support::{TestProject, valid_against};

fn listed(project: &TestProject) -> Vec<Json> {
    let run = project.disco("history --json").ends_with(0);
    let document: Json = serde_json::from_str(&run.stdout).unwrap();
    document["operations"].as_array().unwrap().clone()
}

#[test]
fn each_operation_is_kept_with_what_it_printed() {
    let project = TestProject::lab();
    assert_eq!(
        project.disco("history").ends_with(0).stdout,
        "No operation is kept here: nothing was applied yet, or the state is encrypted.\n"
    );
    project.disco("plan").ends_with(0);
    project.disco("apply --auto-approve").ends_with(0);
    let applied = project.disco("apply --auto-approve --json --var slaves=2").ends_with(0);
    // What a program was told is what is kept.
    assert_eq!(project.disco("history show 2 --json").ends_with(0).stdout, applied.stdout);
    // What a person was told is kept as a program would have been told it.
    let told = project.disco("history show 1 --json").ends_with(0).stdout;
    let types: Vec<String> = told
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap()["type"].as_str().unwrap().to_owned())
        .collect();
    for kind in ["version", "plan", "change_summary", "step_start", "apply_complete", "outputs", "end"] {
        assert!(types.iter().any(|known| known == kind), "{kind} of {types:?}");
    }
    assert_eq!((types.first().unwrap().as_str(), types.last().unwrap().as_str()), ("version", "end"));
    for line in told.lines() {
        valid_against("message", &serde_json::from_str(line).unwrap());
    }
    project.write("main.disco.hcl", "cluster \"lab\" {}\n");
    project.disco("apply --auto-approve").ends_with(1);
    project.disco("destroy --auto-approve").ends_with(0);
    let all = listed(&project);
    valid_against("history", &serde_json::from_str(&project.disco("history --json").stdout).unwrap());
    let told: Vec<_> = all
        .iter()
        .map(|one| {
            (one["number"].as_u64().unwrap(), one["operation"].as_str().unwrap(), one["result"].as_str().unwrap())
        })
        .collect();
    let expected = [(4, "destroy", "done"), (3, "apply", "failed"), (2, "apply", "done"), (1, "apply", "done")];
    assert_eq!(told, expected);
    assert_eq!((&all[1]["failure"], &all[0]["failure"]), (&"definition".into(), &Json::Null));
    let run = project.disco("history -n 1").ends_with(0);
    assert!(run.stdout.starts_with("NUMBER  OPERATION  BEGAN") && run.stdout.contains("Older ones"), "{}", run.stdout);
    assert!(run.stdout.contains("Destroy complete"), "{}", run.stdout);
    let shown = project.disco("history show").ends_with(0).stdout;
    assert!(shown.starts_with("Operation 4: destroy by ") && shown.trim_end().ends_with("Done"), "{shown}");
    project.disco("history show 9").ends_with(1).says(&["operation 9 is not in the history", "it has 1 to 4"]);
}

#[test]
fn what_a_secret_is_no_history_tells() {
    let project = TestProject::with(
        "variable \"word\" {\n  sensitive = true\n}\n\ncluster \"lab\" {\n  image = \"debian-12\"\n  network { cidr = \
         \"10.1.0.0/24\" }\n  master { flavor = \"m1.small\" }\n  slaves {\n    count  = 1\n    flavor = \"m1.small\"\n  }\n}\n\n\
         output \"word\" {\n  value     = var.word\n  sensitive = true\n}\n",
    );
    project.disco("apply --auto-approve --var word=hunter2hunter2").ends_with(0);
    let kept = fs::read_to_string(project.file(".disco/operations/00000001-apply.jsonl")).unwrap();
    assert!(kept.contains("\"outputs\"") && !kept.contains("hunter2"), "{kept}");
}

#[test]
fn an_operation_that_was_killed_is_cut_off_and_a_failure_says_why() {
    let project = TestProject::lab();
    let mut child =
        project.command("apply --auto-approve").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let file = project.file(".disco/operations/00000001-apply.jsonl");
    let begun = Instant::now();
    while !fs::read_to_string(&file).is_ok_and(|text| text.contains("step_start")) {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing was kept");
        std::thread::sleep(Duration::from_millis(10));
    }
    let now = listed(&project)[0]["result"].clone();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(["under way", "done"].contains(&now.as_str().unwrap()), "{now}");
    if !fs::read_to_string(&file).unwrap().contains("\"type\":\"end\"") {
        assert_eq!(listed(&project)[0]["result"], "cut off");
        let shown = project.disco("history show 1").ends_with(0).stdout;
        assert!(shown.contains("It was cut off here"), "{shown}");
    }
    project.disco("apply --auto-approve").ends_with(0);
    let text = project.read("main.disco.hcl").replace("lifecycle {", "lifecycle {\n    prevent_destroy = true");
    project.write("main.disco.hcl", &text);
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("destroy --auto-approve").ends_with(1);
    let last = listed(&project)[0].clone();
    assert_eq!((&last["result"], &last["failure"]), (&"failed".into(), &"refused".into()), "{last}");
    assert!(last["message"].as_str().unwrap().contains("is protected from being destroyed"), "{last}");
}

#[test]
fn where_no_history_can_be_kept_the_operation_goes_on() {
    let project = TestProject::lab();
    fs::create_dir_all(project.file(".disco")).unwrap();
    project.write(".disco/operations", "");
    let run = project.disco("apply --auto-approve").ends_with(0);
    assert!(run.stderr.contains("The history does not keep this apply: "), "{}", run.stderr);
    fs::remove_file(project.file(".disco/operations")).unwrap();
    // Something that DISCO did not write is passed over.
    fs::create_dir_all(project.file(".disco/operations")).unwrap();
    project.write(".disco/operations/00000007-apply.jsonl", "no message\n");
    project.write(".disco/operations/notes.txt", "mine\n");
    assert!(listed(&project).is_empty());
    project.disco("history show 7").ends_with(1).says(&["is not the file of an operation"]);
    project.disco("apply --auto-approve").ends_with(0);
    assert_eq!(listed(&project)[0]["number"], 8);
}
