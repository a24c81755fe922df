//! What a match is replaced by: `$1`, `${name}` and `$$` within a text.

use regex_lite::Captures;

/// A part of a replacement.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Group(usize),
    Name(&'t str),
}

/// A replacement that has been read.
pub(super) struct Replacement<'t>(Vec<Piece<'t>>);

impl<'t> Replacement<'t> {
    pub(super) fn read(text: &'t str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            pieces.push(Piece::Text(before));
            let (piece, length) = reference(after);
            pieces.push(piece);
            rest = &after[length..];
        }
        pieces.push(Piece::Text(rest));
        Self(pieces)
    }

    /// Writes it for one match; groups that took no part are nothing, and of several with one name the first that did
    /// counts.
    pub(super) fn write(&self, found: &Captures<'_>, names: &[Option<String>], text: &mut String) {
        for piece in &self.0 {
            let group = match piece {
                Piece::Text(literal) => {
                    text.push_str(literal);
                    continue;
                }
                Piece::Group(number) => found.get(*number),
                Piece::Name(wanted) => names
                    .iter()
                    .enumerate()
                    .filter(|(_, name)| name.as_deref() == Some(*wanted))
                    .find_map(|(index, _)| found.get(index + 1)),
            };
            text.push_str(group.map_or("", |group| group.as_str()));
        }
    }
}

/// What stands after a `$`, and its length: nothing of the kind is a plain `$`.
fn reference(after: &str) -> (Piece<'_>, usize) {
    let word = |text: &str| text.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(text.len());
    if after.starts_with('$') {
        return (Piece::Text("$"), 1);
    }
    let (name, length) = match after.strip_prefix('{') {
        Some(inside) => match word(inside) {
            end if inside[end..].starts_with('}') => (&inside[..end], end + 2),
            _ => ("", 0),
        },
        None => (&after[..word(after)], word(after)),
    };
    if name.is_empty() {
        return (Piece::Text("$"), 0);
    }
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    match name.parse() {
        Ok(number) if is_number => (Piece::Group(number), length),
        _ => (Piece::Name(name), length),
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, reference};

    #[test]
    fn references() {
        for (after, expected) in [
            ("1x", (Piece::Name("1x"), 2)),
            ("1-x", (Piece::Group(1), 1)),
            ("{1}x", (Piece::Group(1), 3)),
            ("{n}", (Piece::Name("n"), 3)),
            ("01", (Piece::Name("01"), 2)),
            ("$", (Piece::Text("$"), 1)),
            ("{1", (Piece::Text("$"), 0)),
            ("-", (Piece::Text("$"), 0)),
            ("", (Piece::Text("$"), 0)),
        ] {
            assert_eq!(reference(after), expected, "${after}");
        }
    }
}
