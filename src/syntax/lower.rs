//! hcl-edit's expressions -> ours.
//!
//! hcl-edit sees a masked copy of each expression, byte for byte as long as the original: comments are spaces,
//! texts are plain quoted texts, large numbers are digits. What it would damage (heredocs, carriage returns,
//! digits) never reaches it, and its spans are right for the original.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr as hcl;

use crate::source::{Diagnostic, Diagnostics, SourceId, Span};

use super::mask::{MOST_KEYS, blank_line_ends, too_many_keys};
use super::scan::{MaskKind, Scan};
use super::tree::{
    Binary, BinaryOperator, Call, Conditional, Expression, ExpressionKind, For, Name, ObjectItem, ObjectKey,
    UnaryOperator,
};
use super::word::{composed, is_word_part, word_end};

/// How deep a tree may become, so that walks over it need no endless stack.
const DEEPEST: usize = 200;
/// How many complaints one text is worth.
const MOST_COMPLAINTS: usize = 100;

/// One text, what the scanner made of it, and what is wrong with it.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) id: SourceId,
    pub(super) scan: Scan,
    pub(super) diagnostics: Diagnostics,
}

/// A masked piece on its way into our tree.
pub(super) struct Piece<'m> {
    masked: &'m str,
    /// Where the first byte of `masked` stands in the text; one too far left where a bracket was put around it.
    base: usize,
}

