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
    read_until_all(child, &[words.to_owned()])
}

/// The same for several, in any order.
fn read_until_all(child: &mut Child, words: &[String]) -> String {
    let (mut said, mut some) = (Vec::new(), [0; 256]);
    while let Some(missing) = words.iter().find(|words| !String::from_utf8_lossy(&said).contains(words.as_str())) {
        let count = child.stderr.as_mut().unwrap().read(&mut some).unwrap();
        assert_ne!(count, 0, "no `{missing}` in {}", String::from_utf8_lossy(&said));
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

/// Three clusters, each with so many slaves.
fn three(slaves: u32) -> String {
    let cluster = |(number, name): (usize, &&str)| {
        format!(
            "cluster \"{name}\" {{\n  image = \"debian-12\"\n  network {{ cidr = \"10.{number}.0.0/24\" }}\n  \
             master {{ flavor = \"m1.small\" }}\n  slaves {{\n    count = {slaves}\n    flavor = \"m1.small\"\n  }}\n}}\n"
        )
    };
    ["a", "b", "c"].iter().enumerate().map(cluster).collect()
}

#[test]
fn a_signal_ends_watching_of_several_stacks_with_the_state_right() {
    for parallelism in [3, 2] {
        let project = TestProject::with(&three(1));
        let mut command = project.command(&format!("apply -auto-approve --parallelism={parallelism}"));
        command.env("DISCO_LOCAL_TIME_SCALE", "1");
        let mut apply = start(command);
        let under_way = ["a", "b", "c"].iter().take(parallelism);
        let building: Vec<_> = under_way.map(|name| format!("cluster.{name}.slaves[0]: building")).collect();
        read_until_all(&mut apply, &building);
        signal(&apply, "INT");
        let run = ended(apply).ends_with(130);
        let stacks = if parallelism == 3 { "stacks a, b and c" } else { "stacks a and b" };
        run.says(&["Interrupt: watching stops", &format!("stopped watching {stacks}\n"), "Run `disco apply` again"]);
        assert_eq!(Store::read(project.path()).stacks().len(), parallelism, "what had not begun has not");
        project.disco("apply -auto-approve").ends_with(0);
        let store = Store::read(project.path());
        assert_eq!((store.faults(), store.machines()), (Vec::new(), 6));
        project.disco("plan -detailed-exitcode").ends_with(0);
    }
}

#[test]
fn several_updates_are_cancelled_together() {
    let project = TestProject::with(&three(1));
    project.disco("apply -auto-approve").ends_with(0);
    project.write("main.disco.hcl", &three(2));
    project.write("faults", "node a-slaves-1: silent\nnode b-slaves-1: silent\nnode c-slaves-1: silent\n");
    let mut command = project.command("apply -auto-approve --cancel-on-interrupt");
    command.env("DISCO_LOCAL_FAULTS", project.file("faults")).env("DISCO_LOCAL_TIME_SCALE", "0.01");
    let mut apply = start(command);
    read_until_all(&mut apply, &["a", "b", "c"].map(|name| format!("cluster.{name}.slaves[1]: configuring")));
    signal(&apply, "INT");
    let run = ended(apply).ends_with(1);
    for cluster in ["a", "b", "c"] {
        assert!(run.stderr.contains(&format!("the update of stack `{cluster}` was cancelled")), "{}", run.stderr);
    }
    assert!(!run.stderr.contains("completed successfully"), "what was wanted is no failure: {}", run.stderr);
    assert_eq!(Store::read(project.path()).machines(), 6, "all is as before");
    project.disco("apply -auto-approve").ends_with(0);
    let store = Store::read(project.path());
    assert_eq!((store.faults(), store.machines()), (Vec::new(), 9));
}
