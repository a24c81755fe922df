//! Machines of the embedded engine as containers of this host: Debian with systemd and cloud-init, by Podman or Docker.
//!
//! The engines are spoken to through their commands, which are almost the same words: a client library would be a second
//! HTTP stack in the program, and Podman would have to run a service. `argv` has every command as a value.
//!
//! # What a node is
//!
//! A container of the image `localhost/disco-node:IMAGE` on a network with the cluster's addresses, with memory and
//! processors of its flavor. Process 1 is `boot.sh`, which sets the rules of the security groups in the node's own
//! network namespace, makes the disks, mounts them, and becomes systemd without the right to change any of it.
//! Volumes are files behind loop devices, under the names that a hypervisor gives them (`/dev/disk/by-id/virtio-…`), so
//! that the node's agent formats, mounts and grows them as it does on a cloud. A floating address is translated inside
//! the node; this host has a route to it. Root on a node may mount disks, and can with that become root of this host.
//!
//! # Files
//!
//! In the folder of the nodes, `.disco/engine/nodes` of a project:
//!
//! - `engine`: the embedded engine's id, which is on every container and network as the label `disco.engine`.
//! - `containers.conf`: with which settings Podman runs on this host.
//! - `servers/ID/seed`, `heat`, `host`: what the container of that server mounts, read-only.
//! - `servers/ID/console.log`: what its console said.
//! - `servers/ID/carried.json`: what was last done for it.
//! - `volumes/ID.img`: a volume.

mod argv;
mod command;
mod containers;
mod disk;
mod doctor;
mod driver;
mod enter;
mod fault;
mod files;
mod host;
mod image;
mod run;
mod seen;
mod setup;
mod steps;

pub use argv::{ContainerEngine, image_name as image_of_nodes};
pub use containers::{Condition, Containers, Sight};
pub use doctor::{Check, CheckState, HostAnswers, checks, is_ready};
pub use enter::{NodeContainer, Streams, container_of};
pub use fault::ContainerFault;
pub use host::{Cgroups, HostFacts, HostLimits};
pub use image::{ImageRequest, MIRROR, known_images};
pub use setup::{ImageMade, Owner, Removed, clean, count, host_answers, host_facts, set_up};

pub(crate) use command::Command;
pub(crate) use driver::run;

/// How the path of every folder of nodes ends.
const FOLDER: &str = ".disco/engine/nodes";

#[cfg(test)]
mod tests;
