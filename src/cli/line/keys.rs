//! Keys, as a terminal sends them.

use std::io;

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Enter,
    Tab,
    Backspace,
    Delete,
    Left,
    Right,
    WordLeft,
    WordRight,
    Up,
    Down,
    Home,
    End,
    CutToEnd,
    CutToStart,
    CutWord,
    Clear,
    Interrupt,
    EndOfInput,
    /// Means nothing here.
    Other,
}

/// The next key; `None` at the end. Those of Emacs count, as in every shell.
///
/// # Errors
/// A terminal that goes away.
pub(super) fn read(bytes: &mut impl Iterator<Item = io::Result<u8>>) -> io::Result<Option<Key>> {
    let Some(first) = bytes.next().transpose()? else { return Ok(None) };
    Ok(Some(match first {
        1 => Key::Home,
        2 => Key::Left,
        3 => Key::Interrupt,
        4 => Key::EndOfInput,
        5 => Key::End,
        6 => Key::Right,
        8 | 127 => Key::Backspace,
        9 => Key::Tab,
        10 | 13 => Key::Enter,
        11 => Key::CutToEnd,
        12 => Key::Clear,
        14 => Key::Down,
        16 => Key::Up,
        21 => Key::CutToStart,
        23 => Key::CutWord,
        0x1b => escaped(bytes)?,
        0..0x20 => Key::Other,
        0x20..0x80 => Key::Char(char::from(first)),
        _ => wide(first, bytes)?,
    }))
}

/// What follows an escape: a sequence of the terminal, or a letter with the meta key.
fn escaped(bytes: &mut impl Iterator<Item = io::Result<u8>>) -> io::Result<Key> {
    let mut next = || bytes.next().transpose().map(Option::unwrap_or_default);
    Ok(match next()? {
        b'b' => Key::WordLeft,
        b'f' => Key::WordRight,
        127 => Key::CutWord,
        b'O' => of_letter(next()?, false),
        b'[' => {
            let mut numbers = Vec::new();
            loop {
                match next()? {
                    byte @ (b'0'..=b'9' | b';') => numbers.push(byte),
                    b'~' => {
                        break match numbers.split(|byte| *byte == b';').next() {
                            Some(b"1" | b"7") => Key::Home,
                            Some(b"3") => Key::Delete,
                            Some(b"4" | b"8") => Key::End,
                            _ => Key::Other,
                        };
                    }
                    // With a modifier it goes by words.
                    letter => break of_letter(letter, numbers.contains(&b';')),
                }
            }
        }
        _ => Key::Other,
    })
}

fn of_letter(letter: u8, by_words: bool) -> Key {
    match letter {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' if by_words => Key::WordRight,
        b'C' => Key::Right,
        b'D' if by_words => Key::WordLeft,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        _ => Key::Other,
    }
}

/// A character of several bytes.
fn wide(first: u8, bytes: &mut impl Iterator<Item = io::Result<u8>>) -> io::Result<Key> {
    let more = match first {
        0xc0..0xe0 => 1,
        0xe0..0xf0 => 2,
        0xf0..0xf8 => 3,
        _ => return Ok(Key::Other),
    };
    let mut whole = vec![first];
    for _ in 0..more {
        whole.extend(bytes.next().transpose()?);
    }
    Ok(std::str::from_utf8(&whole).ok().and_then(|text| text.chars().next()).map_or(Key::Other, Key::Char))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(typed: &[u8]) -> Vec<Key> {
        let mut bytes = typed.iter().map(|byte| Ok(*byte));
        std::iter::from_fn(|| read(&mut bytes).unwrap()).collect()
    }

    #[test]
    fn keys_are_read_as_terminals_send_them() {
        use Key::{Char, Delete, End, Enter, Home, Left, Other, Tab, Up, WordRight};
        assert_eq!(keys("aé一\t\r".as_bytes()), [Char('a'), Char('é'), Char('一'), Tab, Enter]);
        assert_eq!(
            keys(b"\x1b[A\x1bOD\x1b[1;5C\x1b[3~\x1b[H\x1b[4~\x1b[15~\x1bf"),
            [Up, Left, WordRight, Delete, Home, End, Other, WordRight]
        );
        assert_eq!(keys(b"\x1b[200~x\xff"), [Other, Char('x'), Other]);
    }
}
