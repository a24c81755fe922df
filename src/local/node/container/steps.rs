//! What has to be done so that a machine is as it should be: pure, and nothing where it is.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::super::{Machine, Wanted};
use super::seen::{Container, ContainerStatus};

/// What was last carried out for a machine; kept in its folder, because labels of a container never change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Carried {
    pub generation: String,
    pub rebuilds: u64,
    pub reboots: u64,
    pub memory_mib: u64,
    pub vcpus: u64,
    /// Floating addresses that the host has routes for.
    #[serde(default)]
    pub floating: Vec<IpAddr>,
}

impl Carried {
    pub(crate) fn of(machine: &Machine) -> Self {
        Self {
            generation: machine.generation.clone(),
            rebuilds: machine.rebuilds,
            reboots: machine.reboots,
            memory_mib: machine.memory_mib,
            vcpus: machine.vcpus,
            floating: machine.interfaces.iter().filter_map(|interface| interface.floating).collect(),
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Has the networks of its cards.
    Networks,
    /// Has devices for its volumes, and writes the files that its container mounts.
    Files,
    Create,
    Start,
    Restart,
    Pause,
    Unpause,
    Stop,
    /// Has a container that is there be as large as its flavor now says.
    Resize,
    /// Has a running container read its files again.
    Refresh,
    /// The host finds its floating addresses.
    Routes,
    /// Lets go of devices of volumes that it no longer has.
    ReleaseDisks,
    /// Removes a container of that name.
    Remove(String),
    /// Removes its files and what else the host has of it.
    Forget,
}

/// The container that is a machine's, of those with its id: of its disk, and not one that was never finished, which may
/// lack a network card.
pub(crate) fn its<'a>(
    machine: &Machine,
    containers: &'a [Container],
    carried: Option<&Carried>,
) -> Option<&'a Container> {
    let is_whole = |container: &Container| carried.is_some() || container.status != ContainerStatus::Created;
    containers.iter().find(|container| container.rebuilds == Some(machine.rebuilds) && is_whole(container))
}

/// What has to be done for a machine, in order. `carried`: what was last done for it, if anything was.
pub(crate) fn steps(machine: &Machine, containers: &[Container], carried: Option<&Carried>) -> Vec<Step> {
    let remove = |container: &Container| Step::Remove(container.name.clone());
    if machine.wanted == Wanted::Gone {
        return containers.iter().map(remove).chain([Step::Forget]).collect();
    }
    let carried = carried.filter(|carried| carried.rebuilds == machine.rebuilds);
    let its = its(machine, containers, carried);
    let is_other = |container: &&Container| its.is_none_or(|its| its.name != container.name);
    let mut steps: Vec<Step> = containers.iter().filter(is_other).map(remove).collect();
    let Some(container) = its else {
        if carried.is_some() {
            // It was there: somebody has removed it, and its disk with it.
            return steps;
        }
        steps.extend([Step::Networks, Step::Files, Step::Create]);
        if machine.wanted != Wanted::Stopped {
            steps.extend([Step::Start, Step::Routes]);
        }
        if machine.wanted == Wanted::Paused {
            steps.push(Step::Pause);
        }
        return steps;
    };
    steps.extend([Step::Networks, Step::Files]);
    if carried.is_some_and(|it| (it.memory_mib, it.vcpus) != (machine.memory_mib, machine.vcpus)) {
        steps.push(Step::Resize);
    }
    // A container that stopped by itself stays so until somebody asks for something.
    let asked_again = carried.is_none_or(|carried| carried.generation != machine.generation);
    let reboots = carried.is_some_and(|carried| carried.reboots != machine.reboots);
    let next: &[Step] = match (machine.wanted, container.status) {
        (Wanted::Running, ContainerStatus::Running) if reboots => &[Step::Restart],
        (Wanted::Running, ContainerStatus::Running) => &[Step::Refresh],
        (Wanted::Running, ContainerStatus::Created) => &[Step::Start],
        (Wanted::Running, ContainerStatus::Stopped) if asked_again => &[Step::Start],
        (Wanted::Running, ContainerStatus::Paused) if asked_again => &[Step::Unpause, Step::Refresh],
        (Wanted::Stopped, ContainerStatus::Running) => &[Step::Stop],
        (Wanted::Stopped, ContainerStatus::Paused) => &[Step::Unpause, Step::Stop],
        (Wanted::Paused, ContainerStatus::Running) => &[Step::Pause],
        _ => &[],
    };
    steps.extend_from_slice(next);
    let runs = machine.wanted == Wanted::Running && !next.is_empty();
    if runs {
        steps.push(Step::Routes);
    }
    steps.push(Step::ReleaseDisks);
    steps
}
