//! Tests of the room `local`.

mod client;
mod cluster;
mod dependencies;
mod driver;
mod networks;
mod openstack;
mod previews;
mod protocol;
mod quotas;
mod restart;
mod speed;
mod updates;
mod volumes;
