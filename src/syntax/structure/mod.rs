//! Attributes and blocks. Each attribute's expression is parsed on its own, so one mistake hides no other.

mod misfit;

use std::collections::HashMap;
use std::sync::Arc;

use crate::source::{Diagnostic, Span};

use super::lower::Parser;
use super::scan::{Form, Token, TokenKind};
use super::tree::{Attribute, Block, Body, Expression, ExpressionKind, Name, Reading};
use super::word::composed;

/// How deep blocks may nest.
const DEEPEST: usize = 64;

/// A walk over the tokens of a file.
pub(in crate::syntax) struct Structure<'p, 't> {
    parser: &'p mut Parser<'t>,
    at: usize,
}

impl<'p, 't> Structure<'p, 't> {
    pub(in crate::syntax) fn new(parser: &'p mut Parser<'t>) -> Self {
        Self { parser, at: 0 }
    }

    /// The whole file.
    pub(in crate::syntax) fn file(mut self) -> Body {
        let mut body = self.body(0);
        while let Some(token) = self.peek() {
            // Only a closer ends a body early.
            let closer = self.text(token).to_owned();
            let opener = match closer.as_str() {
                ")" => "(",
                "]" => "[",
                _ => "{",
            };
            self.complain(
                token,
                format!("this `{closer}` closes nothing, as no `{opener}` is open"),
                "one too many",
                None,
            );
            self.at += 1;
            // What stands before it may have ended too early.
            body.lacks(Reading::Guessed);
            if let Some(before) = body.blocks.last_mut() {
                before.body.lacks(Reading::Guessed);
            }
            let more = self.body(0);
            body.attributes.extend(more.attributes);
            body.blocks.extend(more.blocks);
        }
        body.span = self.parser.span(0, self.parser.text.len());
        body
    }

    fn peek(&self) -> Option<Token> {
        self.parser.scan.tokens.get(self.at).copied()
    }

    fn peek_second(&self) -> Option<Token> {
        self.parser.scan.tokens.get(self.at + 1).copied()
    }

