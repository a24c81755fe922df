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
    /// They ran, and wait for a disk.
    pub(super) paused: BTreeSet<String>,
}

/// What a delivery did to a machine.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    pub(super) services: Services,
    /// Ids of the volumes that were mounted, by mount point.
    pub(super) before: BTreeMap<String, String>,
    /// And those that are now.
    pub(super) mounted: BTreeMap<String, String>,
}

impl Services {
    /// Whether somebody may have missed one of them for a moment.
    pub(super) fn interrupted(&self) -> bool {
        !self.restarted.is_empty() || !self.stopped.is_empty() || !self.paused.is_empty()
    }
}

/// What each delivery of these lives does, in the same order. Lives that are alike are rehearsed once.
pub(super) fn rehearse(lives: &[Vec<Delivery>]) -> Vec<Vec<Done>> {
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
        let mut done = Life::default();
        let (answers, volumes) = (told[place].as_array().unwrap(), volumes(life));
        life.iter().zip(answers).map(|(delivery, answer)| read(delivery, answer, &volumes, &mut done)).collect()
    };
    lives.iter().zip(at).map(read).collect()
}

/// A life in the words of `rehearse.py`. Machines and volumes are numbered, so that equal lives look alike.
fn question(life: &[Delivery]) -> Json {
    let mut machines: Vec<&str> = Vec::new();
    let volumes = volumes(life);
    let deliveries = life.iter().map(|delivery| {
        let machine = machines.iter().position(|known| *known == delivery.machine).unwrap_or_else(|| {
            machines.push(&delivery.machine);
            machines.len() - 1
        });
        let mut inputs = delivery.inputs.clone();
        for (_, volume) in inputs.iter_mut().filter(|(name, _)| name.starts_with("volume-")) {
            let number = volumes.iter().position(|known| volume == known).unwrap();
            *volume = number.to_string().into();
        }
        // Only the first machine of a group takes the cluster's steps.
        let index = usize::from(!delivery.deployment.ends_with("-0-deployment"));
        inputs.insert("deploy_resource_name".to_owned(), format!("node-{index}-deployment").into());
        json!({"machine": machine, "bundle": delivery.bundle, "inputs": inputs})
    });
    deliveries.collect()
}

/// The ids of volumes in a life, in the order in which they come.
fn volumes(life: &[Delivery]) -> Vec<String> {
    let mut volumes: Vec<String> = Vec::new();
    for (_, id) in life.iter().flat_map(|delivery| &delivery.inputs).filter(|(name, _)| name.starts_with("volume-")) {
        let id = id.as_str().unwrap();
        if !volumes.iter().any(|known| known == id) {
            volumes.push(id.to_owned());
        }
    }
    volumes
}

fn ask(lives: &Json) -> Json {
    let folder = env!("CARGO_MANIFEST_DIR");
    let mut python = Command::new("python3")
        .args(["-B", &format!("{folder}/tests/changes/rehearse.py"), &format!("{folder}/tests/node")])
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

/// A machine as its agent has left it.
#[derive(Clone, Default)]
struct Life {
    running: BTreeSet<String>,
    /// They do not run because a disk is away.
    paused: BTreeSet<String>,
    /// Volumes by mount point.
    mounted: BTreeMap<String, String>,
}

fn read(delivery: &Delivery, answer: &Json, volumes: &[String], life: &mut Life) -> Done {
    assert_eq!(answer["error"], "", "{} cannot be carried out", delivery.deployment);
    let mut services = Services::default();
    let before = life.mounted.clone();
    for command in answer["commands"].as_array().unwrap() {
        let words: Vec<&str> = command.as_array().unwrap().iter().filter_map(Json::as_str).collect();
        match words.as_slice() {
            ["systemctl", "stop", unit] if life.running.remove(*unit) => {
                life.paused.insert((*unit).to_owned());
            }
            ["systemctl", "restart", unit] if life.running.contains(*unit) || life.paused.remove(*unit) => {
                services.restarted.insert((*unit).to_owned());
            }
            ["systemctl", "restart", unit] => {
                services.started.insert((*unit).to_owned());
            }
            ["systemctl", "disable", "--quiet", "--now", unit] => {
                life.paused.remove(*unit);
                services.stopped.insert((*unit).to_owned());
            }
            ["mount", number, mount] => {
                life.mounted.insert((*mount).to_owned(), volumes[number.parse::<usize>().unwrap()].clone());
            }
            ["umount", mount] => {
                assert!(life.mounted.remove(*mount).is_some(), "{mount} is unmounted twice");
            }
            _ => {}
        }
    }
    services.paused.clone_from(&life.paused);
    if !delivery.inputs.contains_key("release") {
        let bundle: Json = serde_json::from_str(&delivery.bundle).unwrap();
        let units = bundle["units"].as_array().unwrap().iter().map(|unit| unit["name"].as_str().unwrap().to_owned());
        life.running = units.collect();
        assert!(life.paused.is_empty(), "{} has left services stopped: {:?}", delivery.deployment, life.paused);
    }
    Done { services, before, mounted: life.mounted.clone() }
}
