//! Plans in files: carried out exactly, or refused.

use std::fs;

use disco::state::salted_digest;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::support::{Run, TestProject};

const PROJECT: &str = r#"
variable "slaves" { default = 2 }
variable "block" { default = "128m" }
variable "password" {
  default   = "hunter2"
  sensitive = true
}
cluster "lab" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.large" }
  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }
  framework "hadoop" {
    config "hdfs-site.xml" {
      set = { "dfs.blocksize" = var.block }
    }
    config "core-site.xml" {
      set = { "lab.password" = var.password, "lab.note" = file("note.txt") }
    }
  }
}
"#;

fn project() -> TestProject {
    let project = TestProject::with(PROJECT);
    project.write("note.txt", "one");
    project
}

#[track_caller]
fn stale(run: Run, why: &str) {
    let run = run.ends_with(1);
    assert!(run.stderr.contains("the saved plan is stale: ") && run.stderr.contains(why), "{}", run.stderr);
}

#[test]
fn what_was_planned_is_what_is_done() {
    let project = project();
    let plan = project.disco("plan -out=first.plan").ends_with(0);
    assert!(plan.stderr.contains("disco apply first.plan"), "{}", plan.stderr);
    assert_eq!(project.disco("show first.plan").ends_with(0).stdout, plan.stdout, "it is shown as it was");
    assert_eq!(project.disco("-v show first.plan").ends_with(0).stderr, "", "definitions are not read for it");
    assert_eq!(project.disco("-v show").ends_with(0).stderr, "read main.disco.hcl\n");
    assert_eq!(project.disco("show").ends_with(0).stderr, "");
    let done = project.disco("apply first.plan").ends_with(0);
    assert!(done.stdout.contains("Apply complete! Resources: 8 added, 0 changed, 0 destroyed."), "{}", done.stdout);
    project.disco("plan -detailed-exitcode").ends_with(0);
    let first: Json = serde_json::from_str(&project.read("first.plan")).unwrap();
    assert_eq!(project.state()["lineage"], first["base"]["lineage"], "the state began with it");

    // With the variables that it was made with, without a question, and once only.
    project.disco("plan --var slaves=3 --var block=64m --out more.plan").ends_with(0);
    project.disco("apply more.plan").ends_with(0);
    project.disco("plan -detailed-exitcode --var slaves=3 --var block=64m").ends_with(0);
    stale(project.disco("apply more.plan"), "(serial 1 → 2, last by `disco apply` by ");

    project.disco("plan -destroy -out=end.plan").ends_with(0);
    let end = project.disco("apply end.plan").ends_with(0);
    assert!(end.stdout.contains("Destroy complete!"), "{}", end.stdout);
    assert_eq!(project.state()["clusters"], Json::Object(serde_json::Map::new()));
}

#[test]
fn what_has_changed_since_is_named() {
    let project = project();
    project.disco("apply -auto-approve").ends_with(0);
    let before = project.read("disco.state.json");
    project.disco("plan --var block=64m --out a.plan").ends_with(0);

    project.write("main.disco.hcl", &PROJECT.replace("m1.medium", "m1.large"));
    stale(project.disco("apply a.plan"), "the definition was changed since: main.disco.hcl");
    project.write("main.disco.hcl", PROJECT);
    project.write("more.auto.vars.hcl", "slaves = 2");
    stale(project.disco("apply a.plan"), "more.auto.vars.hcl");
    fs::remove_file(project.file("more.auto.vars.hcl")).unwrap();
    let with_environment = project.command("apply a.plan").env("DISCO_VAR_slaves", "3").output().unwrap();
    assert!(String::from_utf8_lossy(&with_environment.stderr).contains("DISCO_VAR_slaves"));
    project.write("note.txt", "two");
    stale(project.disco("apply a.plan"), "has changed: cluster.lab.master, cluster.lab.master[0]");
    project.write("note.txt", "one");
    assert_eq!(project.read("disco.state.json"), before, "nothing was done");
    project.disco("apply a.plan").ends_with(0);
}

#[test]
fn secrets_are_taken_from_their_sources_again() {
    let project = project();
    project.disco("plan --var password=tr0ub4dor --var slaves=1 --out a.plan").ends_with(0);
    let text = project.read("a.plan");
    assert!(!text.contains("tr0ub4dor") && !text.contains("hunter2"), "a secret stands in the plan");
    let asked = project.disco("apply a.plan").ends_with(1);
    assert!(asked.stderr.contains("--var password=…"), "{}", asked.stderr);
    stale(project.disco("apply a.plan --var password=other"), "--var password");
    stale(project.disco("apply a.plan --var password=tr0ub4dor --var slaves=2"), "--var slaves");
    project.disco("apply a.plan --var password=tr0ub4dor --var slaves=1").ends_with(0);
    project.disco("plan -detailed-exitcode --var password=tr0ub4dor --var slaves=1").ends_with(0);
}

