//! What hcl-edit is shown of an expression: a masked copy, byte for byte as long as the original.

use super::lower::Parser;
use super::scan::MaskKind;
use super::word::is_word_part;

/// hcl-edit compares each key of an object with all others.
pub(super) const MOST_KEYS: usize = 5_000;

impl Parser<'_> {
    /// A copy of `start..end` that hcl-edit reads rightly, of the same length.
    pub(super) fn masked(&self, start: usize, end: usize) -> String {
        let mut masked = String::with_capacity(end - start + 2);
        let mut at = start;
        let first = self.scan.masks.partition_point(|mask| mask.start < start);
        for mask in &self.scan.masks[first..] {
            if mask.start >= end {
                break;
            }
            if mask.start < at {
                continue;
            }
            masked.push_str(&self.text[at..mask.start]);
            let to = mask.end.min(end);
            match mask.kind {
                MaskKind::Blank => masked.extend(std::iter::repeat_n(' ', to - mask.start)),
                MaskKind::Number => {
                    // A fraction, because hundreds of digits before the point would be an infinite float.
                    let index = self.text[..mask.start].ends_with('.');
                    masked.push_str(if index { "11" } else { "1." });
                    masked.extend(std::iter::repeat_n('1', (to - mask.start).saturating_sub(2)));
                }
                MaskKind::Text(_) => mask_text(&self.text[mask.start..to], &mut masked),
            }
            at = to.max(at);
        }
        masked.push_str(&self.text[at.min(end)..end]);
        masked
    }
}

/// A quoted text of the same length without anything special in it; different texts stay different.
fn mask_text(text: &str, masked: &mut String) {
    let last = text.chars().next_back().map_or(1, char::len_utf8);
    masked.push('"');
    if text.len() > last {
        masked.extend(text[1..text.len() - last].chars().map(|char| match char {
            '"' => '\u{1}',
            '\\' => '\u{2}',
            '{' => '\u{3}',
            '}' => '\u{4}',
            '=' => '\u{5}',
            ':' => '\u{6}',
            '(' => '\u{7}',
            ')' => '\u{8}',
            other => other,
        }));
        masked.extend(std::iter::repeat_n('x', last - 1));
        masked.push('"');
    }
}

/// Where an object with too many keys begins in a masked expression.
pub(super) fn too_many_keys(masked: &str) -> Option<usize> {
    if masked.len() < MOST_KEYS {
        return None;
    }
    let bytes = masked.as_bytes();
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' => open.push((at, 0)),
            b'}' => {
                open.pop();
            }
            b'=' | b':' => {
                let operator = matches!(bytes.get(at + 1), Some(b'=' | b'>' | b':'))
                    || (at > 0 && matches!(bytes[at - 1], b'=' | b'!' | b'<' | b'>' | b':'));
                if let Some((start, keys)) = open.last_mut().filter(|_| !operator) {
                    *keys += 1;
                    if *keys > MOST_KEYS {
                        return Some(*start);
                    }
                }
            }
            _ => {}
        }
    }
    None
}

/// Makes spaces of line ends in `{ for … }`: there they mean nothing, but hcl-edit minds them behind operators.
pub(super) fn blank_line_ends(masked: &mut String) {
    if !(masked.contains('\n') && masked.contains('{')) {
        return;
    }
    let mut quoted = false;
    // Whether each bracket that is open belongs to such a loop.
    let mut open: Vec<bool> = Vec::new();
    let mut line_ends = Vec::new();
    for (at, byte) in masked.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' => open.push(is_loop(&masked[at + 1..])),
            b'(' | b'[' => open.push(false),
            b'}' | b')' | b']' => {
                open.pop();
            }
            b'\n' if open.last() == Some(&true) => line_ends.push(at),
            _ => {}
        }
    }
    for at in line_ends {
        masked.replace_range(at..=at, " ");
    }
}

fn is_loop(text: &str) -> bool {
    text.trim_start().strip_prefix("for").is_some_and(|rest| !rest.starts_with(is_word_part))
}
