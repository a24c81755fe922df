//! Tests of the room `local`.

mod client;
mod cluster;
pub(crate) mod containers;
mod dependencies;
pub(crate) mod driver;
mod networks;
mod nodes;
pub(crate) mod openstack;
mod previews;
mod protocol;
mod quotas;
mod restart;
mod speed;
mod updates;
mod volumes;
