//! Values as words: for a terminal, for JSON. Pure.

mod diagnostic;
pub mod progress;

pub use diagnostic::{diagnostics, diagnostics_json};
