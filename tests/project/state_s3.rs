//! A state in an S3 store: compared by the store itself, locked by an object, and never lost.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::support::s3::{ACCESS_KEY, BUCKET, S3Store, SECRET_KEY};
use crate::support::{LAB, Run, TestProject, Trouble};

const KEY: &str = "lab/disco.state.json";
const LOCK: &str = "lab/disco.state.json.lock";

/// A project whose state is in the store.
struct Lab(TestProject);

impl Lab {
    fn of(store: &S3Store) -> Self {
        Self::with(store, BUCKET, KEY, "")
    }

    fn with(store: &S3Store, bucket: &str, key: &str, more: &str) -> Self {
        let block = format!("bucket = \"{bucket}\"\nkey = \"{key}\"\nendpoint = \"{}\"", store.url);
        Self(TestProject::with(&format!("disco {{\n  state \"s3\" {{\n{block}\n}}\n{more}\n}}\n{LAB}")))
    }

    fn command(&self, words: &str) -> Command {
        let mut command = self.0.command(words);
        command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        command
    }

    fn disco(&self, words: &str) -> Run {
        let run = Run::of(&self.command(words).output().unwrap());
        assert!(!run.stdout.contains(SECRET_KEY) && !run.stderr.contains(SECRET_KEY));
        run
    }
}

fn state(store: &S3Store) -> Json {
    serde_json::from_slice(&store.object(KEY).unwrap()).unwrap()
}

#[test]
fn a_life_in_a_store() {
    let store = S3Store::start();
    let lab = Lab::of(&store);
    lab.disco("plan -detailed-exitcode").ends_with(2);
    assert!(store.object(KEY).is_none() && store.object(LOCK).is_none(), "looking leaves nothing");
    lab.disco("apply -auto-approve").ends_with(0);
    assert!(store.object(LOCK).is_none(), "the lock is given back");
    assert!(!lab.0.file("disco.state.json").exists());
    let serial = state(&store)["serial"].as_u64().unwrap();
    store.take();
    lab.disco("plan -detailed-exitcode").ends_with(0);
    // The lock, and that the store judges conditions; the state; the lock again.
    let lock = format!("PUT {LOCK}");
    let asked =
        [lock.clone(), lock.clone(), lock, format!("GET {KEY}"), format!("GET {LOCK}"), format!("DELETE {LOCK}")];
    assert_eq!(store.take(), asked);
    assert!(lab.disco("state pull").ends_with(0).stdout.contains("\"serial\""));
    lab.disco("destroy -auto-approve").ends_with(0);
    assert!(state(&store)["serial"].as_u64().unwrap() > serial);
    assert_eq!(state(&store)["clusters"], serde_json::json!({}));
}

