//! Tests of the room `catalogue`.

#![expect(clippy::unwrap_used, reason = "what a test takes for granted may end it")]

mod causes;
mod data;
mod requirements;
mod defaults;
mod each_mistake;
mod every_framework;
mod explain;
mod given_keys;
mod first_form;
mod growth;
mod hadoop;
mod hdp;
mod high_availability;
mod known_keys;
mod lab;
mod laws;
mod manifest_mistakes;
mod manifests;
mod mistakes;
mod node_labels;
mod shared_laws;
mod second_form;
mod spark;
mod traits;
mod upgrade;
