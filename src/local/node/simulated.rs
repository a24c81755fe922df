//! Machines that are nothing but timers of the world: a machine is built, boots, and carries out its deployments one after
//! another.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::super::entity::{Deployment, Phase, Status, Work};
use super::super::hot::text_of;
use super::super::resource;
use super::super::world::World;

/// Takes up what a machine is to do; the resource that waits for it goes on when its time is over.
pub(super) fn take_up(world: &mut World, server: &str, row: Option<u64>, work: &Work) {
    let takes = match work {
        Work::Build => 20.0 * jitter(world, server, "build"),
        Work::Change { resized, rebuilt, replugged } => {
            let seconds = match (rebuilt, resized) {
                (true, _) => 20.0,
                (false, true) => 12.0,
                (false, false) => 0.4,
            };
            (seconds + if *replugged { 2.0 } else { 0.0 }) * jitter(world, server, "change")
        }
        Work::Delete => 4.0,
        Work::Suspend => 2.0,
        Work::Resume => 3.0,
        Work::Boot => return boot(world, server),
        Work::Deployment => return arrived(world, server),
        Work::Detach(volume) => return detached(world, server, volume),
    };
    if let Some(row) = row {
        world.row_ends(row, takes);
    }
}

/// A factor around one, the same for the same machine and purpose.
fn jitter(world: &World, server: &str, purpose: &str) -> f64 {
    let name = world.servers.get(server).map_or("", |server| server.name.as_str());
    let digest = Sha256::digest(format!("{name} {purpose}").as_bytes());
    0.8 + f64::from(digest[0]) / 255.0 * 0.4
}

fn boot(world: &mut World, id: &str) {
    world.say(id, "kernel: booting");
    let due = world.now + world.scaled(15.0 * jitter(world, id, "boot"));
    world.server_due(id, Some(due));
}

/// There may be something to do for the machine: it looks a moment later, if it is not at work already.
fn arrived(world: &mut World, id: &str) {
    let idle = world.servers.get(id).is_some_and(|server| server.phase == Phase::Ready && server.due.is_none());
    if idle {
        let due = world.now + world.scaled(2.0);
        world.server_due(id, Some(due));
    }
}

/// After a restart: machines that are idle look for what waits for them, as they would by themselves.
pub(super) fn look_again(world: &mut World) {
    let waiting = world.deployments.values().filter(|deployment| deployment.status == Status::InProgress);
    let servers: BTreeSet<String> = waiting.map(|deployment| deployment.server.clone()).collect();
    for id in servers {
        arrived(world, &id);
    }
}

/// A phase of the machine is over.
pub(crate) fn due(world: &mut World, id: &str) {
    let Some(server) = world.servers.get(id) else { return };
    if server.due.is_none_or(|due| due > world.now) {
        return;
    }
    if server.status != "ACTIVE" {
        world.server_due(id, None);
        return;
    }
    match (server.phase, server.job.clone()) {
        (Phase::Booting, _) => world.say(id, "cloud-init: first boot done; disco-agent: started"),
        (Phase::Configuring, Some(job)) => carry_out(world, id, &job),
        _ => {}
    }
    next(world, id);
}

/// Takes the next deployment that waits for the machine.
fn next(world: &mut World, id: &str) {
    let Some(server) = world.servers.get(id) else { return };
    let muted = world.troubles.is_silent(&server.name);
    let waiting = world
        .deployments_of
        .get(id)
        .into_iter()
        .flatten()
        .find_map(|(_, id)| world.deployments.get(id).filter(|deployment| deployment.status == Status::InProgress));
    let job = waiting
        .filter(|_| !muted)
        .map(|deployment| (deployment.id.clone(), deployment.name.clone(), work(world, deployment)));
    if let Some((job, name, seconds)) = job {
        world.say(id, &format!("disco-agent: {name}: started"));
        let due = world.now + world.scaled(seconds * jitter(world, id, &name));
        if let Some(server) = world.server_mut(id) {
            server.phase = Phase::Configuring;
            server.job = Some(job);
        }
        world.server_due(id, Some(due));
    } else {
        if let Some(server) = world.server_mut(id) {
            server.phase = Phase::Ready;
            server.job = None;
        }
        world.server_due(id, None);
    }
}

/// How long a deployment takes: the larger its configuration, the longer.
fn work(world: &World, deployment: &Deployment) -> f64 {
    if deployment.inputs.field("members").is_some() {
        return 6.0;
    }
    let config = world.things.get(&deployment.config).and_then(|config| config.body.text("config"));
    let size = config.map_or(0, |config| config.len());
    let kibibytes = u32::try_from(size / 1_024).unwrap_or(u32::MAX);
    25.0 + f64::from(kibibytes).min(60.0)
}

