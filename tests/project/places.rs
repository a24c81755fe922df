//! What holds wherever a state is kept: in a file, or on a server.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::support::{LAB, Run, StateServer, TestProject};

/// A project and where its state is.
struct Kept {
    project: TestProject,
    server: Option<StateServer>,
}

const FILE: &str = "disco.state.json";
const PATH: &str = "/lab";

/// The lab with its state on a server.
fn on(server: &StateServer) -> TestProject {
    TestProject::with(&format!("disco {{\n  state \"http\" {{ address = \"{}{PATH}\" }}\n}}\n{LAB}", server.url))
}

fn everywhere(law: impl Fn(&Kept)) {
    law(&Kept { project: TestProject::with(LAB), server: None });
    let server = StateServer::start();
    law(&Kept { project: on(&server), server: Some(server) });
}

impl Kept {
    fn bytes(&self) -> Option<Vec<u8>> {
        match &self.server {
            None => std::fs::read(self.project.file(FILE)).ok(),
            Some(server) => server.state(PATH),
        }
    }

    fn put(&self, bytes: &[u8]) {
        match &self.server {
            None => self.project.write_bytes(FILE, bytes),
            Some(server) => server.put(PATH, bytes),
        }
    }

    fn state(&self) -> Json {
        serde_json::from_slice(&self.bytes().unwrap()).unwrap()
    }

    /// Begins to apply, and waits until the cloud is at work.
    fn begin(&self) -> Child {
        let mut command = self.project.command("apply -auto-approve");
        command.env("DISCO_LOCAL_TIME_SCALE", "0.05").stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let until = Instant::now() + Duration::from_mins(1);
        let at_work = || self.bytes().is_some_and(|bytes| String::from_utf8_lossy(&bytes).contains("\"intent\""));
        while !at_work() {
            assert!(Instant::now() < until, "nothing was begun");
            std::thread::sleep(Duration::from_millis(3));
        }
        child
    }

    /// The same project of somebody else.
    fn other(&self) -> Option<TestProject> {
        self.server.as_ref().map(on)
    }
}

fn end(child: Child) -> Run {
    Run::of(&child.wait_with_output().unwrap())
}

#[test]
fn what_is_saved_is_loaded() {
    everywhere(|kept| {
        kept.project.disco("apply -auto-approve").ends_with(0);
        assert_eq!(kept.state()["serial"], 1);
        kept.project.disco("plan -detailed-exitcode").ends_with(0);
        let pulled = kept.project.disco("state pull").ends_with(0).stdout;
        assert_eq!(pulled.into_bytes(), kept.bytes().unwrap());
        if let Some(other) = kept.other() {
            assert!(!kept.project.file(FILE).exists() && !kept.project.file("errored.disco.state.json").exists());
            assert!(other.disco("show").ends_with(0).stdout.contains("lab"), "it is everybody's");
        }
        kept.project.disco("destroy -auto-approve").ends_with(0);
        assert_eq!(kept.state()["clusters"], serde_json::json!({}));
    });
}

#[test]
fn what_somebody_else_has_written_stays() {
    everywhere(|kept| {
        let child = kept.begin();
        let mut theirs = kept.state();
        theirs["last"]["user"] = "eve".into();
        let theirs = serde_json::to_vec_pretty(&theirs).unwrap();
        kept.put(&theirs);
        let run = end(child).ends_with(1);
        // However the words are wrapped.
        let said: String = run.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("another program has changed it"), "{said}");
        assert_eq!(kept.bytes().unwrap(), theirs);
        assert!(kept.server.as_ref().is_none_or(|server| server.lock(PATH).is_none()), "the lock is given back");
    });
}

#[test]
fn the_second_one_learns_who_is_at_it() {
    everywhere(|kept| {
        let mut child = kept.begin();
        kept.project.disco("plan").ends_with(1).says(&["the project is in use by `disco apply` of "]);
        if let Some(other) = kept.other() {
            other.disco("plan").ends_with(1).says(&[
                "the state is in use by `disco apply` of ",
                "process ",
                "--lock-timeout=1m",
                "do not end by themselves",
                "disco force-unlock ",
            ]);
        }
        child.kill().unwrap();
        child.wait().unwrap();
    });
}

#[test]
fn who_is_killed_in_the_middle_is_followed() {
    everywhere(|kept| {
        let mut child = kept.begin();
        child.kill().unwrap();
        child.wait().unwrap();
        if let Some(server) = &kept.server {
            let id = server.lock(PATH).unwrap()["ID"].as_str().unwrap().to_owned();
            kept.project.disco("apply -auto-approve").ends_with(1).says(&[&format!("disco force-unlock {id}")]);
            kept.project.disco("force-unlock other --force").ends_with(1).says(&["has another lock than `other`"]);
            let run = kept.project.disco(&format!("force-unlock {id} --force")).ends_with(0);
            run.says(&["The state is in use by `disco apply` of ", "Stack lab may still be moving"]);
            assert!(server.lock(PATH).is_none());
        }
        assert_eq!(kept.project.disco("force-unlock").ends_with(0).stdout, "The project is not locked.\n");
        kept.project.disco("apply -auto-approve").ends_with(0);
        kept.project.disco("plan -detailed-exitcode").ends_with(0);
    });
}

#[test]
fn what_was_before_an_operation_can_be_put_back() {
    everywhere(|kept| {
        kept.project.disco("apply -auto-approve").ends_with(0);
        let before = kept.state();
        kept.project.disco("apply -auto-approve --var slaves=3").ends_with(0);
        let history: Json =
            serde_json::from_str(&kept.project.disco("state history --json").ends_with(0).stdout).unwrap();
        assert!(history.to_string().contains("\"serial\":1"), "{history}");
        kept.project.disco("state rollback 1").ends_with(0);
        assert_eq!(kept.state()["clusters"], before["clusters"]);
        assert_eq!(kept.state()["serial"], 3);
    });
}

#[test]
fn a_state_that_is_gone_is_no_new_project() {
    everywhere(|kept| {
        kept.project.disco("apply -auto-approve").ends_with(0);
        kept.project.disco("apply -auto-approve --var slaves=3").ends_with(0);
        match &kept.server {
            None => std::fs::remove_file(kept.project.file(FILE)).unwrap(),
            Some(server) => server.forget(PATH),
        }
        kept.project.disco("plan").ends_with(1).says(&["any more", "put the last good copy back"]);
    });
}
