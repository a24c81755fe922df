//! Templates in a folder: whoever deploys them in their order gets the cluster.
#![expect(clippy::disallowed_methods, reason = "reads what the program wrote, as another tool would")]

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use disco::heat::{Cloud, CloudConfig, StackRef, Transport, wire};
use disco::local::{Engine, EngineOptions};
use serde_json::Value as Json;

use crate::support::TestProject;

const PROJECT: &str = r#"
provider "local" { max_resources_per_stack = 50 }
cluster "lab" {
  image = "debian-12"
  network { cidr = "10.20.0.0/23" }
  master { flavor = "m1.large" }
  slaves {
    count  = 20
    flavor = "m1.medium"
  }
  framework "hadoop" {}
}
"#;

async fn cloud(engine: &Engine) -> Cloud {
    let known = engine.credentials();
    let auth_url = format!("http://disco.local{}", known.auth_path);
    let credentials = CloudConfig::password(auth_url, known.username, known.password, known.project_name);
    Cloud::connect(Transport::in_process(engine.router()), credentials).await.unwrap()
}

/// Does what `stacks.json` says, with a Heat client and nothing else.
async fn deploy(project: &TestProject, cloud: &Cloud) {
    let order: Json = serde_json::from_str(&project.read("hot/stacks.json")).unwrap();
    let mut stacks: BTreeMap<String, StackRef> = BTreeMap::new();
    for step in order["steps"].as_array().unwrap() {
        let text = project.read(&format!("hot/{}", step["file"].as_str().unwrap()));
        let template: Json = serde_saphyr::from_str(&text).unwrap();
        let mut parameters = BTreeMap::new();
        for (name, source) in step["parameters"].as_object().unwrap() {
            let at = &stacks[source["id_of"]["stack"].as_str().unwrap()];
            let wanted = source["id_of"]["resource"].as_str().unwrap();
            let resource = cloud.resource(at, wanted).await.unwrap().unwrap();
            parameters.insert(name.clone(), resource.physical_resource_id.unwrap().into());
        }
        let name = step["stack"].as_str().unwrap().to_owned();
        if step["action"] == "create" {
            let body = wire::CreateStack { stack_name: name.clone(), template, parameters, ..Default::default() };
            stacks.insert(name.clone(), cloud.create_stack(&body).await.unwrap());
        } else {
            let body = wire::UpdateStack { template: Some(template), parameters, ..Default::default() };
            cloud.update_stack(&stacks[&name], &body, false).await.unwrap();
        }
        loop {
            let now = cloud.stack_status(&stacks[&name]).await.unwrap().unwrap();
            if !now.stack_status.ends_with("_IN_PROGRESS") {
                assert!(now.stack_status.ends_with("_COMPLETE"), "{name}: {}", now.stack_status_reason);
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let mut servers = 0;
    for stack in stacks.values() {
        let resources = cloud.resources(stack).await.unwrap();
        servers += resources.iter().filter(|resource| resource.resource_type == "OS::Nova::Server").count();
    }
    assert_eq!(servers, 21);
}

#[tokio::test]
async fn deployed_in_their_order_they_are_the_cluster() {
    let project = TestProject::with(PROJECT);
    let several = project.disco("template").ends_with(1);
    assert!(several.stderr.contains("has 3 stacks") && several.stderr.contains("--out"), "{}", several.stderr);
    let written = project.disco("template --out hot").ends_with(0);
    assert_eq!(
        written.stdout.lines().collect::<Vec<_>>(),
        [
            "1-create-lab.yaml",
            "2-create-lab.shard-1.yaml",
            "3-create-lab.shard-2.yaml",
            "4-update-lab.yaml",
            "stacks.json"
        ]
    );
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path(), EngineOptions { time_scale: 0.0, ..EngineOptions::default() }).unwrap();
    deploy(&project, &cloud(&engine).await).await;
}

#[test]
fn a_folder_is_written_anew_but_nothing_else_in_it_is_lost() {
    let project = TestProject::with(PROJECT);
    project.disco("template --out hot").ends_with(0);
    project.write("main.disco.hcl", &PROJECT.replace("count  = 20", "count  = 4"));
    project.disco("template --out hot").ends_with(0);
    let mut names: Vec<String> = fs::read_dir(project.file("hot"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["1-create-lab.yaml", "stacks.json"]);
    project.write("hot/mine.txt", "mine");
    let refused = project.disco("template --out hot").ends_with(1);
    assert!(refused.stderr.contains("mine.txt"), "{}", refused.stderr);
    assert_eq!(project.read("hot/mine.txt"), "mine");
}

const HANDED_ON: &str = r#"
variable "key" {
  default   = "Gr33n<Light"
  sensitive = true
}
variable "pair" {
  default   = { user = "lab", password = "Wh1te" }
  sensitive = true
}
cluster "lab" {
  image = "debian-12"
  network {
    cidr             = "10.20.0.0/24"
    external_network = "public"
  }
  master {
    flavor      = "m1.large"
    floating_ip = true
  }
  slaves {
    count  = 2
    flavor = "m1.medium"
  }
  framework "hadoop" {
    config "core-site.xml" {
      set = {
        "lab.key"      = var.key
        "lab.password" = var.pair.password
        "lab.both"     = "${var.pair.user}:${upper(var.pair.password)}"
      }
    }
  }
}
output "page" { value = cluster.lab.ui.hdfs }
output "slave" { value = cluster.lab.slaves[1].id }
output "all" {
  description = "What there is"
  value       = { stack = cluster.lab.id, addresses = cluster.lab.slaves[*].address }
}
output "cut" { value = split(".", cluster.lab.master[0].floating_ip)[0] }
output "word" {
  value     = var.key
  sensitive = true
}
"#;

/// What a stack's outputs are on that cloud.
async fn outputs(cloud: &Cloud, stack: &StackRef) -> BTreeMap<String, Json> {
    let shown = cloud.stack(stack).await.unwrap().unwrap();
    shown.outputs.into_iter().map(|output| (output.output_key, output.output_value)).collect()
}

fn printed(project: &TestProject, file: &str) -> Json {
    serde_saphyr::from_str(&project.read(file)).unwrap()
}

#[tokio::test]
async fn a_stack_made_of_a_printed_template_is_the_projects_own() {
    let project = TestProject::with(HANDED_ON);
    project.disco("template --out hot").ends_with(0);
    let text = project.read("hot/1-create-lab.yaml");
    assert!(text.contains("      <name>lab.key</name>\n"), "files are read line by line");
    assert_eq!(text.matches("H4sI").count(), 1, "the agent stands there once");
    let order = printed(&project, "hot/stacks.json");
    let (step, template) = (&order["steps"][0], printed(&project, "hot/1-create-lab.yaml"));
    let mut parameters = BTreeMap::new();
    for (name, parameter) in template["parameters"].as_object().unwrap() {
        assert_eq!(step["parameters"][name], serde_json::json!({"secret": true}));
        let told = parameter["description"].as_str().unwrap().to_owned();
        let value = match told.split_once("; ").unwrap() {
            ("Secret: lab.key in core-site.xml of hadoop", "value of `var.key`, escaped as in the file") => {
                "Gr33n&lt;Light"
            }
            ("Secret: lab.password in core-site.xml of hadoop", "value of `var.pair.password`") => "Wh1te",
            ("Secret: lab.both in core-site.xml of hadoop", "computed in the definition") => "WH1TE",
            ("Secret: lab.both in core-site.xml of hadoop", "value of `var.pair.user`") => "lab",
            other => panic!("{other:?}"),
        };
        parameters.insert(name.clone(), Json::from(value));
    }
    let tags: Vec<&str> = step["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();

    let options = EngineOptions { time_scale: 0.0, ..EngineOptions::default() };
    let engine = Engine::open(&project.file(".disco/engine"), options).unwrap();
    let cloud = cloud(&engine).await;
    let body = wire::CreateStack {
        stack_name: "lab".to_owned(),
        template: &template,
        parameters,
        tags: Some(tags.join(",")),
        ..Default::default()
    };
    let stack = cloud.create_stack(&body).await.unwrap();
    loop {
        let now = cloud.stack_status(&stack).await.unwrap().unwrap();
        if !now.stack_status.ends_with("_IN_PROGRESS") {
            assert_eq!(now.stack_status, "CREATE_COMPLETE", "{}", now.stack_status_reason);
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let told = outputs(&cloud, &stack).await;
    let address = told["master-0-floating-ip"].as_str().unwrap();
    assert_eq!(told["page"], format!("http://{address}:9870/"));
    let slave = cloud.resource(&stack, "slaves-1-server").await.unwrap().unwrap().physical_resource_id.unwrap();
    assert_eq!(told["slave"], slave.as_str());
    assert_eq!(told["all"]["stack"], stack.id.as_str());
    assert_eq!(told["all"]["addresses"], serde_json::json!(["10.20.0.32", "10.20.0.33"]));
    assert!(!told.contains_key("word"), "a secret is no output of a stack");
    assert!(!told.contains_key("cut"), "Heat cannot cut an address");

    let resources = cloud.resources(&stack).await.unwrap();
    let configured = |it: &&wire::Resource| it.resource_name.starts_with("config-master");
    let before = resources.iter().find(configured).unwrap();
    engine.shutdown();

    // The state that the template began knows the stack by its tags, and its configurations in other words.
    let plan = project.disco("plan").ends_with(0);
    assert!(plan.last_line().ends_with("0 to add, 0 to change, 0 to destroy."), "{}{}", plan.stdout, plan.stderr);
    let open = "  security {\n    allow \"ssh\" { from = [\"203.0.113.0/24\"] }\n  }\n  master {\n";
    project.write("main.disco.hcl", &HANDED_ON.replace("  master {\n", open));
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let id = before.physical_resource_id.clone().unwrap();
    let state = project.read("disco.state.json");
    assert!(state.contains(&id), "{} stays what it is, in other words:\n{state}", before.resource_name);
}

#[test]
fn the_steps_of_a_saved_plan_are_written_in_order() {
    let project = TestProject::with(PROJECT);
    project.disco("apply -auto-approve").ends_with(0);
    project.write("main.disco.hcl", &PROJECT.replace("count  = 20", "count  = 22"));
    project.disco("plan --out grown").ends_with(0);
    let written = project.disco("template --plan grown --out hot").ends_with(0);
    let order = printed(&project, "hot/stacks.json");
    let steps = order["steps"].as_array().unwrap();
    assert_eq!(written.stdout.lines().count(), steps.len() + 1);
    let plan: Json = serde_json::from_str(&project.read("grown")).unwrap();
    for (step, planned) in steps.iter().zip(plan["steps"].as_array().unwrap()) {
        assert_eq!((&step["stack"], &step["action"]), (&planned["stack"], &planned["action"]));
        assert_eq!(step["tags"].as_array().unwrap().len(), 2);
        let template = printed(&project, &format!("hot/{}", step["file"].as_str().unwrap()));
        assert_eq!(template["heat_template_version"], "2021-04-16");
    }
    let servers = |step: &Json| {
        let template = printed(&project, &format!("hot/{}", step["file"].as_str().unwrap()));
        template["resources"].as_object().unwrap().keys().filter(|name| name.ends_with("-server")).count()
    };
    let last = |stack: &str| steps.iter().rfind(|step| step["stack"] == stack).map(servers);
    let base = last("lab").unwrap();
    let added: usize = ["lab.shard-1", "lab.shard-2"].into_iter().filter_map(last).sum();
    assert!(base + added > 2, "{steps:?}");

    project.write("main.disco.hcl", "provider \"local\" { max_resources_per_stack = 50 }\n");
    project.disco("plan --accept-data-loss --out gone").ends_with(0);
    project.disco("template --plan gone --out hot").ends_with(0);
    let order = printed(&project, "hot/stacks.json");
    assert!(order["steps"].as_array().unwrap().iter().all(|step| step["action"] == "delete" && step["file"].is_null()));
    project.write("no-plan", "{}");
    project.disco("template --plan no-plan --out hot").ends_with(1).says(&["`no-plan` is not a plan of DISCO"]);
    project.disco("template --plan gone").ends_with(1).says(&["needs `--out`"]);
}
