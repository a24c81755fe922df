//! The resource graphs of a project's clusters, for people.

use std::collections::{BTreeMap, BTreeSet};

use super::Project;
use super::cloud::offline_facts;
use super::failure::{Failure, FailureKind};
use super::offline;
use crate::graph::{self, StackGraphs};
use crate::language::Evaluated;
use crate::source::Diagnostics;
use crate::state::State;

/// What the clusters of a project are made of.
#[derive(Debug)]
pub struct ProjectGraphs {
    /// Graphs by cluster, each by stack.
    pub clusters: BTreeMap<String, StackGraphs>,
    /// Which clusters a cluster refers to, by its name.
    pub references: BTreeMap<String, BTreeSet<String>>,
}

impl Project {
    /// The graphs of all clusters, without asking a cloud; nodes that the state knows keep their places.
    ///
    /// # Errors
    /// Mistakes in the definitions, unreadable files, a state that is refused.
    pub fn graphs(&self) -> Result<(ProjectGraphs, Diagnostics), Failure> {
        let (loaded, mut diagnostics) = self.load()?;
        let state = if loaded.placed { self.store(&loaded)?.load_now()? } else { None };
        let known = state.as_ref().map(offline::known).unwrap_or_default();
        let facts = offline_facts(&loaded.settings.provider);
        let (evaluated, _, found) = self.evaluate(&loaded, &known, &facts, state.as_ref());
        let Evaluated { spec, clusters, references, .. } = evaluated;
        diagnostics.extend(found);
        if diagnostics.has_errors() {
            return Err(Failure::of(FailureKind::Definition, diagnostics));
        }
        let salt = state.as_ref().map(State::salt).unwrap_or_default();
        let mut graphs = BTreeMap::new();
        for (name, cluster) in &spec.clusters {
            let previous = state.as_ref().and_then(|state| state.clusters.get(name)).map(|cluster| &cluster.members);
            let (mut members, found) = graph::allocate(cluster, previous, spec.provider.most_resources());
            members.workspace = loaded.workspace.name().map(str::to_owned);
            diagnostics.extend(found);
            let Some(configured) = clusters.get(name) else { continue };
            let (stacks, found) = graph::compile(cluster, &configured.configuration, &facts, &members, salt);
            diagnostics.extend(found);
            graphs.insert(name.clone(), stacks);
        }
        if diagnostics.has_errors() {
            return Err(Failure::of(FailureKind::Definition, diagnostics));
        }
        Ok((ProjectGraphs { clusters: graphs, references }, diagnostics))
    }
}
