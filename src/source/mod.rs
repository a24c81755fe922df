//! Text with a name, places in it, and what can be said about them.
//!
//! Everything that later rooms know carries a [`Span`], so that any complaint, even one that a cloud makes
//! an hour later, can be drawn under the line that caused it. This room reads nothing: text is handed in.

mod causes;
mod codes;
mod diagnostic;
mod list;
mod shell;
mod sources;
mod span;
mod suggestion;

pub use causes::causes;
pub use codes::{CODE_PREFIX, CODES, meaning_of_code};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity};
pub use list::{either, listed};
pub use shell::shell_word;
pub use sources::{Position, Source, Sources};
pub use span::{SourceId, Span};
pub use suggestion::{did_you_mean, nearest, similar_word};
