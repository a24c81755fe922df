//! Tests of the room `apply`.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod clock;
mod embedded;
mod life;
mod little_heat;
mod plans;
mod stacks;
mod waiting;
