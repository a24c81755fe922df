//! `disco lint`: what it finds, what silences it, and the formats for programs.

use serde_json::Value as Json;

use crate::support::{TestProject, snapshot};

/// A project with a finding of every kind that needs no folder of its own.
const FINDINGS: &str = r#"variable "unused" { default = 1 }

variable "token" {
  sensitive = true
  default   = "hunter2"
}

locals {
  unused = 1
  pairs  = [for x in ["a"] : [for x in ["b"] : x]]
}

cluster "lab" {
  image = "debian-12"
  network {
    cidr             = "10.1.0.0/24"
    external_network = "public"
  }
  security {
    allow "ssh" { from = ["0.0.0.0/0"] }
  }
  master { flavor = "m1.large" }
  slaves {
    count  = 60
    flavor = "m1.medium"
  }
  framework "hadoop" {
    replication = 1
    config "hdfs-site.xml" {
      set = {
        "dfs.block.size"                       = "134217728"
        "yarn.nodemanager.resource.memory-mb"  = "1024"
        "dfs.namenode.handler.cuont"           = "20"
      }
    }
    config "capacity-scheduler.xml" { content = "<configuration></configuration>\n" }
  }
}

output "pairs" { value = local.pairs }

output "token" {
  value     = var.token
  sensitive = true
}
"#;

/// Codes of what `lint --json` finds.
fn codes(project: &TestProject, code: i32) -> Vec<String> {
    let run = project.disco("lint --json").ends_with(code);
    let document: Json = serde_json::from_str(&run.stdout).unwrap();
    let codes = document["diagnostics"].as_array().unwrap().iter();
    codes.map(|one| one["code"].as_str().unwrap_or("none").trim_start_matches("disco::").to_owned()).collect()
}

#[test]
fn every_rule_finds_what_it_is_about() {
    let project = TestProject::with(FINDINGS);
    project.disco("validate").ends_with(0);
    let run = project.disco("lint --all").ends_with(2);
    snapshot!("lint", run.stderr + &run.stdout);
    let mut found = codes(&project, 2);
    found.sort();
    found.dedup();
    let expected = [
        "deprecated_key",
        "hidden_name",
        "key_of_another_file",
        "open_to_the_world",
        "sensitive_output",
        "single_master",
        "single_replica",
        "unknown_key",
        "unprotected_data",
        "unused_local",
        "unused_variable",
    ];
    assert_eq!(found.iter().filter(|code| *code != "overridden_file").collect::<Vec<_>>(), expected);
}

#[test]
fn a_reason_silences_a_warning_where_it_stands() {
    let definition = |comment: &str, behind: &str| {
        format!(
            "{comment}\ncluster \"lab\" {{\n  image = \"debian-12\"\n  network {{ cidr = \"10.1.0.0/24\" }}\n  security {{\n    \
             allow \"ssh\" {{ from = [\"0.0.0.0/0\"] }} {behind}\n  }}\n  master {{ flavor = \"m1.small\" }}\n}}\n"
        )
    };
    let codes = |comment: &str, behind: &str, code: i32| codes(&TestProject::with(&definition(comment, behind)), code);
    assert_eq!(codes("", "", 2), ["open_to_the_world"]);
    assert!(codes("", "# disco:ignore open_to_the_world because a lab", 0).is_empty());
    assert!(codes("# disco:ignore world_open_port because a lab", "", 0).is_empty());
    assert!(codes("// disco:ignore disco::open_to_the_world because a lab", "", 0).is_empty());
    assert_eq!(codes("# disco:ignore open_to_the_world", "", 2), ["open_to_the_world", "ignore_without_reason"]);
    assert_eq!(codes("# disco:ignore single_master because x", "", 2), ["open_to_the_world", "unused_ignore"]);
    assert_eq!(codes("# disco:ignore open_world because x", "", 1), ["open_to_the_world", "unknown_code"]);
    let everywhere = "disco {\n  lint {\n    ignore = { open_to_the_world = \"a lab\" }\n  }\n}\n";
    assert!(codes(everywhere, "", 0).is_empty());
    let error = "disco {\n  lint {\n    error = [\"open_to_the_world\"]\n  }\n}\n";
    assert_eq!(codes(error, "", 1), ["open_to_the_world"]);
    // What nobody wants to hear of is not said by a plan either.
    let plan = |comment: &str| TestProject::with(&definition(comment, "")).disco("plan").ends_with(0).stderr;
    assert!(plan("").contains("open_to_the_world"), "{}", plan(""));
    assert!(!plan("# disco:ignore open_to_the_world because a lab").contains("open_to_the_world"));
}

