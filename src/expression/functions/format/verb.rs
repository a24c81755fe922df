//! A verb of a pattern: what `%` begins.

/// `%[index]flags width.precision verb`
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own in the pattern")]
pub(super) struct Verb {
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) sharp: bool,
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
    pub(super) letter: char,
    /// As written, for messages.
    pub(super) text: String,
}
