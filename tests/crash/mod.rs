//! `kill -9` at random moments: a few here, hundreds by hand (`tests/crash/kill.py DISCO examples/hadoop 200`).

use std::path::Path;
use std::process::Command;

/// Kills runs of a project below the root; `each` machines for each of its `slaves`.
fn killed(project: &str, kills: &str, each: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("python3")
        .arg(root.join("tests/crash/kill.py"))
        .arg(env!("CARGO_BIN_EXE_disco"))
        .arg(root.join(project))
        .args([kills, "20260", each])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn killed_at_any_moment_nothing_is_lost() {
    killed("examples/hadoop", "16", "1");
}

#[test]
fn killed_between_stacks_nothing_is_lost() {
    killed("tests/crash/several-stacks", "12", "4");
}
