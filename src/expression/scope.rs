//! What names mean, and the lazy evaluation of those that are expressions themselves.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::entries::{Entry, Made, Meaning, Recipe, Slot};
use super::functions::Patterns;
use super::needs::Asked;
use super::template_files::TemplateFiles;
use super::{FileReader, Library, NoFiles, SharedValues, Type, Value, convert};
use crate::source::{Diagnostic, Diagnostics, Sources, Span};
use crate::syntax::tree::Expression;

/// What the names in an expression mean, and what was found wrong while evaluating.
///
/// Names are two words (`var.x`, `local.y`: *entries* of a *root*) or one (`path`, names bound by `for`). Entries may be
/// expressions; such an entry is evaluated when it is first used, once. Everything is done through a shared reference:
/// a scope and its children share entries and complaints.
///
/// A scope may have further *spaces* (`new_space`) with names of their own; entries of one may be made of
/// expressions in another.
#[derive(Clone)]
pub struct Scope<'a> {
    pub(super) root: Rc<Root<'a>>,
    /// Which of the root's spaces has the names.
    pub(super) space: usize,
    pub(super) frame: Option<Rc<Frame>>,
}

/// What a scope and its children share.
pub(super) struct Root<'a> {
    pub(super) sources: &'a Sources,
    pub(super) reader: &'a dyn FileReader,
    /// The functions, where they are not DISCO's.
    pub(super) library: Option<&'a dyn Library>,
    /// What names mean, by space.
    pub(super) names: RefCell<Vec<BTreeMap<Arc<str>, Meaning<'a>>>>,
    /// Entries that are being evaluated, the outermost first, with the place that asked for each.
    pub(super) running: RefCell<Vec<(usize, Asked)>>,
    /// The innermost collects what is found now; the first is what [`Scope::take_diagnostics`] gives.
    found: RefCell<Vec<Diagnostics>>,
    pub(super) depth: Cell<usize>,
    pub(super) evaluations: Cell<u64>,
    pub(super) templates: TemplateFiles,
    /// Entries may be missing because files could not be read.
    pub(super) lacks_names: Cell<bool>,
    /// What other scopes know as well.
    pub(super) shared: OnceCell<Rc<SharedValues>>,
    patterns: Patterns,
}

/// Names that hide those of the root.
pub(super) struct Frame {
    names: Vec<(Arc<str>, Value)>,
    below: Option<Rc<Frame>>,
    /// Whether nothing else is visible.
    closed: bool,
}

/// What is known of an entry whether it has been evaluated or not.
pub(super) enum Declared<'a> {
    Type(Type),
    Expression(&'a Expression),
    Value(Value),
}

/// What a bare name stands for.
pub(super) enum Found {
    Value(Value),
    /// A root whose entries have names of their own.
    Root,
    Nothing,
}

impl<'a> Scope<'a> {
    /// No names yet. Files are read through `reader`; texts that are read and parsed are added to `sources`.
    pub fn new(sources: &'a Sources, reader: &'a dyn FileReader) -> Self {
        Self::with(sources, reader, None)
    }

    /// No names yet, no files, and the functions of `library` instead of DISCO's.
    pub fn foreign(sources: &'a Sources, library: &'a dyn Library) -> Self {
        Self::with(sources, &NoFiles, Some(library))
    }

    fn with(sources: &'a Sources, reader: &'a dyn FileReader, library: Option<&'a dyn Library>) -> Self {
        let root = Root {
            sources,
            reader,
            library,
            names: RefCell::new(vec![BTreeMap::new()]),
            running: RefCell::default(),
            found: RefCell::new(vec![Diagnostics::new()]),
            depth: Cell::new(0),
            evaluations: Cell::new(0),
            templates: TemplateFiles::default(),
            lacks_names: Cell::new(false),
            shared: OnceCell::new(),
            patterns: Patterns::default(),
        };
        Self { root: Rc::new(root), space: 0, frame: None }
    }

    /// From now on entries that are not there are failed without a complaint: they may be defined in something that could
    /// not be read, which is complained about already.
    pub fn lacks_names(&self) {
        self.root.lacks_names.set(true);
    }

    /// From now on this scope takes from `shared` what another scope has evaluated, and adds to it. Only the first counts.
    pub(crate) fn share(&self, shared: Rc<SharedValues>) {
        let _ = self.root.shared.set(shared);
    }

