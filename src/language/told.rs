//! What names mean to somebody who asks from outside: outputs, and people who point at a name.

use std::collections::BTreeMap;

use super::Definition;
use super::evaluation::Living;
use super::space::Space;
use crate::catalogue::OpenPort;
use crate::expression::{FileReader, Scope, Value};
use crate::model::{KnownCluster, Members, ProjectSpec};
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
    ) -> Scope<'a> {
        let spaces = self.living_spaces(
            false,
            Living { project, members, open_ports, known: &BTreeMap::new() },
            sources,
            reader,
        );
        names_of_project(spaces, sources, reader)
    }

    /// What names mean in an expression that stands in no file: the same as in an output, with every cluster. The arguments
    /// are those of [`Definition::outputs`].
    pub fn living_scope<'a>(
        &'a self,
        project: &ProjectSpec,
        members: &BTreeMap<String, Members>,
        open_ports: &BTreeMap<String, Vec<OpenPort>>,
        known: &BTreeMap<String, KnownCluster>,
        sources: &'a Sources,
        reader: &'a dyn FileReader,
    ) -> Scope<'a> {
        let spaces = self.living_spaces(true, Living { project, members, open_ports, known }, sources, reader);
        names_of_project(spaces, sources, reader)
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

/// The names of the project itself.
fn names_of_project<'a>(spaces: Vec<Space<'a>>, sources: &'a Sources, reader: &'a dyn FileReader) -> Scope<'a> {
    spaces.into_iter().next().map_or_else(|| Scope::new(sources, reader), |space| space.scope)
}
