//! Secrets that are written in files: drawings of mistakes show lines, and must not show those. Files that are broken
//! are looked at as well, because they are what is drawn.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::schema::attribute;
use crate::source::{SourceId, Sources, Span, similar_word};
use crate::syntax::tree::{Block, Body, Expression, ExpressionKind, ObjectKey, StepKind, TemplatePart};

/// What is known of variables before anything is evaluated.
pub(crate) struct Marks {
    /// Variables whose values everybody may see.
    open: BTreeSet<Arc<str>>,
    /// Whether a definition could not be read as a whole: nobody knows which marks are missing.
    broken: bool,
}

impl Marks {
    /// Whether values that files give to this variable are not shown.
    pub(crate) fn hide(&self, variable: &str) -> bool {
        self.broken || !self.open.contains(variable)
    }
}

/// Masks what definitions say that must not be shown: sensitive variables, what is handed to `sensitive(…)`,
/// sensitive outputs, private keys. In a file that cannot be read, what might be one of these.
pub(crate) fn mask_definitions(bodies: &[Body], sources: &Sources) -> Marks {
    let mut marks = Marks { open: BTreeSet::new(), broken: false };
    let mut hidden: BTreeSet<Arc<str>> = BTreeSet::new();
    for body in bodies {
        let id = body.span.source;
        mask_texts(id, sources);
        let broken = !body.attributes.is_empty() || has_gaps(body, sources) || body.blocks.iter().any(is_odd);
        marks.broken |= broken;
        if broken && sources.get(id).text().contains("sensitive") {
            body.attributes.iter().for_each(|attribute| sources.mask(attribute.value.span));
            body.blocks.iter().filter(|block| is_odd(block)).for_each(|block| sources.mask(block.body.span));
            mask_broken(body, sources);
        }
        mask_blocks(body, sources);
        for block in body.blocks.iter().filter(|block| &*block.kind.text == "variable") {
            let names = if means_sensitive(block) { &mut hidden } else { &mut marks.open };
            names.extend(block.labels.first().map(|label| Arc::clone(&label.text)));
        }
    }
    marks.open.retain(|name| !hidden.contains(name));
    marks
}

/// Masks private keys in files of variables. Values are masked once it is known whose they are.
pub(crate) fn mask_inputs(files: impl Iterator<Item = SourceId>, sources: &Sources) {
    files.for_each(|file| mask_texts(file, sources));
}

/// Masks what of a file of variables could not be read: nobody knows whose value it is.
pub(crate) fn mask_unread(body: &Body, sources: &Sources) {
    for gap in gaps(body, sources) {
        sources.mask(gap);
    }
    // No block belongs there: it is a slip that swallowed values.
    body.blocks.iter().for_each(|block| sources.mask(block.body.span));
}

/// Whether values of a variable, or of an output, are never shown. A mark that is not a plain `false` counts as set.
pub(super) fn is_sensitive(block: &Block) -> bool {
    attribute(&block.body, "sensitive").is_some_and(|mark| mark.value.kind != ExpressionKind::Bool(false))
}

/// Whether a block says that it is sensitive, or tried to.
fn means_sensitive(block: &Block) -> bool {
    let near = |name: &str| similar_word(name, ["sensitive"]).is_some();
    match attribute(&block.body, "sensitive") {
        Some(_) => is_sensitive(block),
        None => block.body.attributes.iter().any(|other| near(&other.name.text)),
    }
}

/// Whether a block has swallowed something, or lost it.
fn is_odd(block: &Block) -> bool {
    matches!(&*block.kind.text, "variable" | "output")
        && (block.labels.len() != 1 || block.body.blocks.iter().any(|inner| &*inner.kind.text != "validation"))
}

fn has_gaps(body: &Body, sources: &Sources) -> bool {
    !gaps(body, sources).is_empty() || body.blocks.iter().any(|block| has_gaps(&block.body, sources))
}

/// What could not be read, and what may have lost the mark that stood beside it.
fn mask_broken(body: &Body, sources: &Sources) {
    for gap in gaps(body, sources) {
        sources.mask(gap);
    }
    let risky = body.attributes.iter().filter(|attribute| matches!(&*attribute.name.text, "default" | "value"));
    risky.for_each(|attribute| sources.mask(attribute.value.span));
    body.blocks.iter().for_each(|block| mask_broken(&block.body, sources));
}

fn mask_blocks(body: &Body, sources: &Sources) {
    body.attributes.iter().for_each(|attribute| literals(&attribute.value, false, sources));
    for block in &body.blocks {
        mask_blocks(&block.body, sources);
        if !means_sensitive(block) {
            continue;
        }
        for attribute in &block.body.attributes {
            match &*attribute.name.text {
                "type" | "description" | "sensitive" | "nullable" => {}
                "value" => literals(&attribute.value, true, sources),
                _ => sources.mask(attribute.value.span),
            }
        }
    }
}

