//! Whatever programs read is what the schemas say, and nothing else passes.
#![expect(clippy::disallowed_methods, reason = "reads the schemas, and what the program wrote, as another tool would")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use disco::apply::{Event, NodeAction, NodeStage, NodeTimes, Timeline};
use disco::model::Address;
use disco::project::FailureKind;
use disco::report::Message;
use jsonschema::Validator;
use serde_json::{Value as Json, json};

use crate::support::{TestProject, schema, valid_against};

const PROJECT: &str = r#"
provider "local" { max_resources_per_stack = 60 }
variable "slaves" { default = 14 }
variable "password" {
  default   = "hunter2"
  sensitive = true
}
cluster "lab" {
  image = "debian-12"
  network {
    cidr             = "10.20.0.0/23"
    external_network = "public"
  }
  security {
    allow "web-ui" { from = ["203.0.113.0/24"] }
  }
  master {
    flavor      = "m1.large"
    floating_ip = true
  }
  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }
  framework "hadoop" {
    config "core-site.xml" {
      set = { "lab.password" = var.password }
    }
    config "log4j.properties" { content = "rootLogger=INFO\n" }
  }
}
output "yarn" { value = cluster.lab.ui.yarn }
output "nodes" { value = { for node in cluster.lab.slaves : node.name => node.address } }
output "password" {
  sensitive = true
  value     = var.password
}
"#;

fn validator(name: &str) -> Validator {
    jsonschema::validator_for(&schema(name)).unwrap()
}

/// The answer of a command, held against its schema.
#[track_caller]
fn answer(project: &TestProject, words: &str, code: i32, name: &str) -> Json {
    let run = project.disco(words).ends_with(code);
    let document = serde_json::from_str(&run.stdout).unwrap();
    valid_against(name, &document);
    document
}

/// The messages in what a command has printed, each held against the schema. Nothing else is there; the first says who
/// speaks, the last how it ended.
#[track_caller]
fn stream(stdout: &str, code: i32) -> Vec<Json> {
    let messages: Vec<Json> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let validator = validator("message");
    for message in messages.iter().filter(|message| !validator.is_valid(message)) {
        valid_against("message", message);
    }
    let (first, last) = (messages.first().unwrap(), messages.last().unwrap());
    assert_eq!((&first["type"], &last["type"], &last["exit_code"]), (&"version".into(), &"end".into(), &code.into()));
    for (kind, count) in [("version", 1), ("end", 1)] {
        assert_eq!(messages.iter().filter(|message| message["type"] == kind).count(), count);
    }
    messages
}

/// A command that tells what happens; what it says goes into `told`.
#[track_caller]
fn run(project: &TestProject, words: &str, code: i32, told: &mut BTreeSet<String>) -> Vec<Json> {
    let run = project.disco(words).ends_with(code);
    let messages = stream(&run.stdout, code);
    told.extend(messages.iter().map(|message| message["type"].as_str().unwrap().to_owned()));
    messages
}

fn kinds(messages: &[Json]) -> Vec<&str> {
    messages.iter().map(|message| message["type"].as_str().unwrap()).collect()
}

