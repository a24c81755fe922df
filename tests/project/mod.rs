//! Tests of the room `project`.

mod disk;
mod hands;
mod secrets;
mod together;
