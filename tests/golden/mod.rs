//! Projects as released versions of DISCO left them. What they promised holds: today's DISCO plans nothing for them.
//!
//! `cargo test --locked -- --ignored golden` makes that of this version anew, from `tests/golden/main.disco.hcl`; once it
//! is released, its folder is not touched any more.
#![expect(clippy::disallowed_methods, reason = "keeps what a project has on its disk")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use disco::state::{decode, encode};
use serde_json::Value as Json;

use crate::support::TestProject;

/// What a golden project is made of, and where that stands in a living one.
const FILES: [(&str, &str); 3] = [
    ("main.disco.hcl", "main.disco.hcl"),
    ("state.json", "disco.state.json"),
    ("engine.jsonl", ".disco/engine/log.jsonl"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Versions, each with its project.
fn releases() -> Vec<(String, TestProject)> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut releases: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    releases.sort();
    let projects = releases.into_iter().map(|release| {
        let project = TestProject::with("");
        for (name, place) in FILES {
            project.write(place, &fs::read_to_string(release.join(name)).unwrap());
        }
        (release.file_name().unwrap().to_str().unwrap().to_owned(), project)
    });
    projects.collect()
}

#[test]
fn nothing_is_planned_for_what_a_release_left() {
    let releases = releases();
    assert!(releases.iter().any(|(version, _)| version == env!("CARGO_PKG_VERSION")), "this version has a golden too");
    for (version, project) in releases {
        let plan = project.disco("plan --detailed-exitcode");
        assert!(
            plan.code == 0 && plan.stdout.contains("No changes."),
            "a project of {version} is not left alone (if {version} is not released: \
             cargo test --locked -- --ignored golden):\n{}{}",
            plan.stdout,
            plan.stderr
        );
        project.disco("show").ends_with(0);
        project.disco("apply -auto-approve").ends_with(0);
        project.disco("plan --detailed-exitcode").ends_with(0);
        let grown = project.disco("plan --var workers=4").ends_with(0);
        assert!(grown.last_line().ends_with("1 to add, 0 to change, 0 to destroy."), "{version}:\n{}", grown.stdout);
        project.disco("destroy -auto-approve").ends_with(0);
        assert_eq!(project.state()["clusters"], serde_json::json!({}), "{version}");
    }
}

/// The engine's log without its history, by its documented format.
fn folded(log: &str) -> String {
    let mut entries: BTreeMap<String, Json> = BTreeMap::new();
    for line in log.lines() {
        let mut line: Json = serde_json::from_str(line).unwrap();
        for key in line["gone"].as_array().into_iter().flatten() {
            entries.remove(key.as_str().unwrap());
        }
        if let Some(set) = line["set"].as_object_mut() {
            entries.extend(std::mem::take(set));
        }
    }
    entries.iter().fold(String::new(), |mut text, (key, value)| {
        let _ = writeln!(text, "{{\"set\":{{{}:{value}}}}}", Json::from(key.as_str()));
        text
    })
}

/// The state without the name of the machine that it was made on.
fn anonymous(state: &str) -> String {
    let mut state = decode(state.as_bytes()).unwrap();
    let author = state.last.as_mut().unwrap();
    (author.user, author.host) = ("somebody".to_owned(), "golden".to_owned());
    String::from_utf8(encode(&state)).unwrap()
}

#[test]
#[ignore = "writes tests/golden anew for this version"]
fn this_version_leaves_a_golden_project() {
    let definition = fs::read_to_string(folder().join("main.disco.hcl")).unwrap();
    let project = TestProject::with(&definition);
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let release = folder().join(env!("CARGO_PKG_VERSION"));
    fs::create_dir_all(&release).unwrap();
    for (name, place) in FILES {
        let text = project.read(place);
        let text = match name {
            "state.json" => anonymous(&text),
            "engine.jsonl" => folded(&text),
            _ => text,
        };
        fs::write(release.join(name), text).unwrap();
    }
}
