//! Tests of the room `catalogue`.

#![expect(clippy::unwrap_used, reason = "what a test takes for granted may end it")]

mod defaults;
mod hadoop;
mod laws;
mod lab;
mod manifests;
mod mistakes;
