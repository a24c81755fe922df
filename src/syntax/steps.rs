//! The steps of a traversal, and which of them an attribute splat takes along.

use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{self as hcl, TraversalOperator};

use crate::source::{Diagnostic, Span};

use super::lower::{Parser, Piece};
use super::tree::{Expression, ExpressionKind, Step, StepKind, Traversal, UnaryOperator};
use super::word::composed;

impl Parser<'_> {
    pub(super) fn traversal(
        &mut self,
        piece: &Piece<'_>,
        traversal: &hcl::Traversal,
        depth: usize,
    ) -> Option<ExpressionKind> {
        let root = self.lower(piece, &traversal.expr, depth)?;
        if let Some(number) = number_of(&root)
            && self.complain_of_dotted(number.range().start, piece)
        {
            return None;
        }
        let mut steps: Vec<Step> = Vec::with_capacity(traversal.operators.len());
        let mut index_before: Option<Span> = None;
        for operator in &traversal.operators {
            let range = piece.range(operator.span());
            let span = self.span_of(&range);
            let mut legacy_index = None;
            let kind = match operator.value() {
                TraversalOperator::AttrSplat(_) => StepKind::AttributeSplat(0),
                TraversalOperator::FullSplat(_) => StepKind::FullSplat,
                TraversalOperator::GetAttr(name) => StepKind::Attribute(Arc::from(composed(name.as_str()))),
                TraversalOperator::Index(index) => StepKind::Index(self.lower(piece, index, depth)?),
                TraversalOperator::LegacyIndex(index) => {
                    let text = index.value().to_string();
                    let place = self.span(range.end.saturating_sub(text.len()), range.end);
                    if let Some(before) = index_before.filter(|before| before.end == span.start) {
                        self.chained_indices(before.to(span));
                    }
                    legacy_index = Some(span);
                    StepKind::Index(Expression { kind: ExpressionKind::Number(text.into()), span: place })
                }
            };
            index_before = legacy_index;
            steps.push(Step { kind, span });
        }
        self.attribute_splats(&mut steps, traversal);
        Some(ExpressionKind::Traversal(Box::new(Traversal { root, steps })))
    }

    /// How far each attribute splat reaches.
    fn attribute_splats(&mut self, steps: &mut [Step], traversal: &hcl::Traversal) {
        for at in 0..steps.len() {
            if steps[at].kind != StepKind::AttributeSplat(0) {
                continue;
            }
            let taken = traversal.operators[at + 1..].iter().take_while(|operator| {
                matches!(operator.value(), TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_))
            });
            let taken = taken.count();
            if let Some(Step { kind: StepKind::AttributeSplat(_), span }) = steps.get(at + 1 + taken) {
                self.push(
                    Diagnostic::error("disco::syntax", "`.*` cannot be nested in another `.*`")
                        .at(*span, "the inner one")
                        .at(steps[at].span, "the outer one")
                        .help("write `[*]` for both"),
                );
            }
            steps[at].kind = StepKind::AttributeSplat(taken);
        }
    }

    /// `a.0.1`, which would be the fraction `0.1` to others.
    fn chained_indices(&mut self, both: Span) {
        let text = &self.text[both.range()];
        let indices: Vec<&str> = text.split('.').skip(1).map(str::trim).collect();
        self.push(
            Diagnostic::error("disco::syntax", "two indices with dots cannot follow each other")
                .at(both, "")
                .help(format!("write `[{}]`", indices.join("]["))),
        );
    }
}

/// Where the number stands that an expression is; a sign is not part of it.
fn number_of(expression: &Expression) -> Option<Span> {
    match &expression.kind {
        ExpressionKind::Number(_) => Some(expression.span),
        ExpressionKind::Unary(UnaryOperator::Negate, inner) => number_of(inner),
        _ => None,
    }
}
