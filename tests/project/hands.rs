//! A state that somebody else has touched: by hand, by another program, or while a command was at work.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use serde_json::{Value as Json, json};

use crate::support::{Run, Store, TestProject};

type Change = fn(&mut Json);
type Meanwhile = fn(&TestProject);

/// Changes the state by hand.
fn edit(project: &TestProject, change: impl FnOnce(&mut Json)) {
    let mut state = project.state();
    change(&mut state);
    project.write("disco.state.json", &serde_json::to_string_pretty(&state).unwrap());
}

fn lab(state: &mut Json) -> &mut Json {
    &mut state["clusters"]["lab"]
}

#[test]
fn what_a_state_cannot_say_is_refused_and_left_alone() {
    let project = TestProject::applied_lab();
    let good = project.read("disco.state.json");
    let wrong: [(Change, &[&str]); 7] = [
        (|state| state["note"] = "mine".into(), &["unknown field `note`", "changed by hand"]),
        (|state| state["serial"] = json!(-1), &["`-1`", "changed by hand"]),
        (|state| state["version"] = json!(99), &["format version 99", "upgrade DISCO"]),
        (|state| state["version"] = json!("one"), &["format version \"one\" does not exist", "changed by hand"]),
        (|state| state["lineage"] = "".into(), &["lineage is empty", "changed by hand"]),
        (|state| lab(state)["stacks"]["lab"]["resources"] = json!([]), &["expected a map", "changed by hand"]),
        (
            |state| lab(state)["groups"]["slaves"]["nodes"]["0"]["address"] = "10.1.0.16".into(),
            &["contradicts itself", "cluster.lab.slaves[0]", "10.1.0.16"],
        ),
    ];
    for (change, words) in wrong {
        project.write("disco.state.json", &good);
        edit(&project, change);
        let edited = project.read("disco.state.json");
        for command in ["plan", "apply -auto-approve", "destroy -auto-approve", "show"] {
            project.disco(command).ends_with(1).says(&["cannot be used", "help: "]).says(words);
        }
        assert_eq!(project.read("disco.state.json"), edited, "a refused state is left as it is");
    }
    for (bytes, word) in [(&b"\xff\xfe{}"[..], "not a JSON object"), (b"{\"version\":1,\"disco\":\"\xff", "damaged")] {
        fs::write(project.file("disco.state.json"), bytes).unwrap();
        project.disco("apply -auto-approve").ends_with(1).says(&["cannot be used", word, "help: "]);
    }
    project.write("disco.state.json", &good);
    project.disco("plan -detailed-exitcode").ends_with(0);
}

/// What fits the format and is not true: Heat is asked, and the state is true again after the next operation.
#[test]
fn what_is_not_true_is_found_on_the_cloud() {
    let wrong: [(&str, Change); 5] = [
        ("swapped ids", |state| {
            let resources = &mut lab(state)["stacks"]["lab"]["resources"];
            let master = resources["master-0-server"]["id"].take();
            let slave = std::mem::replace(&mut resources["slaves-0-server"]["id"], master);
            resources["master-0-server"]["id"] = slave;
        }),
        ("another stack's id", |state| lab(state)["stacks"]["lab"]["id"] = "4711".into()),
        ("a machine forgotten", |state| {
            lab(state)["stacks"]["lab"]["resources"].as_object_mut().unwrap().remove("slaves-0-server");
        }),
        ("a cluster forgotten", |state| state["clusters"] = json!({})),
        ("a stack under another name", |state| {
            let stack = lab(state)["stacks"]["lab"].take();
            lab(state)["stacks"] = json!({ "other": stack });
        }),
    ];
    for (what, change) in wrong {
        let project = TestProject::applied_lab();
        edit(&project, change);
        project.disco("apply -auto-approve --var slaves=2").ends_with(0);
        let store = Store::read(project.path());
        assert_eq!(store.faults(), [] as [String; 0], "{what}");
        assert_eq!(store.machines(), 3, "{what}");
        project.disco("plan -detailed-exitcode --var slaves=2").ends_with(0);

        edit(&project, change);
        project.disco("destroy -auto-approve").ends_with(0);
        let store = Store::read(project.path());
        assert_eq!((store.faults().len(), store.stacks().len(), store.machines()), (0, 0, 0), "{what}");
    }
}

