//! What DISCO last knew to be true: bytes in, bytes out.
//!
//! [`State`] is the record, [`encode()`] and [`decode()`] its one file format. [`Observation`] is what a cloud says when it
//! is asked; [`State::resolve`] reads from it how an interrupted call ended.

mod decode;
mod digest;
mod encode;
mod fault;
mod format;
mod intent;
mod named;
mod observation;
mod record;

pub use decode::decode;
pub use digest::{digest, observed_template_digest, salted_digest, template_digest};
pub use encode::{Encoder, encode};
pub use fault::StateFault;
pub use intent::{Resolution, Resolved};
pub use observation::{
    ForeignRule, Found, Observation, ObservedResource, ObservedStack, author_tag, fixed_of, fixed_tag, lineage_of,
    lineage_tag, more_tag, salt_of, salt_tag, stack_tags,
};
pub use record::{
    Author, ClusterState, Imported, Intent, Operation, OutputState, Recorded, ResourceState, StackState, State,
};

#[cfg(test)]
pub(crate) use format::StateFile;
