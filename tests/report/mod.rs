//! Tests of the room `report`.

mod diagnostic;
mod plan;
