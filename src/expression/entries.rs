//! The entries of a scope, and how those are evaluated that are expressions themselves.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::needs::{Asked, needed};
use super::scope::Frame;
use super::spaces::Outputs;
use super::{Scope, Type, Value};
use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean};
use crate::syntax::tree::Expression;

#[derive(Clone)]
pub(super) enum Meaning<'a> {
    Value(Value),
    Entries(BTreeMap<Arc<str>, Slot<'a>>),
}

#[derive(Clone)]
pub(super) enum Entry {
    Ready(Value, Option<Rc<Diagnostics>>),
    Waiting,
    Running,
}

/// An entry, and what it is made from if it is made from something.
#[derive(Clone)]
pub(super) struct Slot<'a> {
    pub(super) entry: Entry,
    pub(super) recipe: Option<Recipe<'a>>,
}

impl<'a> Slot<'a> {
    /// One that has not been evaluated.
    pub(super) fn waiting(recipe: Recipe<'a>) -> Self {
        Self { entry: Entry::Waiting, recipe: Some(recipe) }
    }
}

/// What an entry is made from.
#[derive(Clone)]
pub(super) enum Recipe<'a> {
    /// An expression; shared, because evaluation holds many at a time.
    Made(Rc<Made<'a>>),
    /// The outputs of other spaces.
    Outputs(Rc<Outputs>),
}

/// An expression, where it is evaluated, and what becomes of its value.
#[derive(Clone)]
pub(super) struct Made<'a> {
    pub(super) expression: &'a Expression,
    pub(super) of: Option<Type>,
    /// The space whose names it uses, and those that hide them.
    pub(super) space: usize,
    pub(super) frame: Option<Rc<Frame>>,
    /// Whether the value must not be shown.
    pub(super) secret: bool,
    /// What stands for `null`.
    pub(super) instead_of_null: Option<Value>,
}

impl<'a> Made<'a> {
    /// In a space, without names that hide others.
    pub(super) fn new(space: usize, expression: &'a Expression) -> Self {
        Self { expression, of: None, space, frame: None, secret: false, instead_of_null: None }
    }
}

/// How far an entry is.
pub(super) enum State<'a> {
    Ready,
    Waiting(Recipe<'a>),
    Running,
    Missing,
}

impl<'a> Scope<'a> {
    /// The value of `root.name`, evaluated now if it has not been. `place` is what asks for it.
    pub fn entry(&self, root: &str, name: &str, place: Span) -> Value {
        match self.state(root, name) {
            State::Waiting(_) => self.evaluate_entry(root, name, place),
            State::Running => return self.cycle(root, name, place),
            State::Ready | State::Missing => {}
        }
        self.ready(root, name, place)
    }

    /// Evaluates an entry after those it needs in any case, so that a long chain of entries is not evaluated by
    /// recursion. Those on the way from the first one to the one being evaluated are running: a use of one of them is a
    /// use of itself.
    fn evaluate_entry(&self, root: &str, name: &str, place: Span) {
        let mut stack: Vec<(usize, Asked, Option<Recipe<'a>>)> =
            vec![(self.space, (root.into(), name.into(), place), None)];
        while let Some((space, asked, recipe)) = stack.pop() {
            let here = self.in_space(space);
            let (root, name, _) = &asked;
            if let Some(recipe) = recipe {
                here.carry_out(root, name, recipe);
                self.root.running.borrow_mut().pop();
                continue;
            }
            let State::Waiting(recipe) = here.state(root, name) else { continue };
            here.set(root, name, Entry::Running);
            self.root.running.borrow_mut().push((space, asked.clone()));
            let (within, all) = match &recipe {
                Recipe::Made(made) => (made.space, needed(made.expression)),
                Recipe::Outputs(_) => (space, Vec::new()),
            };
            stack.push((space, asked, Some(recipe)));
            let within_scope = self.in_space(within);
            for needed in all {
                // Of a module only the outputs that are asked for are needed.
                if let State::Waiting(Recipe::Made(_)) = within_scope.state(&needed.0, &needed.1) {
                    stack.push((within, needed, None));
                }
            }
        }
    }

    /// Evaluates what an entry is made from; what is found stays with the entry until somebody uses it.
    fn carry_out(&self, root: &str, name: &str, recipe: Recipe<'a>) {
        let (value, problems) = self.attempt(|| match recipe {
            Recipe::Made(made) => self.made(root, name, &made),
            Recipe::Outputs(outputs) => self.all_outputs(&outputs),
        });
        let problems = (!problems.is_empty()).then(|| Rc::new(problems));
        self.set(root, name, Entry::Ready(value, problems));
    }

    fn made(&self, root: &str, name: &str, made: &Made<'a>) -> Value {
        let at = Scope { root: Rc::clone(&self.root), space: made.space, frame: made.frame.clone() };
        let value = at.evaluate(made.expression);
        at.as_declared(value, root, name, made)
    }

    /// What becomes of the value that an entry's expression gave.
    fn as_declared(&self, value: Value, root: &str, name: &str, made: &Made<'a>) -> Value {
        let value = match &made.instead_of_null {
            Some(instead) if value.is_null() => instead.clone(),
            _ => value,
        };
        let value = match &made.of {
            Some(of) => self.converted(&value, of, &format!("{root}.{name}"), made.expression.span),
            None => value,
        };
        value.with_secret(made.secret)
    }

    /// The names of another space of the same root.
    pub(super) fn in_space(&self, space: usize) -> Scope<'a> {
        Scope { root: Rc::clone(&self.root), space, frame: None }
    }

