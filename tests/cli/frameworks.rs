//! `disco frameworks`, in a project and outside of one.

use crate::support::{TestProject, snapshot};
use serde_json::Value as Json;

#[test]
fn frameworks_are_listed_outside_of_any_project() {
    let project = TestProject::with("");
    std::fs::remove_file(project.file("main.disco.hcl")).unwrap();
    snapshot!("frameworks", project.disco("frameworks").ends_with(0).stdout);
    snapshot!("frameworks-spark", project.disco("frameworks show spark").ends_with(0).stdout);
    let json: Json = serde_json::from_str(&project.disco("frameworks --json").ends_with(0).stdout).unwrap();
    let names: Vec<&str> =
        json["frameworks"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    let templates = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap();
    let folders = templates.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut all: Vec<String> = folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    all.sort();
    assert_eq!(names, all);
}

/// A framework of one's own: a package of the distribution on every slave.
const MEMCACHED: &str = r#"
description    = "Keys and values in memory"
minimum_memory = { slave = 512 }

version "1" {}

packages {
  names = ["memcached"]
  on    = ["slaves"]
}

setting "memory" {
  type        = "integer"
  description = "Memory for values"
  unit        = "MiB"
  on          = "slaves"
  default     = floor(node.share * 9 / 10)
  minimum     = 64
}

file "memcached.conf" {
  format   = "properties"
  path     = "/etc/memcached.conf"
  on       = ["slaves"]
  restarts = ["server"]
  keys     = { "-m" = setting.memory, "-l" = node.address }
}

port "memcached" {
  description = "Keys and values"
  service     = "server"
  port        = 11211
  users       = true
}

service "server" {
  description = "Memcached"
  on          = "slaves"
  unit        = "memcached"
  packaged    = true
  memory      = setting.memory
  ready {
    port   = "memcached"
    send   = "version\r\n"
    expect = "VERSION"
  }
}
"#;

#[test]
fn a_manifest_of_ones_own_is_checked_without_a_project() {
    let project = TestProject::with("");
    std::fs::remove_file(project.file("main.disco.hcl")).unwrap();
    project.write("frameworks/memcached/framework.hcl", MEMCACHED);
    let check = |words: &str| project.disco(&format!("frameworks check frameworks/{words}"));
    snapshot!("frameworks-check", check("memcached --flavor 2048x1 --flavor 4194304x256").ends_with(0).stdout);
    check("memcached --flavor 256x1").ends_with(1).says(&["flavor `check` has 256 MiB"]);
    check("memcached --flavor 2G").ends_with(1).says(&["as in `4096x2`"]);
    check("nothing").ends_with(1).says(&["frameworks/nothing"]);
}

#[test]
fn everything_that_is_shown_is_there_for_programs_too() {
    let project = TestProject::with("");
    for name in ["hadoop", "spark", "zookeeper", "slurm"] {
        let text = project.disco(&format!("frameworks show {name}")).ends_with(0).stdout;
        let json: Json =
            serde_json::from_str(&project.disco(&format!("frameworks show {name} --json")).ends_with(0).stdout)
                .unwrap();
        for (list, field) in
            [("settings", "name"), ("ports", "name"), ("files", "path"), ("services", "unit"), ("versions", "name")]
        {
            let entries = json[list].as_array().unwrap();
            assert!(!entries.is_empty(), "{list}");
            for entry in entries {
                assert!(text.contains(entry[field].as_str().unwrap()), "{name}: {list} {entry}");
            }
        }
        for setting in json["settings"].as_array().unwrap() {
            assert!(!setting["description"].as_str().unwrap().is_empty());
        }
    }
}

#[test]
fn a_name_that_is_not_there_is_suggested() {
    let run = TestProject::with("").disco("frameworks show sprak").ends_with(1);
    assert!(run.stderr.contains("framework `sprak` does not exist") && run.stderr.contains("did you mean `spark`?"));
}

#[test]
fn a_broken_definition_is_told_and_the_rest_is_listed() {
    let run = TestProject::with("cluster {").disco("frameworks").ends_with(0);
    assert!(run.stdout.contains("hadoop  3.5.0"), "{}", run.stdout);
    assert!(run.stderr.contains("frameworks of their catalogues may be missing here"), "{}", run.stderr);
}

/// Two clusters with the framework that `disco frameworks new` has written.
const GREETING: &str = r#"
disco { catalogues = ["./frameworks"] }

cluster "lab" {
  image = "debian-12"
  network { cidr = "10.20.0.0/24" }
  master { flavor = "m1.small" }
  slaves {
    count  = 3
    flavor = "m1.small"
  }
  framework "hello" { greeting = "good morning" }
}
"#;

#[test]
fn a_manifest_to_begin_with_works_as_it_is() {
    let project = TestProject::with("");
    std::fs::remove_file(project.file("main.disco.hcl")).unwrap();
    let written = project.disco("frameworks new hello").ends_with(0);
    snapshot!("frameworks-new", format!("{}{}", written.stdout, written.stderr));
    let manifest = project.read("frameworks/hello/framework.hcl");
    assert!(!manifest.contains('@') || !manifest.contains("@NAME@"), "{manifest}");
    project.disco("frameworks new hello").ends_with(1).says(&["exists already", "--path"]);
    project.disco("frameworks new Hello").ends_with(1).says(&["`Hello` cannot be the name", "as in `my-framework`"]);
    project.disco("frameworks new hadoop").ends_with(1).says(&["DISCO has one of that name"]);
    project.disco("frameworks new hello --path others").ends_with(0);
    assert_eq!(project.read("others/hello/framework.hcl").replace("others/", "frameworks/"), manifest);
    for words in ["--slaves 1 --flavor 1024x1", "--slaves 0", "--slaves 300 --flavor 4194304x256"] {
        project.disco(&format!("frameworks check frameworks/hello {words}")).ends_with(0);
    }
    assert_eq!(project.disco("fmt --check frameworks/hello/framework.hcl").ends_with(0).stdout, "");
    project.write("main.disco.hcl", GREETING);
    let planned = project.disco("plan").ends_with(0);
    assert!(!planned.stderr.contains("warning"), "{}", planned.stderr);
    project.disco("apply --auto-approve").ends_with(0);
    let shown = project.disco("frameworks show hello").ends_with(0).stdout;
    assert!(shown.contains("greeting"), "{shown}");
}

#[test]
fn the_agent_rehearses_a_manifest_without_a_heat() {
    let project = TestProject::with("");
    project.disco("frameworks new hello").ends_with(0);
    let run = project.disco("frameworks rehearse frameworks/hello --into nodes").ends_with(0);
    snapshot!("frameworks-rehearse", run.stdout);
    let own = project.read("nodes/check-slaves-0/etc/hello/hello.conf");
    assert!(own.contains("name=check-slaves-0\n"), "{own}");
    let unit = project.read("nodes/check-slaves-0/etc/systemd/system/hello-worker.service");
    assert!(unit.contains("ExecStart=/usr/bin/python3 /usr/local/lib/hello/cluster.py work"), "{unit}");
    let again = project.disco("frameworks rehearse frameworks/hello --into nodes").ends_with(1);
    assert!(again.stderr.contains("has something in it"), "{}", again.stderr);
    // What only Python can tell.
    let manifest = project.read("frameworks/hello/framework.hcl");
    project.write(
        "frameworks/hello/framework.hcl",
        &manifest.replace("expect   = \"disco\"", "expect   = \"(?P<a>x)(?P<a>y)\""),
    );
    let run = project.disco("frameworks rehearse frameworks/hello").ends_with(1);
    assert!(run.stderr.contains("`expect` of step smoke-test is not a regular expression"), "{}", run.stderr);
}

#[test]
fn a_manifest_that_follows_the_number_of_nodes_is_refused() {
    let project = TestProject::with(&GREETING.replace("{ greeting = \"good morning\" }", "{}"));
    project.disco("frameworks new hello").ends_with(0);
    let manifest = project.read("frameworks/hello/framework.hcl");
    let counted = manifest.replace("\"folder\"  ", "\"nodes\" = cluster.nodes\n    \"folder\"  ");
    assert_ne!(counted, manifest);
    project.write("frameworks/hello/framework.hcl", &counted);
    let run = project.disco("frameworks check frameworks/hello").ends_with(1);
    snapshot!("frameworks-check-growth", run.stderr);
    // Where it is in use already it is only a warning.
    for command in ["validate", "plan"] {
        let run = project.disco(command).ends_with(0);
        let told = format!("{}{}", run.stdout, run.stderr);
        assert!(
            told.contains("`nodes` in `keys` of `file \"hello.conf\"` would change when the cluster grows"),
            "{told}"
        );
    }
}
