//! A cluster with all that the values of its frameworks depend on.

use std::collections::BTreeMap;

use super::{Catalogue, Composition};
use crate::model::{CloudFacts, ClusterSpec};
use crate::source::Sources;

/// A cluster with all that the values of its frameworks depend on.
#[derive(Clone, Copy)]
pub struct ClusterContext<'a> {
    /// The cluster.
    pub spec: &'a ClusterSpec,
    /// The frameworks that there are.
    pub catalogue: &'a Catalogue,
    /// What was [composed](super::compose()) of the two.
    pub composition: &'a Composition,
    /// What the names of flavors and images mean.
    pub facts: &'a CloudFacts,
    /// Values that were fixed when the cluster was created, by framework and setting: `hadoop.replication`.
    pub fixed: &'a BTreeMap<String, String>,
    /// The texts of the definition and of manifests.
    pub sources: &'a Sources,
}
