//! What is between blanks, smaller than tokens: strings are opened, closed, and have expressions within.

use std::iter::Peekable;

use unicode_segmentation::UnicodeSegmentation;

use super::super::scan::{CommentKind, Form, Scan, Text, TokenKind};

/// What a piece is, as far as blanks beside it depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    /// `(`, `[` or `{`
    Open(u8),
    /// `)`, `]` or `}`
    Close(u8),
    /// `"`, or `<<WORD` with its line end
    OpenText {
        heredoc: bool,
    },
    /// `"`, or a heredoc's closing word with the blanks before it
    CloseText,
    /// Characters of a string or a heredoc.
    Literal,
    /// `${` or `%{`
    OpenSequence,
    /// The `}` of one.
    CloseSequence,
    Comma,
    Dot,
    Ellipsis,
    /// `::`
    Path,
    /// `=`
    Assign,
    Bang,
    Minus,
    Colon,
    Question,
    /// An operator that a value follows: arithmetic, comparison or logic.
    Operator,
    Other,
    Newline,
    /// A comment; with the line end where it is one of a line.
    Comment {
        ends_line: bool,
    },
}

/// A piece of a file and the spaces that go before it.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) before: usize,
    /// How wide it is without those: characters as a reader counts them.
    pub(super) columns: usize,
    /// It is the word `in`.
    pub(super) is_in: bool,
}

impl Piece {
    /// How many brackets it opens, or closes.
    pub(super) fn brackets(&self) -> isize {
        match self.kind {
            Kind::Open(_) | Kind::OpenSequence => 1,
            Kind::Close(_) | Kind::CloseSequence => -1,
            _ => 0,
        }
    }

    pub(super) fn ends_line(&self) -> bool {
        matches!(self.kind, Kind::Newline | Kind::Comment { ends_line: true })
    }
}

/// The pieces of a text in order.
pub(super) fn pieces(text: &str, scan: &Scan) -> Vec<Piece> {
    let mut found = Found { text, pieces: Vec::with_capacity(scan.tokens.len() + scan.inner.len()) };
    for token in scan.tokens.iter().chain(&scan.inner) {
        let kind = match token.kind {
            TokenKind::Word => Kind::Word,
            TokenKind::Number => Kind::Number,
            TokenKind::Open(bracket) => Kind::Open(bracket),
            TokenKind::Close(bracket) => Kind::Close(bracket),
            TokenKind::Symbol => symbol(&text[token.start..token.end]),
            TokenKind::Newline => Kind::Newline,
            TokenKind::Text(_) => continue,
        };
        let carriage = usize::from(kind == Kind::Newline && text[..token.start].ends_with('\r'));
        found.push(kind, token.start - carriage, token.end);
    }
    scan.texts.iter().for_each(|text| found.text(text));
    for comment in &scan.comments {
        found.push(Kind::Comment { ends_line: false }, comment.start, comment.end);
    }
    let mut pieces = found.pieces;
    pieces.sort_unstable_by_key(|piece| piece.start);
    // What is not closed may reach into a line end of two characters.
    let mut end = 0;
    pieces.retain_mut(|piece| {
        piece.start = piece.start.max(end);
        end = end.max(piece.end);
        piece.start < piece.end
    });
    let line_comments = scan.comments.iter().filter(|comment| comment.kind != CommentKind::Block);
    join_line_ends(pieces, line_comments.map(|comment| comment.start).peekable())
}

/// A comment of a line takes the line's end with it.
fn join_line_ends(pieces: Vec<Piece>, mut line_comments: Peekable<impl Iterator<Item = usize>>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let before = joined.last_mut().filter(|before| line_comments.next_if_eq(&before.start).is_some());
        match before {
            Some(comment) if piece.kind == Kind::Newline => {
                comment.end = piece.end;
                comment.kind = Kind::Comment { ends_line: true };
            }
            _ => joined.push(piece),
        }
    }
    joined
}

struct Found<'t> {
    text: &'t str,
    pieces: Vec<Piece>,
}

impl Found<'_> {
    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        if start == end {
            return;
        }
        let written = &self.text[start..end];
        let columns = if written.is_ascii() { written.len() } else { written.graphemes(true).count() };
        let is_in = kind == Kind::Word && written == "in";
        self.pieces.push(Piece { kind, start, end, before: 0, columns, is_in });
    }

    fn text(&mut self, text: &Text) {
        let heredoc = matches!(text.form, Form::Heredoc { .. });
        self.push(Kind::OpenText { heredoc }, text.start, text.content.0);
        let mut literal = text.content.0;
        for sequence in &text.sequences {
            self.push(Kind::Literal, literal, sequence.start);
            self.push(Kind::OpenSequence, sequence.start, sequence.inner.0);
            self.push(Kind::CloseSequence, sequence.inner.1, sequence.end);
            literal = sequence.end;
        }
        self.push(Kind::Literal, literal, text.content.1);
        self.push(Kind::CloseText, text.content.1, text.end);
    }
}

fn symbol(written: &str) -> Kind {
    match written {
        "," => Kind::Comma,
        "." => Kind::Dot,
        "..." => Kind::Ellipsis,
        "::" => Kind::Path,
        "=" => Kind::Assign,
        "!" => Kind::Bang,
        "-" => Kind::Minus,
        ":" => Kind::Colon,
        "?" => Kind::Question,
        "+" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "&&" | "||" => Kind::Operator,
        _ => Kind::Other,
    }
}
