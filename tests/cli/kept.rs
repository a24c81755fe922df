//! An engine that commands start and keep: as with nodes that are real, here with simulated ones.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::support::{Run, TestProject};

/// A project whose commands keep an engine; it ends with the test.
struct Kept(TestProject);

impl Kept {
    fn command(&self, words: &str) -> Command {
        let mut command = self.0.command(words);
        command.env("DISCO_LOCAL_SERVE", "1");
        command
    }

    fn disco(&self, words: &str) -> Run {
        Run::of(&self.command(words).output().unwrap())
    }

    fn status(&self) -> Json {
        serde_json::from_str(&self.disco("local status --json").ends_with(0).stdout).unwrap()
    }

    fn is_down(&self) -> bool {
        self.disco("local status").code == 2
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.command("local stop").output();
    }
}

fn lab() -> Kept {
    Kept(TestProject::lab())
}

fn kill(pid: &Json) {
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(killed.success());
}

#[test]
fn the_first_command_starts_it_and_the_next_ones_use_it_until_it_is_stopped() {
    let kept = lab();
    assert!(kept.is_down());
    let first = kept.disco("apply -auto-approve").ends_with(0);
    let said: Vec<_> = first.stderr.lines().filter(|line| line.contains("Started the embedded Heat")).collect();
    assert_eq!(said.len(), 1, "{}", first.stderr);
    let status = kept.status();
    assert!(said[0].contains(status["url"].as_str().unwrap()) && said[0].contains("disco local stop"), "{said:?}");
    assert_eq!((status["running"].as_bool(), status["background"].as_bool()), (Some(true), Some(true)));
    assert_eq!(status["nodes"], serde_json::json!({"kind": "simulated", "all": 2, "running": 2}));

    let second = kept.disco("plan -detailed-exitcode").ends_with(0);
    assert!(!second.stderr.contains("Started"), "{}", second.stderr);
    assert_eq!(kept.status()["pid"], status["pid"], "it is the same one");
    let human = kept.disco("local status").ends_with(0).stdout;
    assert!(human.contains("runs in the background at") && human.contains("2 simulated nodes, 2 running."), "{human}");

    kept.disco("local stop").ends_with(0).says(&["Stopped the embedded Heat of this project"]);
    assert!(kept.is_down());
    assert!(!kept.0.file(".disco/engine/holder.json").exists());
    kept.disco("local stop").ends_with(0).says(&["does not run"]);
    kept.disco("destroy -auto-approve").ends_with(0).says(&["Started the embedded Heat"]);
}

#[test]
fn a_killed_one_is_started_again_by_the_next_command() {
    let kept = lab();
    kept.disco("apply -auto-approve").ends_with(0);
    let before = kept.status();
    kill(&before["pid"]);
    assert!(kept.0.file(".disco/engine/holder.json").exists(), "a kill leaves its information behind");
    kept.disco("plan -detailed-exitcode").ends_with(0).says(&["Started the embedded Heat"]);
    assert_ne!(kept.status()["pid"], before["pid"]);

    kill(&kept.status()["pid"]);
    assert!(kept.is_down(), "what it left says nothing");
    assert!(!kept.0.file(".disco/engine/holder.json").exists(), "and is cleaned away");
}

#[test]
fn one_that_is_killed_in_the_middle_leaves_what_the_next_apply_ends() {
    for millis in [40, 120, 250] {
        let kept = lab();
        kept.disco("plan").ends_with(0);
        let pid = kept.status()["pid"].clone();
        let mut apply = kept.command("apply -auto-approve --var slaves=4");
        apply
            .env("DISCO_LOCAL_TIME_SCALE", "0.01")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut apply = apply.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        kill(&pid);
        apply.wait().unwrap();
        kept.disco("apply -auto-approve --var slaves=4").ends_with(0);
        kept.disco("plan -detailed-exitcode --var slaves=4").ends_with(0);
        assert_eq!(kept.status()["nodes"]["all"], 5, "no node twice");
        kept.disco("destroy -auto-approve").ends_with(0);
        assert_eq!(kept.status()["nodes"]["all"], 0);
    }
}

