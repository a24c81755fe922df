//! Names and addresses of all nodes as a rule, so that growing changes no file on machines that are there.

use std::net::Ipv4Addr;

use super::bundle_file::HostFile;
use super::canonical::canonical;
use crate::model::{AddressRun, ClusterSpec, Members};

/// The names and addresses of all nodes as every bundle of a cluster has them: written once, for there is a rule for each
/// group in the bundle of each group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts(String);

impl Hosts {
    /// The hosts of a cluster with these members.
    pub fn of(spec: &ClusterSpec, members: &Members) -> Self {
        let hosts: Vec<HostFile> = host_rules(spec, members).iter().map(HostFile::from).collect();
        // Serialising to memory fails only for maps whose keys are not strings; there are none here.
        Self(canonical(&serde_json::to_value(hosts).unwrap_or_default()))
    }

    /// As canonical JSON.
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

/// `PREFIX<first_index + i>` has the address `first_address + i`, for `i` below `count`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostRule {
    /// `analytics-slaves-`
    pub(crate) prefix: String,
    /// First index.
    pub(crate) first_index: u32,
    /// Address of the first index; `None` where it is not known yet, in a configuration that is only looked at.
    pub(crate) first_address: Option<Ipv4Addr>,
    /// How many.
    pub(crate) count: u32,
}

/// The reserved blocks of all groups, those that join each other as one: a block that was cut in two because its
/// nodes live in several stacks is still one rule.
fn host_rules(spec: &ClusterSpec, members: &Members) -> Vec<HostRule> {
    let mut rules: Vec<HostRule> = Vec::new();
    for group in &spec.groups {
        let prefix = format!("{}-{}-", spec.name, group.name);
        let blocks = members.groups.get(&group.name).map(|group| group.blocks.as_slice()).unwrap_or_default();
        rules.extend(AddressRun::of(blocks).into_iter().map(|run| HostRule {
            prefix: prefix.clone(),
            first_index: run.first_index,
            first_address: Some(run.first_address),
            count: run.count,
        }));
        let members = members.groups.get(&group.name).into_iter().flat_map(|members| &members.nodes);
        let unknown = members.filter(|(_, node)| node.address.is_none());
        rules.extend(unknown.map(|(index, _)| HostRule {
            prefix: prefix.clone(),
            first_index: *index,
            first_address: None,
            count: 1,
        }));
    }
    rules
}
