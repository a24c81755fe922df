//! A project looked at as a whole, for somebody who is writing it: all that is wrong or not meant, and what names mean.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::Project;
use super::catalogue::{Explained, ExplainedCluster, known_facts};
use super::compile::Made;
use super::definition::Loaded;
use super::failure::Failure;
use super::files::{self, FileKind};
use crate::catalogue::Catalogue;
use crate::expression::Value;
use crate::language::GivenVariable;
use crate::model::{CloudFacts, ClusterSpec};
use crate::source::{Diagnostics, SourceId};
use crate::state::State;
use crate::syntax;

/// What a look at a project finds.
#[derive(Debug)]
pub struct Examined {
    loaded: Loaded,
    made: Made,
    /// What `disco lint` says, which is what `disco validate` says and more.
    pub diagnostics: Diagnostics,
    state: OnceLock<Option<State>>,
}

impl Examined {
    /// The texts of the definitions, then those of the files of variables.
    pub fn files(&self) -> impl Iterator<Item = SourceId> {
        self.loaded.files.iter().chain(&self.loaded.variable_files).copied()
    }

    /// The texts of the files of variables.
    pub fn variable_files(&self) -> &[SourceId] {
        &self.loaded.variable_files
    }

    /// The frameworks to choose from.
    pub fn catalogue(&self) -> &Catalogue {
        self.made.catalogue()
    }

    /// The clusters in which nothing is wrong, and which are not reached by what is wrong elsewhere.
    pub fn clusters(&self) -> impl Iterator<Item = &ClusterSpec> {
        self.made.spec().clusters.values()
    }

    /// A variable, with the value that it has now.
    pub fn variable(&self, name: &str) -> Option<GivenVariable<'_>> {
        self.loaded.definition.given_variable(name)
    }
}

impl Project {
    /// Looks at the whole project, without a cloud. What is wrong does not stop it.
    ///
    /// # Errors
    /// Files that cannot be read, a folder without definitions.
    pub fn examine(&self) -> Result<Examined, Failure> {
        let (loaded, mut diagnostics) = self.load_to_check()?;
        let (made, found) = self.compile_offline(&loaded, None);
        diagnostics.extend(found);
        let diagnostics = self.reviewed(&loaded, &made, diagnostics);
        Ok(Examined { loaded, made, diagnostics, state: OnceLock::new() })
    }

    /// What an expression comes to, as far as it can be told without a cloud; `None` where something is wrong with it.
    pub fn value(&self, examined: &Examined, expression: &str) -> Option<Value> {
        let id = self.sources.add("expression", expression);
        let parsed = syntax::parse_expression(&self.sources, id).0?;
        let Examined { loaded, made, .. } = examined;
        let reader = self.reader();
        let (members, ports) = (made.members(), made.open_ports());
        let scope = loaded.definition.scope_of_outputs(made.spec(), &members, &ports, &self.sources, &reader);
        let value = scope.evaluate(&parsed);
        (!value.contains_failed()).then_some(value)
    }

    /// What `disco explain` answers about a cluster that has no mistakes.
    ///
    /// # Errors
    /// What `disco explain` says.
    pub fn explain_in(&self, examined: &Examined, cluster: &ClusterSpec, question: &str) -> Result<Explained, Failure> {
        let state = self.state_at_hand(examined);
        let facts = known_facts(&examined.loaded, state, &cluster.name);
        let composition = examined.made.composition(&cluster.name).cloned().unwrap_or_default();
        let of = ExplainedCluster { spec: cluster, composition, facts };
        self.explained(&of, examined.catalogue(), state, question)
    }

    /// What the cloud offers, as far as that is known without asking it: all of the embedded Heat, of another what the
    /// state remembers.
    pub fn known_offers(&self, examined: &Examined) -> CloudFacts {
        self.facts_at_hand(&examined.loaded)
    }

    /// The file that a text was read from, if it is one of the project.
    pub fn path_of(&self, source: SourceId) -> Option<PathBuf> {
        let source = self.sources.get(source);
        let path = self.directory().join(source.name());
        let is_file = || matches!(files::kind(&path), Ok(FileKind::Ordinary));
        (self.texts.contains_key(source.name()) || is_file()).then_some(path)
    }

    /// The state, where there is one that can be used.
    fn state_at_hand<'e>(&self, examined: &'e Examined) -> Option<&'e State> {
        let load = || self.store(&examined.loaded).ok().and_then(|store| store.at_hand());
        examined.state.get_or_init(|| if examined.loaded.placed { load() } else { None }).as_ref()
    }
}
