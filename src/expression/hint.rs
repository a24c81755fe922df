//! The type an expression will have, as far as that is plain without evaluating it. Needed because both results of a
//! condition get one type although only one of them is evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::scope::{Declared, Found};
use super::{AttributeType, Kind, Scope, Type, Value, functions, type_of, unify};
use crate::syntax::tree::{
    BinaryOperator, Expression, ExpressionKind, ObjectKey, Step, StepKind, TemplatePart, Traversal, UnaryOperator,
};

/// How many entries are followed.
const FARTHEST: usize = 24;

/// The type that an expression will have, `any` where that is not plain.
pub(super) fn of(scope: &Scope<'_>, expression: &Expression) -> Type {
    Hint { scope, far: 0 }.of(expression)
}

/// What two results are converted to; `None` if they are of different kinds. Results that are not plain are left as
/// they are, and so are collections whose parts have nothing in common and objects with different attributes.
pub(super) fn common(then: &Type, otherwise: &Type) -> Option<Type> {
    let together = || unify(&[then.clone(), otherwise.clone()]);
    match (shape(then), shape(otherwise)) {
        (None, _) | (_, None) => Some(Type::Any),
        (Some(left), Some(right)) if left != right => None,
        (Some(Shape::Single), _) => together(),
        _ if then.has_any() || otherwise.has_any() => Some(Type::Any),
        _ => match (then, otherwise) {
            (Type::Object(left), Type::Object(right)) if !left.keys().eq(right.keys()) => Some(Type::Any),
            _ => Some(together().unwrap_or(Type::Any)),
        },
    }
}

/// What no conversion in a condition leads out of.
#[derive(PartialEq)]
enum Shape {
    Single,
    Elements,
    Entries,
}

fn shape(of: &Type) -> Option<Shape> {
    match of {
        Type::Any => None,
        Type::String | Type::Number | Type::Bool => Some(Shape::Single),
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => Some(Shape::Elements),
        Type::Map(_) | Type::Object(_) => Some(Shape::Entries),
    }
}

struct Hint<'s, 'a> {
    scope: &'s Scope<'a>,
    far: usize,
}

impl Hint<'_, '_> {
    fn of(&mut self, expression: &Expression) -> Type {
        match &expression.kind {
            ExpressionKind::Null | ExpressionKind::For(_) | ExpressionKind::Unread => Type::Any,
            ExpressionKind::Bool(_) | ExpressionKind::Unary(UnaryOperator::Not, _) => Type::Bool,
            ExpressionKind::Number(_) | ExpressionKind::Unary(UnaryOperator::Negate, _) => Type::Number,
            ExpressionKind::String(_) => Type::String,
            ExpressionKind::Template(template) => match template.parts.as_slice() {
                [TemplatePart::Interpolation(inner)] if !template.heredoc => self.of(inner),
                _ => Type::String,
            },
            ExpressionKind::Tuple(elements) => Type::Tuple(elements.iter().map(|element| self.of(element)).collect()),
            ExpressionKind::Object(items) => {
                let mut attributes = BTreeMap::new();
                for item in items {
                    let name = match &item.key {
                        ObjectKey::Name(name) => Arc::clone(&name.text),
                        ObjectKey::Expression(Expression { kind: ExpressionKind::String(text), .. }) => {
                            Arc::clone(text)
                        }
                        ObjectKey::Expression(_) => return Type::Any,
                    };
                    attributes.insert(name, AttributeType::required(self.of(&item.value)));
                }
                Type::Object(attributes)
            }
            ExpressionKind::Variable(name) => match self.scope.find(name) {
                Found::Value(value) => plain(&value),
                Found::Root | Found::Nothing => Type::Any,
            },
            ExpressionKind::Traversal(traversal) => self.traversal(traversal),
            ExpressionKind::Call(_) if self.scope.root.library.is_some() => Type::Any,
            ExpressionKind::Call(call) => functions::returns(call, |argument| self.of(argument)),
            ExpressionKind::Binary(binary) => match binary.operator {
                BinaryOperator::Add
                | BinaryOperator::Subtract
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Modulo => Type::Number,
                _ => Type::Bool,
            },
            ExpressionKind::Conditional(conditional) => {
                let (then, otherwise) = (self.of(&conditional.then), self.of(&conditional.otherwise));
                common(&then, &otherwise).unwrap_or(Type::Any)
            }
            ExpressionKind::Parenthesis(inner) => self.of(inner),
        }
    }

    fn traversal(&mut self, traversal: &Traversal) -> Type {
        if let (ExpressionKind::Variable(root), Some(Step { kind: StepKind::Attribute(name), .. })) =
            (&traversal.root.kind, traversal.steps.first())
            && matches!(self.scope.find(root), Found::Root)
        {
            let rest = &traversal.steps[1..];
            return match self.scope.declared(root, name) {
                Some(Declared::Type(of)) => steps(of, rest),
                Some(Declared::Value(value)) => within(value, rest),
                Some(Declared::Expression(expression)) if self.far < FARTHEST => {
                    self.far += 1;
                    let top = self.scope.top();
                    steps(Hint { scope: &top, far: self.far }.of(expression), rest)
                }
                _ => Type::Any,
            };
        }
        if let ExpressionKind::Variable(name) = &traversal.root.kind
            && let Found::Value(value) = self.scope.find(name)
        {
            return within(value, &traversal.steps);
        }
        steps(self.of(&traversal.root), &traversal.steps)
    }
}

/// The type of a part of a value. Attributes are followed in the value, so that a large collection costs nothing.
fn within(mut value: Value, path: &[Step]) -> Type {
    let attributes = path.iter().take_while(|step| matches!(step.kind, StepKind::Attribute(_))).count();
    for step in &path[..attributes] {
        let StepKind::Attribute(name) = &step.kind else { return Type::Any };
        match value.entries().and_then(|entries| entries.get(name)) {
            Some(entry) => value = entry.clone(),
            None => return Type::Any,
        }
    }
    steps(plain(&value), &path[attributes..])
}

/// The type of a value that is not large; conditions leave large ones as they are.
fn plain(value: &Value) -> Type {
    const LARGE: usize = 64;
    let open = matches!(value.kind(), Kind::Tuple(_) | Kind::Object(_) | Kind::Members(_));
    if open && (value.count().is_some_and(|count| count > LARGE) || value.nesting() > 2) {
        return Type::Any;
    }
    type_of(value)
}

fn steps(mut of: Type, steps: &[Step]) -> Type {
    for step in steps {
        of = match (&step.kind, of) {
            (StepKind::Attribute(name), Type::Object(attributes)) => match attributes.get(name) {
                Some(attribute) => attribute.of.clone(),
                None => Type::Any,
            },
            (StepKind::Attribute(_) | StepKind::Index(_), Type::Map(of)) | (StepKind::Index(_), Type::List(of)) => *of,
            _ => return Type::Any,
        };
    }
    of
}
