//! Tokens -> nodes.

use disco::expression::{Number, read_json};
use disco::source::{Diagnostic, Diagnostics, SourceId, Sources, Span};
use unicode_normalization::UnicodeNormalization as _;

use super::super::code;
use super::token::{Token, TokenKind, tokens};
use super::{Node, NodeKind, Property};

/// How many arrays and objects may lie within one another.
const DEEPEST: usize = 100;

/// The root of a JSON file: an object or an array of objects.
pub(in super::super) fn parse(sources: &Sources, id: SourceId) -> (Node, Diagnostics) {
    let source = sources.get(id);
    let mut parser =
        Parser { text: source.text(), id, tokens: tokens(source.text()), at: 0, found: Diagnostics::new() };
    let mut node = parser.value(0);
    let next = parser.peek();
    if parser.found.is_empty() && next.kind != TokenKind::End {
        parser.complain(next, "nothing may follow the JSON value", None);
    }
    if !matches!(node.kind, NodeKind::Object(_) | NodeKind::Array(_)) {
        let complaint = "the root of a configuration is a JSON object or an array of objects";
        parser.found.push(Diagnostic::error(code::JSON, complaint).at(node.start(), ""));
        node = Node { kind: NodeKind::Object(Vec::new()), span: Span::new(id, 0, 0) };
    }
    (node, parser.found)
}

struct Parser<'t> {
    text: &'t str,
    id: SourceId,
    tokens: Vec<Token>,
    at: usize,
    found: Diagnostics,
}

impl Parser<'_> {
    fn peek(&self) -> Token {
        self.tokens[self.at]
    }

    fn read(&mut self) -> Token {
        let token = self.peek();
        self.at += usize::from(token.kind != TokenKind::End);
        token
    }

    fn span(&self, token: Token) -> Span {
        Span::new(self.id, token.start, token.end)
    }

    fn complain(&mut self, token: Token, message: impl Into<String>, help: Option<&str>) {
        let span = self.span(token);
        self.found.push(Diagnostic::error(code::JSON, message).at(span, "").help_maybe(help.map(str::to_owned)));
    }

    fn invalid(&self, token: Token) -> Node {
        Node { kind: NodeKind::Invalid, span: self.span(token) }
    }

    fn value(&mut self, depth: usize) -> Node {
        let token = self.peek();
        if depth > DEEPEST {
            self.complain(token, format!("this JSON has more than {DEEPEST} levels"), None);
            self.at = self.tokens.len() - 1;
            return self.invalid(token);
        }
        let kind = match token.kind {
            TokenKind::Sign(b'{') => return self.bracketed(b'}', depth).unwrap_or_else(|| self.invalid(token)),
            TokenKind::Sign(b'[') => return self.bracketed(b']', depth).unwrap_or_else(|| self.invalid(token)),
            TokenKind::Number => self.number(),
            TokenKind::Text => self.quoted(),
            TokenKind::Word => self.word(),
            TokenKind::End => {
                self.complain(token, "the JSON ends where a value should be", None);
                None
            }
            _ => {
                self.complain(token, "expected a JSON value", None);
                None
            }
        };
        Node { kind: kind.unwrap_or(NodeKind::Invalid), span: self.span(token) }
    }

    /// An object or an array; nothing where it is broken, which is then reported, and the rest of it skipped.
    fn bracketed(&mut self, close: u8, depth: usize) -> Option<Node> {
        let open = self.read();
        let mut properties = Vec::new();
        let mut values = Vec::new();
        while self.peek().kind != TokenKind::Sign(close) {
            if close == b'}' {
                properties.push(self.property(depth)?);
            } else {
                values.push(self.value(depth + 1));
            }
            let next = self.peek();
            match next.kind {
                TokenKind::Sign(b',') => {
                    self.read();
                    if self.peek().kind == TokenKind::Sign(close) {
                        self.complain(next, "no comma may follow the last one in JSON", Some("take it out"));
                        return None;
                    }
                }
                TokenKind::Sign(sign) if sign == close => {}
                TokenKind::End => {
                    let closer = char::from(close);
                    self.complain(open, format!("this is never closed: it needs a `{closer}`"), None);
                    return None;
                }
                _ => {
                    self.recover(close);
                    let place = self.peek();
                    self.complain(place, format!("expected `,` or `{}` before this", char::from(close)), None);
                    return None;
                }
            }
        }
        let end = self.read();
        let kind = if close == b'}' { NodeKind::Object(properties) } else { NodeKind::Array(values) };
        Some(Node { kind, span: self.span(open).to(self.span(end)) })
    }

    fn property(&mut self, depth: usize) -> Option<Property> {
        let key = self.value(depth + 1);
        let NodeKind::Text(name) = key.kind else {
            let place = key.start();
            self.found.push(Diagnostic::error(code::JSON, "the name of a property is a JSON string").at(place, ""));
            return None;
        };
        let colon = self.read();
        if colon.kind != TokenKind::Sign(b':') {
            let help = (colon.kind == TokenKind::Sign(b'=')).then_some("JSON writes `:`, not `=`");
            if colon.kind != TokenKind::Sign(b'}') {
                self.recover(b'}');
            }
            self.complain(colon, "a `:` must stand between the name and the value of a property", help);
            return None;
        }
        Some(Property { name, name_span: key.span, value: self.value(depth + 1) })
    }

    /// Goes on behind the closer of what is open.
    fn recover(&mut self, close: u8) {
        let open = if close == b'}' { b'{' } else { b'[' };
        let mut depth = 0_usize;
        loop {
            match self.read().kind {
                TokenKind::Sign(sign) if sign == open => depth += 1,
                TokenKind::Sign(sign) if sign == close && depth == 0 => return,
                TokenKind::Sign(sign) if sign == close => depth -= 1,
                TokenKind::End => return,
                _ => {}
            }
        }
    }

    fn number(&mut self) -> Option<NodeKind> {
        let token = self.read();
        let text = &self.text[token.start..token.end];
        // What a number may look like is the same in all JSON; its digits are all kept.
        let number = read_json(text).ok().and_then(|_| Number::parse(text));
        if number.is_none() {
            self.complain(token, "this is not a JSON number", None);
        }
        number.map(NodeKind::Number)
    }

    fn quoted(&mut self) -> Option<NodeKind> {
        let token = self.read();
        let text = &self.text[token.start..token.end];
        let text = serde_json::from_str::<String>(text).ok();
        if text.is_none() {
            self.complain(token, "this is not a JSON string", None);
        }
        text.map(|text| NodeKind::Text(text.nfc().collect::<String>().into()))
    }

    fn word(&mut self) -> Option<NodeKind> {
        let token = self.read();
        match &self.text[token.start..token.end] {
            "true" => Some(NodeKind::Bool(true)),
            "false" => Some(NodeKind::Bool(false)),
            "null" => Some(NodeKind::Null),
            word => {
                let message = format!("`{word}` is no JSON value");
                self.complain(
                    token,
                    message,
                    Some("words are `true`, `false` and `null`; a text is written in quotes"),
                );
                None
            }
        }
    }
}
