//! A little project in memory, and what the language makes of it.

use std::collections::BTreeMap;

use disco::catalogue::Catalogue;
use disco::expression::FileReader;
use disco::language::{self, Definition, VariableInputs};
use disco::model::{KnownCluster, ProjectSpec};
use disco::source::{Diagnostics, Sources};

use crate::support::evaluated;

/// Files that definitions may read.
pub(super) struct Files(BTreeMap<String, String>);

impl Files {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }
}

impl FileReader for Files {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| format!("file `{path}` does not exist"))
    }

    fn exists(&self, path: &str) -> Result<bool, String> {
        Ok(self.0.contains_key(path))
    }

    fn list(&self, _folder: &str) -> Result<Vec<String>, String> {
        Ok(self.0.keys().cloned().collect())
    }
}

/// A project that was read.
pub(super) struct Project {
    pub(super) sources: Sources,
    pub(super) files: Files,
    pub(super) catalogue: Catalogue,
    pub(super) definition: Definition,
    /// What parsing and reading found.
    pub(super) found: Diagnostics,
}

impl Project {
    /// Reads files of definitions, with `inputs` made for their sources.
    pub(super) fn read(
        texts: &[(&str, &str)],
        files: &[(&str, &str)],
        inputs: impl FnOnce(&Sources) -> VariableInputs,
    ) -> Self {
        let sources = Sources::new();
        let mut found = Diagnostics::new();
        let mut bodies = Vec::new();
        for (name, text) in texts {
            let (body, problems) = disco::syntax::parse(&sources, sources.add(*name, *text));
            found.extend(problems);
            bodies.push(body);
        }
        let catalogue = Catalogue::embedded(&sources);
        let inputs = inputs(&sources);
        let (definition, problems) = language::read(&sources, bodies, &inputs);
        found.extend(problems);
        Self { sources, files: Files::new(files), catalogue, definition, found }
    }

    /// A project of one file without inputs.
    pub(super) fn of(text: &str) -> Self {
        Self::read(&[("main.disco.hcl", text)], &[], |_| VariableInputs::default())
    }

    /// What it asks for, and all that was found.
    pub(super) fn evaluate(&self) -> (ProjectSpec, Diagnostics) {
        self.evaluate_with(&BTreeMap::new())
    }

    /// The same where something lives already.
    pub(super) fn evaluate_with(&self, known: &BTreeMap<String, KnownCluster>) -> (ProjectSpec, Diagnostics) {
        let (evaluated, problems) = evaluated(&self.definition, &self.catalogue, known, &self.sources, &self.files);
        let mut found = self.found.clone();
        found.extend(problems);
        (evaluated.spec, found)
    }

    /// What it asks for; nothing may be wrong.
    pub(super) fn sound(&self) -> ProjectSpec {
        let (spec, found) = self.evaluate();
        assert!(found.is_empty(), "{}", self.drawn(&found));
        spec
    }

    /// All that was found, as a person sees it.
    pub(super) fn drawn(&self, found: &Diagnostics) -> String {
        disco::report::diagnostics(found, &self.sources, disco::report::DiagnosticDrawing::new(false, 100))
    }

    /// The codes and messages of all that was found.
    pub(super) fn messages(&self) -> Vec<String> {
        self.evaluate().1.iter().map(|found| format!("{} {}", found.code, found.message)).collect()
    }
}
