//! Frameworks of one's own, in folders of the project.

use std::fs;
use std::path::Path;

use crate::support::TestProject;
use serde_json::Value as Json;

const DEFINITION: &str = r#"
disco { catalogues = ["./frameworks"] }

variable "heap" {
  type    = number
  default = null
}

cluster "c" {
  image = "debian-12"
  network {
    cidr             = "10.60.0.0/24"
    external_network = "public"
  }
  security {
    allow "mine" { from = ["203.0.113.0/24"] }
  }
  master {
    flavor      = "m1.medium"
    floating_ip = true
  }
  slaves {
    count  = 2
    flavor = "m1.medium"
  }
  framework "hadoop" { yarn = false }
  framework "mine" { heap = var.heap }
}

output "answers" { value = cluster.c.ui.mine }
"#;

/// The blocks in the page that tells how manifests are written, of HCL or of text.
fn blocks(language: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/README.md");
    let text = fs::read_to_string(page).unwrap();
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Whether a block is a file of an example, whose path its first line says.
fn path(block: &str) -> Option<(&str, &str)> {
    block.strip_prefix("# ")?.split_once('\n').filter(|(path, _)| path.starts_with("frameworks/"))
}

/// The blocks of HCL in the page that are parts of one manifest.
pub(super) fn told() -> Vec<String> {
    let all = blocks("hcl").into_iter().filter(|block| path(block).is_none());
    all.map(|block| block.replace("\"…\"", &format!("\"{}\"", "ab".repeat(64)))).collect()
}

fn project() -> TestProject {
    let project = TestProject::with(DEFINITION);
    project.write("frameworks/mine/framework.hcl", &told()[0]);
    project
}

/// The template's resources.
fn template(project: &TestProject) -> serde_json::Map<String, Json> {
    let run = project.disco("template --json").ends_with(0);
    let template: Json = serde_json::from_str(&run.stdout).unwrap();
    template["resources"].as_object().unwrap().clone()
}

fn bundle(resources: &serde_json::Map<String, Json>, prefix: &str) -> Json {
    let (_, config) = resources.iter().find(|(name, _)| name.starts_with(prefix)).unwrap();
    serde_json::from_str(config["properties"]["config"].as_str().unwrap()).unwrap()
}

#[test]
fn a_framework_of_ones_own_lives_a_whole_life() {
    let project = project();
    project.disco("validate").ends_with(0);
    let resources = template(&project);
    let slaves = bundle(&resources, "config-slaves-");
    let of = |list: &str, name: &str| {
        let entries = slaves[list].as_array().unwrap();
        entries.iter().find(|entry| entry["name"] == name).unwrap().clone()
    };
    assert_eq!(of("archives", "mine")["urls"][0], "https://mirror.example.org/mine/mine-1.0.tar.gz");
    assert_eq!(of("units", "mine-server.service")["exec"], "/opt/mine-1.0/bin/server --port 8765");
    assert_eq!(of("units", "mine-server.service")["after"][0], "hadoop-hdfs-datanode.service");
    assert_eq!(of("files", "mine.conf")["content"][0], "mine.store=hdfs://c-master-0:8020\n");
    assert_eq!(of("probes", "Server")["port"], 8765);
    let verified = bundle(&resources, "verify-");
    let steps = verified["steps"].as_array().unwrap();
    let own = steps.iter().find(|step| step["framework"] == "mine").unwrap();
    assert_eq!(own["action"]["where"]["state"], "UP");
    assert!(resources.contains_key("rule-slaves-tcp-8765-from-203-0-113-0-24"), "allow \"mine\" opens its port");

    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let ui = project.disco("output --raw answers").ends_with(0).stdout;
    assert!(ui.starts_with("http://10.60.0.") && ui.trim().ends_with(":8765/"), "{ui}");

    let plan = project.disco("plan --var heap=300").ends_with(0);
    assert!(plan.last_line().starts_with("Plan: 0 to add, ") && plan.last_line().ends_with("0 to destroy."));
    project.disco("apply -auto-approve --var heap=300").ends_with(0);
    project.disco("plan --detailed-exitcode --var heap=300").ends_with(0);
    let set = project.disco("explain slaves/mine.heap --var heap=300").ends_with(0).stdout;
    assert!(set.starts_with("setting.heap = 300 MiB\n  Heap of the server\n"), "{set}");
    project.disco("destroy -auto-approve --var heap=300").ends_with(0);
}

#[test]
fn it_is_listed_and_explained_like_any_other() {
    let project = project();
    let list = project.disco("frameworks").ends_with(0).stdout;
    assert!(list.contains("mine  1.0\n  Answers questions\n  slaves: server\n"), "{list}");
    let shown = project.disco("frameworks show mine").ends_with(0).stdout;
    assert!(
        shown.contains("defined in ./frameworks/mine/framework.hcl")
            && shown.contains("default: floor(node.share / 2)")
    );
    let heap = project.disco("explain mine.heap").ends_with(0).stdout;
    assert!(heap.contains("= floor(node.share / 2)  (./frameworks/mine/framework.hcl:"), "{heap}");
    assert!(heap.contains("less 488 for hadoop"), "the DataNode beside it counts:\n{heap}");
}

#[test]
fn all_that_the_page_tells_is_understood() {
    let told = told();
    let project = TestProject::with(DEFINITION);
    let setting = |name: &str| {
        format!(
            "setting \"{name}\" {{\n  type = \"bool\"\n  description = \"Whether it {name}\"\n  default = true\n}}\n"
        )
    };
    let whole = [told.concat(), setting("serves"), setting("stores")].concat();
    project.write("frameworks/mine/framework.hcl", &whole);
    let shown = project.disco("frameworks show mine").ends_with(0).stdout;
    assert!(shown.contains("provides  answers    when setting.serves"), "{shown}");
    assert!(shown.contains("requires  hdfs >= 3  when setting.stores: answers are kept in HDFS"), "{shown}");
    project.disco("validate").ends_with(0);
}

/// The examples of the page that are whole files.
#[test]
fn the_whole_examples_of_the_page_run() {
    let project = TestProject::with("");
    let (hcl, text) = (blocks("hcl"), blocks("text"));
    let mut names = Vec::new();
    for (path, content) in hcl.iter().chain(&text).filter_map(|block| path(block)) {
        project.write(path, content);
        names.extend(path.strip_suffix("/framework.hcl").map(str::to_owned));
    }
    assert_eq!(names, ["frameworks/board"]);
    for folder in &names {
        project.disco(&format!("frameworks check {folder} --flavor 2048x1 --flavor 65536x16")).ends_with(0);
        project.disco(&format!("frameworks rehearse {folder}")).ends_with(0);
        assert_eq!(project.disco(&format!("fmt --check {folder}/framework.hcl")).ends_with(0).stdout, "");
        let name = folder.strip_prefix("frameworks/").unwrap();
        let cluster = "cluster \"c\" {\n  image = \"debian-12\"\n  network { cidr = \"10.60.0.0/24\" }\n  master { flavor = \"m1.small\" }\n  slaves {\n    count = 3\n    flavor = \"m1.small\"\n  }\n";
        let text = format!("disco {{ catalogues = [\"./frameworks\"] }}\n{cluster}  framework \"{name}\" {{}}\n}}\n");
        project.write("main.disco.hcl", &text);
        project.disco("apply --auto-approve").ends_with(0);
        project.disco("plan --detailed-exitcode").ends_with(0);
    }
}

#[test]
fn mistakes_are_drawn_in_the_manifest() {
    let project = TestProject::with(DEFINITION);
    let wrong = told()[0]
        .replace("floor(node.share / 2)", "floor(node.shares / 2)")
        .replace("port = \"mine\" }", "port = \"nine\" }");
    project.write("frameworks/mine/framework.hcl", &wrong);
    for command in ["validate", "plan", "frameworks", "frameworks show hadoop"] {
        let run = project.disco(command).ends_with(1);
        assert!(run.stderr.contains("`node` has no `shares`"), "{command}: {}", run.stderr);
        assert!(run.stderr.contains("[./frameworks/mine/framework.hcl:"), "{command}: {}", run.stderr);
        assert!(run.stderr.contains("help: did you mean `share`?"), "{command}: {}", run.stderr);
        assert!(run.stderr.contains("the manifest declares no port `nine`"), "{command}: {}", run.stderr);
    }
    let run = project.disco("validate --json").ends_with(1);
    let answer: Json = serde_json::from_str(&run.stdout).unwrap();
    let codes: Vec<&str> =
        answer["diagnostics"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"disco::unknown_name"), "{codes:?}");
}

#[test]
fn what_is_inside_cannot_be_shadowed() {
    let project = project();
    project.write("frameworks/hadoop/framework.hcl", &told()[0]);
    let run = project.disco("plan").ends_with(1);
    assert!(run.stderr.contains("two frameworks have the name `hadoop`"), "{}", run.stderr);
    assert!(run.stderr.contains("rename the folder"), "{}", run.stderr);
}

#[test]
fn a_catalogue_that_is_not_there_is_named() {
    let project = TestProject::with(DEFINITION);
    let run = project.disco("validate").ends_with(1);
    assert!(run.stderr.contains("the catalogue cannot be read") && run.stderr.contains("named here"), "{}", run.stderr);
}
