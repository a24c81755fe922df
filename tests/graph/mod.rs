//! Members, resources, dependencies of a cluster, seen from outside.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test takes for granted may end it")]

pub(crate) mod cluster;
mod hadoop;
mod ipv6;
mod members;
mod resources;