/// Digests of the inputs and of the definition that a plan's file has.
fn digests(project: &TestProject, plan: &str) -> Vec<String> {
    let plan: Json = serde_json::from_str(&project.read(plan)).unwrap();
    let inputs = plan["made_from"]["inputs"].as_array().unwrap().iter().chain([&plan["base"]]);
    let digests = inputs.filter_map(|input| input["digest"].as_str().or_else(|| input["definition_digest"].as_str()));
    digests.map(str::to_owned).collect()
}

#[test]
fn nobody_can_try_values_of_secrets_with_a_plan_alone() {
    let project = project();
    // The salt is made with the plan, and kept until the plan is applied.
    project.disco("plan --var password=tr0ub4dor --out a.plan").ends_with(0);
    let plan: Json = serde_json::from_str(&project.read("a.plan")).unwrap();
    let state = project.state();
    let salt = state["salt"].as_str().unwrap();
    assert!(!project.read("a.plan").contains(salt), "whoever has the salt can try");
    let lineage = plan["base"]["lineage"].as_str().unwrap();
    let guess = |salt: &str| salted_digest(salt, "password", "tr0ub4dor");
    assert!(digests(&project, "a.plan").contains(&guess(salt)));
    assert!(!digests(&project, "a.plan").contains(&guess(lineage)));
    assert_eq!(digests(&project, "a.plan").len(), 3, "definition, password, all together");
    project.disco("apply a.plan --var password=tr0ub4dor").ends_with(0);
    // Without the state that has the salt the plan is of no use, and that is what is said.
    project.disco("plan --var password=tr0ub4dor --var slaves=3 --out b.plan").ends_with(0);
    for file in ["disco.state.json", ".disco/states"] {
        let path = project.file(file);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    stale(
        project.disco("apply b.plan --var password=tr0ub4dor"),
        "`disco.state.json`, which it was made from, does not",
    );
}

#[test]
fn a_plan_without_secrets_begins_no_state() {
    let project = TestProject::lab();
    project.disco("plan --out a.plan").ends_with(0);
    assert!(!project.file("disco.state.json").exists());
    assert!(project.read("a.plan").contains("\"disco_plan\": \"1.0\""));
    project.disco("apply a.plan").ends_with(0);
    project.disco("plan --var slaves=3 --out b.plan").ends_with(0);
    assert!(project.read("b.plan").contains("\"disco_plan\": \"1.1\""));
    project.disco("apply b.plan").ends_with(0);
}

#[test]
fn plans_of_a_disco_that_salted_with_the_lineage_are_applied() {
    let project = project();
    let plan = |out: &str| project.disco(&format!("plan --var password=tr0ub4dor --out {out}")).ends_with(0);
    plan("a.plan");
    let mut old: Json = serde_json::from_str(&project.read("a.plan")).unwrap();
    let state = project.state();
    let (salt, lineage) = (state["salt"].as_str().unwrap(), state["lineage"].as_str().unwrap());
    old["disco_plan"] = "1.0".into();
    let mut text = old.to_string();
    let definition = data_encoding::HEXLOWER.encode(&Sha256::digest(PROJECT.as_bytes()));
    for (name, value) in [("main.disco.hcl", definition.as_str()), ("password", "tr0ub4dor")] {
        let now = salted_digest(salt, name, value);
        assert!(text.contains(&now), "{name}");
        text = text.replace(&now, &salted_digest(lineage, name, value));
    }
    for (name, parameter) in old["steps"][0]["parameters"].as_object().unwrap() {
        let Some(now) = parameter["digest"].as_str() else { continue };
        let value = ["tr0ub4dor", "hunter2"].into_iter().find(|value| salted_digest(salt, name, value) == now);
        text = text.replace(now, &salted_digest(lineage, name, value.expect("a secret of the project")));
    }
    project.write("old.plan", &text);
    project.disco("apply old.plan --var password=tr0ub4dor").ends_with(0);
    project.disco("plan -detailed-exitcode --var password=tr0ub4dor").ends_with(0);
}

#[test]
fn the_same_values_may_come_by_another_way() {
    let with = |project: &TestProject, arguments: &str, secret: &str| {
        project.command(arguments).env("DISCO_VAR_password", secret).output().unwrap()
    };
    let ended = |run: std::process::Output, code: i32| {
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(code), "{said}");
        said
    };
    let project = project();
    project.write("ci.vars.hcl", "password = \"tr0ub4dor\"\n");
    // A file of variables: named again, not named again, and the secret from the environment beside it.
    for again in ["apply a.plan --var-file ci.vars.hcl", "apply a.plan", ""] {
        project.disco("plan --var-file ci.vars.hcl --out a.plan").ends_with(0);
        match again {
            "" => drop(ended(with(&project, "apply a.plan", "tr0ub4dor"), 0)),
            again => drop(project.disco(again).ends_with(0)),
        }
        project.disco("destroy -auto-approve").ends_with(0);
    }
    // A secret that was typed comes from the environment, and the other way round.
    project.disco("plan --var password=tr0ub4dor --out a.plan").ends_with(0);
    let other = ended(with(&project, "apply a.plan", "other"), 1);
    assert!(other.contains("the definition was changed since: --var password"), "{other}");
    ended(with(&project, "apply a.plan", "tr0ub4dor"), 0);
    project.disco("destroy -auto-approve").ends_with(0);
    ended(with(&project, "plan --out a.plan", "tr0ub4dor"), 0);
    stale(project.disco("apply a.plan"), "DISCO_VAR_password");
    project.disco("apply a.plan --var password=tr0ub4dor").ends_with(0);
}

