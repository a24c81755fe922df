//! Addresses of clusters, groups and modules, as `moved` blocks and their like write them.

use super::decode::Decoder;
use super::reported::Decoded;
use super::schema::{Attribute, Unread};
use crate::expression::Scope;
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::{Block, Expression, ExpressionKind, StepKind};

/// How far an address may lead.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    Cluster,
    Group,
}

/// What an address is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Module,
    Cluster,
    Group,
}

/// An address as it is written.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) kind: Kind,
    /// Of a group: its cluster.
    pub(super) cluster: Option<String>,
    pub(super) place: Span,
}

/// Reads an address, of which nothing is evaluated but its keys.
pub(super) fn address(
    block: &Block,
    attribute: &Attribute<Unread>,
    depth: Depth,
    decoder: &mut Decoder<'_, '_>,
) -> Decoded<Written> {
    let Some(written) = attribute.written(&block.body) else { return Err(decoder.lacks(block, attribute)) };
    let what = if depth == Depth::Group { "a cluster, a group or a module" } else { "a cluster or a module" };
    let name = &written.name.text;
    let wrong = || not_an_address(written.value.span, what, &format!("{name} = cluster.lab"));
    parse(&written.value, decoder.scope())
        .filter(|written| depth == Depth::Group || written.kind != Kind::Group)
        .ok_or_else(|| decoder.report(wrong()))
}

pub(super) fn not_an_address(place: Span, what: &str, example: &str) -> Diagnostic {
    Diagnostic::error("disco::not_an_address", format!("this is not the address of {what}"))
        .at(place, "not an address")
        .help(format!("write for instance `{example}`; a key stands in brackets: `cluster.site[\"bonn\"]`"))
}

pub(super) fn parse(expression: &Expression, scope: &Scope<'_>) -> Option<Written> {
    let ExpressionKind::Traversal(traversal) = &expression.kind else { return None };
    let ExpressionKind::Variable(root) = &traversal.root.kind else { return None };
    let mut text = root.to_string();
    let mut word = root.to_string();
    let mut steps = traversal.steps.iter().peekable();
    loop {
        let kind = match word.as_str() {
            "module" => Kind::Module,
            "cluster" => Kind::Cluster,
            _ => return None,
        };
        let StepKind::Attribute(name) = &steps.next()?.kind else { return None };
        text = format!("{text}.{name}");
        if let Some(StepKind::Index(index)) = steps.peek().map(|step| &step.kind) {
            let value = scope.evaluate(index);
            if value.is_secret() {
                return None;
            }
            text = match (value.as_str(), value.as_number()) {
                (Some(key), _) => format!("{text}[\"{key}\"]"),
                (None, Some(number)) => format!("{text}[{number}]"),
                (None, None) => return None,
            };
            steps.next();
        }
        let place = expression.span;
        let Some(step) = steps.next() else { return Some(Written { text, kind, cluster: None, place }) };
        let StepKind::Attribute(next) = &step.kind else { return None };
        if kind == Kind::Cluster {
            let cluster = Some(text.clone());
            let whole = format!("{text}.{next}");
            return steps.next().is_none().then_some(Written { text: whole, kind: Kind::Group, cluster, place });
        }
        text = format!("{text}.{next}");
        word = next.to_string();
    }
}