    fn text(&self, token: Token) -> &'t str {
        &self.parser.text[token.start..token.end]
    }

    fn is_symbol(&self, token: Token, symbol: &str) -> bool {
        token.kind == TokenKind::Symbol && self.text(token) == symbol
    }

    fn name(&self, token: Token) -> Name {
        Name { text: Arc::from(composed(self.text(token))), span: self.parser.span(token.start, token.end) }
    }

    fn complain(&mut self, token: Token, message: impl Into<String>, label: &str, help: Option<String>) {
        if !self.parser.scan.is_poisoned(token.start, token.end) {
            let span = self.parser.span(token.start, token.end);
            self.parser.push(Diagnostic::error("disco::syntax", message).at(span, label).help_maybe(help));
        }
    }

    /// Attributes and blocks up to a closer or the end, which is left unread.
    fn body(&mut self, depth: usize) -> Body {
        let start = self.peek().map_or(self.parser.text.len(), |token| token.start);
        let mut body = Self::empty(self.parser.span(start, start));
        let mut names = HashMap::new();
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::Newline => self.at += 1,
                TokenKind::Close(_) => break,
                _ => self.item(&mut body, &mut names, depth),
            }
        }
        body
    }

    fn empty(span: Span) -> Body {
        Body { attributes: Vec::new(), blocks: Vec::new(), span, reading: Reading::Whole }
    }

    fn item(&mut self, body: &mut Body, names: &mut HashMap<Arc<str>, usize>, depth: usize) {
        let Some(first) = self.peek() else { return };
        let second = self.peek_second();
        match (first.kind, second) {
            (TokenKind::Word, Some(second)) if self.is_symbol(second, "=") => {
                self.attribute(body, names, first, second, false);
                self.end_of_item("an attribute", body);
            }
            (TokenKind::Word, Some(second))
                if matches!(second.kind, TokenKind::Word | TokenKind::Text(_) | TokenKind::Open(b'{'))
                    || self.brace_below(self.at + 1).is_some() =>
            {
                match self.block(first, depth) {
                    Some(block) => {
                        if block.body.reading == Reading::Guessed {
                            body.lacks(Reading::Partial);
                        }
                        body.blocks.push(block);
                        self.end_of_item("a block", body);
                    }
                    None => body.lacks(Reading::Partial),
                }
            }
            _ => {
                body.lacks(Reading::Partial);
                self.no_item(first, second);
            }
        }
    }

    /// `name = expression`; reads up to the line's end, or in a block on one line up to its `}`.
    fn attribute(
        &mut self,
        body: &mut Body,
        names: &mut HashMap<Arc<str>, usize>,
        first: Token,
        equals: Token,
        one_line: bool,
    ) {
        let name = self.name(first);
        self.at += 2;
        let from = self.at;
        self.skip_line();
        let tokens = &self.parser.scan.tokens[from..self.at];
        let (Some(begin), Some(end)) = (tokens.first(), tokens.last()) else {
            let message = format!("`{}` has no value", name.text);
            let next = self.peek().map_or(self.parser.text.len(), |token| token.start);
            if !self.parser.scan.is_poisoned(equals.end, next) {
                self.complain(equals, message, "write its value on the same line", None);
            }
            let span = self.parser.span(equals.start, equals.end);
            let value = Expression { kind: ExpressionKind::Unread, span };
            names.insert(Arc::clone(&name.text), body.attributes.len());
            body.attributes.push(Attribute { span: name.span.to(span), name, value });
            return;
        };
        let (start, end) = (begin.start, end.end);
        let sound = !self.parser.scan.is_poisoned(start, end);
        let single = sound && self.check_single(from, one_line);
        if !single && (sound || self.parser.text[start..end].contains('\n')) {
            // More than this attribute went with it.
            body.lacks(Reading::Partial);
        }
        let value = if single { self.parser.expression(start, end, 0) } else { None };
        if value.is_none() && one_line {
            body.lacks(Reading::Partial);
        }
        if let Some(earlier) = names.get(&name.text) {
            let message = format!("`{}` is set twice", name.text);
            let earlier = body.attributes.get(*earlier).map(|attribute| attribute.name.span);
            let fault = Diagnostic::error("disco::duplicate_attribute", message)
                .at(name.span, "set again here")
                .at_maybe(earlier, "set first here")
                .help("keep one of them");
            self.parser.push(fault);
        } else {
            names.insert(Arc::clone(&name.text), body.attributes.len());
            let place = self.parser.span(start, end);
            let value = value.unwrap_or(Expression { kind: ExpressionKind::Unread, span: place });
            body.attributes.push(Attribute { span: name.span.to(place), name, value });
        }
    }

    /// Whether the tokens from `from` on are one expression rather than several attributes.
    fn check_single(&mut self, from: usize, one_line: bool) -> bool {
        let mut depth = 0_usize;
        for at in from..self.at {
            let token = self.parser.scan.tokens[at];
            match token.kind {
                TokenKind::Open(_) => depth += 1,
                TokenKind::Close(_) => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                TokenKind::Symbol => {
                    let symbol = self.text(token);
                    let last = at + 1 == self.at;
                    let assigns =
                        symbol == "=" && at > from + 1 && self.parser.scan.tokens[at - 1].kind == TokenKind::Word;
                    if assigns {
                        let name = self.parser.scan.tokens[at - 1];
                        let before = self.parser.scan.tokens[at - 2];
                        let comma = self.is_symbol(before, ",");
                        let message = if one_line {
                            "a block written on one line holds at most one attribute"
                        } else {
                            "a line holds one attribute"
                        };
                        let help = if one_line {
                            "put each attribute on a line of its own, and so the closing `}`".to_owned()
                        } else {
                            format!("put `{}` on a line of its own", self.text(name))
                        };
                        let (place, label) =
                            if comma { (before, "a second one follows") } else { (name, "the second") };
                        self.complain(place, message, label, Some(help));
                        return false;
                    }
                    if symbol == "," && last {
                        let help =
                            "separate attributes with line ends; commas are for `[ … ]` and the `{ … }` of an object";
                        self.complain(token, "unexpected `,` after an attribute", "", Some(help.to_owned()));
                        return false;
                    }
                }
                _ => {}
            }
        }
        true
    }

    fn block(&mut self, kind: Token, depth: usize) -> Option<Block> {
        self.at += 1;
        let mut labels = Vec::new();
        let mut last = kind;
        let mut named = true;
        loop {
            let Some(token) = self.peek() else {
                if !self.parser.scan.is_poisoned(last.end, self.parser.text.len()) {
                    self.complain(last, "this block has no `{ … }`", "the file ends here", None);
                }
                return None;
            };
            match token.kind {
                TokenKind::Word => labels.push(self.name(token)),
                TokenKind::Text(index) => {
                    let text = &self.parser.scan.texts[index];
                    if text.form != Form::Quoted || !text.sequences.is_empty() {
                        self.complain(
                            token,
                            "a label must be a plain string",
                            "",
                            Some("write it in quotes, without `${…}`".into()),
                        );
                        named = false;
                    } else if self.parser.scan.is_poisoned(token.start, token.end) {
                        named = false;
                    } else {
                        let label = self.parser.unescaped(text.content.0, text.content.1);
                        labels.push(Name { text: label, span: self.parser.span(token.start, token.end) });
                    }
                }
                TokenKind::Open(b'{') => break,
                _ => {
                    if let Some(brace) = self.brace_below(self.at) {
                        self.misplaced_brace(kind, last, brace);
                        break;
                    }
                    self.no_block(kind, last, token);
                    self.skip_line();
                    return None;
                }
            }
            last = token;
            self.at += 1;
        }
        let head = self.parser.span(kind.start, last.end);
        let open = self.peek()?;
        self.at += 1;
        if depth >= DEEPEST {
            self.complain(open, format!("blocks are nested more than {DEEPEST} deep"), "here", None);
            self.at -= 1;
            self.skip_line();
            return None;
        }
        let mut body = self.block_body(depth);
        let close = self.peek().unwrap_or(Token { kind: TokenKind::Close(b'}'), start: open.end, end: open.end });
        self.at += 1;
        if close.start == close.end {
            body.lacks(Reading::Guessed);
        }
        if !named {
            return None;
        }
        body.span = self.parser.span(open.end, close.start);
        let kind = self.name(kind);
        let span = kind.span.to(self.parser.span(close.start, close.end));
        Some(Block { kind, labels, body, iterator: None, head, span })
    }

    /// A `{` that begins the next line with something on it, for a block's head whose line ends at `from`.
    fn brace_below(&self, from: usize) -> Option<usize> {
        let line_ends =
            self.parser.scan.tokens.get(from..)?.iter().take_while(|token| token.kind == TokenKind::Newline);
        let brace = from + line_ends.count();
        let token = self.parser.scan.tokens.get(brace)?;
        (brace > from && token.kind == TokenKind::Open(b'{')).then_some(brace)
    }

    fn block_body(&mut self, depth: usize) -> Body {
        let multi_line = self.peek().is_none_or(|token| matches!(token.kind, TokenKind::Newline | TokenKind::Close(_)));
        if multi_line {
            return self.body(depth + 1);
        }
        let mut body = Self::empty(self.parser.span(0, 0));
        let mut names = HashMap::new();
        let (first, second) = (self.peek(), self.peek_second());
        match (first, second) {
            (Some(first), Some(second)) if first.kind == TokenKind::Word && self.is_symbol(second, "=") => {
                self.attribute(&mut body, &mut names, first, second, true);
                if let Some(line_end) = self.peek().filter(|token| token.kind == TokenKind::Newline) {
                    let help =
                        "put the attribute on a line of its own, or the closing `}` on the line of the attribute";
                    self.complain(
                        line_end,
                        "a block written on one line must be closed on it",
                        "the line ends here",
                        Some(help.into()),
                    );
                }
            }
            (Some(first), Some(second))
                if first.kind == TokenKind::Word
                    && matches!(second.kind, TokenKind::Word | TokenKind::Text(_) | TokenKind::Open(b'{')) =>
            {
                let help = "put the inner block on a line of its own, and so both closing `}`";
                let head = Token { end: second.end, ..first };
                self.complain(head, "a block written on one line holds no block", "", Some(help.into()));
            }
            _ => {}
        }
        self.body_after(depth, names, &mut body);
        body
    }

    /// What follows in a block that began on its head's line: right only if that is nothing.
    fn body_after(&mut self, depth: usize, mut names: HashMap<Arc<str>, usize>, body: &mut Body) {
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::Newline => self.at += 1,
                TokenKind::Close(_) => break,
                _ => self.item(body, &mut names, depth + 1),
            }
        }
    }

    /// After an attribute or block: a line end, the closer of the block around it, or the file's end.
    fn end_of_item(&mut self, what: &str, body: &mut Body) {
        let Some(token) = self.peek() else { return };
        let last = self.at.checked_sub(1).map(|at| self.parser.scan.tokens[at]);
        if last.is_some_and(|last| last.start == last.end) {
            // A closer was missing and has been reported.
            return;
        }
        match token.kind {
            TokenKind::Newline => self.at += 1,
            TokenKind::Close(_) => {
                let forced = token.start == token.end;
                if !forced && last.is_some_and(|last| !self.parser.text[last.end..token.start].contains('\n')) {
                    self.at_same_line(what, token);
                }
            }
            _ => {
                let message = format!("{what} ends with its line");
                self.complain(token, message, "expected a line end before this", None);
                body.lacks(Reading::Partial);
                self.skip_line();
            }
        }
    }

    /// Goes to the line's end at this depth, or to the closer of the block around.
    fn skip_line(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::Open(_) => depth += 1,
                TokenKind::Close(_) | TokenKind::Newline if depth == 0 => return,
                TokenKind::Close(_) => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }
}