#[test]
fn nodes_that_are_simulated_are_not_taken_for_containers() {
    let kept = lab();
    kept.disco("apply -auto-approve").ends_with(0);
    kept.0.write("provider.disco.hcl", "provider \"local\" { nodes = \"container\" }\n");
    let refused = kept.disco("plan").ends_with(1);
    refused.says(&["the servers of the embedded engine are simulated nodes", "nodes = \"simulated\""]);
    kept.0.write("provider.disco.hcl", "provider \"local\" {}\n");
    kept.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn commands_at_once_start_one() {
    let kept = lab();
    let run =
        |_| kept.command("plan").stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn();
    // Each waits for the project's lock, or is refused by it; none may fail for the engine's sake.
    let children: Vec<_> = (0..4).map(|number| run(number).unwrap()).collect();
    let runs: Vec<Run> = children.into_iter().map(|child| Run::of(&child.wait_with_output().unwrap())).collect();
    let started = runs.iter().filter(|run| run.stderr.contains("Started the embedded Heat")).count();
    assert_eq!(started, 1, "{runs:#?}");
    for run in &runs {
        assert!(run.code == 0 || run.stderr.contains("the project is in use"), "{run:?}");
    }
    let others: Vec<_> =
        (0..3).map(|_| kept.command("flavors").stdout(std::process::Stdio::null()).spawn().unwrap()).collect();
    for mut other in others {
        assert!(other.wait().unwrap().success());
    }
}

#[test]
fn an_engine_that_is_served_by_hand_is_used_as_it_is() {
    let kept = lab();
    let served = kept.0.serve();
    let run = kept.disco("apply -auto-approve").ends_with(0);
    assert!(!run.stderr.contains("Started"), "{}", run.stderr);
    let status = kept.status();
    assert_eq!(status["background"].as_bool(), Some(false));
    assert!(status["url"].as_str().unwrap().ends_with(&served.address));
    kept.disco("local stop").ends_with(0);
    assert!(kept.is_down());
}

#[test]
fn what_keeps_one_from_starting_is_said() {
    let kept = lab();
    kept.0.write(".disco/engine/log.jsonl", "nonsense\n{}\n");
    let run = kept.disco("plan").ends_with(1);
    run.says(&["the embedded Heat of this project could not be started", "is not of the embedded engine", "serve.log"]);
}

#[test]
fn one_without_nodes_ends_by_itself_and_so_does_one_whose_project_is_gone() {
    let within = |what: &str, done: &dyn Fn() -> bool| {
        let until = Instant::now() + Duration::from_secs(20);
        while !done() {
            assert!(Instant::now() < until, "{what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let kept = lab();
    let run = |words: &str| Run::of(&kept.command(words).env("DISCO_LOCAL_IDLE", "0.5").output().unwrap());
    run("plan").ends_with(0);
    within("it goes on without any node", &|| disco::local::held_by(&kept.0.file(".disco/engine")).is_none());
    run("apply -auto-approve").ends_with(0);
    std::thread::sleep(Duration::from_millis(2_500));
    let pid = kept.status()["pid"].to_string();
    std::fs::remove_dir_all(kept.0.file(".disco")).unwrap();
    let runs = |pid: &str| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        !status.is_empty() && !status.contains("State:\tZ")
    };
    within("it outlives its project", &|| !runs(&pid));
}

#[test]
#[cfg(unix)]
fn it_has_a_session_of_its_own() {
    let kept = lab();
    kept.disco("plan").ends_with(0);
    let pid = kept.status()["pid"].to_string();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    assert_eq!(fields[3], pid, "the session is named after its leader: {stat}");
}

#[test]
#[cfg(target_os = "linux")]
fn secrets_of_the_command_that_starts_it_do_not_stay_with_it() {
    let kept = lab();
    let mut plan = kept.command("plan");
    plan.env("DISCO_VAR_password", "hunter2").env("OS_PASSWORD", "hunter2").env("HTTP_PROXY", "http://127.0.0.1:9");
    Run::of(&plan.output().unwrap()).ends_with(0);
    let environment = std::fs::read(format!("/proc/{}/environ", kept.status()["pid"])).unwrap();
    let environment = String::from_utf8_lossy(&environment).into_owned();
    assert!(environment.contains("HTTP_PROXY="), "{environment}");
    assert!(!environment.contains("hunter2"), "{environment}");
}
