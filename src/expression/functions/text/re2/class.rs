//! What a backslash and what brackets stand for: one character, or a set of them.

use super::set::Set;
use super::{Translation, Wrong};

impl Translation<'_> {
    /// After a backslash: what `d`, `w`, `pL` and their like stand for.
    pub(super) fn set(&mut self) -> Result<Option<Set>, Wrong> {
        for (letter, runs) in [
            ("d", &[('0', '9')] as &[(char, char)]),
            ("w", &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
            ("s", &[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')]),
        ] {
            if self.take(letter) {
                return Ok(Some(self.chosen(Set::of(runs), false)));
            }
            if self.take(&letter.to_uppercase()) {
                return Ok(Some(self.chosen(Set::of(runs), true)));
            }
        }
        let without = match () {
            () if self.take("p") => false,
            () if self.take("P") => true,
            () => return Ok(None),
        };
        let name = if self.take("{") {
            self.until("}").unwrap_or_default()
        } else {
            let length = self.rest.chars().next().map_or(0, char::len_utf8);
            let (name, rest) = self.rest.split_at(length);
            self.rest = rest;
            name
        };
        let (without, name) = name.strip_prefix('^').map_or((without, name), |name| (!without, name));
        match Set::kind(name) {
            Some(set) => Ok(Some(self.chosen(set, without))),
            None => Err(Wrong::new(format!("character class `\\p{{{name}}}` does not exist"))
                .help("use a category such as \\\\p{L} and \\\\p{Lu}, or a script such as \\\\p{Greek}")),
        }
    }

    /// After a backslash: the one character that is meant.
    pub(super) fn character(&mut self) -> Result<char, Wrong> {
        let Some(next) = self.next() else {
            return Err(Wrong::new("it ends with a single backslash").help("write a backslash as \"\\\\\\\\\""));
        };
        let code = |text: &str, radix: u32| u32::from_str_radix(text, radix).ok().and_then(char::from_u32);
        let unknown = || {
            Wrong::new(format!("escape `\\{next}` does not exist"))
                .help("use \\\\d \\\\w \\\\s \\\\b \\\\pL \\\\n \\\\t \\\\x41 and, for the character itself, \\\\. and its like")
        };
        match next {
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            'x' if self.take("{") => {
                let digits = self.until("}").unwrap_or_default();
                code(digits, 16).filter(|_| !digits.starts_with('+')).ok_or_else(unknown)
            }
            'x' => {
                let digits = self.rest.get(..2).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
                let char = digits.and_then(|digits| code(digits, 16)).ok_or_else(unknown)?;
                self.rest = &self.rest[2..];
                Ok(char)
            }
            '0'..='7' => {
                let more = self.rest.bytes().take(2).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                if more == 0 && next != '0' {
                    return Err(back_reference());
                }
                let digits = format!("{next}{}", &self.rest[..more]);
                self.rest = &self.rest[more..];
                code(&digits, 8).ok_or_else(unknown)
            }
            '8' | '9' => Err(back_reference()),
            other if other.is_ascii() && !other.is_ascii_alphanumeric() => Ok(other),
            _ => Err(unknown()),
        }
    }

    /// After `[`: the class.
    pub(super) fn class(&mut self) -> Result<Set, Wrong> {
        let without = self.take("^");
        let mut class = Set::default();
        let mut first = true;
        while first || !self.take("]") {
            if self.rest.is_empty() {
                return Err(Wrong::new("a `[` is not closed").help("write `]` at its end, or `\\\\[` for a bracket"));
            }
            first = false;
            if let Some((name, rest)) = self.rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) {
                let (named, without) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
                let set = posix(named).ok_or_else(|| {
                    Wrong::new(format!("character class `[:{name}:]` does not exist")).help(
                        "use [:alpha:] [:digit:] [:alnum:] [:upper:] [:lower:] [:space:] [:punct:] or another POSIX class",
                    )
                })?;
                class.add(self.chosen(set, without));
                self.rest = rest;
                continue;
            }
            let low = if self.take("\\") {
                match self.set()? {
                    Some(set) => {
                        class.add(set);
                        continue;
                    }
                    None => self.character()?,
                }
            } else {
                self.next().unwrap_or_default()
            };
            class.add(self.range(low)?);
        }
        Ok(if without { class.without() } else { class })
    }

    /// One character of a class, or all up to another.
    fn range(&mut self, low: char) -> Result<Set, Wrong> {
        let mut high = low;
        if self.rest.len() > 1 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
            self.take("-");
            high = if self.take("\\") { self.character()? } else { self.next().unwrap_or(low) };
        }
        if high < low {
            return Err(Wrong::new(format!("range `{low}-{high}` goes backwards")));
        }
        Ok(self.chosen(Set::range(low, high), false))
    }
}

/// What the names within `[:` and `:]` stand for.
fn posix(name: &str) -> Option<Set> {
    let (digits, capitals, smalls) = (('0', '9'), ('A', 'Z'), ('a', 'z'));
    Some(Set::of(&match name {
        "alnum" => vec![digits, capitals, smalls],
        "alpha" => vec![capitals, smalls],
        "ascii" => vec![('\0', '\u{7f}')],
        "blank" => vec![('\t', '\t'), (' ', ' ')],
        "cntrl" => vec![('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')],
        "digit" => vec![digits],
        "graph" => vec![('!', '~')],
        "lower" => vec![smalls],
        "print" => vec![(' ', '~')],
        "punct" => vec![('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => vec![('\t', '\r'), (' ', ' ')],
        "upper" => vec![capitals],
        "word" => vec![digits, capitals, ('_', '_'), smalls],
        "xdigit" => vec![digits, ('A', 'F'), ('a', 'f')],
        _ => return None,
    }))
}

fn back_reference() -> Wrong {
    Wrong::new("patterns cannot refer back to a group").help("compare what two groups captured: `[0] == [1]`")
}
