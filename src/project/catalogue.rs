//! What the catalogue knows, and where values of a cluster came from.

use std::collections::BTreeMap;

use super::Project;
use super::cloud::{embedded_facts, heat_failure, offline_facts};
use super::compile::wrong;
use super::definition::{Loaded, unreadable};
use super::failure::{Failure, FailureKind};
use super::files;
use super::nodes::no_such_cluster;
use super::offline;
use crate::catalogue::{self, Answer, Catalogue, ClusterContext, Composition};
use crate::heat;
use crate::language::Evaluated;
use crate::model::{CloudFacts, ClusterSpec, Members, Provider};
use crate::source::{Diagnostic, Diagnostics, Sources};
use crate::state::State;

/// What was asked about a cluster, and the answer.
#[derive(Debug)]
pub struct Explained {
    /// The cluster as it is defined.
    pub cluster: ClusterSpec,
    /// Its nodes, if it lives.
    pub members: Members,
    /// The answer.
    pub answer: Answer,
}

impl Project {
    /// The frameworks inside the program, read once a run.
    pub(super) fn embedded_catalogue(&self) -> &Catalogue {
        self.embedded.get_or_init(|| Catalogue::embedded(&self.sources))
    }

    /// The frameworks to choose from: those of the project's own catalogues too, where there is a project.
    ///
    /// # Errors
    /// Files that cannot be read. Mistakes in them are diagnostics.
    pub fn frameworks(&self) -> Result<(Catalogue, Diagnostics), Failure> {
        if !self.is_there()? {
            return Ok((self.embedded_catalogue().clone(), Diagnostics::new()));
        }
        let (loaded, mistakes) = self.load()?;
        let (catalogue, mut diagnostics) = self.catalogue(&loaded);
        if mistakes.has_errors() {
            let message = "the definitions have mistakes, so frameworks of their catalogues may be missing here";
            diagnostics.push(
                Diagnostic::warning("disco::incomplete_catalogue", message)
                    .help("run `disco validate` to see the mistakes"),
            );
        }
        Ok((catalogue, diagnostics))
    }

    /// What the cloud offers that the definitions name, or the embedded Heat where there is no project.
    ///
    /// # Errors
    /// Definitions that do not say which cloud is meant, a cloud that does not answer.
    pub async fn offers(&self) -> Result<CloudFacts, Failure> {
        if !self.is_there()? {
            return Ok(embedded_facts());
        }
        let (loaded, mistakes) = self.load()?;
        if !loaded.placed {
            return Err(wrong(mistakes));
        }
        match &loaded.settings.provider {
            provider @ Provider::OpenStack { .. } => {
                let reached = self.reach(provider).await?;
                heat::facts(&reached.cloud).await.map_err(|fault| heat_failure(&fault))
            }
            provider @ Provider::Local { .. } => Ok(offline_facts(provider)),
        }
    }

    /// Whether the project's folder has definitions.
    pub(super) fn is_there(&self) -> Result<bool, Failure> {
        match files::definitions(self.directory()) {
            Ok(names) => Ok(!names.is_empty()),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(fault) => Err(unreadable(self.directory(), &fault)),
        }
    }

    /// Where a value came from, offline: `cluster.NAME.GROUP/FILE:KEY` and shorter forms; see
    /// [`catalogue::explain()`]. The cluster's name may be left out where there is one.
    ///
    /// # Errors
    /// Mistakes in the definitions, unreadable files, names that are not there.
    pub fn explain(&self, address: &str) -> Result<(Explained, Diagnostics), Failure> {
        self.in_cluster(address, |of, catalogue, state, question| self.explained(of, catalogue, state, question))
    }

