//! What an expression refers to.

use std::sync::Arc;

use crate::source::Span;

use super::tree::{Expression, ExpressionKind, Name, ObjectKey, StepKind, Template, TemplatePart, Traversal};

/// `root.a.b` as far as its steps are known without evaluating anything: attributes and indices that are
/// written as text or number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The first word: `var`, `local`, `cluster` …
    pub root: Arc<str>,
    /// The steps after it, each with its place.
    pub steps: Vec<(Arc<str>, Span)>,
    /// From the root to the last of the steps.
    pub span: Span,
}

impl Reference {
    /// The entry of the root that is used, with the place of `root.entry`; nothing where no step is known.
    pub fn entry(&self) -> Option<(&str, Span)> {
        let (name, place) = self.steps.first()?;
        Some((name, Span { end: place.end, ..self.span }))
    }
}

/// Everything that an expression refers to, in the order written. Names that a `for` within the expression
/// binds are not among them; keys of objects that are bare words are not references.
pub fn references(expression: &Expression) -> Vec<Reference> {
    let mut collector = Collector::default();
    collector.expression(expression);
    collector.found
}

/// Names that a `for` within the expression gives to something although they are in use: by another `for` around it, or
/// for all of a project (`var`, `local` …).
pub fn hiding_names(expression: &Expression) -> Vec<Name> {
    let mut collector = Collector::default();
    collector.expression(expression);
    collector.hiding
}

/// Everything that a template refers to; see [`references`].
pub fn template_references(template: &Template) -> Vec<Reference> {
    let mut collector = Collector::default();
    collector.parts(&template.parts);
    collector.found
}

/// What the first word of a name may be, everywhere in a project.
pub const ROOTS: [&str; 7] = ["var", "local", "cluster", "module", "path", "disco", "workspace"];

/// Whether a name means something wherever it stands.
fn is_taken(name: &str) -> bool {
    ROOTS.contains(&name) || name == "each"
}

#[derive(Default)]
struct Collector {
    bound: Vec<Arc<str>>,
    found: Vec<Reference>,
    hiding: Vec<Name>,
}

impl Collector {
    /// From here on these names mean something else. Returns what to cut the names to where that ends.
    fn bind<'n>(&mut self, names: impl Iterator<Item = &'n Name>) -> usize {
        let outer = self.bound.len();
        for name in names {
            if self.bound.contains(&name.text) || is_taken(&name.text) {
                self.hiding.push(name.clone());
            }
            self.bound.push(Arc::clone(&name.text));
        }
        outer
    }

    fn root(&mut self, root: &Arc<str>, span: Span, traversal: Option<&Traversal>) {
        if self.bound.contains(root) {
            return;
        }
        let mut reference = Reference { root: Arc::clone(root), steps: Vec::new(), span };
        for step in traversal.iter().flat_map(|traversal| &traversal.steps) {
            let name = match &step.kind {
                StepKind::Attribute(name) => Arc::clone(name),
                StepKind::Index(Expression {
                    kind: ExpressionKind::String(key) | ExpressionKind::Number(key), ..
                }) => Arc::clone(key),
                _ => break,
            };
            reference.span = reference.span.to(step.span);
            reference.steps.push((name, step.span));
        }
        self.found.push(reference);
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Null
            | ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::String(_)
            | ExpressionKind::Unread => {}
            ExpressionKind::Template(template) => self.parts(&template.parts),
            ExpressionKind::Tuple(items) => items.iter().for_each(|item| self.expression(item)),
            ExpressionKind::Object(items) => {
                for item in items {
                    if let ObjectKey::Expression(key) = &item.key {
                        self.expression(key);
                    }
                    self.expression(&item.value);
                }
            }
            ExpressionKind::Variable(name) => self.root(name, expression.span, None),
            ExpressionKind::Traversal(traversal) => {
                match &traversal.root.kind {
                    ExpressionKind::Variable(name) => self.root(name, traversal.root.span, Some(traversal)),
                    _ => self.expression(&traversal.root),
                }
                for step in &traversal.steps {
                    if let StepKind::Index(index) = &step.kind {
                        self.expression(index);
                    }
                }
            }
            ExpressionKind::Call(call) => call.arguments.iter().for_each(|argument| self.expression(argument)),
            ExpressionKind::Unary(_, operand) | ExpressionKind::Parenthesis(operand) => self.expression(operand),
            ExpressionKind::Binary(binary) => {
                self.expression(&binary.left);
                self.expression(&binary.right);
            }
            ExpressionKind::Conditional(conditional) => {
                self.expression(&conditional.condition);
                self.expression(&conditional.then);
                self.expression(&conditional.otherwise);
            }
            ExpressionKind::For(each) => {
                self.expression(&each.collection);
                let outer = self.bind(each.key_name.iter().chain([&each.value_name]));
                each.key.iter().chain([&each.value]).chain(&each.condition).for_each(|part| self.expression(part));
                self.bound.truncate(outer);
            }
        }
    }

    fn parts(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal(..) => {}
                TemplatePart::Interpolation(expression) => self.expression(expression),
                TemplatePart::If(choice) => {
                    self.expression(&choice.condition);
                    self.parts(&choice.then);
                    self.parts(&choice.otherwise);
                }
                TemplatePart::For(each) => {
                    self.expression(&each.collection);
                    let outer = self.bind(each.key_name.iter().chain([&each.value_name]));
                    self.parts(&each.body);
                    self.bound.truncate(outer);
                }
            }
        }
    }
}
