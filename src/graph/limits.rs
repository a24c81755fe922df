//! What the cloud does not have or does not allow, said before anything is asked of it.

use crate::model::{AntiAffinity, CloudFacts, ClusterSpec, Found, GroupSpec, Members, QuotaKind, Sourced};
use crate::source::{Diagnostic, Diagnostics, did_you_mean};

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
    let unknown =
        |external: &&Sourced<String>| facts.complete && facts.external_networks.find(&external.value) == Found::Nothing;
    if let Some(external) = spec.network.external_network().filter(unknown) {
        let message = format!("external network `{}` does not exist in the cloud", external.value);
        diagnostics.push(
            Diagnostic::error("disco::unknown_external_network", message)
                .at(external.origin.unwrap_or(spec.network.origin()), "not found")
                .help_maybe(did_you_mean(&external.value, facts.external_networks.names())),
        );
    }
    diagnostics.extend(check_quota(spec, facts));
    diagnostics
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

/// One kind of quota.
struct Quota {
    what: &'static str,
    limit: Option<u64>,
    of_node: fn(&GroupSpec, &CloudFacts) -> u64,
}

fn check_quota(spec: &ClusterSpec, facts: &CloudFacts) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let quotas = [
        Quota { what: "servers", limit: facts.quotas.limit(QuotaKind::Instances), of_node: |_, _| 1 },
        Quota {
            what: "virtual processors",
            limit: facts.quotas.limit(QuotaKind::Cores),
            of_node: |group, facts| facts.flavors.get(&group.flavor.value).map_or(0, |flavor| u64::from(flavor.vcpus)),
        },
        Quota {
            what: "MiB of memory",
            limit: facts.quotas.limit(QuotaKind::Memory),
            of_node: |group, facts| facts.flavors.get(&group.flavor.value).map_or(0, |flavor| flavor.memory_mib),
        },
        Quota {
            what: "floating IPs",
            limit: facts.quotas.limit(QuotaKind::FloatingIps),
            of_node: |group, _| u64::from(group.floating_ip.value),
        },
    ];
    for quota in quotas {
        let Some(limit) = quota.limit else { continue };
        let share = |group: &GroupSpec| u64::from(group.count.value).saturating_mul((quota.of_node)(group, facts));
        let total = spec.groups.iter().map(share).fold(0, u64::saturating_add);
        if total > limit {
            let largest = spec.groups.iter().max_by_key(|group| share(group));
            let message =
                format!("cluster `{}` needs {total} {}, the project's quota is {limit}", spec.name, quota.what);
            diagnostics.push(
                Diagnostic::error("disco::quota_exceeded", message)
                    .at_maybe(largest.map(|group| group.count.origin.unwrap_or(group.origin)), "most of it is here")
                    .help("use fewer or smaller nodes, or have the project's quota raised"),
            );
        }
    }
    diagnostics
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
