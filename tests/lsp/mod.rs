//! `disco lsp` with a client that follows a script.

mod client;
mod completion;
mod diagnostics;
mod editors;
mod hover;
mod names;
mod protocol;