#[test]
fn only_plans_are_plans() {
    let project = project();
    for (text, says) in [
        ("", "is not a plan of DISCO"),
        ("[]", "is not a plan of DISCO"),
        ("{\"disco_plan\": \"1.0\"}", "is not a plan of DISCO"),
        ("{\"disco_plan\": \"9.0\", \"made_from\": {}}", "is a plan of format 9.0"),
        ("{\"planned_values\": {}, \"terraform_version\": \"1.11.4\"}", "is not a plan of DISCO"),
    ] {
        project.write("x.plan", text);
        for command in ["apply x.plan", "show x.plan"] {
            let run = project.disco(command).ends_with(1);
            assert!(run.stderr.contains(says) && run.stderr.contains("help: "), "{text}: {}", run.stderr);
        }
    }
    let none = project.disco("apply y.plan").ends_with(1);
    assert!(none.stderr.contains("`y.plan` does not exist"), "{}", none.stderr);
    // A plan that is refused is not kept.
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan --var slaves=1 --out loss.plan").ends_with(1);
    assert!(!project.file("loss.plan").exists());
    project.disco("plan --var slaves=1 --accept-data-loss --out loss.plan").ends_with(0);
    project.disco("apply loss.plan").ends_with(0);
    project.disco("plan -detailed-exitcode --var slaves=1").ends_with(0);
}

#[test]
fn batches_are_kept_by_their_differences() {
    let project = project();
    project.disco("apply -auto-approve --var slaves=9").ends_with(0);
    project.disco("plan --var slaves=9 --var block=64m --out a.plan").ends_with(0);
    let text = project.read("a.plan");
    let plan: Json = serde_json::from_str(&text).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 10);
    assert!(steps[0]["template"].is_object() && steps[0].get("template_changes").is_none());
    for step in &steps[1..9] {
        let set = step["template_changes"]["resources"]["set"].as_object().unwrap();
        assert!(step.get("template").is_none() && set.len() <= 2, "{set:?}");
    }
    project.disco("apply a.plan").ends_with(0);
}

/// What is resolved of a creation that Heat refused is no change that anybody made: the plan for it can be carried out.
#[test]
fn a_plan_after_a_creation_that_came_to_nothing_is_carried_out() {
    let project = TestProject::lab();
    project.write("faults", "POST /stacks, always: 500\n");
    let fails = || {
        let mut command = project.command("apply -auto-approve");
        Run::of(&command.env("DISCO_LOCAL_FAULTS", project.file("faults")).output().unwrap()).ends_with(1);
    };
    fails();
    project.disco("plan --out a.plan").ends_with(0);
    project.disco("apply a.plan").ends_with(0);
    project.disco("destroy -auto-approve").ends_with(0);
    fails();
    project.disco("plan --destroy --out b.plan").ends_with(0);
    project.disco("apply b.plan").ends_with(0);
    assert_eq!(project.state()["clusters"], serde_json::json!({}));
}
