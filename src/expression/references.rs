//! Which entries an expression uses.

use std::sync::Arc;

use crate::source::Span;
use crate::syntax::tree::{Expression, ExpressionKind, ObjectKey, StepKind, Template, TemplatePart};

/// A use of `root.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `var`, `local`, …
    pub root: Arc<str>,
    /// The entry.
    pub name: Arc<str>,
    /// From the root to the name.
    pub span: Span,
}

/// Every use of an entry (`root.name`) in an expression, whether it is evaluated or not, in the order written.
pub fn references(expression: &Expression) -> Vec<Reference> {
    let mut walk = Walk { found: Vec::new(), bound: Vec::new(), everything: true };
    walk.expression(expression);
    walk.found
}

/// The uses that take place whenever the expression is evaluated.
pub(super) fn certain(expression: &Expression) -> Vec<Reference> {
    let mut walk = Walk { found: Vec::new(), bound: Vec::new(), everything: false };
    walk.expression(expression);
    walk.found
}

struct Walk {
    found: Vec<Reference>,
    bound: Vec<Arc<str>>,
    everything: bool,
}

impl Walk {
    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Null
            | ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::String(_)
            | ExpressionKind::Variable(_) => {}
            ExpressionKind::Template(template) => self.template(template),
            ExpressionKind::Tuple(elements) => elements.iter().for_each(|element| self.expression(element)),
            ExpressionKind::Object(items) => {
                for item in items {
                    if let ObjectKey::Expression(key) = &item.key {
                        self.expression(key);
                    }
                    self.expression(&item.value);
                }
            }
            ExpressionKind::Traversal(traversal) => {
                match (&traversal.root.kind, traversal.steps.first().map(|step| (&step.kind, step.span))) {
                    (ExpressionKind::Variable(root), Some((StepKind::Attribute(name), span))) => {
                        if !self.bound.contains(root) {
                            let span = traversal.root.span.to(span);
                            self.found.push(Reference { root: Arc::clone(root), name: Arc::clone(name), span });
                        }
                    }
                    _ => self.expression(&traversal.root),
                }
                for step in &traversal.steps {
                    if let StepKind::Index(index) = &step.kind {
                        self.expression(index);
                    }
                }
            }
            ExpressionKind::Call(call) => {
                if self.everything || !matches!(&*call.name.text, "try" | "can") {
                    call.arguments.iter().for_each(|argument| self.expression(argument));
                }
            }
            ExpressionKind::Unary(_, operand) | ExpressionKind::Parenthesis(operand) => self.expression(operand),
            ExpressionKind::Binary(binary) => {
                use crate::syntax::tree::BinaryOperator::{And, Or};
                self.expression(&binary.left);
                if self.everything || !matches!(binary.operator, And | Or) {
                    self.expression(&binary.right);
                }
            }
            ExpressionKind::Conditional(conditional) => {
                self.expression(&conditional.condition);
                if self.everything {
                    self.expression(&conditional.then);
                    self.expression(&conditional.otherwise);
                }
            }
            ExpressionKind::For(each) => {
                self.expression(&each.collection);
                if self.everything {
                    let names = each.key_name.iter().chain([&each.value_name]).map(|name| Arc::clone(&name.text));
                    self.within(names.collect(), |walk| {
                        each.key.iter().for_each(|key| walk.expression(key));
                        walk.expression(&each.value);
                        each.condition.iter().for_each(|condition| walk.expression(condition));
                    });
                }
            }
        }
    }

    fn within(&mut self, names: Vec<Arc<str>>, work: impl FnOnce(&mut Self)) {
        let before = self.bound.len();
        self.bound.extend(names);
        work(self);
        self.bound.truncate(before);
    }

    fn template(&mut self, template: &Template) {
        self.parts(&template.parts);
    }

    fn parts(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal(..) => {}
                TemplatePart::Interpolation(expression) => self.expression(expression),
                TemplatePart::If(choice) => {
                    self.expression(&choice.condition);
                    if self.everything {
                        self.parts(&choice.then);
                        self.parts(&choice.otherwise);
                    }
                }
                TemplatePart::For(each) => {
                    self.expression(&each.collection);
                    if self.everything {
                        let names = each.key_name.iter().chain([&each.value_name]).map(|name| Arc::clone(&name.text));
                        self.within(names.collect(), |walk| walk.parts(&each.body));
                    }
                }
            }
        }
    }
}

/// Every use of an entry in a template.
pub fn template_references(template: &Template) -> Vec<Reference> {
    let mut walk = Walk { found: Vec::new(), bound: Vec::new(), everything: true };
    walk.template(template);
    walk.found
}
