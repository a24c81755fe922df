//! Tokens, texts and masks: what the scanner finds.

use crate::source::Diagnostic;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::syntax) enum TokenKind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A quoted text or a heredoc, whole: the index of it in [`Scan::texts`].
    Text(usize),
    /// A line end.
    Newline,
    /// `(`, `[` or `{`
    Open(u8),
    /// `)`, `]` or `}`; of no length where it is missing
    Close(u8),
    /// Anything else, as long as operators are.
    Symbol,
}

/// A token outside of texts.
#[derive(Clone, Copy, Debug)]
pub(in crate::syntax) struct Token {
    pub(in crate::syntax) kind: TokenKind,
    pub(in crate::syntax) start: usize,
    pub(in crate::syntax) end: usize,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::syntax) enum Form {
    /// `"…"`
    Quoted,
    /// `<<WORD` … `WORD`; with `<<-` the common indentation is taken away
    Heredoc { dedent: bool },
    /// A whole file
    Bare,
}

/// A sequence in a text, `${…}` or `%{…}`.
#[derive(Clone, Debug)]
pub(in crate::syntax) struct Sequence {
    /// `%{…}` rather than `${…}`.
    pub(in crate::syntax) directive: bool,
    /// From `$` or `%` …
    pub(in crate::syntax) start: usize,
    /// … to after `}`.
    pub(in crate::syntax) end: usize,
    /// What stands between the braces, without trim markers.
    pub(in crate::syntax) inner: (usize, usize),
    /// `${~`: spaces before it go.
    pub(in crate::syntax) trim_before: bool,
    /// `~}`: spaces after it go.
    pub(in crate::syntax) trim_after: bool,
}

/// A quoted text, a heredoc or a whole template file.
#[derive(Clone, Debug)]
pub(in crate::syntax) struct Text {
    pub(in crate::syntax) form: Form,
    /// With quotes or markers.
    pub(in crate::syntax) start: usize,
    pub(in crate::syntax) end: usize,
    /// Without them.
    pub(in crate::syntax) content: (usize, usize),
    /// What is not literal in it.
    pub(in crate::syntax) sequences: Vec<Sequence>,
    /// A heredoc's closing word.
    pub(super) marker: (usize, usize),
}

/// A comment, wherever it stands, also within `${…}`.
#[derive(Clone, Copy, Debug)]
pub(in crate::syntax) struct Comment {
    pub(in crate::syntax) kind: CommentKind,
    pub(in crate::syntax) start: usize,
    /// After `*/`; a line's comment ends before the line end.
    pub(in crate::syntax) end: usize,
}

/// How a comment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentKind {
    /// `# …` up to the line end.
    Hash,
    /// `// …` up to the line end.
    Slashes,
    /// `/* … */`
    Block,
}

/// A piece that the expression parser is not shown as it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::syntax) struct Mask {
    pub(in crate::syntax) start: usize,
    pub(in crate::syntax) end: usize,
    pub(in crate::syntax) kind: MaskKind,
}

/// What to show instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::syntax) enum MaskKind {
    /// Spaces: comments and carriage returns.
    Blank,
    /// Digits: numbers that do not fit into a float.
    Number,
    /// A plain quoted text; the index of the real one in [`Scan::texts`].
    Text(usize),
}

/// What the scanner found. Tokens and masks are sorted by their start.
#[derive(Debug, Default)]
pub(in crate::syntax) struct Scan {
    pub(in crate::syntax) tokens: Vec<Token>,
    /// Those within texts, where they were asked for; in the order in which they end.
    pub(in crate::syntax) inner: Vec<Token>,
    pub(in crate::syntax) texts: Vec<Text>,
    pub(in crate::syntax) masks: Vec<Mask>,
    /// What is between the tokens besides blanks; sorted too.
    pub(in crate::syntax) comments: Vec<Comment>,
    /// What is wrong.
    pub(in crate::syntax) faults: Vec<Diagnostic>,
    /// Where something is wrong: what contains one of these offsets is not worth parsing.
    pub(in crate::syntax) poisoned: Vec<usize>,
    /// Something was still open at the end, or closed by something far away that does not fit.
    pub(in crate::syntax) open_at_end: bool,
}

impl Scan {
    /// Whether something between these offsets was complained about already.
    pub(in crate::syntax) fn is_poisoned(&self, start: usize, end: usize) -> bool {
        let first = self.poisoned.partition_point(|at| *at < start);
        self.poisoned.get(first).is_some_and(|at| *at < end)
    }
}
