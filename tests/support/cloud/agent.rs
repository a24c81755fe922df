//! Answers for nodes whose machines do nothing, through Heat's API: what is deployed to them is carried out at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use disco::heat::{CloudConfig, Service};
use disco::local::{Fault, Turn};
use http::Method;
use serde_json::{Value as Json, json};

use super::eyes::{Eyes, text};
use super::inventory::is_of;

/// The agents of a cluster's nodes, in one thread.
pub(crate) struct Agent {
    conduct: Arc<Mutex<Conduct>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What a node was given and has carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivered {
    /// The stack's name, and the logical name of the deployment in it.
    pub(crate) place: (String, String),
    /// The server's id and its image's.
    pub(crate) machine: String,
    /// The configuration's text.
    pub(crate) config: String,
    /// What the template gives it, without what Heat adds.
    pub(crate) inputs: serde_json::Map<String, Json>,
}

/// What nodes do other than well, by the server's name, and what they have done.
#[derive(Default)]
struct Conduct {
    delivered: Vec<Delivered>,
    silent: BTreeSet<String>,
    exits: BTreeMap<String, Exit>,
}

/// A deployment that ends badly.
struct Exit {
    turn: Turn,
    seen: u32,
    code: u32,
    stderr: String,
    /// Since when it waits for its answer.
    asked: Option<Instant>,
}

/// A node that fails does so when the others are done, as stories tell it: what Heat aborts is not done either.
const AFTER_THE_OTHERS: Duration = Duration::from_secs(8);

impl Agent {
    pub(crate) fn start(config: &CloudConfig, cluster: &str) -> Self {
        let (conduct, over) = (Arc::new(Mutex::new(Conduct::default())), Arc::new(AtomicBool::new(false)));
        let (eyes, cluster) = (Eyes::open(config), cluster.to_owned());
        let thread = {
            let (conduct, over) = (Arc::clone(&conduct), Arc::clone(&over));
            std::thread::spawn(move || {
                while !over.load(Ordering::SeqCst) {
                    answer(&eyes, &cluster, &conduct);
                    std::thread::sleep(Duration::from_millis(400));
                }
            })
        };
        Self { conduct, over, thread: Some(thread) }
    }

    /// Takes up what a node shall do from now on; says whether that is a node's matter.
    pub(crate) fn behave(&self, fault: Fault) -> bool {
        let mut conduct = self.conduct.lock().unwrap();
        match fault {
            Fault::Silent { server } => drop(conduct.silent.insert(server)),
            Fault::Speaks { server } => drop(conduct.silent.remove(&server)),
            Fault::Exits { server, turn, code, stderr } => {
                drop(conduct.exits.insert(server, Exit { turn, seen: 0, code, stderr, asked: None }));
            }
            _ => return false,
        }
        true
    }

    /// All nodes do what they are asked to.
    pub(crate) fn behave_well(&self) {
        let mut conduct = self.conduct.lock().unwrap();
        conduct.silent.clear();
        conduct.exits.clear();
    }

    /// What all nodes have carried out since the agent began, in order.
    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        self.conduct.lock().unwrap().delivered.clone()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Answers every deployment that waits.
fn answer(eyes: &Eyes, cluster: &str, conduct: &Mutex<Conduct>) {
    let deployments = eyes.get(Service::Orchestration, "/software_deployments")["software_deployments"].take();
    let waiting: Vec<&Json> = deployments
        .as_array()
        .into_iter()
        .flatten()
        .filter(|deployment| deployment["status"] == "IN_PROGRESS")
        .collect();
    if waiting.is_empty() {
        return;
    }
    let servers = eyes.list(Service::Compute, "/servers/detail", "servers");
    for deployment in waiting {
        let server = servers.iter().find(|server| server["id"] == deployment["server_id"]);
        let name = server.map(|server| text(server, "name").to_owned()).unwrap_or_default();
        if !is_of(&name, cluster) {
            continue;
        }
        let (code, stderr) = {
            let mut conduct = conduct.lock().unwrap();
            if conduct.silent.contains(&name) {
                continue;
            }
            let is_early = conduct
                .exits
                .get_mut(&name)
                .is_some_and(|exit| exit.asked.get_or_insert_with(Instant::now).elapsed() < AFTER_THE_OTHERS);
            if is_early {
                continue;
            }
            let exit = conduct.exits.get_mut(&name).and_then(|exit| {
                exit.asked = None;
                exit.seen += 1;
                exit.turn.includes(exit.seen).then(|| (exit.code, exit.stderr.clone()))
            });
            exit.unwrap_or_default()
        };
        let path = format!("/software_configs/{}", text(deployment, "config_id"));
        let config = eyes.get(Service::Orchestration, &path)["software_config"].take();
        let inputs = config["inputs"].as_array().cloned().unwrap_or_default();
        let input = |name: &str| {
            let found = inputs.iter().find(|input| input["name"] == name);
            found.map(|input| text(input, "value").to_owned()).unwrap_or_default()
        };
        let (stack, resource) = (input("deploy_stack_id"), input("deploy_resource_name"));
        if stack.is_empty() {
            // Not derived yet.
            continue;
        }
        let path = format!("/stacks/{stack}/resources/{resource}/signal");
        if code == 0 {
            let server = server.unwrap_or(&Json::Null);
            let given = inputs.iter().filter(|input| !text(input, "name").starts_with("deploy_"));
            let delivered = Delivered {
                place: (stack.split('/').next().unwrap_or_default().to_owned(), resource.clone()),
                machine: format!("{} {}", text(server, "id"), text(&server["image"], "id")),
                config: text(&config, "config").to_owned(),
                inputs: given.map(|input| (text(input, "name").to_owned(), input["value"].clone())).collect(),
            };
            let mut conduct = conduct.lock().unwrap();
            // Heat may show a deployment as waiting for a moment after it was answered.
            let last = conduct.delivered.iter().rfind(|last| last.place == delivered.place);
            if last.is_none_or(|last| *last != delivered) {
                conduct.delivered.push(delivered);
            }
        }
        let said = json!({ "deploy_status_code": code, "deploy_stdout": "", "deploy_stderr": stderr });
        eyes.ask(&Method::POST, Service::Orchestration, &path, Some(&said));
    }
}
