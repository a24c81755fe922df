//! Tests of the room `cli`: what is typed, what is printed, how it ends.

mod container_nodes;
mod control_characters;
mod exit;
mod explain;
mod frameworks;
mod help;
mod json;
mod kept;
mod life;
mod plans;
mod served;
mod signals;
mod stdout;
mod terminal;
mod usage;