#[test]
fn lost_answers_are_read_back() {
    let store = S3Store::start();
    let lab = Lab::of(&store);
    store.trouble("PUT", ".lock", 0, 1, Trouble::Lose);
    store.trouble("PUT", "state.json", 0, 2, Trouble::Lose);
    store.trouble("DELETE", ".lock", 0, 1, Trouble::Lose);
    store.trouble("GET", "state.json", 0, 1, Trouble::Refuse(503));
    lab.disco("apply -auto-approve").ends_with(0);
    assert!(store.object(LOCK).is_none());
    store.calm();
    lab.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn what_somebody_else_has_written_is_not_written_over() {
    let store = S3Store::start();
    let lab = Lab::of(&store);
    lab.disco("apply -auto-approve").ends_with(0);
    // Between reading and writing, although the lock says that nobody may.
    store.trouble("PUT", "state.json", 0, 1, Trouble::Steal);
    let run = lab.disco("apply -auto-approve --var slaves=2").ends_with(1);
    let run = run.says(&["changed it since this command read it", "errored.disco.state.json"]);
    assert_eq!(store.object(KEY).unwrap(), b"{}", "{}", run.stderr);
}

#[test]
fn a_lock_that_was_left_is_told_and_taken_away() {
    let store = S3Store::start();
    let lab = Lab::of(&store);
    let mut command = lab.command("apply -auto-approve");
    command.env("DISCO_LOCAL_TIME_SCALE", "0.3").stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    while store.object(KEY).is_none() {
        assert!(begun.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let lock: Json = serde_json::from_slice(&store.object(LOCK).unwrap()).unwrap();
    let id = lock["ID"].as_str().unwrap();
    let refused = lab.disco("plan").ends_with(1);
    let refused = refused.says(&["the state is in use by `disco apply` of ", &format!("disco force-unlock {id}")]);
    assert!(refused.stderr.contains("since "), "{}", refused.stderr);
    lab.disco("force-unlock another --force").ends_with(1).says(&["the state has another lock than `another`"]);
    lab.disco(&format!("force-unlock {id} --force")).ends_with(0);
    assert!(store.object(LOCK).is_none());
    lab.disco("apply -auto-approve").ends_with(0);
    lab.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn of_two_at_once_one_waits() {
    let store = S3Store::start();
    let first = Lab::of(&store);
    let mut command = first.command("apply -auto-approve");
    command.env("DISCO_LOCAL_TIME_SCALE", "0.05").stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    while store.object(LOCK).is_none() {
        assert!(begun.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(5));
    }
    // From another folder, as on another machine.
    let second = Lab::of(&store);
    second.disco("plan").ends_with(1).says(&["the state is in use by `disco apply` of "]);
    second.disco("state list --lock-timeout=1m").ends_with(0);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_store_that_ignores_conditions_is_refused() {
    let store = S3Store::start();
    store.ignores_conditions();
    let lab = Lab::of(&store);
    let run = lab.disco("apply -auto-approve").ends_with(1);
    run.says(&["this store ignores the conditions of requests", "two people at once would lose"]);
    assert!(store.object(KEY).is_none() && store.object(LOCK).is_none(), "nothing is left");
}

/// Only that the condition does not hold proves that a store judges it; whatever else it says, no lock stays behind.
#[test]
fn a_store_that_cannot_prove_itself_keeps_no_lock() {
    for (passed, status) in [(1, 501), (1, 403), (2, 501)] {
        let store = S3Store::start();
        let lab = Lab::of(&store);
        store.trouble("PUT", ".lock", passed, 1, Trouble::Refuse(status));
        let run = lab.disco("plan").ends_with(1).says(&["cannot lock the state", &status.to_string()]);
        assert!(store.object(LOCK).is_none(), "{passed} {status}: {}", run.stderr);
        lab.disco("plan -detailed-exitcode").ends_with(2);
    }
    let store = S3Store::start();
    store.has_no_tags();
    let lab = Lab::of(&store);
    lab.disco("apply -auto-approve").ends_with(1).says(&["this store gives objects no ETag"]);
}

#[test]
fn a_lock_that_somebody_else_has_taken_is_left_to_them() {
    let store = S3Store::start();
    let lab = Lab::of(&store);
    // Between looking whose it is and giving it back.
    store.trouble("DELETE", ".lock", 0, 1, Trouble::Steal);
    lab.disco("apply -auto-approve").ends_with(0).says(&["The lock could not be given back"]);
    assert_eq!(store.object(LOCK).unwrap(), b"{}", "theirs");
}

#[test]
fn writing_at_the_same_moment_is_tried_again() {
    let store = S3Store::start();
    let lab = Lab::of(&store);
    store.trouble("PUT", ".lock", 0, 1, Trouble::Refuse(409));
    store.trouble("PUT", "state.json", 0, 2, Trouble::Refuse(409));
    lab.disco("apply -auto-approve").ends_with(0);
    assert!(store.object(LOCK).is_none());
}

#[test]
fn what_is_wrong_with_a_store_is_said() {
    let store = S3Store::start();
    let nowhere = Lab::with(&store, "lost", KEY, "");
    nowhere.disco("plan").ends_with(1).says(&["The specified bucket does not exist", "make the bucket"]);
    let lab = Lab::of(&store);
    let wrong = Run::of(&lab.command("plan").env("AWS_SECRET_ACCESS_KEY", "guess").output().unwrap()).ends_with(1);
    wrong.says(&["403", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"]);
    lab.disco("workspace new lab2").ends_with(0);
    lab.disco("plan").ends_with(1).says(&["would be that of all others", "{workspace}"]);
    let marked = Lab::with(&store, BUCKET, "lab/{workspace}.json", "");
    marked.disco("workspace new lab2").ends_with(0);
    marked.disco("apply -auto-approve").ends_with(0);
    assert!(store.object("lab/lab2.json").is_some());
    let odd = Lab::with(&store, "a/b", "/x", "");
    odd.disco("validate")
        .ends_with(1)
        .says(&["the `bucket` of the state cannot be used", "the `key` of the state cannot be used"]);
}

#[test]
fn nothing_of_an_encrypted_state_is_readable_in_the_store() {
    let store = S3Store::start();
    let lab = Lab::with(&store, BUCKET, KEY, &format!("  encryption {{\n    key = \"{}\"\n  }}", "1".repeat(64)));
    lab.disco("apply -auto-approve").ends_with(0);
    let text = String::from_utf8(store.object(KEY).unwrap()).unwrap();
    assert!(text.contains("disco-encrypted/1") && !text.contains("clusters"), "{text:.300}");
    lab.disco("plan -detailed-exitcode").ends_with(0);
}
