//! Tests of the room `heat`.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

mod faults;
mod recordings;
pub(crate) mod scripted;
mod wire;