    /// Looks, offline, into the cluster that an address begins with; what is left of the address is the question.
    ///
    /// # Errors
    /// Mistakes in the definitions, unreadable files, a cluster that is not defined.
    pub(super) fn in_cluster<T>(
        &self,
        address: &str,
        look: impl FnOnce(&ExplainedCluster<'_>, &Catalogue, Option<&State>, &str) -> Result<T, Failure>,
    ) -> Result<(T, Diagnostics), Failure> {
        self.evaluated(|evaluated, of| {
            let (cluster, question) = addressed(&evaluated.spec.clusters, address)?;
            look(&of.cluster(cluster, evaluated), of.catalogue, of.state, question)
        })
    }

    /// Looks, offline, at what the definitions come to.
    ///
    /// # Errors
    /// Mistakes in the definitions, unreadable files.
    pub(super) fn evaluated<T>(
        &self,
        look: impl FnOnce(&Evaluated, &Around<'_>) -> Result<T, Failure>,
    ) -> Result<(T, Diagnostics), Failure> {
        let (loaded, mut diagnostics) = self.load()?;
        let state = if loaded.placed { self.store(&loaded)?.load_now()? } else { None };
        let known = state.as_ref().map(offline::known).unwrap_or_default();
        let nothing = CloudFacts::default();
        let (evaluated, catalogue, found) = self.evaluate(&loaded, &known, &nothing, state.as_ref());
        diagnostics.extend(found);
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        let seen = look(&evaluated, &Around { loaded: &loaded, catalogue: &catalogue, state: state.as_ref() })?;
        Ok((seen, diagnostics))
    }

    /// Answers a question about a cluster.
    pub(super) fn explained(
        &self,
        of: &ExplainedCluster<'_>,
        catalogue: &Catalogue,
        state: Option<&State>,
        question: &str,
    ) -> Result<Explained, Failure> {
        let cluster = of.spec;
        let known = state.and_then(|state| state.clusters.get(&cluster.name));
        let members = known.map(|known| known.members.clone()).unwrap_or_default();
        let fixed = of.fixed(catalogue, state);
        let (answer, found) = catalogue::explain(of.context(catalogue, &fixed, &self.sources), question);
        if found.has_errors() {
            return Err(wrong(found));
        }
        let answer = answer.map_err(|unanswered| Failure {
            help: unanswered.help,
            ..Failure::new(FailureKind::Definition, unanswered.message)
        })?;
        Ok(Explained { cluster: cluster.clone(), members, answer })
    }
}

/// What clusters are looked at with.
pub(super) struct Around<'a> {
    loaded: &'a Loaded,
    pub(super) catalogue: &'a Catalogue,
    pub(super) state: Option<&'a State>,
}

impl Around<'_> {
    /// A cluster to ask about.
    pub(super) fn cluster<'c>(&self, cluster: &'c ClusterSpec, evaluated: &Evaluated) -> ExplainedCluster<'c> {
        let facts = known_facts(self.loaded, self.state, &cluster.name);
        let composition = evaluated.clusters.get(&cluster.name).map(|configured| configured.composition.clone());
        ExplainedCluster { spec: cluster, composition: composition.unwrap_or_default(), facts }
    }
}

/// A cluster that somebody asks about.
pub(super) struct ExplainedCluster<'a> {
    /// As it is defined.
    pub(super) spec: &'a ClusterSpec,
    /// How its frameworks go together.
    pub(super) composition: Composition,
    /// What the names of its flavors and images mean.
    pub(super) facts: CloudFacts,
}

/// Values that were fixed at a cluster's creation, by `framework.setting`.
type Fixed = BTreeMap<String, String>;

impl ExplainedCluster<'_> {
    /// What was fixed when it was created.
    pub(super) fn fixed(&self, catalogue: &Catalogue, state: Option<&State>) -> Fixed {
        let known = state.and_then(|state| state.clusters.get(&self.spec.name));
        known.map(|known| catalogue.fixed(&known.members.fixed, known.frameworks.keys())).unwrap_or_default()
    }

    /// What the catalogue is asked with.
    pub(super) fn context<'c>(
        &'c self,
        catalogue: &'c Catalogue,
        fixed: &'c Fixed,
        sources: &'c Sources,
    ) -> ClusterContext<'c> {
        ClusterContext {
            spec: self.spec,
            catalogue,
            composition: &self.composition,
            facts: &self.facts,
            fixed,
            sources,
        }
    }
}

/// What the words of a definition mean on its cloud as far as that is known without asking it.
pub(super) fn known_facts(loaded: &Loaded, state: Option<&State>, cluster: &str) -> CloudFacts {
    let mut facts = offline_facts(&loaded.settings.provider);
    if let Some(known) = state.and_then(|state| state.clusters.get(cluster)) {
        facts.flavors.extend(known.facts.flavors.clone());
        facts.images.extend(known.facts.images.clone());
    }
    facts
}

/// The cluster that an address names, and what follows its name.
fn addressed<'c, 'a>(
    clusters: &'c BTreeMap<String, ClusterSpec>,
    address: &'a str,
) -> Result<(&'c ClusterSpec, &'a str), Failure> {
    let within = |cluster: &'c ClusterSpec| Some((cluster, cluster.called.rest_of(&cluster.name, address.trim())?));
    if let Some(found) = clusters.values().find_map(within) {
        return Ok(found);
    }
    let short = address.trim().strip_prefix("cluster.").unwrap_or(address.trim());
    let (name, rest) = short.split_at(short.find(['.', '/', ':', ' ', '[']).unwrap_or(short.len()));
    if let Some(cluster) = clusters.get(name) {
        return Ok((cluster, rest));
    }
    let names = || clusters.keys().map(String::as_str);
    match clusters.values().next() {
        Some(only) if clusters.len() == 1 && short.len() == address.trim().len() => Ok((only, short)),
        None => Err(Failure::new(FailureKind::Definition, "the project has no clusters")
            .help("write a `cluster \"NAME\" { … }` block")),
        Some(_) if short.len() < address.trim().len() => Err(no_such_cluster(name, names())),
        Some(first) => Err(Failure::new(FailureKind::Definition, "the project has several clusters").help(format!(
            "begin with one of them, as in `{}.{short}`: {}",
            first.name,
            names().collect::<Vec<_>>().join(", ")
        ))),
    }
}
