//! Tests of the room `apply`.

mod life;
mod little_heat;
mod plans;
