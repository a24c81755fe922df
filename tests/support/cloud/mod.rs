//! The cloud that a test speaks with as people do, through a `clouds.yaml`: the embedded engine on a port, or the real
//! OpenStack that `DISCO_TEST_CLOUD` names. Between DISCO and either stands a proxy that plays faults.
//!
//! | variable | default | what |
//! |---|---|---|
//! | `DISCO_TEST_CLOUD` | the embedded engine | an entry of `clouds.yaml`, which is found as every tool finds it |
//! | `DISCO_TEST_IMAGE` | `debian-12` | an image |
//! | `DISCO_TEST_OTHER_IMAGE` | `cirros` | another one |
//! | `DISCO_TEST_FLAVOR` | `m1.small` | a flavor with at least 2 GB |
//! | `DISCO_TEST_MEDIUM_FLAVOR` | `m1.medium` | one with at least 4 GB |
//! | `DISCO_TEST_LARGE_FLAVOR` | `m1.large` | a larger one |
//! | `DISCO_TEST_HUGE_FLAVOR` | `m1.xlarge` | a still larger one |
//! | `DISCO_TEST_NETWORK` | `public` | an external network |
//! | `DISCO_TEST_NODES` | `simulated` | `real` where instances boot the image and reach Heat: then nobody answers for them |

mod agent;
mod eyes;
mod inventory;
mod proxy;
mod settings;

use std::sync::{Mutex, MutexGuard};

use disco::heat::CloudConfig;
use disco::local::{Fault, FaultScript};

pub(crate) use agent::{Agent, Delivered};
pub(crate) use eyes::{Eyes, text};
pub(crate) use inventory::Inventory;
pub(crate) use proxy::Proxy;
pub(crate) use settings::of_cloud as cloud_of;

use super::{Served, TestProject};

/// One test at a time works in the project of a real cloud.
static ALONE: Mutex<()> = Mutex::new(());

/// A cloud, and what stands around it.
pub(crate) struct TestCloud {
    config: CloudConfig,
    pub(crate) proxy: Proxy,
    pub(crate) eyes: Eyes,
    /// Answers for nodes that nobody simulates.
    agent: Option<Agent>,
    engine: Option<Engine>,
    _alone: Option<MutexGuard<'static, ()>>,
}

/// The embedded engine.
struct Engine {
    project: TestProject,
    served: Served,
}

/// The name of the real cloud that tests shall speak with, if there is one.
pub(crate) fn real_cloud() -> Option<String> {
    std::env::var("DISCO_TEST_CLOUD").ok().filter(|name| !name.is_empty())
}

/// The words of a definition for the embedded engine, as the chosen cloud has them.
pub(crate) fn in_its_words(definition: &str) -> String {
    if real_cloud().is_none() {
        return definition.to_owned();
    }
    let names = [
        ("debian-12", "DISCO_TEST_IMAGE", "debian-12"),
        ("ubuntu-22.04", "DISCO_TEST_JAVA_11_IMAGE", "debian-12"),
        ("ubuntu-24.04", "DISCO_TEST_OTHER_IMAGE", "cirros"),
        ("m1.small", "DISCO_TEST_FLAVOR", "m1.small"),
        ("m1.medium", "DISCO_TEST_MEDIUM_FLAVOR", "m1.medium"),
        ("m1.xlarge", "DISCO_TEST_HUGE_FLAVOR", "m1.xlarge"),
        ("m1.large", "DISCO_TEST_LARGE_FLAVOR", "m1.large"),
        ("public", "DISCO_TEST_NETWORK", "public"),
    ];
    let mut text = definition.to_owned();
    // What is put in must not be taken for a word of the definition.
    for (number, (word, ..)) in names.iter().enumerate() {
        text = text.replace(&format!("\"{word}\""), &format!("\"<{number}>\""));
    }
    for (number, (_, variable, default)) in names.iter().enumerate() {
        let name = std::env::var(variable).unwrap_or_else(|_| (*default).to_owned());
        text = text.replace(&format!("\"<{number}>\""), &format!("\"{name}\""));
    }
    text
}

impl TestCloud {
    /// The real cloud that is asked for, else the embedded engine. On a real one nodes of this cluster have agents, or
    /// those of every cluster where none is named.
    pub(crate) fn chosen(cluster: &str) -> Self {
        match real_cloud() {
            Some(name) => Self::real(&name, cluster),
            None => Self::embedded(),
        }
    }

    /// The embedded engine on a port, in a folder of its own.
    pub(crate) fn embedded() -> Self {
        let project = TestProject::lab();
        let served = project.serve();
        let config = settings::of_engine(&project);
        let eyes = Eyes::open(&config);
        let proxy = Proxy::before(&eyes);
        Self { config, proxy, eyes, agent: None, engine: Some(Engine { project, served }), _alone: None }
    }

    fn real(name: &str, cluster: &str) -> Self {
        let alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let config = settings::of_cloud(name);
        let eyes = Eyes::open(&config);
        let proxy = Proxy::before(&eyes);
        let answers = std::env::var("DISCO_TEST_NODES").is_ok_and(|nodes| nodes == "real");
        let agent = (!answers).then(|| Agent::start(&config, cluster));
        Self { config, proxy, eyes, agent, engine: None, _alone: Some(alone) }
    }

    pub(crate) fn is_real(&self) -> bool {
        self.engine.is_none()
    }

    /// What nodes of a real cloud have carried out since the beginning, in order.
    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        self.agent.as_ref().map(Agent::delivered).unwrap_or_default()
    }

    /// A `clouds.yaml` by which DISCO speaks with the cloud through the proxy.
    pub(crate) fn settings(&self) -> String {
        settings::through(&self.config, &self.proxy)
    }

    /// Faults for the time from now on, instead of those before: requests meet them at the proxy; what happens to nodes
    /// happens in the embedded engine, or is what the agents of the real cloud's nodes say.
    pub(crate) fn set_faults(&mut self, faults: &[String]) {
        let mut requests = FaultScript::default();
        let mut others = Vec::new();
        for text in faults {
            match text.parse::<Fault>().unwrap() {
                Fault::Request { which, turn, action } => requests.add(which, turn, action),
                fault => others.push((text, fault)),
            }
        }
        self.proxy.set_script(requests);
        let Some(engine) = &mut self.engine else {
            self.agent.iter().for_each(Agent::behave_well);
            for (text, fault) in others {
                match fault {
                    Fault::Gone { server } => self.eyes.delete_server(&server),
                    other => assert!(
                        self.agent.as_ref().is_some_and(|agent| agent.behave(other)),
                        "nobody can do this to a real cloud: {text}"
                    ),
                }
            }
            return;
        };
        let script: Vec<&str> = others.iter().map(|(text, _)| text.as_str()).collect();
        engine.restart(&script.join("\n"));
    }
}

impl Engine {
    /// Starts again on the same port, with what goes wrong in it.
    fn restart(&mut self, faults: &str) {
        let had = self.project.file("faults").metadata().is_ok_and(|file| file.len() > 0);
        if faults.is_empty() && !had {
            return;
        }
        self.project.write("faults", faults);
        let address = self.served.address.clone();
        self.served.end();
        let mut command = self.project.command(&format!("local serve --listen {address}"));
        command.env("DISCO_LOCAL_FAULTS", self.project.file("faults"));
        self.served = Served::start(command);
    }
}