/// The machine has done a deployment and says so.
fn carry_out(world: &mut World, id: &str, job: &str) {
    let Some(deployment) = world.deployments.get(job).filter(|it| it.status == Status::InProgress) else { return };
    let name = deployment.name.clone();
    let seconds = work(world, deployment);
    let (code, stdout, stderr) = match deployment.inputs.field("members") {
        Some(members) => verify(world, &members),
        None => (0, format!("{name}: applied"), String::new()),
    };
    let host = world.servers.get(id).map(|server| server.name.clone()).unwrap_or_default();
    let (code, stdout, stderr) = match world.troubles.of_node(&host) {
        Some((code, stderr)) => (code, String::new(), stderr),
        None => (code, stdout, stderr),
    };
    world.say(id, &format!("disco-agent: {name}: {}", if code == 0 { "done" } else { stderr.as_str() }));
    if code == 0 {
        mount(world, id, job);
    }
    let mut signal = Map::new();
    signal.insert("deploy_stdout".to_owned(), stdout.into());
    signal.insert("deploy_stderr".to_owned(), stderr.into());
    signal.insert("deploy_status_code".to_owned(), code.into());
    let parts = [("packages", 0.5), ("files", 0.1), ("services", 0.4)];
    let timings: Map<String, Json> = parts
        .iter()
        .map(|(part, share)| ((*part).to_owned(), json!((seconds * share * 10.0).round() / 10.0)))
        .collect();
    signal.insert("timings".to_owned(), Json::Object(timings));
    resource::signal(world, job, &Json::Object(signal));
}

/// The machine has mounted the volumes that its configuration names, or has let go of those that it shall release.
fn mount(world: &mut World, id: &str, job: &str) {
    let Some(deployment) = world.deployments.get(job) else { return };
    let config = world.things.get(&deployment.config).and_then(|config| config.body.text("config"));
    let config: Option<Json> = config.and_then(|config| serde_json::from_str(&config).ok());
    let Some(disks) = config.as_ref().and_then(|config| config.get("disks")?.as_array()) else { return };
    let volume = |name: &str| deployment.inputs.field(&format!("volume-{name}")).map(|id| text_of(&id));
    let released = deployment.inputs.field("release").map(|names| text_of(&names)).unwrap_or_default();
    let released: BTreeSet<String> = released.split_whitespace().filter_map(volume).collect();
    let named: BTreeSet<String> =
        disks.iter().filter_map(|disk| disk.get("volume")?.as_str()).filter_map(volume).collect();
    if let Some(server) = world.server_mut(id) {
        if released.is_empty() {
            server.mounted = named;
        } else {
            server.mounted.retain(|volume| !released.contains(volume));
        }
    }
}

/// A disk is taken off the machine. If its agent has it mounted, what is written there from now on is lost.
fn detached(world: &mut World, id: &str, volume: &str) {
    if world.server_mut(id).is_some_and(|server| server.mounted.remove(volume)) {
        world.say(id, &format!("kernel: volume {volume} is gone while it is mounted: I/O error"));
    }
}

/// Whether all members are there and configured, by name.
fn verify(world: &World, members: &Json) -> (u32, String, String) {
    let names: Vec<String> = match members {
        Json::Array(names) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        Json::String(text) => match serde_json::from_str::<Vec<String>>(text) {
            Ok(names) => names,
            Err(_) => text.split_whitespace().flat_map(expanded).collect(),
        },
        _ => Vec::new(),
    };
    let missing: Vec<&str> = names.iter().filter(|name| !is_configured(world, name)).map(String::as_str).collect();
    if missing.is_empty() {
        (0, format!("{} members are registered", names.len()), String::new())
    } else {
        (1, String::new(), format!("not registered: {}", missing.join(", ")))
    }
}

/// The names that a word such as `c-slaves-[0..2,5]` stands for, as the agent on a machine reads it.
fn expanded(word: &str) -> Vec<String> {
    let Some((prefix, runs)) = word.strip_suffix(']').and_then(|word| word.split_once('[')) else {
        return vec![word.to_owned()];
    };
    let bounds = runs.split(',').filter_map(|run| {
        let (first, last) = run.split_once("..").unwrap_or((run, run));
        Some((first.parse::<u32>().ok()?, last.parse::<u32>().ok()?))
    });
    bounds.flat_map(|(first, last)| (first..=last).map(|index| format!("{prefix}{index}"))).collect()
}

fn is_configured(world: &World, name: &str) -> bool {
    let short = name.split('.').next().unwrap_or(name);
    let servers = world.server_names.get(name).filter(|ids| !ids.is_empty()).or_else(|| world.server_names.get(short));
    servers.into_iter().flatten().any(|id| {
        let mut own = world
            .deployments_of
            .get(id)
            .into_iter()
            .flatten()
            .filter_map(|(_, id)| world.deployments.get(id))
            .filter(|deployment| deployment.inputs.field("members").is_none())
            .peekable();
        own.peek().is_some() && own.all(|deployment| deployment.status == Status::Complete)
    })
}