#[test]
fn a_whole_life_is_told_as_the_schemas_say() {
    let project = TestProject::with(PROJECT);
    let mut told = BTreeSet::new();
    answer(&project, "version --json", 0, "version");
    let empty = answer(&project, "show --json", 0, "show");
    assert_eq!((&empty["serial"], &empty["clusters"]), (&Json::Null, &json!({})));
    answer(&project, "output --json", 0, "outputs");

    let messages = run(&project, "plan --json --detailed-exitcode --out first.plan", 2, &mut told);
    assert_eq!(kinds(&messages), ["version", "plan", "change_summary", "end"]);
    valid_against("plan", &messages[1]["plan"]);
    assert_eq!(messages[3]["result"], "changes_waiting");
    assert_eq!(messages[1]["plan"]["summary"]["add"], messages[2]["changes"]["add"]);
    let shown = answer(&project, "show --json first.plan", 0, "saved-plan");
    assert_eq!(shown, serde_json::from_str::<Json>(&project.read("first.plan")).unwrap());
    let steps = shown["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["template"].is_object()), "templates are kept");

    let messages = run(&project, "apply --json -v first.plan", 0, &mut told);
    let kinds = kinds(&messages);
    assert_eq!(kinds[kinds.len() - 3..], ["change_summary", "outputs", "end"]);
    assert_eq!(kinds.iter().filter(|kind| **kind == "step_start").count(), steps.len());
    assert_eq!(kinds.iter().filter(|kind| **kind == "step_complete").count(), steps.len());
    assert!(kinds.contains(&"resource_status"), "-v tells of Heat's resources");
    valid_against("outputs", &messages[kinds.len() - 2]["outputs"]);
    valid_against("state", &project.state());

    let shown = answer(&project, "show --json", 0, "show");
    let lab = &shown["clusters"]["lab"];
    assert_eq!(lab["frameworks"], json!({ "hadoop": "3.5.0" }));
    let (nodes, stacks) = (lab["nodes"].as_array().unwrap(), lab["stacks"].as_object().unwrap());
    assert!(nodes.len() == 15 && stacks.len() > 1, "{stacks:?}");
    let (master, slave) = (&nodes[0], &nodes[1]);
    assert_eq!((&master["address"], &master["role"]), (&"cluster.lab.master[0]".into(), &"master".into()));
    assert_eq!((&slave["role"], &slave["stores_data_of"]), (&"slave".into(), &json!(["hadoop"])));
    let floating = master["floating_ip"].as_str().unwrap();
    assert!(shown["outputs"]["yarn"]["value"].as_str().unwrap().contains(floating));
    assert!(project.disco("show").stdout.contains(&format!("+floating IP {floating}")));
    assert_eq!(shown["outputs"]["password"], json!({ "value": null, "sensitive": true }));
    assert_eq!(answer(&project, "output --json", 0, "outputs"), shown["outputs"]);

    let nothing = run(&project, "apply --json --auto-approve", 0, &mut told);
    assert!(nothing.iter().any(|message| message["changes"]["operation"] == "apply"), "{nothing:?}");
    run(&project, "plan --json --var password=another --var slaves=15 --out second.plan", 0, &mut told);
    answer(&project, "show --json second.plan", 0, "saved-plan");
    let refused = run(&project, "apply --json --auto-approve --var slaves=2", 1, &mut told);
    assert_eq!(refused.last().unwrap()["failure"], "refused");
    run(&project, "apply --json --auto-approve --var password=another", 0, &mut told);
    let unsaid = run(&project, "apply --json --var slaves=15", 1, &mut told);
    assert_eq!(unsaid.last().unwrap()["failure"], "definition");

    run(&project, "plan --json --destroy", 0, &mut told);
    let gone = run(&project, "destroy --json --auto-approve", 0, &mut told);
    assert!(gone.iter().any(|message| message["changes"]["operation"] == "destroy"));
    valid_against("state", &project.state());
    answer(&project, "show --json", 0, "show");

    failing(&mut told);
    interrupted(&mut told);
    let retried = Event::Retried { stack: "lab".to_owned(), attempt: 2, reason: "busy".to_owned() };
    let retried = Message::event(Duration::from_secs(1), &retried)[0].line("2026-01-01T00:00:00Z");
    let retried: Json = serde_json::from_str(&retried).unwrap();
    valid_against("message", &retried);
    told.insert(retried["type"].as_str().unwrap().to_owned());

    let timeline = Message::timeline(&measured()).line("2026-01-01T00:00:00Z");
    let timeline: Json = serde_json::from_str(&timeline).unwrap();
    valid_against("message", &timeline);
    assert_eq!(timeline["timeline"]["phases"][0]["slowest"], "cluster.lab.slaves[3]");
    told.insert(timeline["type"].as_str().unwrap().to_owned());

    let message = schema("message");
    let all = message["oneOf"].as_array().unwrap();
    let all = all.iter().map(|one| one["properties"]["type"]["const"].as_str().unwrap().to_owned());
    assert_eq!(told, all.collect(), "each type of message was told once at least, and no other");
}

/// What real nodes would measure.
fn measured() -> Timeline {
    let nodes = (0..4).map(|index| {
        let boot = Duration::from_secs(if index == 3 { 90 } else { 10 });
        let stages = BTreeMap::from([(NodeStage::Boot, boot), (NodeStage::Ready, Duration::from_secs(2))]);
        (Address::Node("lab".to_owned(), "slaves".to_owned(), index), NodeTimes { action: NodeAction::Create, stages })
    });
    let check = ("lab".to_owned(), "datanodes".to_owned(), Duration::from_secs(1));
    Timeline { nodes: nodes.collect(), checks: vec![check] }
}

fn failing(told: &mut BTreeSet<String>) {
    let project = TestProject::lab();
    project.write("faults", "node lab-slaves-0: exits 3: disco-agent: no space left\n");
    let failed =
        project.command("apply --json --auto-approve").env("DISCO_LOCAL_FAULTS", project.file("faults")).output();
    let failed = stream(&String::from_utf8(failed.unwrap().stdout).unwrap(), 1);
    told.extend(kinds(&failed).into_iter().map(str::to_owned));
    let (blamed, last) = (failed.iter().find(|message| message["type"] == "apply_errored").unwrap(), failed.last());
    assert_eq!((&blamed["@level"], &blamed["addr"]), (&"error".into(), &"cluster.lab.slaves[0]".into()));
    assert_eq!(blamed["hook"]["resource"]["addr"], blamed["addr"]);
    assert_eq!(blamed["log"], json!(["disco-agent: no space left"]));
    assert_eq!(last.unwrap()["failure"], "apply");
    valid_against("state", &project.state());
    answer(&project, "show --json", 0, "show");
}

fn interrupted(told: &mut BTreeSet<String>) {
    let project = TestProject::lab();
    let slow = project
        .command("apply --json --auto-approve")
        .env("DISCO_LOCAL_TIME_SCALE", "0.05")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !project.file("disco.state.json").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &slow.id().to_string()]).status().unwrap().success());
    let left = slow.wait_with_output().unwrap();
    let left = stream(&String::from_utf8(left.stdout).unwrap(), 130);
    assert_eq!(left.last().unwrap()["failure"], "interrupted");
    told.extend(left.iter().map(|message| message["type"].as_str().unwrap().to_owned()));
    valid_against("state", &project.state());
    let shown = answer(&project, "show --json", 0, "show");
    assert_eq!(shown["clusters"]["lab"]["stacks"]["lab"]["in_operation"]["operation"], "create");
    run(&project, "apply --json --auto-approve", 0, told);
}

