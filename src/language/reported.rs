//! What a decoder returns where a mistake was found.

/// What was wrong is in the diagnostics already; whoever gets this says nothing more about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reported;

/// A part of a definition, or the fact that its mistakes are reported.
pub(crate) type Decoded<T> = Result<T, Reported>;