    fn state(&self, root: &str, name: &str) -> State<'a> {
        match self.root.names.borrow()[self.space].get(root) {
            Some(Meaning::Entries(entries)) => match entries.get(name) {
                Some(Slot { entry: Entry::Ready(..), .. }) => State::Ready,
                Some(Slot { entry: Entry::Waiting, recipe: Some(recipe) }) => State::Waiting(recipe.clone()),
                Some(_) => State::Running,
                None => State::Missing,
            },
            _ => State::Missing,
        }
    }

    /// The value of an entry that has been evaluated, with its complaints.
    fn ready(&self, root: &str, name: &str, place: Span) -> Value {
        let known = match self.root.names.borrow()[self.space].get(root) {
            Some(Meaning::Entries(entries)) => match entries.get(name) {
                Some(Slot { entry: Entry::Ready(value, problems), .. }) => Some((value.clone(), problems.clone())),
                _ => None,
            },
            _ => None,
        };
        let Some((value, problems)) = known else { return self.unknown_entry(root, name, place) };
        for problem in problems.iter().flat_map(|problems| problems.iter()) {
            self.report(problem.clone());
        }
        value
    }

    fn set(&self, root: &str, name: &str, entry: Entry) {
        if let Some(Meaning::Entries(entries)) = self.root.names.borrow_mut()[self.space].get_mut(root)
            && let Some(slot) = entries.get_mut(name)
        {
            slot.entry = entry;
        }
    }

    fn unknown_entry(&self, root: &str, name: &str, place: Span) -> Value {
        if self.root.lacks_names.get() {
            return Value::failed();
        }
        let known = self.entries(root);
        let message = match root {
            "var" => format!("variable `{name}` does not exist"),
            "local" => format!("local value `{name}` does not exist"),
            "cluster" => format!("cluster `{name}` does not exist"),
            "module" => format!("module `{name}` does not exist"),
            _ => format!("`{root}` has no `{name}`"),
        };
        let help = match (root, known.is_empty()) {
            ("var", true) => Some(format!("declare it: variable \"{name}\" {{ … }}")),
            ("local", true) => Some(format!("define it: locals {{ {name} = … }}")),
            ("module", true) => Some(format!("add it: module \"{name}\" {{ source = \"./FOLDER\" }}")),
            _ => did_you_mean(name, known.iter().map(|known| &**known)),
        };
        self.misnamed(Diagnostic::error("disco::unknown_name", message).at(place, "not defined").help_maybe(help))
    }

    fn cycle(&self, root: &str, name: &str, place: Span) -> Value {
        let running = self.root.running.borrow();
        let is_this = |(space, (r, n, _)): &(usize, Asked)| *space == self.space && &**r == root && &**n == name;
        let start = running.iter().position(is_this).unwrap_or(0);
        let members = &running[start..];
        let address = |(_, (root, name, _)): &(usize, Asked)| format!("{root}.{name}");
        let first = format!("{root}.{name}");
        let diagnostic = if members.len() == 1 {
            Diagnostic::error("disco::cycle", format!("{first} depends on itself")).at(place, "used here")
        } else {
            let mut way: Vec<String> = members.iter().map(address).collect();
            way.push(first.clone());
            let last = members.last().map(address).unwrap_or_default();
            let message = format!("these values depend on each other: {}", way.join(" → "));
            let mut diagnostic = Diagnostic::error("disco::cycle", message).at(place, format!("{last} uses {first}"));
            for pair in members.windows(2) {
                diagnostic = diagnostic.at(pair[1].1.2, format!("{} uses {}", address(&pair[0]), address(&pair[1])));
            }
            diagnostic
        };
        drop(running);
        self.report_for_good(diagnostic.help("remove one of these references: a value cannot be computed from itself"));
        Value::failed()
    }
}
