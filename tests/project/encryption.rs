//! States and saved plans that are encrypted.

use std::path::Path;

use serde_json::Value as Json;

use crate::support::{LAB, StateServer, TestProject};

/// What only the state and plans say.
const MARK: &str = "mark-of-the-state";
const A: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const B: &str = "0202020202020202020202020202020202020202020202020202020202020202";

fn definition(disco: &str) -> String {
    format!("disco {{\n{disco}\n}}\noutput \"mark\" {{ value = \"{MARK}\" }}\n{LAB}")
}

fn project(disco: &str) -> TestProject {
    let project = TestProject::with(&definition(disco));
    project.write("a.key", &format!("{A}\n"));
    project.write("b.key", B);
    project
}

const WITH_A: &str = "encryption { key = file(\"a.key\") }";
const WITH_B: &str = "encryption { key = file(\"b.key\") }";
const WITH_BOTH: &str = "encryption {\n key = file(\"b.key\")\n previous = [{ key = file(\"a.key\") }]\n}";

/// Files in which the mark stands, but for definitions and the embedded Heat's own.
fn marked(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "engine" {
                found.extend(marked(&path));
            }
        } else if std::path::Path::new(&name).extension().is_none_or(|end| end != "hcl")
            && String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains(MARK)
        {
            found.push(name);
        }
    }
    found
}

#[test]
fn nothing_is_readable_without_the_key() {
    let project = project(WITH_A);
    let run = project.disco("apply -auto-approve").ends_with(0);
    run.says(&["States are encrypted from now on, with the key ", "lost the state"]);
    let run = project.disco("apply -auto-approve --var slaves=3").ends_with(0);
    assert!(!run.stderr.contains("encrypted from now on"), "it is said once");
    project.disco("plan --var slaves=4 --out a.plan").ends_with(0);
    assert_eq!(marked(project.path()), [""; 0]);
    let envelope: Json = serde_json::from_str(&project.read("disco.state.json")).unwrap();
    assert_eq!((envelope["format"].as_str(), envelope["serial"].as_u64()), (Some("disco-encrypted/1"), Some(2)));
    assert_eq!(envelope.as_object().unwrap().len(), 6, "{envelope}");

    assert!(project.disco("state pull").ends_with(0).stdout.contains(MARK));
    assert!(project.disco("output mark").ends_with(0).stdout.contains(MARK));
    assert!(project.disco("show a.plan").ends_with(0).stdout.contains("slaves"));
    project.disco("apply a.plan").ends_with(0);
    project.disco("plan -detailed-exitcode --var slaves=4").ends_with(0);
    project.disco("state rollback").ends_with(0);
    assert_eq!(marked(project.path()), [""; 0]);

    project.write("main.disco.hcl", &definition(""));
    project.disco("plan").ends_with(1).says(&["the definition has no `encryption` block", "state pull"]);
    project.disco("show a.plan").ends_with(1).says(&["the definition has no `encryption` block"]);
    project.write("main.disco.hcl", &definition(WITH_B));
    project.disco("plan").ends_with(1).says(&["it is encrypted with the key ", "`previous`"]);
}

#[test]
fn keys_follow_each_other() {
    let project = project("");
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("apply -auto-approve --var slaves=3").ends_with(0);
    assert_eq!(marked(project.path()).len(), 4, "the state, one of before, and what two operations said");
    project.write("main.disco.hcl", &definition(WITH_A));
    let run = project.disco("apply -auto-approve --var slaves=4").ends_with(0);
    run.says(&["States are encrypted from now on", "disco state encrypt"]);
    assert_eq!(marked(project.path()).len(), 3, "of what is written from then on nothing is readable");
    // What others left in the open: a plan of a service, and another workspace.
    project.write(".disco/plans/kept.plan", &format!("{{\"a\": \"{MARK}\"}}"));
    project.write(".disco/workspaces/other/operations/00000001-apply.jsonl", "{}\n");
    let run = project.disco("state encrypt").ends_with(0);
    assert!(run.stdout.contains("are encrypted with the key"), "{}", run.stdout);
    assert!(run.stdout.contains("kept in the open are removed: 1."), "{}", run.stdout);
    assert!(run.stdout.contains("Workspace `other` is not encrypted yet"), "{}", run.stdout);
    assert_eq!(marked(project.path()), [""; 0]);
    assert!(run.stdout.contains("Plan files that you saved before"), "{}", run.stdout);

    project.write("main.disco.hcl", &definition(WITH_BOTH));
    project.disco("plan -detailed-exitcode --var slaves=4").ends_with(0);
    project.disco("state encrypt").ends_with(0);
    project.write("main.disco.hcl", &definition(WITH_B));
    project.disco("plan -detailed-exitcode --var slaves=4").ends_with(0);
    let history: Json = serde_json::from_str(&project.disco("state history --json").ends_with(0).stdout).unwrap();
    assert!(history.to_string().contains("\"serial\":1"), "those of before are readable with it: {history}");

    // And away again.
    project.write("plain.json", &project.disco("state pull").ends_with(0).stdout);
    project.write("main.disco.hcl", &definition(""));
    project.disco("state encrypt").ends_with(1).says(&["does not say what to encrypt with"]);
    project.disco("state push --force plain.json").ends_with(0);
    project.disco("plan -detailed-exitcode --var slaves=4").ends_with(0);
}

#[test]
fn what_was_changed_is_refused() {
    let project = project(WITH_A);
    project.disco("apply -auto-approve").ends_with(0);
    let mut envelope: Json = serde_json::from_str(&project.read("disco.state.json")).unwrap();
    envelope["lineage"] = "another".into();
    project.write("disco.state.json", &envelope.to_string());
    project.disco("plan").ends_with(1).says(&["it was changed after it was encrypted with the key "]);
}

#[test]
fn a_passphrase_is_a_secret_variable() {
    let words = "encryption { passphrase = var.words }";
    let project = project(words);
    project.write("words.disco.hcl", "variable \"words\" {}\n");
    project.disco("plan --var words=correct-horse-battery").ends_with(1).says(&["disco::exposed_secret"]);
    project.write("words.disco.hcl", "variable \"words\" { sensitive = true }\n");
    project.disco("plan --var words=short").ends_with(1).says(&["disco::invalid_encryption_key", "16 characters"]);
    project.disco("apply -auto-approve --var words=correct-horse-battery").ends_with(0);
    assert_eq!(marked(project.path()), [""; 0]);
    project.disco("plan -detailed-exitcode --var words=correct-horse-battery").ends_with(0);
    project.disco("plan --var words=wrong-horse-battery").ends_with(1).says(&["it is encrypted with the key "]);
}

#[test]
fn a_server_sees_envelopes_only() {
    let server = StateServer::start();
    let project = project(&format!("state \"http\" {{ address = \"{}/lab\" }}\n{WITH_A}", server.url));
    project.disco("apply -auto-approve").ends_with(0);
    let kept = String::from_utf8(server.state("/lab").unwrap()).unwrap();
    assert!(kept.contains("disco-encrypted/1") && !kept.contains(MARK));
    project.disco("plan -detailed-exitcode").ends_with(0);
}
