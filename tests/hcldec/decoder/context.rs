//! What expressions in the input may use.

use std::collections::BTreeMap;
use std::sync::Arc;

use disco::expression::{Library, Scope, Value};

use super::place::Places;

/// The variables and functions of an input.
pub(super) struct Context<'a> {
    /// The texts of the run.
    pub(super) places: &'a Places<'a>,
    /// What names and calls mean.
    pub(super) scope: Scope<'a>,
    /// Whether there is nothing to refer to: then JSON texts are no templates.
    empty: bool,
}

impl<'a> Context<'a> {
    /// `scope`, which has functions or not, with these variables.
    pub(super) fn new(
        places: &'a Places<'a>,
        scope: Scope<'a>,
        variables: &BTreeMap<Arc<str>, Value>,
        functions: bool,
    ) -> Self {
        for (name, value) in variables {
            scope.define(name, value.clone());
        }
        Self { places, scope, empty: variables.is_empty() && !functions }
    }

    /// Without any variable or function.
    pub(super) fn empty(places: &'a Places<'a>) -> Self {
        Self { places, scope: Scope::foreign(places.sources, &NoFunctions), empty: true }
    }

    /// Whether there is nothing that an expression could refer to.
    pub(super) fn is_empty(&self) -> bool {
        self.empty
    }
}

struct NoFunctions;

impl Library for NoFunctions {
    fn call(&self, _name: &str, _arguments: &[Value]) -> Option<Result<Value, String>> {
        None
    }
}
