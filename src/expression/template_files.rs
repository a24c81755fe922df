//! The templates in files and texts that were read so far.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::source::Diagnostics;
use crate::syntax::tree::Template;

/// The templates that were read so far.
#[derive(Default)]
pub(super) struct TemplateFiles {
    /// By path.
    pub(super) parsed: RefCell<BTreeMap<String, Rc<ParsedTemplate>>>,
    /// By text.
    pub(super) texts: RefCell<BTreeMap<String, Rc<ParsedTemplate>>>,
    pub(super) depth: Cell<usize>,
}

/// A template and what is wrong with its text.
pub(super) struct ParsedTemplate {
    pub(super) template: Option<Template>,
    pub(super) problems: Diagnostics,
}
