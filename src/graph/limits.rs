//! What the cloud does not have or does not allow, said before anything is asked of it.

use crate::model::{AntiAffinity, CloudFacts, ClusterSpec, Found, GroupSpec, Members, Sourced};
use crate::source::{Diagnostic, Diagnostics, did_you_mean, either};

/// Nova refuses longer names of servers (the host name takes part of its 63).
const SERVER_NAME_LIMIT: usize = 53;

/// Nova's `server_group_members` where nobody changed it.
const USUAL_SERVER_GROUP_MEMBERS: u64 = 10;

/// Checks the definition's sizes against the cloud; flavors and images are the catalogue's affair, which needs them.
pub(super) fn check(spec: &ClusterSpec, members: &Members, facts: &CloudFacts) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for group in &spec.groups {
        diagnostics.extend(check_server_group(group, facts));
        diagnostics.extend(check_name(spec, group, members));
    }
    if let Some(external) = spec.network.external_network() {
        diagnostics.extend(check_external_network(external, spec, facts));
    }
    diagnostics
}

fn check_external_network(external: &Sourced<String>, spec: &ClusterSpec, facts: &CloudFacts) -> Option<Diagnostic> {
    let (word, place) = (&external.value, external.origin.unwrap_or(spec.network.origin()));
    match facts.external_networks.find(word) {
        Found::Several(ids) => {
            let message = format!("the cloud has {} external networks with the name `{word}`", ids.len());
            let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            let diagnostic = Diagnostic::error("disco::ambiguous_name", message);
            Some(
                diagnostic
                    .at(place, "more than one has this name")
                    .help(format!("write the id of one of them: {}", either(&ids))),
            )
        }
        Found::Nothing if facts.complete => {
            let message = format!("external network `{word}` does not exist in the cloud");
            let diagnostic = Diagnostic::error("disco::unknown_external_network", message).at(place, "not found");
            Some(diagnostic.help_maybe(did_you_mean(word, facts.external_networks.names())))
        }
        Found::Nothing | Found::One(_) => None,
    }
}

fn check_server_group(group: &GroupSpec, facts: &CloudFacts) -> Option<Diagnostic> {
    if group.anti_affinity.value == AntiAffinity::None {
        return None;
    }
    let count = u64::from(group.count.value);
    let limit = facts.quotas.server_group_members;
    if count <= limit.unwrap_or(USUAL_SERVER_GROUP_MEMBERS) {
        return None;
    }
    let place = group.anti_affinity.origin.unwrap_or(group.origin);
    let diagnostic = match limit {
        Some(limit) => Diagnostic::error(
            "disco::server_group_too_large",
            format!("`{}` has {count} nodes, the cloud keeps at most {limit} on separate hosts", group.name),
        ),
        None => Diagnostic::warning(
            "disco::server_group_too_large",
            format!(
                "`{}` has {count} nodes, clouds usually keep at most {USUAL_SERVER_GROUP_MEMBERS} on separate hosts",
                group.name
            ),
        ),
    };
    Some(
        diagnostic
            .at(place, "separate hosts are required here")
            .at_maybe(group.count.origin, "number of nodes")
            .help("use several groups, or write `anti_affinity = \"none\"`"),
    )
}

/// The longest name that a group's nodes have.
fn check_name(spec: &ClusterSpec, group: &GroupSpec, members: &Members) -> Option<Diagnostic> {
    let (index, _) = members.groups.get(&group.name)?.nodes.last_key_value()?;
    let name = spec.node_name(&group.name, *index);
    (name.len() > SERVER_NAME_LIMIT).then(|| {
        Diagnostic::error(
            "disco::name_too_long",
            format!("`{name}` has {} characters, a server's name may have at most {SERVER_NAME_LIMIT}", name.len()),
        )
        .at(group.origin, "nodes of this group")
        .help("shorten the name of the cluster or of the group")
    })
}
