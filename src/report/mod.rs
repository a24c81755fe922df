//! Values as words: for a terminal, for JSON. Pure.

mod diagnostic;

pub use diagnostic::{diagnostics, diagnostics_json};
