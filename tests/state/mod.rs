//! Tests of the room `state`.

mod file;
mod intent;
