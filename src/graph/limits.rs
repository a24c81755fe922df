//! What the cloud does not have or does not allow, said before anything is asked of it.

use super::draft::Draft;
use crate::model::{AntiAffinity, CloudFacts, ClusterSpec, GroupSpec, Members, Sourced};
use crate::source::{Diagnostic, did_you_mean};

/// Nova's `server_group_members` where nobody changed it.
const USUAL_SERVER_GROUP_MEMBERS: u64 = 10;

/// Checks the definition's sizes against the cloud; flavors and images are the catalogue's affair, which needs them.
pub(super) fn check(draft: &mut Draft<'_>, facts: &CloudFacts) {
    let spec = draft.spec;
    for group in &spec.groups {
        check_server_group(draft, group, facts);
    }
    let unknown = |external: &&Sourced<String>| facts.complete && !facts.external_networks.contains(&external.value);
    if let Some(external) = spec.network.external_network().filter(unknown) {
        let message = format!("the cloud has no external network `{}`", external.value);
        draft.report(
            Diagnostic::error("disco::unknown_external_network", message)
                .at(external.origin.unwrap_or(spec.network.origin()), "not there")
                .help_maybe(did_you_mean(&external.value, facts.external_networks.iter().map(String::as_str))),
        );
    }
    check_quota(draft, facts);
    check_stacks(draft);
}

fn check_server_group(draft: &mut Draft<'_>, group: &GroupSpec, facts: &CloudFacts) {
    if group.anti_affinity.value == AntiAffinity::None {
        return;
    }
    let count = u64::from(group.count.value);
    let limit = facts.limits.server_group_members;
    if count <= limit.unwrap_or(USUAL_SERVER_GROUP_MEMBERS) {
        return;
    }
    let place = group.anti_affinity.origin.unwrap_or(group.origin);
    let diagnostic = match limit {
        Some(limit) => Diagnostic::error(
            "disco::server_group_too_large",
            format!("`{}` has {count} nodes, the cloud keeps at most {limit} apart from each other", group.name),
        ),
        None => Diagnostic::warning(
            "disco::server_group_too_large",
            format!(
                "`{}` has {count} nodes, clouds usually keep at most {USUAL_SERVER_GROUP_MEMBERS} apart from each other",
                group.name
            ),
        ),
    };
    draft.report(
        diagnostic
            .at(place, "keeps the group's nodes apart")
            .at_maybe(group.count.origin, "this many")
            .help("use several groups, or `anti_affinity = \"none\"`"),
    );
}

/// One kind of quota.
struct Quota {
    what: &'static str,
    limit: Option<u64>,
    of_node: fn(&GroupSpec, &CloudFacts) -> u64,
}

fn check_quota(draft: &mut Draft<'_>, facts: &CloudFacts) {
    let quotas = [
        Quota { what: "servers", limit: facts.limits.instances, of_node: |_, _| 1 },
        Quota {
            what: "virtual processors",
            limit: facts.limits.vcpus,
            of_node: |group, facts| facts.flavors.get(&group.flavor.value).map_or(0, |flavor| u64::from(flavor.vcpus)),
        },
        Quota {
            what: "MiB of memory",
            limit: facts.limits.memory_mib,
            of_node: |group, facts| facts.flavors.get(&group.flavor.value).map_or(0, |flavor| flavor.memory_mib),
        },
        Quota {
            what: "floating IPs",
            limit: facts.limits.floating_ips,
            of_node: |group, _| u64::from(group.floating_ip.value),
        },
    ];
    let spec = draft.spec;
    for quota in quotas {
        let Some(limit) = quota.limit else { continue };
        let share = |group: &GroupSpec| u64::from(group.count.value).saturating_mul((quota.of_node)(group, facts));
        let total = spec.groups.iter().map(share).fold(0, u64::saturating_add);
        if total > limit {
            let largest = spec.groups.iter().max_by_key(|group| share(group));
            let message = format!("cluster `{}` needs {total} {}, the project may have {limit}", spec.name, quota.what);
            draft.report(
                Diagnostic::error("disco::quota_exceeded", message)
                    .at_maybe(largest.map(|group| group.count.origin.unwrap_or(group.origin)), "most of it is here")
                    .help("ask for fewer or smaller nodes, or have the project's quota raised"),
            );
        }
    }
}

/// This version applies one stack for a cluster.
fn check_stacks(draft: &mut Draft<'_>) {
    let (spec, members) = (draft.spec, draft.members);
    for group in &spec.groups {
        let outside = outside(members, group);
        if outside > 0 {
            let fit = group.count.value.saturating_sub(outside);
            draft.report(
                Diagnostic::error(
                    "disco::more_than_one_stack",
                    format!("{fit} of the {} nodes of `{}` fit into one Heat stack", group.count.value, group.name),
                )
                .at(group.count.origin.unwrap_or(group.origin), format!("at most {fit} fit"))
                .help(help(spec, group, fit)),
            );
        }
    }
}

fn outside(members: &Members, group: &GroupSpec) -> u32 {
    let nodes = members.groups.get(&group.name).into_iter().flat_map(|group| group.nodes.values());
    u32::try_from(nodes.filter(|member| member.shard > 0).count()).unwrap_or(u32::MAX)
}

fn help(spec: &ClusterSpec, group: &GroupSpec, fit: u32) -> String {
    let mut help = format!("`count = {fit}` fits; clusters of several stacks are not applied by this version");
    if group.volumes.len() > 1 || spec.groups.iter().any(|group| group.floating_ip.value && group.count.value > 1) {
        help.push_str("; each volume and each floating IP takes two resources of the stack's limit");
    }
    help
}
