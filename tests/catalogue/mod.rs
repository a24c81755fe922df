//! Tests of the room `catalogue`.

mod defaults;
mod hadoop;
mod laws;
mod lab;
mod manifests;
mod mistakes;