impl Piece<'_> {
    pub(super) fn range(&self, span: Option<Range<usize>>) -> Range<usize> {
        span.map_or(self.base..self.base, |span| self.base + span.start..self.base + span.end)
    }

    /// What is left of the masked piece at this byte of the text.
    pub(super) fn from(&self, start: usize) -> &str {
        &self.masked[start - self.base..]
    }
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, id: SourceId, mut scan: Scan) -> Self {
        let mut parser = Self { text, id, diagnostics: Diagnostics::new(), scan: Scan::default() };
        let faults = std::mem::take(&mut scan.faults);
        for fault in faults {
            parser.push(fault);
        }
        parser.scan = scan;
        parser
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MOST_COMPLAINTS {
            self.diagnostics.push(diagnostic);
        }
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.id, start, end)
    }

    pub(super) fn span_of(&self, range: &Range<usize>) -> Span {
        self.span(range.start, range.end)
    }

    /// The expression that `start..end` is; nothing where it is none, which is then reported.
    pub(super) fn expression(&mut self, start: usize, end: usize, depth: usize) -> Option<Expression> {
        self.parse(start, end, depth, false)
    }

    /// The expression within `${…}` or `%{…}`, where line ends do not matter.
    pub(super) fn inner_expression(&mut self, start: usize, end: usize, depth: usize) -> Option<Expression> {
        let expression = self.parse(start, end, depth, true)?;
        match expression.kind {
            ExpressionKind::Parenthesis(inner) => Some(*inner),
            _ => Some(expression),
        }
    }

    fn parse(&mut self, start: usize, end: usize, depth: usize, bracketed: bool) -> Option<Expression> {
        if self.scan.is_poisoned(start, end) {
            return None;
        }
        if self.complain_of_unquoted(start, end) {
            return None;
        }
        let mut masked = self.masked(start, end);
        blank_line_ends(&mut masked);
        if let Some(at) = too_many_keys(&masked) {
            self.push(
                Diagnostic::error("disco::too_large", format!("an object holds at most {MOST_KEYS} keys"))
                    .at(self.span(start + at, start + at + 1), "this one holds more")
                    .help("keep such a table in a file of its own and read it with `jsondecode(file(…))`"),
            );
            return None;
        }
        if bracketed {
            masked.insert(0, '(');
            masked.push(')');
        }
        let piece = Piece { masked: &masked, base: start - usize::from(bracketed) };
        match hcl_edit::parser::parse_expr(&masked) {
            Ok(expression) => self.lower(&piece, &expression, depth),
            Err(error) => {
                if let Some(word) = self.unquoted_word(start, end) {
                    let span = self.span(start, end);
                    let help = format!("put it in quotes: `\"{word}\"`");
                    let message = format!("`{word}` is not an expression");
                    self.push(Diagnostic::error("disco::syntax", message).at(span, "").help(help));
                    return None;
                }
                self.explain(&masked, piece.base, start..end, &error);
                None
            }
        }
    }

    pub(super) fn lower(
        &mut self,
        piece: &Piece<'_>,
        expression: &hcl::Expression,
        depth: usize,
    ) -> Option<Expression> {
        let range = piece.range(expression.span());
        let span = self.span_of(&range);
        if depth > DEEPEST {
            self.push(
                Diagnostic::error("disco::too_deep", format!("expressions are nested more than {DEEPEST} deep"))
                    .at(span, "here")
                    .help("give the inner parts names in `locals`"),
            );
            return None;
        }
        let depth = depth + 1;
        let kind = match expression {
            hcl::Expression::Null(_) => ExpressionKind::Null,
            hcl::Expression::Bool(value) => ExpressionKind::Bool(*value.value()),
            hcl::Expression::Number(_) => return Some(self.number(piece, &range)),
            hcl::Expression::String(_) | hcl::Expression::StringTemplate(_) | hcl::Expression::HeredocTemplate(_) => {
                let at = self.scan.masks.binary_search_by_key(&range.start, |mask| mask.start).ok()?;
                let MaskKind::Text(index) = self.scan.masks[at].kind else { return None };
                self.text_expression(index, depth)?
            }
            hcl::Expression::Array(array) => {
                let items = array.iter().map(|item| self.lower(piece, item, depth));
                ExpressionKind::Tuple(items.collect::<Option<Vec<_>>>()?)
            }
            hcl::Expression::Object(object) => self.object(piece, object, depth)?,
            hcl::Expression::Parenthesis(inner) => {
                ExpressionKind::Parenthesis(Box::new(self.lower(piece, inner.inner(), depth)?))
            }
            hcl::Expression::Variable(name) => ExpressionKind::Variable(Arc::from(composed(name.as_str()))),
            hcl::Expression::Conditional(conditional) => ExpressionKind::Conditional(Box::new(Conditional {
                condition: self.lower(piece, &conditional.cond_expr, depth)?,
                then: self.lower(piece, &conditional.true_expr, depth)?,
                otherwise: self.lower(piece, &conditional.false_expr, depth)?,
            })),
            hcl::Expression::FuncCall(call) => self.call(piece, call, depth)?,
            hcl::Expression::Traversal(traversal) => self.traversal(piece, traversal, depth)?,
            hcl::Expression::UnaryOp(unary) => {
                let operator = match unary.operator.value() {
                    hcl::UnaryOperator::Neg => UnaryOperator::Negate,
                    hcl::UnaryOperator::Not => UnaryOperator::Not,
                };
                ExpressionKind::Unary(operator, Box::new(self.lower(piece, &unary.expr, depth)?))
            }
            hcl::Expression::BinaryOp(binary) => return self.binary(piece, binary, depth),
            hcl::Expression::ForExpr(each) => self.for_expression(piece, each, depth)?,
        };
        Some(Expression { kind, span })
    }

    /// A number as it is written; `-` before it is an operator.
    fn number(&self, piece: &Piece<'_>, range: &Range<usize>) -> Expression {
        let masked = &piece.masked[range.start - piece.base..range.end - piece.base];
        let digits = masked.len() - masked.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.').len();
        let span = self.span(range.end - digits, range.end);
        let number = Expression { kind: ExpressionKind::Number(Arc::from(&self.text[span.range()])), span };
        if masked.starts_with('-') {
            let kind = ExpressionKind::Unary(UnaryOperator::Negate, Box::new(number));
            Expression { kind, span: self.span_of(range) }
        } else {
            number
        }
    }

    fn name(&self, piece: &Piece<'_>, name: &hcl_edit::Decorated<hcl_edit::Ident>) -> Name {
        Name { text: Arc::from(composed(name.as_str())), span: self.span_of(&piece.range(name.span())) }
    }

    fn object(&mut self, piece: &Piece<'_>, object: &hcl::Object, depth: usize) -> Option<ExpressionKind> {
        let mut items = Vec::with_capacity(object.len());
        let mut keys: HashMap<Arc<str>, Span> = HashMap::new();
        for (key, value) in object {
            let key = match key {
                hcl::ObjectKey::Ident(name) => {
                    // hcl-edit keeps the place of the key, not always that of the name in it.
                    let span = self.span_of(&piece.range(key.span().or_else(|| name.span())));
                    ObjectKey::Name(Name { text: Arc::from(composed(name.as_str())), span })
                }
                // Bare words are names, whatever they mean elsewhere.
                hcl::ObjectKey::Expression(word @ (hcl::Expression::Null(_) | hcl::Expression::Bool(_))) => {
                    let span = self.span_of(&piece.range(key.span().or_else(|| word.span())));
                    ObjectKey::Name(Name { text: Arc::from(&self.text[span.range()]), span })
                }
                hcl::ObjectKey::Expression(expression) => ObjectKey::Expression(self.lower(piece, expression, depth)?),
            };
            self.note_key(&key, &mut keys);
            items.push(ObjectItem { key, value: self.lower(piece, value.expr(), depth)? });
        }
        Some(ExpressionKind::Object(items))
    }

    /// Complains about a key that an object has already.
    pub(super) fn note_key(&mut self, key: &ObjectKey, keys: &mut HashMap<Arc<str>, Span>) {
        let (text, span) = match key {
            ObjectKey::Name(name) => (&name.text, name.span),
            ObjectKey::Expression(Expression { kind: ExpressionKind::String(text), span }) => (text, *span),
            ObjectKey::Expression(_) => return,
        };
        if let Some(first) = keys.insert(Arc::clone(text), span) {
            self.push(
                Diagnostic::error("disco::duplicate_key", format!("key `{text}` is in this object twice"))
                    .at(span, "set again here")
                    .at(first, "set first here")
                    .help("keep one of them"),
            );
        }
    }

    fn call(&mut self, piece: &Piece<'_>, call: &hcl::FuncCall, depth: usize) -> Option<ExpressionKind> {
        let mut name = self.name(piece, &call.name.name);
        if let Some(first) = call.name.namespace.first() {
            let words: Vec<&str> = call.name.namespace.iter().map(|word| word.as_str()).chain([&*name.text]).collect();
            let span = self.name(piece, first).span.to(name.span);
            name = Name { text: words.join("::").into(), span };
        }
        let arguments =
            call.args.iter().map(|argument| self.lower(piece, argument, depth)).collect::<Option<Vec<_>>>()?;
        Some(ExpressionKind::Call(Box::new(Call { name, arguments, expand_last: call.args.expand_final() })))
    }

    fn binary(&mut self, piece: &Piece<'_>, binary: &hcl::BinaryOp, depth: usize) -> Option<Expression> {
        let left = self.lower(piece, &binary.lhs_expr, depth)?;
        let right = self.lower(piece, &binary.rhs_expr, depth)?;
        let operator = match binary.operator.value() {
            hcl::BinaryOperator::Eq => BinaryOperator::Equal,
            hcl::BinaryOperator::NotEq => BinaryOperator::NotEqual,
            hcl::BinaryOperator::LessEq => BinaryOperator::LessOrEqual,
            hcl::BinaryOperator::GreaterEq => BinaryOperator::GreaterOrEqual,
            hcl::BinaryOperator::Less => BinaryOperator::Less,
            hcl::BinaryOperator::Greater => BinaryOperator::Greater,
            hcl::BinaryOperator::Plus => BinaryOperator::Add,
            hcl::BinaryOperator::Minus => BinaryOperator::Subtract,
            hcl::BinaryOperator::Mul => BinaryOperator::Multiply,
            hcl::BinaryOperator::Div => BinaryOperator::Divide,
            hcl::BinaryOperator::Mod => BinaryOperator::Modulo,
            hcl::BinaryOperator::And => BinaryOperator::And,
            hcl::BinaryOperator::Or => BinaryOperator::Or,
        };
        let operator_span = self.span_of(&piece.range(binary.operator.span()));
        let span = left.span.to(right.span);
        let kind = ExpressionKind::Binary(Box::new(Binary { left, operator, operator_span, right }));
        Some(Expression { kind, span })
    }

    fn for_expression(&mut self, piece: &Piece<'_>, each: &hcl::ForExpr, depth: usize) -> Option<ExpressionKind> {
        let key_name = each.intro.key_var.as_ref().map(|name| self.name(piece, name));
        let value_name = self.name(piece, &each.intro.value_var);
        let after_keywords = [
            Some(key_name.as_ref().unwrap_or(&value_name).span.range().start),
            Some(piece.range(each.intro.collection_expr.span()).start),
            each.cond.as_ref().map(|condition| piece.range(condition.expr.span()).start),
        ];
        for start in after_keywords.into_iter().flatten() {
            self.check_word_begins(start)?;
        }
        Some(ExpressionKind::For(Box::new(For {
            key_name,
            value_name,
            collection: self.lower(piece, &each.intro.collection_expr, depth)?,
            key: match &each.key_expr {
                Some(key) => Some(self.lower(piece, key, depth)?),
                None => None,
            },
            value: self.lower(piece, &each.value_expr, depth)?,
            grouping: each.grouping,
            condition: match &each.cond {
                Some(condition) => Some(self.lower(piece, &condition.expr, depth)?),
                None => None,
            },
        })))
    }

    /// hcl-edit takes `iné` for `in` and `é`.
    fn check_word_begins(&mut self, start: usize) -> Option<()> {
        if !(self.text[..start].ends_with(is_word_part) && self.text[start..].starts_with(is_word_part)) {
            return Some(());
        }
        let begin = self.text[..start].trim_end_matches(is_word_part).len();
        let span = self.span(begin, word_end(self.text, start));
        let word = &self.text[span.range()];
        self.push(
            Diagnostic::error("disco::syntax", format!("`{word}` is one word, expected a loop"))
                .at(span, "")
                .help("write a loop as `[for x in list : x]`, with spaces around `for`, `in` and `if`"),
        );
        None
    }
}
