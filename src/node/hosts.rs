//! Names and addresses of all nodes as a rule, so that growing changes no file on machines that are there.

use std::net::Ipv4Addr;

use crate::model::{ClusterSpec, Members};

/// `PREFIX<first_index + i>` has the address `first_address + i`, for `i` below `count`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRule {
    /// `analytics-slaves-`
    pub prefix: String,
    /// First index.
    pub first_index: u32,
    /// Address of the first index.
    pub first_address: Ipv4Addr,
    /// How many.
    pub count: u32,
}

/// The reserved blocks of all groups, those that join each other as one: a block that was cut in two because its
/// nodes live in several stacks is still one rule.
pub fn host_rules(spec: &ClusterSpec, members: &Members) -> Vec<HostRule> {
    let mut rules: Vec<HostRule> = Vec::new();
    for group in &spec.groups {
        let prefix = format!("{}-{}-", spec.name, group.name);
        let mut blocks: Vec<_> = members.groups.get(&group.name).map(|group| group.blocks.clone()).unwrap_or_default();
        blocks.sort_by_key(|block| block.first_index);
        for block in blocks {
            let joins = rules.last_mut().filter(|rule| {
                rule.prefix == prefix
                    && rule.first_index + rule.count == block.first_index
                    && u32::from(rule.first_address) + rule.count == u32::from(block.first_address)
            });
            match joins {
                Some(rule) => rule.count += block.count,
                None => rules.push(HostRule {
                    prefix: prefix.clone(),
                    first_index: block.first_index,
                    first_address: block.first_address,
                    count: block.count,
                }),
            }
        }
    }
    rules
}
