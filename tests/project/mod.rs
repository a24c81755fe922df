//! Tests of the room `project`.

mod saved;
mod secrets;
mod templates;
