//! What definitions are evaluated with, and what they come to.

use std::collections::BTreeMap;

use super::order::ClusterReferences;
use crate::catalogue::{Catalogue, ClusterConfiguration, Composition};
use crate::model::{Called, CloudFacts, ClusterSpec, KnownCluster, Members, ProjectSpec, Standing};

/// What is known beside the definitions.
#[derive(Clone, Copy)]
pub struct EvaluationContext<'a> {
    /// The frameworks that there are.
    pub catalogue: &'a Catalogue,
    /// What the names of flavors and images mean, as far as that is known.
    pub facts: &'a CloudFacts,
    /// What is known of clusters that live.
    pub known: &'a BTreeMap<String, KnownCluster>,
    /// Values that were fixed when clusters were created: by cluster, then by framework and setting.
    pub fixed: &'a BTreeMap<String, BTreeMap<String, String>>,
    /// What definitions have called the clusters that live, by their names on the cloud, and all groups of each.
    pub called: &'a BTreeMap<String, Called>,
    /// What the groups of clusters that live have, by the names of cluster and group on the cloud.
    pub standing: &'a BTreeMap<String, BTreeMap<String, Standing>>,
    /// Gives the nodes of a cluster their addresses.
    pub place: &'a dyn Fn(&ClusterSpec) -> Members,
}

/// What definitions come to.
#[derive(Debug)]
pub struct Evaluated {
    /// What is wanted. Clusters with mistakes are missing in it.
    pub spec: ProjectSpec,
    /// What their frameworks make of the clusters of `spec`, by cluster.
    pub clusters: BTreeMap<String, Configured>,
    /// Which clusters refer to which: those come first.
    pub references: ClusterReferences,
}

/// What its frameworks make of a cluster.
#[derive(Debug)]
pub struct Configured {
    /// How they go together.
    pub composition: Composition,
    /// What they put on the nodes.
    pub configuration: ClusterConfiguration,
}
