//! Members, resources, dependencies of a cluster, seen from outside.

pub mod cluster;
mod members;
mod resources;