#[test]
fn mistakes_are_told_as_the_schema_says() {
    let project = TestProject::with(PROJECT);
    let well = answer(&project, "validate --json", 0, "validation");
    assert_eq!((&well["valid"], &well["diagnostics"]), (&true.into(), &json!([])));
    project.write("more.disco.hcl", "cluster \"x\" {\n  imag = 1\n}\noutput \"y\" { value = clustr.x }\n");
    let wrong = answer(&project, "validate --json", 1, "validation");
    assert!(wrong["error_count"].as_u64().unwrap() >= 2, "{wrong}");
    let missing = answer(&project, "validate --json --var-file nowhere.hcl", 1, "validation");
    assert_eq!(missing["valid"], false);
    for words in ["plan --json", "apply --json --auto-approve"] {
        let said = run(&project, words, 1, &mut BTreeSet::new());
        assert!(kinds(&said).contains(&"diagnostic"));
        assert_eq!(said.last().unwrap()["failure"], "definition");
    }
}

#[test]
fn what_is_asked_offline_is_answered_as_the_schemas_say() {
    let project = TestProject::with(PROJECT);
    let stacks = answer(&project, "template --out hot --json", 0, "stacks");
    assert_eq!(stacks, serde_json::from_str::<Json>(&project.read("hot/stacks.json")).unwrap());
    let parameters = stacks["steps"].as_array().unwrap().iter().map(|step| step["parameters"].to_string());
    let parameters: String = parameters.collect();
    assert!(parameters.contains("\"secret\":true") && parameters.contains("\"id_of\""), "{parameters}");

    let flavors = answer(&project, "flavors --json", 0, "flavors");
    assert_eq!(flavors["flavors"][0]["name"], "m1.tiny", "the smallest first");
    let images = answer(&project, "images --json", 0, "images");
    assert!(images["images"].as_array().unwrap().iter().any(|image| image["name"] == "debian-12"));
    for words in ["graph --json", "graph --json --resources"] {
        let graph = answer(&project, words, 0, "graph");
        assert!(!graph["objects"].as_array().unwrap().is_empty(), "{graph}");
        assert!(!graph["dependencies"].as_array().unwrap().is_empty(), "{graph}");
    }
    let mut serve = project.command("local serve --listen 127.0.0.1:0 --json").stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serve.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let runs = answer(&project, "local status --json", 0, "engine");
    assert_eq!((&runs["running"], &runs["background"]), (&true.into(), &false.into()));
    serve.kill().unwrap();
    serve.wait().unwrap();
    valid_against("served", &serde_json::from_str(&line).unwrap());
    answer(&project, "local status --json", 2, "engine");
    answer(&project, "frameworks --json", 0, "frameworks");
    project.write("answers.hcl", "work = [\"stream\"]\nanswer = \"10ms\"\nvolume = { now = \"5 TB\" }\n");
    answer(&project, "suggest --answers answers.hcl --json", 0, "suggestions");
    for name in ["hadoop", "spark"] {
        answer(&project, &format!("frameworks show {name} --json"), 0, "framework");
    }
    answer(&project, "frameworks new hello --json", 0, "init");
    let checked = answer(&project, "frameworks check frameworks/hello --flavor 2048x1 --json", 0, "framework-check");
    assert_eq!(checked["clusters"][0]["groups"]["master"]["probes"][0]["path"], "/members");
    assert_eq!(checked["clusters"][0]["groups"]["slaves"]["units"][1]["name"], "hello-worker.service");
    let rehearsed = answer(&project, "frameworks rehearse frameworks/hello --json", 0, "framework-rehearsal");
    assert_eq!(rehearsed["nodes"][2]["of_cluster"], true);
    for question in
        ["dfs.replication", "core-site.xml:lab.password", "yarn_memory", "hdfs-site.xml", "log4j.properties", "slaves"]
    {
        answer(&project, &format!("explain --json {question}"), 0, "explanation");
    }
    // The settings one by one: each way in which a value comes about, and each in which it can be changed.
    let contents = answer(&project, "explain --json slaves", 0, "explanation");
    let mut changes = BTreeSet::new();
    for setting in contents["settings"].as_array().unwrap() {
        let name = setting["name"].as_str().unwrap().rsplit('.').next().unwrap();
        let told = answer(&project, &format!("explain --json {name}"), 0, "explanation");
        changes.insert(told["values"][0]["change"]["kind"].as_str().unwrap().to_owned());
    }
    assert!(changes.contains("setting"), "{changes:?}");
}