#[test]
fn another_lineage_is_a_stranger() {
    let project = TestProject::applied_lab();
    edit(&project, |state| state["lineage"] = "somebody-elses".into());
    for command in ["apply -auto-approve", "apply -auto-approve --var slaves=2", "destroy -auto-approve"] {
        project.disco(command).ends_with(1).says(&["disco::foreign_stack", "help: "]);
    }
    assert_eq!(Store::read(project.path()).machines(), 2);
}

#[test]
fn a_folder_in_the_place_of_the_state() {
    let project = TestProject::applied_lab();
    let good = project.read("disco.state.json");
    fs::remove_file(project.file("disco.state.json")).unwrap();
    fs::create_dir(project.file("disco.state.json")).unwrap();
    for command in ["plan", "apply -auto-approve", "show"] {
        let run = project.disco(command).ends_with(1);
        run.says(&["cannot read", "disco.state.json", "is a folder, not a file", "help: ", "move that folder away"]);
    }
    fs::remove_dir(project.file("disco.state.json")).unwrap();
    project.write("disco.state.json", &good);
    project.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn a_link_stays_a_link() {
    let project = TestProject::applied_lab();
    fs::create_dir(project.file("elsewhere")).unwrap();
    fs::rename(project.file("disco.state.json"), project.file("elsewhere/lab.json")).unwrap();
    symlink("elsewhere/lab.json", project.file("disco.state.json")).unwrap();
    project.disco("apply -auto-approve --var slaves=2").ends_with(0);
    assert!(fs::symlink_metadata(project.file("disco.state.json")).unwrap().is_symlink());
    assert_eq!(Store::read_at(project.path(), "elsewhere/lab.json").faults(), [] as [String; 0]);
    fs::rename(project.file("elsewhere"), project.file("unmounted")).unwrap();
    for command in ["plan", "apply -auto-approve", "destroy -auto-approve"] {
        let run = project.disco(command).ends_with(1);
        run.says(&["points to", "elsewhere/lab.json`, which does not exist", "help: "]);
    }
    assert_eq!(Store::read_at(project.path(), "unmounted/lab.json").machines(), 3);
}

/// Whoever looks at a plan and says yes says it to this state.
#[test]
fn a_state_replaced_between_plan_and_yes() {
    let changes: [(Meanwhile, &str); 3] = [
        (|project| edit(project, |state| state["serial"] = json!(7)), "changed"),
        (|project| fs::remove_file(project.file("disco.state.json")).unwrap(), "removed"),
        (|project| project.write("disco.state.json", "{\"version\":1,"), "changed"),
    ];
    for (change, how) in changes {
        let project = TestProject::applied_lab();
        let mut apply = project
            .command("apply --var slaves=2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The question comes after the plan; a plan is there when the project's lock has been taken and stdout has it.
        let mut seen = Vec::new();
        let mut stdout = apply.stdout.take().unwrap();
        while !String::from_utf8_lossy(&seen).contains("Plan: ") {
            let mut some = [0; 256];
            let count = std::io::Read::read(&mut stdout, &mut some).unwrap();
            assert_ne!(count, 0, "it ended without a plan");
            seen.extend_from_slice(&some[..count]);
        }
        change(&project);
        let replaced = fs::read(project.file("disco.state.json")).ok();
        apply.stdin.take().unwrap().write_all(b"yes\n").unwrap();
        let run = Run::of(&apply.wait_with_output().unwrap()).ends_with(1);
        run.says(&["disco::state_not_written", &format!("another program has {how}"), "help: "]);
        assert_eq!(fs::read(project.file("disco.state.json")).ok(), replaced, "it is left as it is");
        assert_eq!(Store::read_at(project.path(), "nowhere").machines(), 2, "nothing was asked of the cloud");
    }
}

#[test]
fn a_copy_that_was_put_back_goes_on_counting() {
    let project = TestProject::lab();
    for slaves in [1, 2, 3, 2] {
        project.disco(&format!("apply -auto-approve --accept-data-loss --var slaves={slaves}")).ends_with(0);
    }
    let generations = || {
        let names = fs::read_dir(project.file(".disco/states")).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    };
    let before = generations();
    assert_eq!(before.len(), 3);
    fs::copy(project.file(".disco/states").join(&before[0]), project.file("disco.state.json")).unwrap();
    // What was done since is found on the cloud.
    project.disco("apply -auto-approve --var slaves=4").ends_with(0);
    let after = generations();
    assert_eq!(after[..3], before);
    assert!(after[3] > before[2], "the newest copy has the highest number: {after:?}");
    assert_eq!(Store::read(project.path()).faults(), [] as [String; 0]);
    project.disco("plan -detailed-exitcode --var slaves=4").ends_with(0);
}
