//! JSON text -> tokens; lax, so that the parser can say what is wrong with them.

use unicode_segmentation::UnicodeSegmentation as _;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// One of `{}[],:=`
    Sign(u8),
    Word,
    Text,
    Number,
    End,
    Invalid,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// All tokens; the last one is the end. Nothing follows what no JSON text has.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += count(bytes, at, |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        let Some(first) = bytes.get(at) else { break };
        let (kind, length) = match first {
            b'{' | b'}' | b'[' | b']' | b',' | b':' | b'=' => (TokenKind::Sign(*first), 1),
            b'"' => (TokenKind::Text, text_length(&text[at..])),
            b'-' | b'+' | b'.' | b'0'..=b'9' => {
                let length = count(bytes, at, |byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
                (TokenKind::Number, length)
            }
            b'a'..=b'z' | b'A'..=b'Z' => {
                (TokenKind::Word, count(bytes, at, |byte| byte.is_ascii_alphabetic() || byte == b'_'))
            }
            _ => (TokenKind::Invalid, text[at..].chars().next().map_or(1, char::len_utf8)),
        };
        tokens.push(Token { kind, start: at, end: at + length });
        at += length;
        if kind == TokenKind::Invalid {
            break;
        }
    }
    tokens.push(Token { kind: TokenKind::End, start: at, end: at });
    tokens
}

fn count(bytes: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().take_while(|byte| wanted(**byte)).count()
}

/// The length of a text with its quotes; up to the first control character where it has no end.
fn text_length(text: &str) -> usize {
    let mut escaping = false;
    let mut length = 1;
    for cluster in text[1..].graphemes(true) {
        match cluster {
            "\\" => escaping = !escaping,
            "\"" if escaping => escaping = false,
            "\"" => return length + 1,
            _ if cluster.starts_with(|char: char| char < ' ') => return length,
            _ => escaping = false,
        }
        length += cluster.len();
    }
    length
}
