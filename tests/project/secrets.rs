//! Secrets of a project go to the nodes and nowhere else: not to what is printed, not into the state.
#![expect(clippy::disallowed_methods, reason = "looks into every file that a project has")]

use std::fs;
use std::path::Path;

use crate::support::TestProject;

/// One for each way in: default, file of variables, literal, text of a file, output.
const MARKERS: [&str; 5] = ["XqDEFAULTv1", "XqASSIGNEDv2", "XqLITERALv3", "XqCONTENTv4", "XqOUTPUTv5"];

const DEFINITION: &str = r#"
variable "password" {
  sensitive = true
  default   = "XqDEFAULTv1"
}
variable "token" {
  sensitive = true
}
variable "slaves" { default = 1 }

cluster "c" {
  image    = "debian-12"
  ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1yuHfHOTHRKQDH2QVfFnM1VGiHFmwzBLEEpCxZnJ0e me"]
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.medium" }
  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }
  framework "hadoop" {
    config "core-site.xml" {
      set = {
        "fs.s3a.secret.key"    = var.password
        "fs.s3a.session.token" = var.token
        "fs.s3a.access.key"    = sensitive("XqLITERALv3")
        #HERE
      }
    }
    config "log4j.properties" {
      content = sensitive("rootLogger=XqCONTENTv4\n")
    }
  }
}

output "password" {
  sensitive = true
  value     = "XqOUTPUTv5 ${var.password}"
}
"#;

fn project(definition: &str) -> TestProject {
    let project = TestProject::with(definition);
    project.write("disco.vars.hcl", "slaves = 1\ntoken  = \"XqASSIGNEDv2\"\n");
    project
}

#[track_caller]
fn silent(what: &str, text: &str) {
    for marker in MARKERS {
        let shown = text.find(marker).map(|at| text[..at].chars().rev().take(200).collect::<Vec<_>>());
        let shown = shown.map(|before| before.into_iter().rev().collect::<String>());
        assert!(shown.is_none(), "{what} shows {marker} after …{}", shown.unwrap_or_default());
    }
}

/// Runs a command whose output must not show anything.
#[track_caller]
fn run(project: &TestProject, words: &str, code: i32) -> (String, String) {
    let run = project.disco(words).ends_with(code);
    silent(&format!("stdout of `{words}`"), &run.stdout);
    silent(&format!("stderr of `{words}`"), &run.stderr);
    (run.stdout, run.stderr)
}

/// Everything below a folder but the user's own files; of the engine's log only what it says of events and
/// resources, because as Heat's database it has the parameters.
fn kept(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            kept(&path, files);
        } else if name.ends_with("log.jsonl") {
            files.push((format!("events in {name}"), events(&fs::read_to_string(&path).unwrap())));
        } else if path.extension().is_none_or(|ending| ending != "hcl") {
            files.push((name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
        }
    }
}

/// What the engine's log has under keys of events.
fn events(log: &str) -> String {
    let mut events = String::new();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        for (key, value) in line["set"].as_object().into_iter().flatten() {
            if key.starts_with("event") {
                events.push_str(&value.to_string());
                events.push('\n');
            }
        }
    }
    events
}

fn silent_files(project: &TestProject) {
    let mut files = Vec::new();
    kept(project.path(), &mut files);
    for name in ["disco.state.json", "log.jsonl"] {
        assert!(files.iter().any(|(file, text)| file.ends_with(name) && !text.is_empty()), "no {name}");
    }
    for (name, text) in files {
        silent(&name, &text);
    }
}

#[test]
fn a_whole_life_shows_no_secret() {
    let project = project(DEFINITION);
    run(&project, "validate", 0);
    run(&project, "validate --json", 0);
    let yaml = run(&project, "template", 0).0;
    assert!(yaml.contains("hidden: true") && yaml.contains("get_param"), "{yaml}");
    let template: serde_json::Value = serde_json::from_str(&run(&project, "template --json", 0).0).unwrap();
    let parameters = template["parameters"].as_object().unwrap();
    // The keys' and the whole file.
    assert_eq!(parameters.len(), 4, "{parameters:?}");
    for declaration in parameters.values() {
        assert_eq!(declaration["hidden"], true);
        assert_eq!(declaration.get("default"), None);
    }
    for words in ["plan", "plan --json", "plan -v", "plan -vv", "plan --json -v", "plan --json --out it.plan"] {
        run(&project, words, 0);
    }
    for words in ["show it.plan", "show --json it.plan"] {
        run(&project, words, 0);
    }
    run(&project, "apply -auto-approve -vv", 0);
    silent_files(&project);
    for words in ["show", "show --json", "output", "output --json", "plan", "plan --json"] {
        run(&project, words, 0);
    }

    // Another secret, and another size: diffs.
    project.write("disco.vars.hcl", "slaves = 2\ntoken  = \"another XqASSIGNEDv2\"\n");
    for words in ["plan", "plan --json", "plan -vv"] {
        let (plan, _) = run(&project, words, 0);
        assert!(!plan.contains("No changes"), "{plan}");
    }
    run(&project, "apply -auto-approve --json -v", 0);
    silent_files(&project);
    run(&project, "destroy -auto-approve --json -v", 0);
    silent_files(&project);
}

