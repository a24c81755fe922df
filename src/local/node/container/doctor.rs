//! What is missing on this host before nodes can be containers, and how to install it: a line a check.

use std::collections::BTreeMap;

use super::argv::{ContainerEngine, image_name};
use super::host::{Cgroups, HostFacts};

/// Fewer open files than this are too few for a framework's services.
const FEW_FILES: u64 = 4_096;
/// A node with a framework does not fit in less, MiB.
const LITTLE_MEMORY: u64 = 2_048;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What, in a word or two.
    pub name: &'static str,
    /// How it is.
    pub state: CheckState,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// As it should be.
    Ready,
    /// Nodes work, some things on them do not.
    Limited,
    /// Nodes cannot be made.
    Missing,
}

/// What the container engine and the disk said when they were asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostAnswers {
    /// First lines of what programs say of their version.
    pub versions: BTreeMap<String, String>,
    /// What keeps the container engine from working; `None` where it works.
    pub engine_fault: Option<String>,
    /// Whether Podman's network program is there.
    pub has_netavark: bool,
    /// Images that nodes need, and whether each was made.
    pub images: BTreeMap<String, bool>,
}

/// All checks, in the order in which things are needed.
pub fn checks(facts: &HostFacts, answers: &HostAnswers) -> Vec<Check> {
    let engine = facts.engine();
    let mut checks = vec![engine_check(facts, answers), root(facts)];
    if let Some(engine) = engine {
        checks.push(works(engine, answers));
        if engine == ContainerEngine::Podman {
            checks.push(runtime(facts));
            checks.push(network(facts, answers));
        }
    }
    checks.push(limits(facts));
    checks.push(disks(facts));
    checks.push(floating(facts));
    checks.push(memory(facts));
    checks.extend(answers.images.iter().map(|(image, made)| image_check(facts, image, *made)));
    checks
}

/// Whether nodes can be made.
pub fn is_ready(checks: &[Check]) -> bool {
    checks.iter().all(|check| check.state != CheckState::Missing)
}

fn ready(name: &'static str, found: impl Into<String>) -> Check {
    Check { name, state: CheckState::Ready, found: found.into(), help: None }
}

fn not_ready(name: &'static str, state: CheckState, found: impl Into<String>, help: impl Into<String>) -> Check {
    Check { name, state, found: found.into(), help: Some(help.into()) }
}

fn engine_check(facts: &HostFacts, answers: &HostAnswers) -> Check {
    let name = "container engine";
    if let Some(engine) = facts.engine() {
        let version = answers.versions.get(engine.program()).map_or(engine.program(), String::as_str);
        return ready(name, version);
    }
    let install = "install Podman: `apt-get install --no-install-recommends podman runc netavark iptables`";
    match facts.asked.as_deref() {
        Some(asked) if ContainerEngine::ALL.iter().any(|engine| engine.program() == asked) => not_ready(
            name,
            CheckState::Missing,
            format!("DISCO_CONTAINER_ENGINE is `{asked}`, which is not installed"),
            install,
        ),
        Some(asked) => not_ready(
            name,
            CheckState::Missing,
            format!("DISCO_CONTAINER_ENGINE is `{asked}`, expected `podman` or `docker`"),
            "unset DISCO_CONTAINER_ENGINE to use the one that is installed",
        ),
        None => not_ready(name, CheckState::Missing, "neither Podman nor Docker is installed", install),
    }
}

fn root(facts: &HostFacts) -> Check {
    if facts.uid == 0 {
        return ready("root", "commands run as root");
    }
    not_ready(
        "root",
        CheckState::Missing,
        "commands do not run as root, so nodes get no addresses of their own",
        "run `disco` with `sudo`",
    )
}

fn works(engine: ContainerEngine, answers: &HostAnswers) -> Check {
    match (&answers.engine_fault, engine) {
        (None, _) => ready("engine works", format!("`{engine} info` answers")),
        (Some(fault), ContainerEngine::Docker) => {
            not_ready("engine works", CheckState::Missing, fault, "start its daemon: `systemctl start docker`")
        }
        (Some(fault), ContainerEngine::Podman) => {
            not_ready("engine works", CheckState::Missing, fault, "run `podman info`, and fix what it says")
        }
    }
}

