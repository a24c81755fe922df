//! Tests of the room `project`.

mod secrets;