/// The lines, or parts of lines, of a body that are neither attribute nor block nor comment: what could not be read.
fn gaps(body: &Body, sources: &Sources) -> Vec<Span> {
    let span = body.span;
    let attributes = body.attributes.iter().filter(|attribute| attribute.value.kind != ExpressionKind::Unread);
    let mut read: Vec<Range<usize>> = attributes.map(|attribute| attribute.span.range()).collect();
    read.extend(body.blocks.iter().map(|block| block.span.range()));
    read.sort_by_key(|range| range.start);
    let source = sources.get(span.source);
    let mut gaps = Vec::new();
    let mut at = span.range().start;
    for range in read.into_iter().chain(std::iter::once(span.range().end..span.range().end)) {
        let mut start = at;
        for line in source.text().get(at..range.start).unwrap_or_default().split_inclusive('\n') {
            let said = line.trim();
            if !said.is_empty() && !said.starts_with('#') && !said.starts_with("//") {
                let from = start + line.len() - line.trim_start().len();
                gaps.push(Span::new(span.source, from, from + said.len()));
            }
            start += line.len();
        }
        at = at.max(range.end);
    }
    gaps
}

/// Masks what can be told from the text alone, so that it is found in files that cannot be read too: private keys,
/// and quoted texts in calls of `sensitive`.
fn mask_texts(id: SourceId, sources: &Sources) {
    let source = sources.get(id);
    let text = source.text();
    for (begin, end) in [("-----BEGIN ", "-----END "), ("PuTTY-User-Key-File", "Private-MAC:")] {
        for (at, _) in text.match_indices(begin) {
            let line = text[at..].lines().next().unwrap_or_default();
            if begin.starts_with('-') && !line.contains("PRIVATE KEY-----") {
                continue;
            }
            let length = text[at..].find(end).map_or(text.len() - at, |found| {
                let rest = &text[at + found + end.len()..];
                let tail = rest.find(['"', '\n']).unwrap_or(rest.len());
                found + end.len() + tail
            });
            sources.mask(Span::new(id, at, at + length));
        }
    }
    for (at, word) in text.match_indices("sensitive") {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].trim_start_matches([' ', '\t']);
        if after.starts_with('(') && before.is_none_or(|char| !char.is_alphanumeric() && char != '_') {
            let open = text.len() - after.len();
            for range in quoted(&text[open..]) {
                sources.mask(Span::new(id, open + range.start, open + range.end));
            }
        }
    }
}

/// The quoted texts between an opening bracket, with which `text` begins, and the one that closes it.
fn quoted(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut begun: Option<usize> = None;
    let mut escaped = false;
    for (at, char) in text.char_indices() {
        match (begun, char) {
            (Some(start), '\n') => {
                found.push(start..at);
                begun = None;
            }
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(start), '"') => {
                found.push(start..at + 1);
                begun = None;
            }
            (None, '"') => begun = Some(at),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') if depth <= 1 => break,
            (None, ')' | ']' | '}') => depth -= 1,
            _ => {}
        }
    }
    found.extend(begun.map(|start| start..text.len()));
    found
}

/// Masks what is written out in an expression: everywhere if it is `secret`, else within calls of `sensitive`.
fn literals(expression: &Expression, secret: bool, sources: &Sources) {
    let each = |inner: &Expression| literals(inner, secret, sources);
    match &expression.kind {
        ExpressionKind::String(_) | ExpressionKind::Number(_) => {
            if secret {
                sources.mask(expression.span);
            }
        }
        ExpressionKind::Null | ExpressionKind::Bool(_) | ExpressionKind::Variable(_) | ExpressionKind::Unread => {}
        ExpressionKind::Template(template) => parts(&template.parts, secret, sources),
        ExpressionKind::Tuple(items) => items.iter().for_each(each),
        ExpressionKind::Object(items) => {
            for item in items {
                if let ObjectKey::Expression(key) = &item.key {
                    literals(key, false, sources);
                }
                each(&item.value);
            }
        }
        ExpressionKind::Traversal(traversal) => {
            each(&traversal.root);
            for step in &traversal.steps {
                if let StepKind::Index(index) = &step.kind {
                    literals(index, false, sources);
                }
            }
        }
        ExpressionKind::Call(call) => {
            let name = &*call.name.text;
            let marks = similar_word(name, ["sensitive"]).is_some() && !matches!(name, "nonsensitive" | "issensitive");
            let secret = secret || marks;
            call.arguments.iter().for_each(|argument| literals(argument, secret, sources));
        }
        ExpressionKind::Unary(_, operand) | ExpressionKind::Parenthesis(operand) => each(operand),
        ExpressionKind::Binary(binary) => [&binary.left, &binary.right].into_iter().for_each(each),
        ExpressionKind::Conditional(conditional) => {
            [&conditional.condition, &conditional.then, &conditional.otherwise].into_iter().for_each(each);
        }
        ExpressionKind::For(one) => {
            [&one.collection, &one.value].into_iter().chain(&one.key).chain(&one.condition).for_each(each);
        }
    }
}

fn parts(all: &[TemplatePart], secret: bool, sources: &Sources) {
    for part in all {
        match part {
            TemplatePart::Literal(_, span) => {
                if secret {
                    sources.mask(*span);
                }
            }
            TemplatePart::Interpolation(inner) => literals(inner, secret, sources),
            TemplatePart::If(choice) => {
                literals(&choice.condition, secret, sources);
                parts(&choice.then, secret, sources);
                parts(&choice.otherwise, secret, sources);
            }
            TemplatePart::For(each) => {
                literals(&each.collection, secret, sources);
                parts(&each.body, secret, sources);
            }
        }
    }
}
