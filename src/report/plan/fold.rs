//! Lines that are as wide as the terminal, and go on below where they do not fit.

/// A text folded at its blanks into lines of at most `first`, then `rest` columns. A word that is longer stays whole.
pub(super) fn fold(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut left = text;
    loop {
        let room = if lines.is_empty() { first } else { rest }.max(1);
        let Some((end, _)) = left.char_indices().nth(room) else {
            lines.push(left.to_owned());
            return lines;
        };
        // A blank right behind the room is as good as one in it.
        let head = left.get(..end).unwrap_or_default();
        let at_blank = left.get(end..).is_some_and(|rest| rest.starts_with(' '));
        let at = if at_blank { Some(end) } else { head.rfind(' ') };
        let at = at.filter(|at| !left.get(..*at).unwrap_or_default().trim().is_empty());
        let at = at.or_else(|| left.trim_start().find(' ').map(|at| at + left.len() - left.trim_start().len()));
        let Some(at) = at else {
            lines.push(left.to_owned());
            return lines;
        };
        lines.push(left.get(..at).unwrap_or_default().trim_end().to_owned());
        left = left.get(at..).unwrap_or_default().trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_blanks() {
        assert_eq!(fold("one two three", 7, 7), ["one two", "three"]);
        assert_eq!(fold("one two three", 40, 40), ["one two three"]);
        assert_eq!(fold("one verylongword x", 5, 5), ["one", "verylongword", "x"]);
        assert_eq!(fold("verylongword", 5, 5), ["verylongword"]);
        assert_eq!(fold("", 5, 5), [""]);
    }
}