/// What a port lets anybody do is said once for each line: where a network of the internet may come in, or everybody.
#[test]
fn a_port_without_login_is_not_for_public_networks() {
    let definition = |allow: &str, zookeeper: &str| {
        let body = "cluster \"lab\" {\n  image = \"debian-12\"\n  network { cidr = \"10.1.0.0/24\" }\n  security {\n    ALLOW\n  }\n  \
                    lifecycle { prevent_destroy = false }\n  master { flavor = \"m1.large\" }\n  slaves {\n    count  = 1\n    \
                    flavor = \"m1.large\"\n  }\n  framework \"zookeeper\" { ZOOKEEPER }\n  framework \"flink\" {}\n}\n";
        body.replace("ALLOW", allow).replace("ZOOKEEPER", zookeeper)
    };
    let found = |allow: &str, zookeeper: &str, code: i32| {
        let project = TestProject::with(&definition(allow, zookeeper));
        let plan = project.disco("plan").ends_with(0);
        let lint: Vec<String> = codes(&project, code).into_iter().filter(|code| code != "single_master").collect();
        for code in &lint {
            assert_eq!(plan.stderr.matches(code.as_str()).count(), 1, "{}", plan.stderr);
        }
        assert_eq!(plan.stderr.contains("open_to_the_world"), lint.iter().any(|code| code == "open_to_the_world"));
        (lint, plan)
    };
    let (codes, plan) = found(r#"allow "web-ui" { from = ["10.0.0.0/8", "8.8.8.0/24"] }"#, "", 2);
    assert_eq!(codes, ["unprotected_port"]);
    let plan =
        plan.says(&["anybody in 8.8.8.0/24 can", "run any code as `flink` on all nodes (`flink`)", "a public network"]);
    snapshot!("opened-ports", plan.stdout.clone());
    // Everybody is worse, and told once.
    let (codes, plan) = found(r#"allow "flink" { from = ["0.0.0.0/0"] }"#, "", 2);
    assert_eq!(codes, ["open_to_the_world"]);
    plan.says(&["open to every address on the internet", "anybody can run any code as `flink`"]);
    // By number it is no safer.
    let custom = r#"allow "custom" {
      ports = ["8000-8100"]
      from  = ["8.8.8.0/24"]
    }"#;
    assert_eq!(found(custom, "", 2).0, ["unprotected_port"]);
    // A login is asked for, or it is not.
    let zookeeper = r#"allow "zookeeper" { from = ["8.8.8.0/24"] }"#;
    assert!(found(zookeeper, "", 0).0.is_empty());
    assert_eq!(found(zookeeper, "authentication = false", 2).0, ["unprotected_port"]);
    let silent = format!("{zookeeper} # disco:ignore unprotected_port because a lab");
    assert!(found(&silent, "authentication = false", 0).0.is_empty());
    for closed in ["192.168.7.0/24", "203.0.113.0/24", "100.64.0.0/10"] {
        assert!(found(&format!(r#"allow "web-ui" {{ from = ["{closed}"] }}"#), "", 0).0.is_empty(), "{closed}");
    }
}

#[test]
fn lint_settings_say_what_is_wrong_with_them() {
    let project = TestProject::lab();
    project.write("lint.disco.hcl", "disco {\n  lint { ignore = { single_master = \"\" } }\n}\n");
    project.disco("lint").ends_with(1).says(&["not an object of codes with reasons"]);
    project.write("lint.disco.hcl", "disco {\n  lint { error = [\"nothing\"] }\n}\n");
    project.disco("lint").ends_with(1).says(&["code `nothing` does not exist"]);
    project.write("lint.disco.hcl", "locals { a = }\n");
    project.disco("lint").ends_with(1).says(&["lint.disco.hcl:1"]);
}

#[test]
fn findings_are_told_as_hosts_of_code_want_them() {
    let project = TestProject::with("locals { unused = 1 }\n");
    project.write("lab.disco.hcl", "cluster \"lab\" {\n  image = \"debian-12\"\n  network { cidr = \"10.1.0.0/24\" }\n  master { flavor = \"m1.small\" }\n}\n");
    let github = project.disco("validate --format github").ends_with(0).stdout;
    assert_eq!(github, "");
    let github = project.disco("lint --format github").ends_with(2).stdout;
    assert_eq!(
        github,
        "::warning file=main.disco.hcl,line=1,endLine=1,col=10,endColumn=16,title=disco%3A%3Aunused_local::local value `unused` is not used%0Ahelp: remove it, or use it as `local.unused`\n"
    );
    let gitlab: Json = serde_json::from_str(&project.disco("lint --format gitlab").ends_with(2).stdout).unwrap();
    let entry = &gitlab.as_array().unwrap()[0];
    assert_eq!(
        (entry["check_name"].as_str(), entry["severity"].as_str()),
        (Some("disco::unused_local"), Some("minor"))
    );
    assert_eq!(
        (&entry["location"]["path"], &entry["location"]["lines"]["begin"]),
        (&"main.disco.hcl".into(), &1.into())
    );
    assert_eq!(entry["fingerprint"].as_str().unwrap().len(), 32);
    let sarif: Json = serde_json::from_str(&project.disco("lint --format sarif").ends_with(2).stdout).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!((&sarif["version"], &run["results"][0]["ruleId"]), (&"2.1.0".into(), &"disco::unused_local".into()));
    let region = &run["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&1.into(), &10.into()));
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "disco::unused_local");
    // From another folder, paths begin there.
    let above = project.path().parent().unwrap();
    let name = project.path().file_name().unwrap().to_str().unwrap();
    let output = project.command(&format!("-C {name} lint --format github")).current_dir(above).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with(&format!("::warning file={name}/main.disco.hcl,line=1")), "{text}");
}

#[test]
fn validation_is_what_readers_of_terraform_expect() {
    let project = TestProject::lab();
    project.write("more.disco.hcl", "# é\nlocals { a = nothing }\n");
    let run = project.disco("validate --json").ends_with(1);
    let document: Json = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&document["valid"], &document["error_count"]), (&false.into(), &1.into()));
    let one = &document["diagnostics"][0];
    assert_eq!((&one["severity"], &one["summary"]), (&"error".into(), &one["message"]));
    let range = serde_json::json!({
        "filename": "more.disco.hcl",
        "start": { "line": 2, "column": 14, "byte": 18 },
        "end": { "line": 2, "column": 21, "byte": 25 },
    });
    assert_eq!(one["range"], range);
    let snippet = &one["snippet"];
    assert_eq!((&snippet["code"], &snippet["start_line"]), (&"locals { a = nothing }".into(), &2.into()));
    assert_eq!((&snippet["highlight_start_offset"], &snippet["highlight_end_offset"]), (&13.into(), &20.into()));
    assert_eq!(run.stdout, project.disco("validate --format json").ends_with(1).stdout);
}

#[test]
fn a_plan_that_is_stopped_is_told_in_the_format_that_was_asked_for() {
    let project = TestProject::lab();
    project.write("more.disco.hcl", "locals { a = nothing }\n");
    let run = project.disco("plan --format github").ends_with(1);
    assert!(run.stdout.starts_with("::error file=more.disco.hcl,line=1,"), "{}", run.stdout);
    project.write("more.disco.hcl", "");
    let run = project.disco("plan --format sarif").ends_with(0);
    let sarif: Json = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
    // What is worth a warning is told beside the error that stops the plan.
    project.disco("apply --auto-approve").ends_with(0);
    let open = "  security {\n    allow \"ssh\" { from = [\"0.0.0.0/0\"] }\n  }\n  master {";
    let text = std::fs::read_to_string(project.file("main.disco.hcl")).unwrap();
    assert!(text.contains("10.1.0.0/24") && text.contains("  master {"), "{text}");
    project.write("main.disco.hcl", &text.replace("10.1.0.0/24", "10.9.0.0/24").replacen("  master {", open, 1));
    let run = project.disco("plan --format sarif").ends_with(1);
    assert!(run.stdout.contains("open_to_the_world"), "{}", run.stdout);
}
