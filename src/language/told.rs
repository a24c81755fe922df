//! What names mean to somebody who asks from outside: outputs, and people who point at a name.

use std::collections::BTreeMap;

use super::Definition;
use crate::catalogue::OpenPort;
use crate::expression::{FileReader, Scope, Value};
use crate::model::{Members, ProjectSpec};
use crate::source::{Sources, Span};

/// A variable's value, and who gave it.
#[derive(Clone, Copy, Debug)]
pub struct GivenVariable<'d> {
    /// The value.
    pub value: &'d Value,
    /// Who gave it, in words, and where; nobody where it is the default.
    pub given_by: Option<(&'d str, Span)>,
    /// Whether it has none: neither a given one nor a default.
    pub lacks_value: bool,
}

impl Definition {
    /// The names of outputs, of which nothing is known that only a cloud can tell.
    pub fn scope_of_outputs<'a>(
        &'a self,
        project: &ProjectSpec,
        members: &BTreeMap<String, Members>,
        open_ports: &BTreeMap<String, Vec<OpenPort>>,
        sources: &'a Sources,
        reader: &'a dyn FileReader,
    ) -> Option<Scope<'a>> {
        let spaces = self.living_spaces(project, members, open_ports, &BTreeMap::new(), sources, reader);
        spaces.into_iter().next().map(|space| space.scope)
    }

    /// A variable, with the value that it has in this run.
    pub fn given_variable(&self, name: &str) -> Option<GivenVariable<'_>> {
        let variable = self.variables.get(name)?;
        let given = variable.given_at != variable.head;
        Some(GivenVariable {
            value: &variable.value,
            given_by: given.then_some((variable.given_by.as_str(), variable.given_at)),
            lacks_value: variable.lacks_value,
        })
    }
}
