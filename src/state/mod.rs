//! What DISCO last knew to be true: bytes in, bytes out.

mod record;

pub use record::{ClusterState, Intent, Operation, OutputState, Recorded, ResourceState, StackState, State};
