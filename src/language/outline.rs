//! What a definition has, by name: read off its blocks, without evaluating anything.

use super::Definition;
use super::schema::blocks;
use crate::syntax::tree::Block;

/// A cluster by its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterOutline {
    /// Name of its block.
    pub name: String,
    /// Names of its groups.
    pub groups: Vec<String>,
    /// Names of its frameworks.
    pub frameworks: Vec<String>,
}

impl Definition {
    /// The clusters by their names, mistakes in them or not.
    pub fn outline(&self) -> Vec<ClusterOutline> {
        self.contents.clusters.iter().filter_map(cluster).collect()
    }

    /// Names of the variables.
    pub fn variable_names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
}

fn cluster(block: &Block) -> Option<ClusterOutline> {
    let label = |block: &Block| block.labels.first().map(|label| label.text.to_string());
    let masters = blocks(&block.body, "master").map(|_| "master".to_owned());
    let slaves = blocks(&block.body, "slaves").map(|block| label(block).unwrap_or_else(|| "slaves".to_owned()));
    let frameworks = blocks(&block.body, "framework").filter_map(label);
    Some(ClusterOutline {
        name: label(block)?,
        groups: masters.chain(slaves).collect(),
        frameworks: frameworks.collect(),
    })
}
