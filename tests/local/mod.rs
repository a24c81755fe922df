//! Tests of the room `local`.

mod client;
mod cluster;
mod driver;
mod protocol;
mod restart;
mod speed;
mod updates;
