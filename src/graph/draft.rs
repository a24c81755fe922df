//! A cluster's resources while they are being put together.

use std::collections::BTreeMap;

use super::{Resource, StackOutput, StackParameter};
use crate::catalogue::ClusterConfiguration;
use crate::model::{Address, ClusterSpec, Member, Members};
use crate::source::{Diagnostic, Diagnostics};

/// What all parts of the compilation read and add to.
pub(super) struct Draft<'a> {
    pub(super) spec: &'a ClusterSpec,
    pub(super) configuration: &'a ClusterConfiguration,
    pub(super) members: &'a Members,
    /// The state's lineage: salt of the names of secrets.
    pub(super) lineage: &'a str,
    pub(super) resources: Vec<Resource>,
    pub(super) parameters: BTreeMap<String, StackParameter>,
    pub(super) outputs: BTreeMap<String, StackOutput>,
    pub(super) diagnostics: Diagnostics,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        spec: &'a ClusterSpec,
        configuration: &'a ClusterConfiguration,
        members: &'a Members,
        lineage: &'a str,
    ) -> Self {
        Self {
            spec,
            configuration,
            members,
            lineage,
            resources: Vec::new(),
            parameters: BTreeMap::new(),
            outputs: BTreeMap::new(),
            diagnostics: Diagnostics::new(),
        }
    }

    pub(super) fn add(&mut self, resource: Resource) {
        self.resources.push(resource);
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn cluster(&self) -> Address {
        Address::Cluster(self.spec.name.clone())
    }

    /// The nodes of a group that live in the base stack, in the order of their indices.
    pub(super) fn nodes(&self, group: &str) -> impl Iterator<Item = (u32, Member)> + use<'a> {
        let members = self.members;
        members
            .groups
            .get(group)
            .into_iter()
            .flat_map(|group| group.nodes.iter())
            .filter(|(_, member)| member.shard == 0)
            .map(|(&index, &member)| (index, member))
    }
}
