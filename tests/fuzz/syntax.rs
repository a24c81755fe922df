//! Whatever is in a file, it is answered: with a tree whose places lie in the text, and complaints that do.

use disco::source::{Diagnostics, Sources, Span};
use disco::syntax::tree::{Body, Expression, ExpressionKind, Name, ObjectKey, StepKind, Template, TemplatePart};
use disco::syntax::{self, Cursor};

use super::Target;
use super::mutate::{changed, window};

pub(super) const TARGET: Target = Target {
    name: "syntax",
    make: |corpus, random| {
        let text = window(&corpus.files[random.below(corpus.files.len())], random);
        changed(text, &corpus.files, random).into_bytes()
    },
    check: |input| check(&String::from_utf8_lossy(input)),
};

/// The text that all places must lie in.
struct Within<'t>(&'t str);

pub(super) fn check(text: &str) {
    let within = Within(text);
    let sources = Sources::new();
    let id = sources.add("fuzz.disco.hcl", text);
    let (body, found) = syntax::parse(&sources, id);
    within.diagnostics(&found);
    within.body(&body);
    assert!(body.is_sound() || found.has_errors(), "not all was read, and nothing says so");
    assert_eq!(syntax::parse(&sources, id), (body, found), "read twice");
    let (expression, found) = syntax::parse_expression(&sources, id);
    within.diagnostics(&found);
    assert!(expression.is_some() || found.has_errors(), "no expression, and no word why");
    if let Some(expression) = &expression {
        within.expression(expression);
    }
    let (template, found) = syntax::parse_template(&sources, id);
    within.diagnostics(&found);
    assert!(template.is_some() || found.has_errors(), "no template, and no word why");
    if let Some(template) = &template {
        within.template(template);
        syntax::template_references(template);
    }
    for (_, span) in syntax::comments(&sources, id) {
        within.span(span);
    }
    syntax::is_unfinished(&sources, id);
    for part in 0..4 {
        let Cursor { start, end, .. } = syntax::cursor(text, text.len() * part / 3);
        assert!(text.get(start..end).is_some(), "the word at a cursor: {start}..{end}");
    }
    for label in found.iter().flat_map(|found| &found.labels) {
        sources.locate(label.span);
        sources.snippet(label.span);
    }
}

impl Within<'_> {
    fn span(&self, span: Span) {
        assert!(self.0.get(span.range()).is_some(), "{span:?} is no range of the text");
    }

    fn diagnostics(&self, found: &Diagnostics) {
        for one in found {
            assert!(!one.labels.is_empty(), "a complaint about nowhere: {}", one.message);
            one.labels.iter().for_each(|label| self.span(label.span));
        }
    }

    fn name(&self, name: &Name) {
        self.span(name.span);
    }

    fn body(&self, body: &Body) {
        self.span(body.span);
        for attribute in &body.attributes {
            self.name(&attribute.name);
            self.span(attribute.span);
            self.expression(&attribute.value);
            for reference in syntax::references(&attribute.value) {
                self.span(reference.span);
            }
        }
        for block in &body.blocks {
            self.span(block.head);
            self.span(block.span);
            self.name(&block.kind);
            block.labels.iter().for_each(|label| self.name(label));
            self.body(&block.body);
        }
    }

    fn expression(&self, expression: &Expression) {
        self.span(expression.span);
        match &expression.kind {
            ExpressionKind::Unread
            | ExpressionKind::Null
            | ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::String(_)
            | ExpressionKind::Variable(_) => {}
            ExpressionKind::Template(template) => self.template(template),
            ExpressionKind::Tuple(items) => items.iter().for_each(|item| self.expression(item)),
            ExpressionKind::Object(items) => {
                for item in items {
                    match &item.key {
                        ObjectKey::Name(name) => self.name(name),
                        ObjectKey::Expression(key) => self.expression(key),
                    }
                    self.expression(&item.value);
                }
            }
            ExpressionKind::Traversal(traversal) => {
                self.expression(&traversal.root);
                for step in &traversal.steps {
                    self.span(step.span);
                    if let StepKind::Index(index) = &step.kind {
                        self.expression(index);
                    }
                }
            }
            ExpressionKind::Call(call) => {
                self.name(&call.name);
                call.arguments.iter().for_each(|argument| self.expression(argument));
            }
            ExpressionKind::Unary(_, inner) | ExpressionKind::Parenthesis(inner) => self.expression(inner),
            ExpressionKind::Binary(binary) => {
                self.span(binary.operator_span);
                self.expression(&binary.left);
                self.expression(&binary.right);
            }
            ExpressionKind::Conditional(choice) => {
                self.expression(&choice.condition);
                self.expression(&choice.then);
                self.expression(&choice.otherwise);
            }
            ExpressionKind::For(each) => {
                each.key_name.iter().chain([&each.value_name]).for_each(|name| self.name(name));
                let parts = each.key.iter().chain([&each.collection, &each.value]).chain(&each.condition);
                parts.for_each(|part| self.expression(part));
            }
        }
    }

    fn template(&self, template: &Template) {
        self.parts(&template.parts);
    }

    fn parts(&self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal(_, span) => self.span(*span),
                TemplatePart::Interpolation(expression) => self.expression(expression),
                TemplatePart::If(choice) => {
                    self.span(choice.span);
                    self.expression(&choice.condition);
                    self.parts(&choice.then);
                    self.parts(&choice.otherwise);
                }
                TemplatePart::For(each) => {
                    self.expression(&each.collection);
                    self.parts(&each.body);
                }
            }
        }
    }
}