fn runtime(facts: &HostFacts) -> Check {
    let groups = match facts.cgroups {
        Cgroups::Unified => "cgroups version 2",
        Cgroups::Legacy => "cgroups version 1",
        Cgroups::None => "no cgroups",
    };
    match (facts.runtime(), facts.cgroups) {
        (_, Cgroups::None) => not_ready(
            "container runtime",
            CheckState::Missing,
            "no cgroups are mounted, so memory and processors cannot be limited",
            "mount them: `mount -t cgroup2 cgroup2 /sys/fs/cgroup`",
        ),
        (Some("crun"), Cgroups::Legacy) => not_ready(
            "container runtime",
            CheckState::Missing,
            "crun needs cgroups version 2, this host has version 1",
            "install runc: `apt-get install --no-install-recommends runc`",
        ),
        (Some(runtime), _) => ready("container runtime", format!("{runtime}, {groups}")),
        (None, _) => not_ready(
            "container runtime",
            CheckState::Missing,
            "neither runc nor crun is installed",
            "install runc: `apt-get install --no-install-recommends runc`",
        ),
    }
}

fn network(facts: &HostFacts, answers: &HostAnswers) -> Check {
    if !answers.has_netavark {
        return not_ready(
            "networks",
            CheckState::Missing,
            "netavark is not installed",
            "install it: `apt-get install --no-install-recommends netavark iptables`",
        );
    }
    if facts.has("iptables") || facts.has("nft") {
        return ready("networks", "netavark");
    }
    not_ready(
        "networks",
        CheckState::Missing,
        "netavark needs iptables or nft, neither is installed",
        "install it: `apt-get install --no-install-recommends iptables`",
    )
}

fn limits(facts: &HostFacts) -> Check {
    let raised = if facts.may_raise_limits() { "may be raised" } else { "may not be raised" };
    match facts.limits.files {
        Some(files) if files < FEW_FILES && !facts.may_raise_limits() => not_ready(
            "limits",
            CheckState::Limited,
            format!("at most {files} open files, {raised}"),
            format!("raise the limit to {FEW_FILES} or more: `ulimit -n {FEW_FILES}`"),
        ),
        Some(files) => ready("limits", format!("at most {files} open files, {raised}")),
        None => ready("limits", "any number of open files"),
    }
}

fn disks(facts: &HostFacts) -> Check {
    if !facts.has("losetup") {
        return not_ready(
            "volumes",
            CheckState::Limited,
            "losetup is not installed, so nodes have no volumes",
            "install it: `apt-get install --no-install-recommends mount`",
        );
    }
    if !facts.has_loop_devices {
        return not_ready(
            "volumes",
            CheckState::Limited,
            "/dev/loop-control does not exist, so nodes have no volumes",
            "load loop devices: `modprobe loop`",
        );
    }
    ready("volumes", "loop devices")
}

fn floating(facts: &HostFacts) -> Check {
    if facts.has("ip") {
        return ready("floating IPs", "routes of this host");
    }
    not_ready(
        "floating IPs",
        CheckState::Limited,
        "`ip` is not installed, so floating IPs are not reached from this host",
        "install it: `apt-get install --no-install-recommends iproute2`",
    )
}

fn memory(facts: &HostFacts) -> Check {
    let found = format!("{} MiB are free, {} processors", facts.free_memory_mib, facts.processors);
    if facts.free_memory_mib >= LITTLE_MEMORY {
        return ready("memory", found);
    }
    not_ready("memory", CheckState::Limited, found, "end other programs, or use smaller flavors")
}

fn image_check(facts: &HostFacts, image: &str, made: bool) -> Check {
    if made {
        return ready("image", image_name(image));
    }
    let help = if facts.has("debootstrap") {
        format!("run `disco local setup {image}`")
    } else {
        format!(
            "run `disco local setup {image}`; where no registry can be reached, first `apt-get install debootstrap`"
        )
    };
    not_ready("image", CheckState::Missing, format!("{} was not made", image_name(image)), help)
}
