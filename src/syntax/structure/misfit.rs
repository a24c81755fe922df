//! What is neither an attribute nor a block, or not where it should be.

use crate::source::Diagnostic;

use super::super::scan::{Token, TokenKind};
use super::Structure;

impl Structure<'_, '_> {
    /// Goes on as if the brace stood where it belongs.
    pub(super) fn misplaced_brace(&mut self, kind: Token, last: Token, brace: usize) {
        self.at = brace;
        let open = self.parser.scan.tokens[brace];
        let head = &self.parser.text[kind.start..last.end];
        let help = format!("write `{head} {{`");
        self.complain(open, "a block's `{` stands on the line of its name", "move it up", Some(help));
    }

    /// `}` right behind an item, in a block that is not written on one line.
    pub(super) fn at_same_line(&mut self, what: &str, token: Token) {
        if self.at.checked_sub(1).is_some_and(|before| self.is_symbol(self.parser.scan.tokens[before], "=")) {
            // A value is missing, and that has been said.
            return;
        }
        let mut depth = 0_usize;
        let opener = self.parser.scan.tokens[..self.at].iter().rposition(|token| match token.kind {
            TokenKind::Close(_) => {
                depth += 1;
                false
            }
            TokenKind::Open(_) if depth > 0 => {
                depth -= 1;
                false
            }
            TokenKind::Open(_) => true,
            _ => false,
        });
        // A block that begins on the line of its head is written on one line, or that has been said.
        let on_its_line = |opener: usize| self.parser.scan.tokens[opener + 1].kind != TokenKind::Newline;
        if !opener.is_some_and(on_its_line) {
            let message = format!("{what} ends with its line");
            self.complain(token, message, "put this on a line of its own", None);
        }
    }

    /// What stands at the beginning of an item and cannot.
    pub(super) fn no_item(&mut self, first: Token, second: Option<Token>) {
        if self.follows_a_fault() {
            self.skip_line();
            return;
        }
        let word = self.text(first);
        match (first.kind, second) {
            _ if self.is_operator(first) => {
                let message = format!("expected an attribute or a block, found {}", self.describe(first));
                let help = "put an expression of several lines in brackets";
                self.complain(first, message, "", Some(help.into()));
                self.skip_lines_of_operators();
            }
            (TokenKind::Text(_), Some(second)) if self.is_symbol(second, "=") || self.is_symbol(second, ":") => {
                let help = format!("write names with other characters as keys of an object: `set = {{ {word} = … }}`");
                self.complain(first, "write an attribute's name as a plain word without quotes", "", Some(help));
            }
            (TokenKind::Word, None | Some(Token { kind: TokenKind::Newline | TokenKind::Close(_), .. })) => {
                let help = format!("write an attribute as `{word} = …`, a block as `{word} {{ … }}`");
                self.complain(
                    first,
                    format!("`{word}` alone is neither an attribute nor a block"),
                    "expected `=` or `{` after this",
                    Some(help),
                );
            }
            (TokenKind::Word, Some(second)) if self.is_symbol(second, ":") => {
                let help = format!("write `{word} = …`; `:` is only for keys of objects");
                self.complain(second, "expected `=` after an attribute's name", "should be `=`", Some(help));
            }
            (TokenKind::Word, Some(second)) if self.is_symbol(second, ".") || second.kind == TokenKind::Open(b'[') => {
                self.no_dotted_name(first, second);
            }
            (TokenKind::Word, Some(second)) => {
                let help = format!("write `{word} = …`");
                let message = format!("expected `=` after `{word}`, found {}", self.describe(second));
                self.complain(second, message, "", Some(help));
            }
            _ => {
                let message = format!("expected an attribute or a block, found {}", self.describe(first));
                self.complain(
                    first,
                    message,
                    "",
                    Some("write an attribute as `name = …`, a block as `name { … }`".into()),
                );
            }
        }
        self.skip_line();
    }

    /// Whether the line before ends with an operator, which was complained about: then this one belongs to it.
    fn follows_a_fault(&self) -> bool {
        let before = self.parser.scan.tokens[..self.at].iter().rfind(|token| token.kind != TokenKind::Newline);
        let told = self.parser.diagnostics.iter().last().and_then(Diagnostic::span);
        before.zip(told).is_some_and(|(before, told)| {
            before.kind == TokenKind::Symbol && (told.start as usize) <= before.end && before.start <= told.end as usize
        })
    }

    fn is_operator(&self, token: Token) -> bool {
        let operators = ["+", "-", "*", "/", "%", "&&", "||", "==", "!=", "<", ">", "<=", ">=", "?", ":"];
        token.kind == TokenKind::Symbol && operators.contains(&self.text(token))
    }

    /// The rest of an expression of which each line begins with an operator.
    fn skip_lines_of_operators(&mut self) {
        loop {
            self.skip_line();
            let line_ends =
                self.parser.scan.tokens[self.at..].iter().take_while(|token| token.kind == TokenKind::Newline);
            let next = self.at + line_ends.count();
            if !self.parser.scan.tokens.get(next).is_some_and(|token| self.is_operator(*token)) {
                return;
            }
            self.at = next;
        }
    }

    fn no_dotted_name(&mut self, first: Token, second: Token) {
        let tokens = &self.parser.scan.tokens[self.at..];
        let dotted =
            tokens.iter().take_while(|token| !self.is_symbol(**token, "=") && token.kind != TokenKind::Newline);
        let end = dotted.last().map_or(second.end, |token| token.end);
        let name = self.parser.text[first.start..end].to_owned();
        let help = format!("write names with other characters as keys of an object: `set = {{ \"{name}\" = … }}`");
        let whole = Token { end, ..first };
        self.complain(whole, "write an attribute's name as one plain word", "", Some(help));
    }

    /// `word label …` without `{`.
    pub(super) fn no_block(&mut self, kind: Token, last: Token, found: Token) {
        let word = self.text(kind);
        let only_label = last.start != kind.start;
        if self.is_symbol(found, "=") && last.kind == TokenKind::Word {
            let message = format!("expected one name before `=`, found `{}`", &self.parser.text[kind.start..last.end]);
            self.complain(Token { end: last.end, ..kind }, message, "", None);
        } else if only_label && found.kind == TokenKind::Newline {
            // A text may be a secret: it is drawn where it may be shown, not quoted.
            let value = if matches!(last.kind, TokenKind::Text(_)) { "\"…\"" } else { self.text(last) };
            let help =
                format!("write an attribute as `{word} = {value}`; write a block's `{{` on the line of its name");
            self.complain(last, format!("expected `{{` after `{value}`"), "the line ends here", Some(help));
        } else {
            let message = format!("expected a label in quotes or `{{`, found {}", self.describe(found));
            self.complain(found, message, "", Some(format!("write a block as `{word} \"label\" {{ … }}`")));
        }
    }

    fn describe(&self, token: Token) -> String {
        super::super::explain::describe(self.parser.text, token.start)
    }
}
