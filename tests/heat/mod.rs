//! Tests of the room `heat`.

pub(crate) mod scripted;
mod wire;
