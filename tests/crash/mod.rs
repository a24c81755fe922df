//! `kill -9` at random moments: a few here, hundreds by hand (`tests/crash/kill.py DISCO examples/hadoop 200`).

use std::path::Path;
use std::process::Command;

#[test]
fn killed_at_any_moment_nothing_is_lost() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("python3")
        .arg(root.join("tests/crash/kill.py"))
        .arg(env!("CARGO_BIN_EXE_disco"))
        .arg(root.join("examples/hadoop"))
        .args(["16", "20260"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