#[test]
fn kinds_of_failure_are_those_of_the_schema() {
    let message = schema("message");
    let end = message["oneOf"].as_array().unwrap().iter().find(|one| one["properties"]["type"]["const"] == "end");
    let mut known: Vec<Json> = end.unwrap()["properties"]["failure"]["enum"].as_array().unwrap().clone();
    known.retain(|kind| !kind.is_null());
    assert_eq!(known, FailureKind::ALL.map(|kind| Json::from(kind.name())));
}

/// A document with one thing changed: at this place, this field, to this value; `None` takes it away.
fn changed(document: &Json, place: &str, field: &str, value: Option<Json>) -> Json {
    let mut document = document.clone();
    let fields = document.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")).as_object_mut().unwrap();
    match value {
        Some(value) => _ = fields.insert(field.to_owned(), value),
        None => assert!(fields.remove(field).is_some(), "no {field} at {place}"),
    }
    document
}

/// In every object at these places a field more, a field less and a field of another type are refused.
#[track_caller]
fn strict(name: &str, document: &Json, places: &[&str], optional: &[&str]) {
    valid_against(name, document);
    let validator = validator(name);
    let refuses = |what: &str, document: &Json| assert!(!validator.is_valid(document), "{name} lets {what} pass");
    for place in places {
        refuses(place, &changed(document, place, "unheard_of", Some(1.into())));
        for (field, value) in document.pointer(place).unwrap().as_object().unwrap() {
            let what = format!("{place}/{field}");
            if !optional.contains(&field.as_str()) {
                refuses(&format!("an absence of {what}"), &changed(document, place, field, None));
            }
            // Values of outputs and properties are whatever they are; what a template is, Heat says.
            if !["value", "before", "after", "is", "template"].contains(&field.as_str()) {
                let other = if value.is_object() { json!("text") } else { json!({ "text": 1 }) };
                refuses(&format!("another {what}"), &changed(document, place, field, Some(other)));
            }
        }
    }
}

