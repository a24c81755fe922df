//! Several commands at once, and what is taken away under them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::support::{Run, Served, Store, TestProject};

#[track_caller]
fn settled(project: &TestProject, machines: usize) {
    let store = Store::read(project.path());
    assert_eq!(store.faults(), [] as [String; 0]);
    assert_eq!(store.machines(), machines);
}

/// Waits for something that another process does.
fn until(done: impl Fn() -> bool) {
    while !done() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn many_commands_at_once_come_one_after_the_other() {
    let project = TestProject::applied_lab();
    let _served = project.serve();
    let commands = [
        "apply -auto-approve --accept-data-loss --var slaves=3",
        "plan",
        "apply -auto-approve --accept-data-loss --var slaves=2",
        "destroy -auto-approve",
        "apply -auto-approve --accept-data-loss",
    ];
    let running: Vec<_> = commands
        .iter()
        .map(|words| {
            let mut command = project.command(&format!("{words} --lock-timeout=5m"));
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in running {
        Run::of(&child.wait_with_output().unwrap()).ends_with(0);
    }
    project.disco("apply -auto-approve --accept-data-loss --var slaves=2").ends_with(0);
    settled(&project, 3);
    project.disco("plan -detailed-exitcode --var slaves=2").ends_with(0);
}

/// Two checkouts of the same definition, one cloud: whoever comes second does not take the other's stack for his own.
#[test]
fn two_checkouts_on_one_cloud() {
    let first = TestProject::applied_lab();
    let _served = first.serve();
    let second = TestProject::lab();
    fs::create_dir(second.file(".disco")).unwrap();
    std::os::unix::fs::symlink(first.file(".disco/engine"), second.file(".disco/engine")).unwrap();
    for words in ["plan", "apply -auto-approve", "apply -auto-approve --var slaves=2"] {
        let run = second.disco(words).ends_with(1);
        run.says(&["disco::foreign_stack", "main.disco.hcl:14", "help: give the cluster another name"]);
    }
    // What he never made he does not destroy.
    second.disco("destroy -auto-approve").ends_with(0);
    settled(&first, 2);
    second.write("main.disco.hcl", &second.read("main.disco.hcl").replace("cluster \"lab\"", "cluster \"other\""));
    second.disco("apply -auto-approve").ends_with(0);
    assert_eq!(Store::read(first.path()).machines(), 4);
    second.disco("destroy -auto-approve").ends_with(0);
    first.disco("plan -detailed-exitcode").ends_with(0);
    settled(&first, 2);
}

#[test]
fn a_lock_that_a_dead_process_left_keeps_nobody_out() {
    let project = TestProject::applied_lab();
    project.write("faults", "PUT /stacks/*/*: stalled\n");
    let mut apply = project
        .command("apply -auto-approve --var slaves=2")
        .env("DISCO_LOCAL_FAULTS", project.file("faults"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until(|| fs::read_to_string(project.file("disco.state.json")).is_ok_and(|state| state.contains("\"update\"")));
    apply.kill().unwrap();
    apply.wait().unwrap();
    assert!(project.file(".disco/lock.json").exists(), "it had no time to tidy up");
    project.disco("apply -auto-approve --var slaves=2").ends_with(0);
    settled(&project, 3);
    // Whatever somebody writes into it: the system's lock is what counts.
    project.write(".disco/lock.json", "{\"operation\":\"apply\"");
    project.write(".disco/engine/holder.json", "nonsense");
    project.disco("plan -detailed-exitcode --var slaves=2").ends_with(0);
}

#[test]
fn the_engines_folder_is_taken_away_under_a_command() {
    let project = TestProject::applied_lab();
    project.write("faults", "node lab-slaves-1: silent\n");
    let apply = project
        .command("apply -auto-approve --var slaves=2")
        .env("DISCO_LOCAL_FAULTS", project.file("faults"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = project.file(".disco/engine/log.jsonl");
    until(|| fs::read_to_string(&log).is_ok_and(|log| log.contains("UPDATE_IN_PROGRESS")));
    fs::remove_dir_all(project.file(".disco")).unwrap();
    let run = Run::of(&apply.wait_with_output().unwrap()).ends_with(1);
    run.says(&["embedded engine cannot write its store", "removed", "help: "]);
    // The simulated cloud is gone, and the plan says so.
    let plan = project.disco("plan -detailed-exitcode --var slaves=2").ends_with(2);
    assert!(plan.stdout.contains("deleted outside of DISCO"), "{}", plan.stdout);
    project.disco("apply -auto-approve --var slaves=2").ends_with(0);
    settled(&project, 3);
}

#[test]
fn an_engine_whose_store_is_gone() {
    let project = TestProject::applied_lab();
    fs::remove_dir_all(project.file(".disco")).unwrap();
    let plan = project.disco("plan -detailed-exitcode").ends_with(2).says(&["disco::stack_gone"]);
    assert!(plan.stdout.contains("deleted outside of DISCO"), "{}", plan.stdout);
    project.disco("apply -auto-approve").ends_with(0);
    settled(&project, 2);
    fs::remove_dir_all(project.file(".disco/engine")).unwrap();
    project.disco("destroy -auto-approve").ends_with(0);
    settled(&project, 0);
}

#[test]
fn an_engine_whose_store_is_damaged() {
    let project = TestProject::applied_lab();
    let log = project.file(".disco/engine/log.jsonl");
    let whole = fs::read(&log).unwrap();
    // Half a line at the end was never answered for.
    fs::write(&log, [&whole[..], b"{\"set\":{\"stack/x\":{\"name"].concat()).unwrap();
    project.disco("plan -detailed-exitcode").ends_with(0);
    assert!(fs::read(&log).unwrap().ends_with(b"}\n"));
    let line = whole.iter().position(|byte| *byte == b'\n').unwrap();
    let torn = [&whole[..line - 9], &whole[line..]].concat();
    let text = String::from_utf8(whole.clone()).unwrap();
    let renamed = text.replace("\"traversal\"", "\"traversals\"").into_bytes();
    for (damaged, words) in [(torn, ["line 1 of", "log.jsonl"]), (renamed, ["record stack/", "traversal"])] {
        fs::write(&log, &damaged).unwrap();
        for command in ["plan", "apply -auto-approve", "destroy -auto-approve", "local serve --listen 127.0.0.1:0"] {
            let run = project.disco(command).ends_with(1);
            run.says(&["the embedded Heat cannot be used", "help: ", "damaged"]).says(&words);
        }
        assert_eq!(fs::read(&log).unwrap(), damaged, "what is damaged is left as it is");
    }
    fs::remove_file(&log).unwrap();
    fs::create_dir(&log).unwrap();
    project.disco("plan").ends_with(1).says(&[
        "embedded Heat cannot be used",
        "log.jsonl",
        "is a folder, not a file",
        "help: ",
    ]);
    fs::remove_dir(&log).unwrap();
    fs::write(&log, &whole).unwrap();
    project.disco("plan -detailed-exitcode").ends_with(0);
    settled(&project, 2);
}

/// A command of a person who is named, while others go on.
fn by_alice(project: &TestProject, words: &str) -> Child {
    let mut command = project.command(words);
    command.env("USER", "alice").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Another person's folder with a copy of the first one's state, on the same served engine.
fn copy_of(first: &TestProject) -> TestProject {
    let second = TestProject::lab();
    fs::create_dir(second.file(".disco")).unwrap();
    std::os::unix::fs::symlink(first.file(".disco/engine"), second.file(".disco/engine")).unwrap();
    fs::copy(first.file("disco.state.json"), second.file("disco.state.json")).unwrap();
    second
}

/// Two people on two machines, who share no lock: the second one is refused before anything is sent, and hears who is at
/// it.
#[test]
fn two_people_with_one_state() {
    let first = TestProject::applied_lab();
    first.write("faults", "node lab-slaves-1: silent\n");
    let mut serve = first.command("local serve --listen 127.0.0.1:0");
    serve.env("DISCO_LOCAL_FAULTS", first.file("faults")).env("DISCO_LOCAL_TIME_SCALE", "0.05");
    let _served = Served::start(serve);
    let second = copy_of(&first);
    let mut apply = by_alice(&first, "apply -auto-approve --var slaves=2");
    until(|| {
        fs::read_to_string(first.file(".disco/engine/log.jsonl")).is_ok_and(|log| log.contains("disco-by-alice@"))
    });
    let state = second.read("disco.state.json");
    let asked = || {
        let store = Store::read(first.path());
        store.stacks().values().find(|stack| stack["name"] == "lab").map(|stack| stack["started"].clone()).unwrap()
    };
    let before = asked();
    for words in ["apply -auto-approve", "destroy -auto-approve", "suspend", "resume lab", "apply -auto-approve --json"]
    {
        let run = second.disco(words).ends_with(1);
        let said = [run.stdout.as_str(), run.stderr.as_str()].concat();
        assert!(said.contains("stack `lab` is being updated by alice on "), "{words}: {said}");
        assert!(said.contains("add --lock-timeout=30m to wait in this command"), "{words}: {said}");
        assert_eq!((second.read("disco.state.json"), asked()), (state.clone(), before.clone()), "{words}");
    }
    second.disco("destroy -auto-approve --lock-timeout=1s").ends_with(1).says(&[
        "stack lab is being updated by alice on ",
        ": waiting for it to end",
        "× stack `lab` is being updated by alice on ",
    ]);
    // Looking is not changing.
    second.disco("plan").ends_with(0).says(&["disco::stack_in_use", "stack `lab` is being updated by alice on "]);
    // Whose it is goes on with it.
    apply.kill().unwrap();
    apply.wait().unwrap();
    first.disco("destroy -auto-approve").ends_with(0);
    settled(&first, 0);
}

/// A project of the lab and of another cluster, which are changed batch by batch; its engine is served with faults.
fn in_batches(faults: &str) -> (TestProject, Served) {
    let first = TestProject::lab();
    let lab = first.read("main.disco.hcl");
    let cluster = lab.split_once("cluster \"lab\"").unwrap().1;
    let beside = cluster.replace("10.1.0.0/24", "10.2.0.0/24");
    first.write("main.disco.hcl", &format!("{lab}\ncluster \"beside\"{beside}"));
    first.write("faults", faults);
    let mut serve = first.command("local serve --listen 127.0.0.1:0");
    serve.env("DISCO_LOCAL_FAULTS", first.file("faults"));
    let served = Served::start(serve);
    first.disco("apply -auto-approve").ends_with(0);
    (first, served)
}

/// Nobody takes the time between two steps of somebody else's operation for its end.
#[test]
fn between_two_steps_of_somebody_else_nothing_is_sent() {
    // The second step has to come again, in an hour.
    let (first, _served) = in_batches("PUT /stacks/lab/*, from 2, always: 503, retry after 3600\n");
    let second = copy_of(&first);
    // Heat's times are whole seconds: what was created in the same one as a step could have come after it.
    std::thread::sleep(Duration::from_millis(1_100));
    let larger = first.read("main.disco.hcl");
    let (lab, beside) = larger.split_once("cluster \"beside\"").unwrap();
    first.write("main.disco.hcl", &format!("{}cluster \"beside\"{beside}", lab.replace("m1.small", "m1.medium")));
    let mut apply = by_alice(&first, "apply -auto-approve");
    until(|| {
        let store = Store::read(first.path());
        let stacks = store.stacks();
        let lab = stacks.values().find(|stack| stack["name"] == "lab").map(ToString::to_string).unwrap_or_default();
        lab.contains("disco-more-") && lab.contains("disco-by-alice@") && lab.contains("\"COMPLETE\"")
    });
    let state = second.read("disco.state.json");
    for words in ["destroy -auto-approve", "apply -auto-approve", "suspend"] {
        second.disco(words).ends_with(1).says(&[
            "disco::stack_in_use",
            "an operation by alice on ",
            " is between two steps: stack `lab` is UPDATE_COMPLETE since ",
            "add --lock-timeout=30m to wait in this command",
        ]);
        assert_eq!(second.read("disco.state.json"), state, "{words}");
        assert_eq!(Store::read(first.path()).machines(), 4, "{words}");
    }
    second.disco("destroy -auto-approve --lock-timeout=2s").ends_with(1).says(&[
        "stack lab is being updated by alice on ",
        ": waiting for it to end",
        "is between two steps",
    ]);
    second.disco("plan").ends_with(0).says(&["an operation by alice on ", " is between two steps"]);
    // Whose it is, that one goes on with it, or ends it.
    apply.kill().unwrap();
    apply.wait().unwrap();
    first.disco("destroy -auto-approve").ends_with(0);
    settled(&first, 0);
}

#[test]
fn after_the_last_step_of_somebody_else_nobody_waits() {
    let (first, _served) = in_batches("");
    let second = copy_of(&first);
    first.write("main.disco.hcl", &first.read("main.disco.hcl").replace("m1.small", "m1.medium"));
    first.disco("apply -auto-approve").ends_with(0);
    second.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(Store::read(first.path()).machines(), 0);
}

/// What an operation of one's own is still at, which was killed, is no drift, and is no "no drift" either.
#[test]
fn drift_says_what_an_operation_that_was_killed_is_at() {
    let first = TestProject::applied_lab();
    first.write("faults", "node lab-slaves-1: silent\n");
    let mut serve = first.command("local serve --listen 127.0.0.1:0");
    serve.env("DISCO_LOCAL_FAULTS", first.file("faults"));
    let _served = Served::start(serve);
    let mut apply = first
        .command("apply -auto-approve --var slaves=2")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until(|| {
        fs::read_to_string(first.file(".disco/engine/log.jsonl")).is_ok_and(|log| log.contains("UPDATE_IN_PROGRESS"))
    });
    apply.kill().unwrap();
    apply.wait().unwrap();
    let told = first.disco("drift").ends_with(2).stdout;
    assert!(
        told.starts_with("Not compared with the state (serial 2), as Heat still works on it:\n\ncluster.lab\n"),
        "{told}"
    );
    let what = "stack `lab` is being updated by an operation that was interrupted (grow: slaves[1], since ";
    assert!(told.contains(what) && !told.contains("No drift"), "{told}");
    assert!(
        told.contains("apply waits for it to end, then plans again") && told.ends_with("\nNo other drift.\n"),
        "{told}"
    );
    let json: serde_json::Value = serde_json::from_str(&first.disco("drift --json").ends_with(2).stdout).unwrap();
    assert_eq!((&json["drift"], &json["clusters"]), (&false.into(), &serde_json::json!({})));
    assert_eq!(json["unfinished"][0]["stack"], "lab");
    assert!(json["unfinished"][0]["what"].as_str().unwrap().starts_with(what), "{json}");
    first.disco("destroy -auto-approve").ends_with(0);
}

#[test]
fn the_second_of_two_people_waits_for_the_first() {
    let first = TestProject::applied_lab();
    let mut serve = first.command("local serve --listen 127.0.0.1:0");
    serve.env("DISCO_LOCAL_TIME_SCALE", "0.05");
    let _served = Served::start(serve);
    let second = copy_of(&first);
    let mut apply = first.command("apply -auto-approve --var slaves=2");
    let apply = apply.env("USER", "alice").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    until(|| {
        fs::read_to_string(first.file(".disco/engine/log.jsonl")).is_ok_and(|log| log.contains("disco-by-alice@"))
    });
    let run = second.disco("apply -auto-approve --var slaves=2 --lock-timeout=5m").ends_with(0);
    let run = run.says(&["stack lab is being updated by alice on ", ": waiting for it to end"]);
    assert!(run.stdout.contains("No changes."), "{}", run.stdout);
    Run::of(&apply.wait_with_output().unwrap()).ends_with(0);
    second.disco("plan -detailed-exitcode --var slaves=2").ends_with(0);
    settled(&second, 3);
}

/// Who thinks about a plan for long may be overtaken.
#[test]
fn a_plan_that_was_overtaken_while_its_owner_was_asked() {
    let first = TestProject::applied_lab();
    let _served = first.serve();
    let second = copy_of(&first);
    let ask = |words: &str| {
        let mut command = second.command(words);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut said, mut byte) = (Vec::new(), [0]);
        while !said.ends_with(b"Enter a value: ") {
            child.stderr.as_mut().unwrap().read_exact(&mut byte).unwrap();
            said.push(byte[0]);
        }
        child
    };
    let answer = |mut child: Child| {
        child.stdin.take().unwrap().write_all(b"yes\n").unwrap();
        Run::of(&child.wait_with_output().unwrap())
    };
    for words in ["apply --accept-data-loss --var slaves=3", "destroy"] {
        let asked = ask(words);
        // Heat's times are whole seconds.
        std::thread::sleep(Duration::from_millis(1_100));
        let slaves = if words == "destroy" { 1 } else { 2 };
        let mut apply = first.command(&format!("apply -auto-approve --accept-data-loss --var slaves={slaves}"));
        assert!(apply.env("USER", "alice").output().unwrap().status.success());
        let run = answer(asked).ends_with(1);
        run.says(&["disco::stack_in_use", "stack `lab` was changed by alice on ", "it plans anew"]);
        settled(&first, slaves + 1);
    }
    // Who is not overtaken goes on.
    answer(ask("apply --accept-data-loss --var slaves=2")).ends_with(0);
    settled(&second, 3);
}
