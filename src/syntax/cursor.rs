//! Where somebody is in a text: what is around a place, told by the tokens before it.
//!
//! Nothing after the place counts, and lines that begin a block in column one close what was forgotten before them, so
//! a file that is being written, or is broken elsewhere, tells as much as a whole one.

use crate::source::Sources;

use super::scan::{self, Scan, Text, Token, TokenKind};
use super::word::word_end;

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The blocks around it, the outermost first.
    pub blocks: Vec<Enclosing>,
    /// What is written there.
    pub site: Site,
    /// First byte of the word, or of what stands between quotes, that the place is in or at the end of.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// A block around a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosing {
    /// The word that begins it.
    pub word: String,
    /// What stands between the word and `{`.
    pub labels: Vec<String>,
    /// Where its content begins.
    pub body: usize,
}

/// What is written at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// A comment, or nothing that is known.
    Nothing,
    /// The first word of a line in a body: an attribute's name, or a block's word.
    Item,
    /// The label of a block with this word, between quotes.
    Label(String),
    /// A part of an attribute's value.
    Value(ValueSite),
}

/// What is written at a place in a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueSite {
    /// The attribute.
    pub attribute: String,
    /// Keys of the objects around it, the outermost first.
    pub keys: Vec<String>,
    /// Whether it is a key of an object.
    pub is_key: bool,
    /// Whether it is between quotes, or in a heredoc, and not in `${…}`.
    pub quoted: bool,
    /// What stands before the word and leads to it: `cluster`, `lab` of `cluster.lab.master`; `[]` for an index.
    pub path: Vec<String>,
    /// Where that begins; where the word does, if there is none.
    pub path_start: usize,
}

/// What is around a byte offset.
pub fn cursor(text: &str, offset: usize) -> Cursor {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let scan = scan::before(before, Sources::new().add("", ""));
    let nothing = Cursor { blocks: Vec::new(), site: Site::Nothing, start: offset, end: offset };
    if scan.comments.last().is_some_and(|comment| comment.end >= offset) {
        return nothing;
    }
    let open = scan.texts.iter().filter(|text| is_open(text, offset)).max_by_key(|text| text.start);
    let sequence = open.and_then(|text| text.sequences.last()).filter(|sequence| sequence.inner.1 == offset);
    let quoted = open.is_some() && sequence.is_none();
    let mut walk = Walk { text: before, blocks: Vec::new(), line: Vec::new(), brackets: Vec::new(), scan: &scan };
    let mut outer = real(&scan.tokens, offset);
    let mut inner = Vec::new();
    if open.is_some() {
        // The text that is open is what the place is in.
        outer.pop();
        if let Some(sequence) = sequence {
            inner = real(&scan.inner, offset);
            inner.retain(|token| token.start >= sequence.inner.0);
            inner.sort_by_key(|token| token.start);
        }
    }
    let tokens = if sequence.is_some() { &mut inner } else { &mut outer };
    let word = tokens.pop_if(|token| !quoted && token.end == offset && token.kind == TokenKind::Word);
    let start = match open.filter(|_| quoted) {
        Some(text) => text.content.0.min(offset),
        None => word.map_or(offset, |word| word.start),
    };
    let end = if quoted { quote_end(text, offset) } else { word_end(text, offset) };
    let (path, path_start) = walk.path(tokens, start, quoted);
    for token in outer {
        walk.take(token);
    }
    let site = walk.site(quoted, sequence.is_some(), path, path_start);
    Cursor { blocks: walk.blocks, site, start, end }
}

/// Whether a text goes on at the end of what was scanned.
fn is_open(text: &Text, offset: usize) -> bool {
    text.end == offset && text.content.1 == offset
}

/// The tokens without closers that are only there because the text ends.
fn real(tokens: &[Token], offset: usize) -> Vec<Token> {
    let is_real = |token: &&Token| token.start < offset || !matches!(token.kind, TokenKind::Close(_));
    tokens.iter().filter(is_real).copied().collect()
}

