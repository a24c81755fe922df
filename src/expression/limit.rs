//! How deep evaluation may go and how large values may become.

use super::{Scope, Value};
use crate::source::{Diagnostic, Span};

/// How many bytes a text may have that is put together here.
pub(super) const LONGEST: usize = 16 << 20;

/// How deep evaluation may go: expressions within expressions, through the names they use.
const DEEPEST: usize = 256;

/// How many collections may lie within one another.
const MOST_NESTED: usize = 128;

/// How many values one may be made of: lists that hold themselves several times would grow without an end.
const MOST_PARTS: u32 = 1_000_000;

impl Scope<'_> {
    /// Goes one level deeper for `work`, unless that is too deep.
    pub(super) fn deeper(&self, place: Span, work: impl FnOnce() -> Value) -> Value {
        let depth = self.root.depth.get();
        if depth >= DEEPEST {
            return self.too_deep(place);
        }
        self.root.depth.set(depth + 1);
        self.root.evaluations.set(self.root.evaluations.get() + 1);
        let value = work();
        self.root.depth.set(depth);
        match () {
            () if value.nesting() > MOST_NESTED => self.too_nested(place),
            // what failed within it was told
            () if value.size() > MOST_PARTS && value.contains_failed() => Value::failed(),
            () if value.size() > MOST_PARTS => self.too_large(place),
            () if value.as_str().is_some_and(|text| text.len() > LONGEST) => self.too_long(place),
            () => value,
        }
    }

    #[cold]
    fn too_deep(&self, place: Span) -> Value {
        self.report_for_good(
            Diagnostic::error("disco::too_deep", "this value depends on too long a chain of others")
                .at(place, "given up here")
                .help(format!("nest at most {DEEPEST} expressions, referenced names included")),
        );
        Value::failed()
    }

    #[cold]
    fn too_nested(&self, place: Span) -> Value {
        self.report_for_good(
            Diagnostic::error("disco::too_deep", "collections are nested too deep")
                .at(place, "too deep from here on")
                .help(format!("nest at most {MOST_NESTED} lists, maps or objects")),
        );
        Value::failed()
    }

    #[cold]
    fn too_large(&self, place: Span) -> Value {
        self.report_for_good(
            Diagnostic::error("disco::value_too_large", "this value has too many parts")
                .at(place, "too large from here on")
                .help("keep a value below 1,000,000 elements and entries, nested ones included"),
        );
        Value::failed()
    }

    #[cold]
    pub(super) fn too_long(&self, place: Span) -> Value {
        self.report_for_good(
            Diagnostic::error("disco::text_too_long", "this makes a string that is too long")
                .at(place, "too long from here on")
                .help(format!("keep strings below {} MiB", LONGEST >> 20)),
        );
        Value::failed()
    }
}