#[test]
fn secrets_of_the_command_line_and_the_environment_are_silent_too() {
    let project = project(DEFINITION);
    run(&project, "apply -auto-approve -v --var token=XqASSIGNEDv2x", 0);
    silent_files(&project);
    let answer = project.command("plan -v").env("DISCO_VAR_password", "XqDEFAULTv1y").output().unwrap();
    silent("the plan", &String::from_utf8_lossy(&answer.stdout));
    silent("the messages", &String::from_utf8_lossy(&answer.stderr));
}

#[test]
fn a_failing_apply_shows_no_secret() {
    let project = project(&DEFINITION.replace("image    =", "key_pair = \"nobody\"\n  image    ="));
    let (_, failed) = run(&project, "apply -auto-approve -vv", 1);
    assert!(failed.contains("nobody"), "{failed}");
    let (failed, _) = run(&project, "apply -auto-approve --json -v", 1);
    assert!(failed.contains("\"diagnostic\"") && failed.contains("nobody"), "{failed}");
    let mut files = Vec::new();
    kept(project.path(), &mut files);
    for (name, text) in files {
        silent(&name, &text);
    }
}

#[test]
fn a_mistake_beside_a_secret_is_drawn_without_it() {
    for (mistake, says) in [
        ("\"x\" = var.nothing", "disco::unknown_name"),
        ("\"x\" = 1 oops", "disco::syntax"),
        ("\"x\" = [1, 2]", "disco::wrong_type"),
        ("\"x\" = \"never closed", "disco::not_closed"),
        ("}", "disco::syntax"),
    ] {
        let project = project(&DEFINITION.replace("#HERE", mistake));
        for words in ["validate", "validate --json", "plan", "plan --json", "apply -auto-approve -v", "template"] {
            let (stdout, stderr) = run(&project, words, 1);
            assert!(format!("{stdout}{stderr}").contains(says), "{says}: {stdout}{stderr}");
        }
    }
    for (file, text) in [
        ("disco.vars.hcl", "token = \"XqASSIGNEDv2\nslaves = 1\n"),
        ("disco.vars.hcl", "tokn = \"XqASSIGNEDv2\"\n"),
        ("disco.vars.hcl", "token = [\"XqASSIGNEDv2\"\n"),
        ("more.disco.hcl", "variable \"pin\" {\n  sensitive = true\n  type = number\n  default = \"XqDEFAULTv1\"\n}\n"),
        ("more.disco.hcl", "variable \"pin\" {\n  sensitive = true\n  default = \"XqDEFAULTv1\" oops\n}\n"),
        ("more.disco.hcl", "output \"pin\" { sensitive = true\n value = \"XqOUTPUTv5\" }\n"),
    ] {
        let project = project(DEFINITION);
        project.write(file, text);
        for words in ["validate", "validate --json", "plan"] {
            run(&project, words, 1);
        }
    }
}

/// Where a secret is a name, the name is not shown.
#[test]
fn a_secret_is_no_name() {
    let definition = |value: &str| {
        format!(
            "variable \"token\" {{\n  sensitive = true\n  default   = \"HUNTER2\"\n}}\nlocals {{ x = {value} }}\noutput \"x\" {{\n  \
             value     = local.x\n  sensitive = true\n}}\n"
        )
    };
    for value in ["var[var.token]", "local[var.token]", "cluster[var.token]", "{ (var.token) = 1, (var.token) = 2 }"] {
        let run = TestProject::with(&definition(value)).disco("validate --json").ends_with(1);
        assert!(!run.stdout.contains("HUNTER2") && !run.stderr.contains("HUNTER2"), "{value}: {}", run.stdout);
    }
    let set = "variable \"token\" {\n  sensitive = true\n  default   = \"HUNTER2\"\n}\ncluster \"lab\" {\n  image = \"debian-12\"\n  \
               network { cidr = \"10.1.0.0/24\" }\n  master { flavor = \"m1.medium\" }\n  slaves {\n    count  = 3\n    flavor = \
               \"m1.medium\"\n  }\n  framework \"hadoop\" {\n    config \"core-site.xml\" {\n      set = { (var.token) = \"x\" }\n    }\n  }\n}\n";
    let run = TestProject::with(set).disco("validate").ends_with(1);
    assert!(run.stderr.contains("the keys of `set` cannot be sensitive"), "{}", run.stderr);
    assert!(!run.stderr.contains("HUNTER2"), "{}", run.stderr);
}
