//! What the node agent does with what machines were given: the agent itself, rehearsed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Map, Value as Json, json};

/// A configuration that a machine has carried out.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    /// Logical name of the deployment.
    pub(super) deployment: String,
    /// The machine and its image: another one has nothing yet.
    pub(super) machine: String,
    /// The configuration's text.
    pub(super) bundle: String,
    /// Inputs of the deployment.
    pub(super) inputs: Map<String, Json>,
    /// Number of the last event before it was done.
    pub(super) moment: u64,
}

/// What a delivery did to services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Services {
    /// They ran, and were started again.
    pub(super) restarted: BTreeSet<String>,
    /// They ran, and were stopped for good.
    pub(super) stopped: BTreeSet<String>,
    /// They did not run before.
    pub(super) started: BTreeSet<String>,
}

impl Services {
    /// Whether somebody may have missed one of them for a moment.
    pub(super) fn interrupted(&self) -> bool {
        !self.restarted.is_empty() || !self.stopped.is_empty()
    }
}

/// What each delivery of these lives does, in the same order. Lives that are alike are rehearsed once.
pub(super) fn rehearse(lives: &[Vec<Delivery>]) -> Vec<Vec<Services>> {
    let asked: Vec<Json> = lives.iter().map(|life| question(life)).collect();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut distinct = Vec::new();
    let mut at = Vec::new();
    for question in asked {
        let place = *places.entry(question.to_string()).or_insert_with(|| {
            distinct.push(question);
            distinct.len() - 1
        });
        at.push(place);
    }
    let told = ask(&Json::Array(distinct));
    let read = |(life, place): (&Vec<Delivery>, usize)| {
        let mut running = BTreeSet::new();
        let answers = told[place].as_array().unwrap();
        life.iter().zip(answers).map(|(delivery, answer)| read(delivery, answer, &mut running)).collect()
    };
    lives.iter().zip(at).map(read).collect()
}

/// A life in the words of `rehearse.py`. Machines are numbered and volumes nameless, so that equal lives look alike.
fn question(life: &[Delivery]) -> Json {
    let mut machines: Vec<&str> = Vec::new();
    let deliveries = life.iter().map(|delivery| {
        let machine = machines.iter().position(|known| *known == delivery.machine).unwrap_or_else(|| {
            machines.push(&delivery.machine);
            machines.len() - 1
        });
        let mut inputs = delivery.inputs.clone();
        for (_, volume) in inputs.iter_mut().filter(|(name, _)| name.starts_with("volume-")) {
            *volume = "a volume".into();
        }
        // Only the first machine of a group takes the cluster's steps.
        let index = usize::from(!delivery.deployment.ends_with("-0-deployment"));
        inputs.insert("deploy_resource_name".to_owned(), format!("node-{index}-deployment").into());
        json!({"machine": machine, "bundle": delivery.bundle, "inputs": inputs})
    });
    deliveries.collect()
}

fn ask(lives: &Json) -> Json {
    let folder = env!("CARGO_MANIFEST_DIR");
    let mut python = Command::new("python3")
        .args(["-B", &format!("{folder}/tests/changes/rehearse.py"), &format!("{folder}/src/node/agent.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3, as on every node");
    let mut stdin = python.stdin.take().unwrap();
    let text = lives.to_string();
    let writing = std::thread::spawn(move || stdin.write_all(text.as_bytes()).unwrap());
    let done = python.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

fn read(delivery: &Delivery, answer: &Json, running: &mut BTreeSet<String>) -> Services {
    assert_eq!(answer["error"], "", "{} cannot be carried out", delivery.deployment);
    let mut services = Services::default();
    for command in answer["commands"].as_array().unwrap() {
        let words: Vec<&str> = command.as_array().unwrap().iter().filter_map(Json::as_str).collect();
        match words.as_slice() {
            ["systemctl", "restart", unit] if running.contains(*unit) => {
                services.restarted.insert((*unit).to_owned());
            }
            ["systemctl", "restart", unit] => {
                services.started.insert((*unit).to_owned());
            }
            ["systemctl", "disable", "--quiet", "--now", unit] => {
                services.stopped.insert((*unit).to_owned());
            }
            _ => {}
        }
    }
    let bundle: Json = serde_json::from_str(&delivery.bundle).unwrap();
    *running =
        bundle["units"].as_array().unwrap().iter().map(|unit| unit["name"].as_str().unwrap().to_owned()).collect();
    services
}