#[test]
fn what_is_not_in_a_schema_is_refused() {
    let project = TestProject::with(PROJECT);
    let optional = ["place", "replaces", "template", "template_changes", "tags", "parameters", "template_digest"];
    let planned = project.disco("plan --json --out first.plan").ends_with(0).stdout;
    let planned = stream(&planned, 0);
    let places = ["", "/base", "/summary", "/changes/0", "/changes/0/place", "/changes/0/resources/0", "/steps/0"];
    let places = [places.as_slice(), &["/outputs/0"]].concat();
    strict("plan", &planned[1]["plan"], &places, &optional);
    let saved: Json = serde_json::from_str(&project.read("first.plan")).unwrap();
    let more = [places.as_slice(), &["/made_from", "/made_from/inputs/0"]].concat();
    strict("saved-plan", &saved, &more, &optional);
    for message in &planned {
        strict("message", message, &[""], &[]);
    }
    strict("message", &planned[1], &["/plan", "/plan/base", "/plan/steps/0"], &optional);
    strict("message", &planned[2], &["/changes"], &[]);

    project.disco("apply --auto-approve first.plan").ends_with(0);
    let planned = stream(&project.disco("plan --json --var password=another").ends_with(0).stdout, 0);
    let changes = planned[1]["plan"]["changes"].as_array().unwrap().iter().enumerate();
    let resources = changes.flat_map(|(change, known)| {
        known["resources"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(move |(resource, known)| (change, resource, known))
    });
    let mut differing =
        resources.filter(|(.., known)| known["properties"].as_array().is_some_and(|all| !all.is_empty()));
    let (change, resource, _) = differing.next().unwrap();
    let place = format!("/changes/{change}/resources/{resource}/properties/0");
    strict("plan", &planned[1]["plan"], &[&place], &optional);

    let shown = answer(&project, "show --json", 0, "show");
    let node = "/clusters/lab/nodes/0";
    let places = ["", "/clusters/lab", node, "/clusters/lab/stacks/lab", "/clusters/lab/stacks/lab/resources/network"];
    strict("show", &shown, &[places.as_slice(), &["/outputs/yarn"]].concat(), &[]);
    strict("outputs", &shown["outputs"], &["/yarn"], &[]);
    let stack = "/clusters/lab/stacks/lab";
    let resource = format!("{stack}/resources/network");
    let places = ["", "/last", "/outputs/password", "/clusters/lab", "/clusters/lab/facts", stack, &resource];
    strict("state", &project.state(), &places, &["type", "id", "set", "like", "unset"]);
    let state = changed(&project.state(), "", "version", Some(1.into()));
    assert!(!validator("state").is_valid(&state), "another version has another schema");

    project.write("main.disco.hcl", &PROJECT.replacen("image", "imag", 1));
    let wrong = answer(&project, "validate --json", 1, "validation");
    let places = ["", "/diagnostics/0", "/diagnostics/0/labels/0", "/diagnostics/0/labels/0/end"];
    strict("validation", &wrong, &places, &["range", "snippet"]);
    project.write("main.disco.hcl", PROJECT);
    project.disco("template --out hot").ends_with(0);
    let stacks: Json = serde_json::from_str(&project.read("hot/stacks.json")).unwrap();
    strict("stacks", &stacks, &["", "/steps/0"], &["file"]);
    strict("frameworks", &answer(&project, "frameworks --json", 0, "frameworks"), &["", "/frameworks/0"], &[]);
    let framework = answer(&project, "frameworks show hadoop --json", 0, "framework");
    let places = ["", "/versions/0", "/settings/0", "/services/0", "/ports/0", "/files/0", "/steps/0"];
    strict("framework", &framework, &places, &[]);
    let explained = answer(&project, "explain --json dfs.replication", 0, "explanation");
    let value = "/values/0";
    let places = ["", value, "/values/0/origin", "/values/0/framework", "/values/0/file", "/values/0/change"];
    strict("explanation", &explained, &places, &[]);
    strict("version", &answer(&project, "version --json", 0, "version"), &[""], &[]);
}