    /// Whether no names hide those of the root.
    pub(super) fn is_top(&self) -> bool {
        self.frame.is_none()
    }

    /// `root` means `value`.
    pub fn define(&self, root: &str, value: Value) {
        self.root.names.borrow_mut()[self.space].insert(root.into(), Meaning::Value(value));
    }

    /// `root` has entries, even if it turns out to have none.
    pub fn define_root(&self, root: &str) {
        let mut spaces = self.root.names.borrow_mut();
        let names = &mut spaces[self.space];
        if !matches!(names.get(root), Some(Meaning::Entries(_))) {
            names.insert(root.into(), Meaning::Entries(BTreeMap::new()));
        }
    }

    /// `root.name` means `value`.
    pub fn define_entry(&self, root: &str, name: &str, value: Value) {
        self.enter(root, name, Slot { entry: Entry::Ready(value, None), recipe: None });
    }

    /// `root.name` means what `expression` gives in this scope; it is evaluated when it is first used.
    pub fn define_lazy(&self, root: &str, name: &str, expression: &'a Expression) {
        self.enter(root, name, Slot::waiting(Recipe::Made(Rc::new(Made::new(self.space, expression)))));
    }

    /// The same, converted to `of`.
    pub fn define_lazy_converted(&self, root: &str, name: &str, expression: &'a Expression, of: Type) {
        let made = Made { of: Some(of), ..Made::new(self.space, expression) };
        self.enter(root, name, Slot::waiting(Recipe::Made(Rc::new(made))));
    }

    /// Does `work` as if entries of `root` had these values: what other entries are made of is evaluated anew for it,
    /// and everything means what it meant before when it is done.
    pub(crate) fn supposing<'n, T>(
        &self,
        root: &str,
        values: impl IntoIterator<Item = (&'n str, Value)>,
        work: impl FnOnce() -> T,
    ) -> T {
        let before = self.root.names.borrow().clone();
        for meaning in self.root.names.borrow_mut().iter_mut().flat_map(BTreeMap::values_mut) {
            let Meaning::Entries(entries) = meaning else { continue };
            for slot in entries.values_mut().filter(|slot| slot.recipe.is_some()) {
                if matches!(slot.entry, Entry::Ready(..)) {
                    slot.entry = Entry::Waiting;
                }
            }
        }
        for (name, value) in values {
            self.define_entry(root, name, value);
        }
        let result = work();
        self.root.names.replace(before);
        result
    }

    pub(super) fn enter(&self, root: &str, name: &str, slot: Slot<'a>) {
        self.define_root(root);
        if let Some(Meaning::Entries(entries)) = self.root.names.borrow_mut()[self.space].get_mut(root) {
            entries.insert(name.into(), slot);
        }
    }

