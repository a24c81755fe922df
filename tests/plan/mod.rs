//! Tests of the room `plan`.

mod guards;
mod kinds;
mod laws;
mod losses;
mod mending;
pub(crate) mod little_cluster;
pub(crate) mod little_heat;
mod steps;
mod suspension;
mod troubles;
