//! The patterns of `regex` and its like, each read once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use regex_lite::{Regex, RegexBuilder};

use super::re2::{Wrong, translate};

/// A pattern and the names of its groups.
pub(super) struct Pattern {
    pub(super) regex: Regex,
    pub(super) names: Vec<Option<String>>,
}

/// The patterns that were read so far, so that a loop reads each once.
#[derive(Default)]
pub(in crate::expression) struct Patterns(RefCell<BTreeMap<String, Rc<Pattern>>>);

/// How many patterns are kept.
const KEPT: usize = 64;

/// How many groups may lie within one another.
const DEEPEST: u32 = 250;

impl Patterns {
    pub(super) fn get(&self, text: &str) -> Result<Rc<Pattern>, Wrong> {
        if let Some(pattern) = self.0.borrow().get(text) {
            return Ok(Rc::clone(pattern));
        }
        let pattern = Rc::new(Pattern::read(text)?);
        let mut kept = self.0.borrow_mut();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(text.to_owned(), Rc::clone(&pattern));
        Ok(pattern)
    }
}

impl Pattern {
    fn read(text: &str) -> Result<Self, Wrong> {
        let translated = translate(text)?;
        // what is wrong in it was found before: now it can only be too large
        match RegexBuilder::new(&translated.pattern).nest_limit(DEEPEST).build() {
            Ok(regex) => Ok(Self { regex, names: translated.names }),
            Err(fault) => Err(Wrong::new(format!("it is too large: {fault}"))),
        }
    }
}
