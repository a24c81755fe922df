//! Tests of the room `report`.

mod diagnostic;
mod graph;
mod plan;
mod schemas;
