//! Tests of the room `cli`: what is typed, what is printed, how it ends.

mod completions;
mod console;
mod container_nodes;
mod control_characters;
mod diff;
mod exit;
mod explain;
mod fmt;
mod frameworks;
mod help;
mod init;
mod ipv6;
mod json;
mod kept;
mod life;
mod lint;
mod parts;
mod plans;
mod served;
mod signals;
mod state;
mod stdout;
mod suggest;
mod terminal;
mod usage;
mod workspaces;