    /// The type an entry was declared with or has, or the expression it is made from: the same before and after its
    /// evaluation.
    pub(super) fn declared(&self, root: &str, name: &str) -> Option<Declared<'a>> {
        match self.root.names.borrow()[self.space].get(root) {
            Some(Meaning::Entries(entries)) => match entries.get(name)? {
                Slot { recipe: Some(Recipe::Made(made)), .. } => match &**made {
                    Made { of: Some(of), .. } => Some(Declared::Type(of.clone())),
                    Made { expression, space, frame: None, .. } if *space == self.space => {
                        Some(Declared::Expression(expression))
                    }
                    Made { .. } => None,
                },
                Slot { entry: Entry::Ready(value, _), .. } => Some(Declared::Value(value.clone())),
                Slot { .. } => None,
            },
            _ => None,
        }
    }

    /// The scope without names that hide others.
    pub(super) fn top(&self) -> Scope<'a> {
        Scope { root: Rc::clone(&self.root), space: self.space, frame: None }
    }

    /// A scope in which `names` hide what they meant before. Cheap.
    #[must_use]
    pub fn child(&self, names: impl IntoIterator<Item = (Arc<str>, Value)>) -> Scope<'a> {
        self.framed(names, false)
    }

    /// A scope in which nothing but `names` has a meaning, besides functions.
    #[must_use]
    pub fn closed(&self, names: impl IntoIterator<Item = (Arc<str>, Value)>) -> Scope<'a> {
        self.framed(names, true)
    }

    fn framed(&self, names: impl IntoIterator<Item = (Arc<str>, Value)>, closed: bool) -> Scope<'a> {
        let frame = Frame { names: names.into_iter().collect(), below: self.frame.clone(), closed };
        Scope { root: Rc::clone(&self.root), space: self.space, frame: Some(Rc::new(frame)) }
    }

    /// The texts that spans lie in.
    pub fn sources(&self) -> &'a Sources {
        self.root.sources
    }

    /// The files that expressions may see.
    pub fn reader(&self) -> &'a dyn FileReader {
        self.root.reader
    }

    /// The patterns of `regex` and its like that were read so far.
    pub(super) fn patterns(&self) -> &Patterns {
        &self.root.patterns
    }

    /// Adds a complaint to those that evaluation found.
    pub fn report(&self, diagnostic: Diagnostic) {
        if let Some(found) = self.root.found.borrow_mut().last_mut() {
            found.push(diagnostic);
        }
    }

    /// Adds a complaint and gives the value that absorbs everything.
    pub(super) fn fail(&self, diagnostic: Diagnostic) -> Value {
        self.report(diagnostic);
        Value::failed()
    }

    /// Complaints that even `try` must not swallow: they are about the definition, not about a value.
    pub(super) fn report_for_good(&self, diagnostic: Diagnostic) {
        if let Some(found) = self.root.found.borrow_mut().first_mut() {
            found.push(diagnostic);
        }
    }

    /// Everything found since the last call.
    pub fn take_diagnostics(&self) -> Diagnostics {
        self.root.found.borrow_mut().first_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Evaluates with `work` and returns its complaints instead of keeping them.
    pub(super) fn attempt<T>(&self, work: impl FnOnce() -> T) -> (T, Diagnostics) {
        self.root.found.borrow_mut().push(Diagnostics::new());
        let result = work();
        (result, self.root.found.borrow_mut().pop().unwrap_or_default())
    }

    /// How many expressions have been evaluated so far: a measure of work that does not depend on the host.
    pub fn evaluations(&self) -> u64 {
        self.root.evaluations.get()
    }

    /// What a bare name means.
    pub(super) fn find(&self, name: &str) -> Found {
        let mut frame = self.frame.as_deref();
        while let Some(here) = frame {
            if let Some((_, value)) = here.names.iter().find(|(known, _)| &**known == name) {
                return Found::Value(value.clone());
            }
            if here.closed {
                return Found::Nothing;
            }
            frame = here.below.as_deref();
        }
        match self.root.names.borrow()[self.space].get(name) {
            Some(Meaning::Value(value)) => Found::Value(value.clone()),
            Some(Meaning::Entries(_)) => Found::Root,
            None => Found::Nothing,
        }
    }

    /// All bare names that mean something here, for suggestions.
    pub(super) fn names(&self) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        let mut frame = self.frame.as_deref();
        while let Some(here) = frame {
            names.extend(here.names.iter().map(|(name, _)| Arc::clone(name)));
            if here.closed {
                return names;
            }
            frame = here.below.as_deref();
        }
        names.extend(self.root.names.borrow()[self.space].keys().cloned());
        names
    }

    /// Names of the entries of a root, sorted.
    pub fn entries(&self, root: &str) -> Vec<Arc<str>> {
        match self.root.names.borrow()[self.space].get(root) {
            Some(Meaning::Entries(entries)) => entries.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// The value as a value of type `of`; a complaint about `what` at `place` if it is not one.
    pub fn converted(&self, value: &Value, of: &Type, what: &str, place: Span) -> Value {
        match convert(value, of) {
            Ok(value) => value,
            Err(mismatch) => self.fail(mismatch.diagnostic("disco::wrong_type", what, place)),
        }
    }

    /// A name that means nothing. That is a mistake whatever `try` would do about it, but in a template, which may ask
    /// whether a name was handed to it.
    pub(super) fn misnamed(&self, diagnostic: Diagnostic) -> Value {
        let mut frame = self.frame.as_deref();
        while let Some(here) = frame {
            if here.closed {
                return self.fail(diagnostic);
            }
            frame = here.below.as_deref();
        }
        self.report_for_good(diagnostic);
        Value::failed()
    }
}
