//! Whether a blank stands between two pieces of a line.

use super::piece::{Kind, Piece};

/// Whether a space goes between `subject` and `after`, with what stands `before` and `behind` the two in the same cell.
#[expect(clippy::match_same_arms, reason = "the order of the rules decides, and each has its own reason")]
pub(super) fn space_between(before: Option<&Piece>, subject: &Piece, after: &Piece, behind: Option<&Piece>) -> bool {
    let ends_value = before.is_some_and(|before| !expects_value(before.kind));
    match (subject.kind, after.kind) {
        (_, Kind::Newline) => false,
        // A function's name and its arguments, and the parts of the name.
        (Kind::Word, Kind::Open(b'(') | Kind::Path) | (Kind::Path, Kind::Word) => false,
        // `1 .2` is an index, unlike `1.2`; so is the second of `a.0 .1`, and `a.0.1` is no syntax.
        (Kind::Number, Kind::Dot) => behind.is_some_and(|behind| behind.kind == Kind::Number),
        (Kind::Dot, _) | (_, Kind::Dot | Kind::Comma | Kind::Ellipsis) => false,
        (Kind::Comma, _) => true,
        // A string is what it is.
        (Kind::Literal | Kind::OpenText { .. }, _) | (_, Kind::Literal | Kind::CloseText) => false,
        // `for x in [1, 2]` is no index.
        (Kind::Word, _) if subject.is_in && before.is_some_and(|before| before.kind == Kind::Word) => true,
        (Kind::Word | Kind::Number | Kind::Close(_) | Kind::CloseSequence, Kind::Open(b'[')) => false,
        (Kind::Bang, _) => false,
        // A sign, or an operator.
        (Kind::Minus, _) => ends_value,
        (Kind::Open(b'{'), Kind::Close(b'}')) => false,
        (Kind::Open(b'{'), _) | (_, Kind::Close(b'}')) => true,
        (Kind::OpenSequence, Kind::Open(b'{')) | (Kind::Close(b'}'), Kind::CloseSequence) => true,
        (Kind::CloseSequence, Kind::OpenSequence) => false,
        _ => subject.brackets() <= 0 && after.brackets() >= 0,
    }
}

/// Whether a minus behind such a piece is a sign.
fn expects_value(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Open(_)
            | Kind::Assign
            | Kind::Colon
            | Kind::Comma
            | Kind::Question
            | Kind::Operator
            | Kind::Minus
            | Kind::Bang
    )
}
