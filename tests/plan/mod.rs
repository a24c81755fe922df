//! Tests of the room `plan`.

mod guards;
mod kinds;
mod laws;
pub(crate) mod little_cluster;
pub(crate) mod little_heat;
mod steps;
mod troubles;
