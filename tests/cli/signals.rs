//! What asks a command to end: the keyboard, a polite kill, a terminal that was closed.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Run, Store, TestProject};

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap().success());
}

fn start(mut command: Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until stderr has this, and returns all that it has said.
fn read_until(child: &mut Child, words: &str) -> String {
    let (mut said, mut some) = (Vec::new(), [0; 256]);
    while !String::from_utf8_lossy(&said).contains(words) {
        let count = child.stderr.as_mut().unwrap().read(&mut some).unwrap();
        assert_ne!(count, 0, "no `{words}` in {}", String::from_utf8_lossy(&said));
        said.extend_from_slice(&some[..count]);
    }
    String::from_utf8(said).unwrap()
}

/// Waits for its end, which has to come soon.
fn ended(mut child: Child) -> Run {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Run::of(&child.wait_with_output().unwrap())
}

#[test]
fn a_signal_ends_the_question_at_once() {
    let project = TestProject::lab();
    for name in ["INT", "TERM", "HUP"] {
        let mut apply = start(project.command("apply"));
        read_until(&mut apply, "Enter a value");
        signal(&apply, name);
        let run = ended(apply).ends_with(130);
        run.says(&["interrupted before anything was changed"]);
        assert!(!project.file(".disco/lock.json").exists(), "the lock is given back");
        assert!(!project.file("disco.state.json").exists());
    }
    project.disco("apply -auto-approve").ends_with(0);
}

#[test]
fn a_signal_ends_waiting_for_the_lock() {
    let project = TestProject::lab();
    let mut first = start(project.command("apply"));
    read_until(&mut first, "Enter a value");
    let second = start(project.command("apply -auto-approve --lock-timeout=5m"));
    std::thread::sleep(Duration::from_millis(300));
    signal(&second, "TERM");
    ended(second).ends_with(130);
    first.stdin.take().unwrap().write_all(b"no\n").unwrap();
    ended(first).ends_with(1).says(&["apply cancelled"]);
}

#[test]
fn a_signal_ends_watching_with_the_state_right() {
    for name in ["INT", "TERM", "HUP"] {
        let project = TestProject::lab();
        let mut command = project.command("apply -auto-approve");
        command.env("DISCO_LOCAL_TIME_SCALE", "1");
        let mut apply = start(command);
        read_until(&mut apply, "building");
        signal(&apply, name);
        let run = ended(apply).ends_with(130);
        run.says(&["Interrupt: watching stops", "Run `disco apply` again"]);
        assert!(!project.file(".disco/lock.json").exists());
        project.disco("apply -auto-approve").ends_with(0);
        let store = Store::read(project.path());
        assert_eq!((store.faults(), store.machines()), (Vec::new(), 2));
    }
}

#[test]
fn what_is_ignored_stays_ignored() {
    let project = TestProject::lab();
    let command = project.command("apply");
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
    shell.current_dir(project.path()).envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut apply = start(shell);
    read_until(&mut apply, "Enter a value");
    signal(&apply, "HUP");
    std::thread::sleep(Duration::from_millis(200));
    apply.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    ended(apply).ends_with(0);
}

#[test]
fn a_server_that_is_asked_to_end_says_good_bye() {
    for name in ["INT", "TERM", "HUP"] {
        let project = TestProject::lab();
        let mut serve = start(project.command("local serve --listen 127.0.0.1:0"));
        let mut byte = [0];
        serve.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
        signal(&serve, name);
        ended(serve).ends_with(0).says(&["Stopped"]);
        assert!(fs::metadata(project.file(".disco/engine/holder.json")).is_err(), "nobody is sent there any more");
    }
}
