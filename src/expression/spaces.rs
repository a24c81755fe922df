//! Spaces: names that live apart, as those of a module do, and what one hands to another.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::entries::{Made, Meaning, Recipe, Slot};
use super::{Scope, Type, Value};
use crate::source::Span;
use crate::syntax::tree::{Expression, Step, StepKind, Traversal};

/// The root whose entries a space shows to others.
const OUTPUT: &str = "output";

/// What an expression in one space becomes in another.
pub(crate) struct Handed<'a> {
    /// The expression.
    pub(crate) expression: &'a Expression,
    /// The type that its value is converted to.
    pub(crate) of: Type,
    /// Whether the value must not be shown.
    pub(crate) secret: bool,
    /// What stands for `null`; it stays `null` where nothing does.
    pub(crate) instead_of_null: Option<Value>,
}

/// The spaces that one name stands for.
pub(crate) enum Spaces<T> {
    /// One alone.
    One(T),
    /// One for each key.
    Named(BTreeMap<Arc<str>, T>),
    /// One for each number, from 0.
    Numbered(Vec<T>),
}

/// Whose outputs an entry is made from.
pub(super) type Outputs = Spaces<usize>;

impl<T> Spaces<T> {
    fn map<U>(self, mut work: impl FnMut(T) -> U) -> Spaces<U> {
        match self {
            Self::One(one) => Spaces::One(work(one)),
            Self::Named(all) => Spaces::Named(all.into_iter().map(|(key, one)| (key, work(one))).collect()),
            Self::Numbered(all) => Spaces::Numbered(all.into_iter().map(work).collect()),
        }
    }
}

impl<'a> Scope<'a> {
    /// Names of its own beside those of this scope: none yet. Everything else is shared.
    pub(crate) fn new_space(&self) -> Scope<'a> {
        let mut spaces = self.root.names.borrow_mut();
        spaces.push(BTreeMap::new());
        Scope { root: Rc::clone(&self.root), space: spaces.len() - 1, frame: None }
    }

    /// `root.name` means what an expression gives in `giver`, another space of the same root; it is evaluated when it is
    /// first used.
    pub(crate) fn define_handed(&self, root: &str, name: &str, giver: &Scope<'a>, handed: Handed<'a>) {
        let Handed { expression, of, secret, instead_of_null } = handed;
        let frame = giver.frame.clone();
        let made = Made { expression, of: Some(of), space: giver.space, frame, secret, instead_of_null };
        self.enter(root, name, Slot::waiting(Recipe::Made(Rc::new(made))));
    }

    /// What this space shows to others as `name`: what `expression` gives in it.
    pub(crate) fn define_output(&self, name: &str, expression: &'a Expression, secret: bool) {
        let made = Made { secret, ..Made::new(self.space, expression) };
        self.enter(OUTPUT, name, Slot::waiting(Recipe::Made(Rc::new(made))));
    }

    /// `root.name` has as attributes what `spaces` show. Each is evaluated when it is first used.
    pub(crate) fn define_outputs(&self, root: &str, name: &str, spaces: Spaces<Scope<'a>>) {
        let outputs = spaces.map(|scope| scope.space);
        self.enter(root, name, Slot::waiting(Recipe::Outputs(Rc::new(outputs))));
    }

    /// Whether an entry is made from outputs of other spaces.
    pub(super) fn shows_outputs(&self, root: &str, entry: &str) -> bool {
        match self.root.names.borrow()[self.space].get(root) {
            Some(Meaning::Entries(entries)) => {
                entries.get(entry).is_some_and(|slot| matches!(slot.recipe, Some(Recipe::Outputs(_))))
            }
            _ => false,
        }
    }

    /// What the steps after `root.entry` lead to, which is made from outputs of other spaces.
    pub(super) fn shown(&self, root: &str, entry: &str, traversal: &Traversal, place: Span) -> Value {
        let steps = &traversal.steps[1..];
        match self.output(root, entry, steps, place) {
            Some((value, steps, place)) => self.steps(value, steps, place),
            None => self.steps(self.entry(root, entry, place), steps, place),
        }
    }

    /// One output, where the steps after `root.entry` lead to one: its value, the steps that follow, and the place of what
    /// leads there. Other outputs are not evaluated: they may depend on it.
    fn output<'s>(&self, root: &str, entry: &str, steps: &'s [Step], place: Span) -> Option<(Value, &'s [Step], Span)> {
        let outputs = match self.root.names.borrow()[self.space].get(root)? {
            Meaning::Entries(entries) => match &entries.get(entry)?.recipe {
                Some(Recipe::Outputs(outputs)) => Rc::clone(outputs),
                _ => return None,
            },
            Meaning::Value(_) => return None,
        };
        let (space, steps) = match &*outputs {
            Spaces::One(space) => (*space, steps),
            Spaces::Named(all) => {
                let (first, rest) = steps.split_first()?;
                let space = match &first.kind {
                    StepKind::Attribute(key) => all.get(key)?,
                    StepKind::Index(index) => {
                        let (key, _) = self.attempt(|| self.evaluate(index));
                        all.get(key.as_str().filter(|_| !key.is_secret())?)?
                    }
                    StepKind::AttributeSplat(_) | StepKind::FullSplat => return None,
                };
                (*space, rest)
            }
            Spaces::Numbered(all) => {
                let (first, rest) = steps.split_first()?;
                let StepKind::Index(index) = &first.kind else { return None };
                let (key, _) = self.attempt(|| self.evaluate(index));
                let number = key.as_number().filter(|_| !key.is_secret())?.to_u64()?;
                (*all.get(usize::try_from(number).ok()?)?, rest)
            }
        };
        let (first, rest) = steps.split_first()?;
        let StepKind::Attribute(name) = &first.kind else { return None };
        let shown = self.in_space(space);
        let has = shown.entries(OUTPUT).iter().any(|known| known == name);
        let place = place.to(first.span);
        has.then(|| (shown.entry(OUTPUT, name, place), rest, place))
    }

    /// All outputs, as attributes of an object for each space.
    pub(super) fn all_outputs(&self, outputs: &Outputs) -> Value {
        let shown = |space: &usize| {
            let shown = self.in_space(*space);
            let value = |name: Arc<str>| {
                let place = shown.output_place(&name);
                let value = place.map_or_else(Value::failed, |place| shown.entry(OUTPUT, &name, place));
                (name, value)
            };
            Value::object(shown.entries(OUTPUT).into_iter().map(value))
        };
        match outputs {
            Spaces::One(space) => shown(space),
            Spaces::Named(all) => Value::object(all.iter().map(|(key, space)| (Arc::clone(key), shown(space)))),
            Spaces::Numbered(all) => Value::tuple(all.iter().map(shown).collect()),
        }
    }

    /// Where an output of this space is written.
    fn output_place(&self, name: &str) -> Option<Span> {
        match self.root.names.borrow()[self.space].get(OUTPUT)? {
            Meaning::Entries(entries) => match &entries.get(name)?.recipe {
                Some(Recipe::Made(made)) => Some(made.expression.span),
                _ => None,
            },
            Meaning::Value(_) => None,
        }
    }
}
