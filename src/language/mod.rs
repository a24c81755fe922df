//! DISCO's blocks: `SyntaxTree -> Definition -> ClusterSpec`, one file a block.
//!
//! [`read`] sorts the blocks of all files and gives variables their values, [`Definition::settings`] says where state
//! and catalogues are, [`Definition::evaluate`] makes the [`ProjectSpec`](crate::model::ProjectSpec) and finds every
//! mistake in one go, [`Definition::outputs`] evaluates what the project tells the world.

mod cluster;
mod collisions;
mod decode;
mod definition;
mod framework;
mod group;
mod inputs;
mod lifecycle;
mod living;
mod network;
mod output;
mod secrets;
mod security;
mod settings;
mod shape;
mod ssh;
mod variable;

pub use definition::{Definition, read};
pub use inputs::{CommandLineVariable, VariableInputs};
pub use output::OutputValue;
pub use settings::Settings;
