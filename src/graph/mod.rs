//! `ClusterSpec + CloudFacts + Members -> ResourceGraph`.
//!
//! [`allocate()`] decides once which nodes there are and in which stack they live; [`compile()`] makes the resources of a
//! cluster from that, a graph for each stack: pure and deterministic, so that the same definition gives the same bytes.

mod allocate;
mod compile;
mod delivery;
mod dependencies;
mod draft;
mod existing;
mod layout;
mod limits;
mod network;
mod nodes;
mod property;
mod resource;
mod room;
mod security;
mod shards;

pub use allocate::allocate;
pub use compile::{SIGNATURE, compile, compile_each};
pub use dependencies::{Dependency, ResourceGraph, StackGraphs};
pub use existing::{check_existing, without_way_out};
pub use property::Property;
pub use resource::{ParameterValue, Resource, StackOutput, StackParameter};
pub use room::check_room;
pub use shards::TEMPLATE_LIMIT;
pub(crate) use shards::TEMPLATE_ROOM;
