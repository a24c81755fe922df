//! Tests of the room `report`.

mod diagnostic;
mod graph;
mod language;
mod plan;
mod schemas;
