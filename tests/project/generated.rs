//! Secrets that nobody has to invent: Heat makes them up, nodes get them, and nothing of DISCO's ever has one.
#![expect(clippy::disallowed_methods, reason = "looks into every file that a project has")]

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::support::TestProject;

const NAME: &str = "sparks.spark.secret";

fn definition(slaves: u32, spark: &str) -> String {
    format!(
        r#"
cluster "sparks" {{
  image = "debian-12"
  network {{ cidr = "10.30.0.0/22" }}
  master {{ flavor = "m1.medium" }}
  slaves {{
    count  = {slaves}
    flavor = "m1.large"
  }}
  framework "spark" {{ {spark} }}
}}
"#
    )
}

fn secret(project: &TestProject) -> String {
    let run = project.disco(&format!("output --raw --show-secrets {NAME}")).ends_with(0);
    run.stdout.trim_end().to_owned()
}

fn summary(project: &TestProject) -> String {
    project.disco("plan").ends_with(0).last_line().to_owned()
}

/// Every file of DISCO's own below the project's folder: the embedded Heat's store is Heat's.
fn own_files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("engine") {
            found.extend(own_files(&path));
        } else if path.is_file() {
            found.push((path.display().to_string(), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
        }
    }
    found
}

#[test]
fn a_secret_that_nobody_invented_reaches_nodes_and_nothing_else() {
    let project = TestProject::with(&definition(2, ""));
    let template = project.disco("template").ends_with(0).stdout;
    for line in ["secret-spark.secret:", "OS::Heat::RandomString", "length: 64", "get_attr:"] {
        assert!(template.contains(line), "{line}: {template}");
    }
    let began = ["plan --out saved.plan", "apply -auto-approve"];
    let mut printed = Vec::from(began.map(|command| project.disco(command).ends_with(0)));
    let secret = secret(&project);
    assert_eq!(secret.len(), 64, "{secret}");
    assert!(secret.chars().all(|letter| letter.is_ascii_alphanumeric()), "{secret}");
    let commands = ["plan --detailed-exitcode", "show --json", "output", "output --json", "explain secret", "graph"];
    printed.extend(commands.map(|command| project.disco(command).ends_with(0)));
    for run in &printed {
        assert!(!run.stdout.contains(&secret) && !run.stderr.contains(&secret));
    }
    let files = own_files(project.path());
    assert!(files.iter().any(|(path, _)| path.ends_with("disco.state.json")), "{files:?}");
    for (path, text) in files {
        assert!(!text.contains(&secret), "{path}");
    }
}

#[test]
fn outputs_name_generated_secrets_and_show_them_on_demand() {
    let project = TestProject::with(&definition(1, ""));
    assert_eq!(project.disco("output").ends_with(0).stdout, "No outputs found.\n");
    project.disco("apply -auto-approve").ends_with(0);
    assert_eq!(project.disco("output").ends_with(0).stdout, format!("{NAME} = <sensitive>\n"));
    let known: Json = serde_json::from_str(&project.disco("output --json").ends_with(0).stdout).unwrap();
    assert_eq!(known, serde_json::json!({ NAME: { "sensitive": true, "value": null } }));
    let refused = project.disco(&format!("output {NAME}")).ends_with(1);
    for words in ["`sparks.spark.secret` is secret", "add --show-secrets"] {
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    let secret = secret(&project);
    let shown = project.disco("output --show-secrets").ends_with(0).stdout;
    assert_eq!(shown, format!("{NAME} = \"{secret}\"\n"));
    let shown: Json = serde_json::from_str(&project.disco("output --json --show-secrets").stdout).unwrap();
    assert_eq!(shown, serde_json::json!({ NAME: { "sensitive": true, "value": secret } }));
    project.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(project.disco("output --show-secrets").ends_with(0).stdout, "No outputs found.\n");
}

/// Into stacks beside the base too, which are told the secret as a hidden parameter.
#[test]
fn growing_leaves_a_generated_secret_as_it_is() {
    let project = TestProject::with(&definition(2, ""));
    project.disco("apply -auto-approve").ends_with(0);
    let before = secret(&project);
    project.write("main.disco.hcl", &definition(36, ""));
    assert_eq!(summary(&project), "Plan: 34 to add, 0 to change, 0 to destroy.");
    let grown = project.disco("apply -auto-approve").ends_with(0);
    assert!(!grown.stdout.contains(&before) && !grown.stderr.contains(&before));
    project.disco("plan --detailed-exitcode").ends_with(0);
    assert_eq!(secret(&project), before);
    let state = project.read("disco.state.json");
    assert!(state.contains("sparks.shard-1") && !state.contains(&before));
    let stacks: Json = serde_json::from_str(&state).unwrap();
    let shard = &stacks["clusters"]["sparks"]["stacks"]["sparks.shard-1"];
    assert!(shard["parameters"].get("secret-spark.secret").is_none(), "not even a digest: {}", shard["parameters"]);
}

#[test]
fn a_secret_that_is_set_wins_and_one_that_is_removed_is_made_anew() {
    let project = TestProject::with(&definition(2, ""));
    project.disco("apply -auto-approve").ends_with(0);
    let first = secret(&project);
    project.write("main.disco.hcl", &definition(2, "secret = \"of-my-own-invention\""));
    let plan = project.disco("plan").ends_with(0).stdout;
    assert!(plan.contains("(new sensitive value)") && !plan.contains("of-my-own-invention"), "{plan}");
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    assert_eq!(project.disco("output --show-secrets").ends_with(0).stdout, "No outputs found.\n");
    project.write("main.disco.hcl", &definition(2, ""));
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    assert_ne!(secret(&project), first);
}
