//! Tests of the room `heat`.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

pub(crate) mod scripted;
mod wire;