/// Where what stands between quotes ends, seen from within.
fn quote_end(text: &str, offset: usize) -> usize {
    let mut escaped = false;
    let rest = &text[offset..];
    let end = rest.char_indices().find(|(at, char)| {
        let ends = matches!(char, '\n' | '\r')
            || (!escaped && (*char == '"' || ["${", "%{"].iter().any(|sign| rest[*at..].starts_with(sign))));
        escaped = *char == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| offset + at)
}

/// A bracket in a value, and what stands in it since the last comma.
struct Bracket {
    open: u8,
    item: Vec<Token>,
}

/// What is open while tokens are taken one after another.
struct Walk<'t> {
    text: &'t str,
    scan: &'t Scan,
    blocks: Vec<Enclosing>,
    /// The line of the innermost body.
    line: Vec<Token>,
    brackets: Vec<Bracket>,
}

impl Walk<'_> {
    fn take(&mut self, token: Token) {
        let text = self.text;
        if let Some(bracket) = self.brackets.last_mut() {
            match token.kind {
                TokenKind::Open(open) => self.brackets.push(Bracket { open, item: Vec::new() }),
                TokenKind::Close(_) => drop(self.brackets.pop()),
                TokenKind::Newline if bracket.open == b'{' => bracket.item.clear(),
                TokenKind::Newline => {}
                TokenKind::Symbol if text[token.start..].starts_with(',') => {
                    // In a loop a comma separates names.
                    let is_loop = bracket.item.first().is_some_and(|first| text[first.start..].starts_with("for "));
                    if !is_loop {
                        bracket.item.clear();
                    }
                }
                _ => bracket.item.push(token),
            }
            return;
        }
        match token.kind {
            TokenKind::Newline => self.line.clear(),
            TokenKind::Open(b'{') if self.is_head() => {
                let mut words = self.line.iter().map(|token| self.word(*token));
                let word = words.next().unwrap_or_default();
                let block = Enclosing { word, labels: words.collect(), body: token.end };
                self.blocks.push(block);
                self.line.clear();
            }
            TokenKind::Open(open) => self.brackets.push(Bracket { open, item: Vec::new() }),
            TokenKind::Close(b'}') => {
                self.blocks.pop();
                self.line.clear();
            }
            TokenKind::Close(_) => {}
            _ => self.line.push(token),
        }
    }

    /// Whether the line is the head of a block.
    fn is_head(&self) -> bool {
        let named = |token: &Token| matches!(token.kind, TokenKind::Word | TokenKind::Text(_));
        self.line.first().is_some_and(|first| first.kind == TokenKind::Word) && self.line.iter().all(named)
    }

    /// What a word or a quoted text says.
    fn word(&self, token: Token) -> String {
        let (start, end) = match token.kind {
            TokenKind::Text(index) => self.scan.texts[index].content,
            _ => (token.start, token.end),
        };
        self.text[start..end].to_owned()
    }

    fn is(&self, token: Token, symbol: &str) -> bool {
        token.kind == TokenKind::Symbol && &self.text[token.start..token.end] == symbol
    }

    /// Whether what follows is the value of what these tokens begin with.
    fn is_assigned(&self, tokens: &[Token]) -> bool {
        tokens.iter().any(|token| self.is(*token, "=") || self.is(*token, ":"))
    }

    fn site(&self, quoted: bool, within: bool, path: Vec<String>, path_start: usize) -> Site {
        let Some(first) = self.line.first() else {
            return if self.brackets.is_empty() && !quoted && !within { Site::Item } else { Site::Nothing };
        };
        if !self.is_assigned(&self.line) {
            let label = quoted && self.brackets.is_empty() && self.is_head();
            return if label { Site::Label(self.word(*first)) } else { Site::Nothing };
        }
        let mut keys = Vec::new();
        let mut is_key = false;
        for (at, bracket) in self.brackets.iter().enumerate() {
            let assigned = self.is_assigned(&bracket.item);
            if bracket.open == b'{' && assigned {
                keys.extend(bracket.item.first().map(|key| self.word(*key)));
            }
            let is_loop = || bracket.item.first().is_some_and(|first| self.word(*first) == "for");
            is_key = at + 1 == self.brackets.len() && bracket.open == b'{' && !assigned && !within && !is_loop();
        }
        Site::Value(ValueSite { attribute: self.word(*first), keys, is_key, quoted, path, path_start })
    }

    /// What leads to the word that begins at `start`, and where it begins.
    fn path(&self, tokens: &[Token], start: usize, quoted: bool) -> (Vec<String>, usize) {
        let mut path = Vec::new();
        let mut path_start = start;
        let mut rest = tokens;
        while let Some((dot, before)) = rest.split_last()
            && !quoted
            && self.is(*dot, ".")
        {
            rest = before;
            while let Some((close, before)) = rest.split_last()
                && close.kind == TokenKind::Close(b']')
            {
                let open = before.iter().rposition(|token| token.kind == TokenKind::Open(b'[')).unwrap_or_default();
                path.insert(0, "[]".to_owned());
                rest = &before[..open];
            }
            match rest.split_last() {
                Some((name, before)) if name.kind == TokenKind::Word => {
                    path.insert(0, self.word(*name));
                    path_start = name.start;
                    rest = before;
                }
                _ => return (vec![String::new()], path_start),
            }
        }
        (path, path_start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of `|` in a text without it.
    fn at(marked: &str) -> Cursor {
        let offset = marked.find('|').unwrap();
        cursor(&marked.replacen('|', "", 1), offset)
    }

    fn value(marked: &str) -> ValueSite {
        match at(marked).site {
            Site::Value(value) => value,
            other => panic!("{marked}: {other:?}"),
        }
    }

    #[test]
    fn blocks_around_a_place_are_known() {
        let here = at("cluster \"lab\" {\n  sla|ves \"a\" {}\n");
        assert_eq!(here.site, Site::Item);
        assert_eq!((here.blocks[0].word.as_str(), here.blocks[0].labels.concat()), ("cluster", "lab".to_owned()));
        assert_eq!((here.start, here.end), (18, 24));
        assert_eq!(at("cluster \"lab\" {\n  a = {\n  }\n  |").blocks.len(), 1);
        assert_eq!(at("a {\n}\n|").blocks.len(), 0);
        assert_eq!(at("a {\n b {\ncluster \"x\" {\n |").blocks.len(), 1, "what was forgotten is closed");
        assert_eq!(at("a { # x|y\n").site, Site::Nothing);
        assert_eq!(at("x = 1 /* | */").site, Site::Nothing);
    }

    #[test]
    fn labels_and_strings_are_told_apart() {
        let label = at("cluster \"lab\" {\n  framework \"ha|doop\" {\n");
        assert_eq!(label.site, Site::Label("framework".to_owned()));
        assert_eq!(label.end - label.start, 6);
        let flavor = value("slaves {\n  flavor = \"m1.|\"\n}\n");
        assert!(flavor.quoted && flavor.attribute == "flavor" && !flavor.is_key);
        let key = value("config \"x\" {\n  set = {\n    a = 1\n    \"dfs.b|\n");
        assert!(key.quoted && key.is_key && key.attribute == "set");
        let inner = value("x = { a = { b = | } }");
        assert_eq!((inner.keys, inner.is_key), (vec!["a".to_owned(), "b".to_owned()], false));
        assert!(!value("x = { for k, v in va| }").is_key);
    }

    #[test]
    fn paths_lead_to_the_word() {
        let plain = value("x = 1 + cluster.lab.slaves[0].ad|dress");
        assert_eq!(plain.path, ["cluster", "lab", "slaves", "[]"]);
        assert_eq!(plain.path_start, 8);
        let within = value("x = \"é ${upper(var.|)}\"");
        assert_eq!((within.path, within.quoted), (vec!["var".to_owned()], false));
        assert_eq!(value("x = <<-EOT\n  a ${local.|\n").path, ["local"]);
        assert!(value("x = <<-EOT\n  a local.|\n").quoted);
        assert_eq!(value("x = f().|").path, [""]);
        assert_eq!(value("x = [\n  var.a,\n  |").path, [""; 0]);
    }
}
