//! A stack's resources while they are being put together.

use std::collections::BTreeMap;

use super::{ParameterValue, Property, Resource, StackOutput, StackParameter};
use crate::catalogue::ClusterConfiguration;
use crate::model::{ClusterSpec, Member, Members, ResourceName};
use crate::node::Bundle;
use crate::source::{Diagnostic, Diagnostics, Span};

/// The nodes that live in one stack, by group, in the order of their indices.
pub(super) type StackNodes<'a> = BTreeMap<&'a str, Vec<(u32, Member)>>;

/// What all parts of the compilation read and add to.
pub(super) struct Draft<'a> {
    pub(super) spec: &'a ClusterSpec,
    pub(super) configuration: &'a ClusterConfiguration,
    pub(super) members: &'a Members,
    /// Configurations by group.
    pub(super) bundles: &'a BTreeMap<String, Bundle>,
    /// Which stack of the cluster: 0 is the base stack.
    shard: u32,
    nodes: &'a StackNodes<'a>,
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
        bundles: &'a BTreeMap<String, Bundle>,
        shard: u32,
        nodes: &'a StackNodes<'a>,
    ) -> Self {
        Self {
            spec,
            configuration,
            members,
            bundles,
            shard,
            nodes,
            // Three of each node, and what they share.
            resources: Vec::with_capacity(32 + 3 * nodes.values().map(Vec::len).sum::<usize>()),
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

    /// A resource without properties; its name says of which type and whose it is.
    pub(super) fn resource(&self, name: ResourceName<'_>, origin: Option<Span>) -> Resource {
        Resource::new(name, name.heat_type(), name.address(&self.spec.name), origin)
    }

    /// Whether this is the stack with everything that nodes share.
    pub(super) fn is_base(&self) -> bool {
        self.shard == 0
    }

    /// Something of the base stack as the resources of this one refer to it: there by name, elsewhere by a parameter of
    /// the same name.
    pub(super) fn shared(&mut self, resource: ResourceName<'_>) -> Property {
        let resource = resource.to_string();
        if self.is_base() {
            return Property::resource(resource);
        }
        let stack = self.members.stack_name(&self.spec.name, 0);
        let description = format!("Id of `{resource}` in stack {stack}");
        let value = ParameterValue::IdOf { stack, resource: resource.clone() };
        self.parameters.insert(resource.clone(), StackParameter { description, value });
        Property::GetParam(resource)
    }

    /// A secret that Heat makes up, in the base stack, as the resources of this one refer to it.
    pub(super) fn generated(&mut self, name: &str) -> Property {
        if self.is_base() {
            return Property::GetAttr(name.to_owned(), vec!["value".to_owned()]);
        }
        let stack = self.members.stack_name(&self.spec.name, 0);
        let description = format!("Secret: attribute `value` of `{name}` in stack {stack}");
        let value = ParameterValue::SecretOf { stack, resource: name.to_owned() };
        self.parameters.insert(name.to_owned(), StackParameter { description, value });
        Property::GetParam(name.to_owned())
    }

    /// The nodes of a group that live in this stack, in the order of their indices.
    pub(super) fn nodes(&self, group: &str) -> impl Iterator<Item = (u32, Member)> + use<'a> {
        self.nodes.get(group).into_iter().flatten().copied()
    }
}
