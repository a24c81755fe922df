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
