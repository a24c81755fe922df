//! What this host has, as values, and the settings with which Podman works on it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::argv::ContainerEngine;

/// Bit of the right to raise limits.
const CAP_SYS_RESOURCE: u64 = 1 << 24;

/// How the kernel's control groups are mounted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cgroups {
    /// Version 2 alone.
    Unified,
    /// Version 1, be version 2 beside it or not.
    Legacy,
    /// None that is known.
    #[default]
    None,
}

/// What this host has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// Programs that were found, of those that are looked for.
    pub programs: BTreeSet<String>,
    /// The container engine that the environment asks for.
    pub asked: Option<String>,
    /// Who runs this; 0 is root.
    pub uid: u32,
    /// Rights of this process, a bit a right.
    pub capabilities: u64,
    /// Open files and processes that this process may have at most; `None` without a limit.
    pub limits: HostLimits,
    /// Control groups.
    pub cgroups: Cgroups,
    /// Processors.
    pub processors: u64,
    /// Whether loop devices can be made.
    pub has_loop_devices: bool,
    /// Memory that is free for use, MiB.
    pub free_memory_mib: u64,
}

/// The hard limits of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostLimits {
    /// Open files.
    pub files: Option<u64>,
    /// Processes.
    pub processes: Option<u64>,
}

impl HostFacts {
    /// What the kernel's files say: `status` and `limits` of this process, `mounts`, `meminfo`, and the highest number of a
    /// process, which Podman takes for a limit of its own.
    pub(crate) fn read(status: &str, limits: &str, mounts: &str, memory: &str, pid_max: &str) -> Self {
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next());
        let hard = |name: &str| {
            limits.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().nth(1)?.parse().ok())
        };
        let kib =
            memory.lines().find_map(|line| line.strip_prefix("MemAvailable:")?.split_whitespace().next()?.parse().ok());
        let highest: Option<u64> = pid_max.trim().parse().ok();
        let processes = hard("Max processes").into_iter().chain(highest).min();
        Self {
            uid: field("Uid:").and_then(|uid| uid.parse().ok()).unwrap_or(u32::MAX),
            capabilities: field("CapEff:").and_then(|bits| u64::from_str_radix(bits, 16).ok()).unwrap_or_default(),
            limits: HostLimits { files: hard("Max open files"), processes },
            cgroups: cgroups(mounts),
            free_memory_mib: kib.unwrap_or(0_u64) / 1_024,
            ..Self::default()
        }
    }

    /// Which container engine is used: the one that is asked for, else Podman, else Docker.
    pub fn engine(&self) -> Option<ContainerEngine> {
        let wanted = |engine: &ContainerEngine| self.asked.as_deref().is_none_or(|asked| asked == engine.program());
        ContainerEngine::ALL.into_iter().filter(wanted).find(|engine| self.has(engine.program()))
    }

    /// Whether a program was found.
    pub fn has(&self, program: &str) -> bool {
        self.programs.contains(program)
    }

    /// Whether limits of processes may be raised.
    pub fn may_raise_limits(&self) -> bool {
        self.capabilities & CAP_SYS_RESOURCE != 0
    }

    /// What starts containers under Podman: `crun` knows control groups of version 2 alone.
    pub(crate) fn runtime(&self) -> Option<&'static str> {
        let order = if self.cgroups == Cgroups::Unified { ["crun", "runc"] } else { ["runc", "crun"] };
        order.into_iter().find(|runtime| self.has(runtime))
    }
}

fn cgroups(mounts: &str) -> Cgroups {
    let mut found = Cgroups::None;
    for line in mounts.lines() {
        let mut words = line.split(' ').skip(1);
        match (words.next(), words.next()) {
            (Some("/sys/fs/cgroup"), Some("cgroup2")) => found = Cgroups::Unified,
            (Some(path), Some("cgroup")) if path.starts_with("/sys/fs/cgroup") => return Cgroups::Legacy,
            _ => {}
        }
    }
    found
}

/// Limits of this process as those of containers, where they may not be raised: a container engine asks for more.
pub(crate) fn own_limits(facts: &HostFacts) -> Vec<String> {
    if facts.may_raise_limits() {
        return Vec::new();
    }
    let limits = [("nofile", facts.limits.files), ("nproc", facts.limits.processes)];
    limits.into_iter().filter_map(|(name, limit)| limit.map(|limit| format!("{name}={limit}:{limit}"))).collect()
}

/// `containers.conf` for Podman: limits as they are where they may not be raised, a runtime that knows this host's
/// control groups, and nothing of the host's own names in `/etc/hosts` of a node.
pub(crate) fn settings(facts: &HostFacts) -> String {
    let mut text = "# Written by DISCO for its nodes.\n[containers]\nbase_hosts_file = \"none\"\n".to_owned();
    let limits: Vec<String> = own_limits(facts).iter().map(|limit| format!("\"{limit}\"")).collect();
    if !limits.is_empty() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "default_ulimits = [{}]", limits.join(", "));
    }
    text.push_str("[engine]\nevents_logger = \"file\"\n");
    if let Some(runtime) = facts.runtime() {
        let _ = writeln!(text, "runtime = \"{runtime}\"");
    }
    text
}
