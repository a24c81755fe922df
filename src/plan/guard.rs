//! What a plan is not applied for, and what it warns of.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::compare::is_verification;
use super::data_loss;
use super::object::brief;
use super::schema::is_immutable;
use super::stages::AtOnce;
use super::{Change, ChangeKind, Plan, PropertyChange, ResourceChange, Wanted};
use crate::model::{ResourceName, cluster_of, heat_type};
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::state::{ObservedStack, StackState, State};
use crate::template::Template;

/// Stored data goes: refused unless accepted.
pub(super) fn data_loss(plan: &mut Plan, accepted: bool) {
    let found = data_loss::diagnostics(plan, accepted);
    plan.diagnostics.extend(found);
}

/// Flavors whose root disk is smaller than the one that nodes have: Nova's usual drivers refuse such a resize on the host,
/// when the update is under way already.
pub(super) fn smaller_root_disks(plan: &mut Plan, wanted: &Wanted, state: &State) {
    let mut smaller: BTreeMap<(&str, &str, &str), Vec<&Change>> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.kind == ChangeKind::Resize) {
        let flavor = |property: &&PropertyChange| property.name == "flavor";
        let servers = change.resources.iter().filter(|resource| resource.heat_type == heat_type::SERVER);
        for property in servers.filter_map(|server| server.properties.iter().find(flavor)) {
            if let (Some(Json::String(before)), Some(Json::String(after))) = (&property.before, &property.after) {
                smaller.entry((change.address.cluster(), before, after)).or_default().push(change);
            }
        }
    }
    let mut found = Vec::new();
    for ((cluster, before, after), changes) in smaller {
        let known = state.clusters.get(cluster).and_then(|cluster| cluster.facts.flavors.get(before));
        let flavor = wanted.clusters.get(cluster).and_then(|cluster| cluster.facts.flavors.get(after));
        let (Some(had), Some(has)) = (known.map(|flavor| flavor.disk_gib), flavor.map(|flavor| flavor.disk_gib)) else {
            continue;
        };
        // A flavor without a disk takes the image's.
        if has == 0 || has >= had {
            continue;
        }
        let nodes = brief(changes.iter().map(|change| &change.address));
        let message = format!(
            "`cluster.{cluster}.{nodes}` cannot keep a root disk of {had} GiB: flavor `{after}` has {has} GiB, and most clouds \
             refuse to make a disk smaller"
        );
        let origin = changes.iter().find_map(|change| change.origin);
        found.push(
            Diagnostic::warning("disco::smaller_root_disk", message).at_maybe(origin, "resized here").help(format!(
                "use a flavor with a disk of at least {had} GiB, or define another group of nodes with `{after}` and remove this one"
            )),
        );
    }
    plan.diagnostics.extend(found);
}

/// Folders and volumes as a list in backquotes.
/// A stack that has our name but not our lineage.
pub(super) fn foreign(stack: &str, seen: &ObservedStack, origin: Option<Span>) -> Diagnostic {
    let (whose, help) = if seen.tags.iter().any(|tag| tag == "disco") {
        let by = seen.by().map(|by| format!(", last by {by}")).unwrap_or_default();
        (
            format!("it was created by DISCO from another state{by}"),
            format!(
                "give the cluster another name; if that stack is yours, use the state that it was created from, and where \
                 that is lost, run `disco import cluster.{} {stack}`",
                cluster_of(stack)
            ),
        )
    } else {
        ("it was not created by DISCO".to_owned(), "give the cluster another name".to_owned())
    };
    Diagnostic::error("disco::foreign_stack", format!("stack `{stack}` ({}) already exists, and {whose}", seen.id))
        .at_maybe(origin, "this cluster needs that name")
        .help(help)
}

/// Protected.
pub(super) fn prevented(cluster: &str) -> Diagnostic {
    Diagnostic::error("disco::prevent_destroy", format!("cluster `{cluster}` is protected from being destroyed"))
        .help("set `prevent_destroy = false` in its `lifecycle` block and apply that first")
}

/// Says that Heat is at work.
pub(super) const IN_PROGRESS: &str = "disco::in_progress";

/// Heat is at work.
pub(super) fn in_progress(stack: &str, seen: &ObservedStack) -> Diagnostic {
    Diagnostic::warning(IN_PROGRESS, format!("Heat is still working on stack `{stack}` ({})", seen.status))
        .help("run `disco apply`, which waits for it and plans again")
}

/// Heat is at work for somebody else.
pub(super) fn in_use(stack: &str, seen: &ObservedStack) -> Diagnostic {
    Diagnostic::warning(STACK_IN_USE, seen.under_way(stack))
        .help("wait for it to end before you apply, or add --lock-timeout=30m to `disco apply`")
}

/// Says that Heat is at work for somebody else.
pub(super) const STACK_IN_USE: &str = "disco::stack_in_use";

/// What Heat is at: for us, or for somebody else.
pub(super) fn under_way(stack: &str, seen: &ObservedStack, remembered: Option<&StackState>) -> Diagnostic {
    let ours = remembered.is_some_and(|known| known.intent.is_some());
    if ours { in_progress(stack, seen) } else { in_use(stack, seen) }
}

/// Nodes whose services stop are changed all at once.
pub(super) fn not_in_batches(stack: &str, why: AtOnce, origin: Option<Span>) -> Diagnostic {
    let help = match why {
        AtOnce::TooLarge => {
            "make the files in `config` blocks smaller, or lower `max_resources_per_stack` before the cluster grows"
        }
        AtOnce::NotKnown => {
            "run `disco apply` with the definition that was applied last first: it brings the stack into order"
        }
        AtOnce::Network => "keep the network as it is if services have to go on",
    };
    Diagnostic::warning(
        "disco::not_in_batches",
        format!("all nodes of stack `{stack}` are reconfigured at once, as {}", because(why)),
    )
    .at_maybe(origin, "this cluster")
    .help(help)
}

/// Volumes are to change that cannot be unmounted before.
pub(super) fn mounted_volumes(stack: &str, why: Option<AtOnce>, origin: Option<Span>) -> Diagnostic {
    let why = why.map(|why| format!(": {}", because(why))).unwrap_or_default();
    Diagnostic::error(
        "disco::mounted_volumes",
        format!("volumes of stack `{stack}` cannot be unmounted before they change{why}"),
    )
    .at_maybe(origin, "this cluster")
    .help("change the volumes in an apply of their own, or make the files in `config` blocks smaller")
}

fn because(why: AtOnce) -> &'static str {
    match why {
        AtOnce::TooLarge => "a template with the old and the new configuration would be too large",
        AtOnce::NotKnown => "DISCO does not know all that an earlier update has left in the stack",
        AtOnce::Network => "the network is created anew",
    }
}

/// Somebody has deleted a stack.
pub(super) fn gone(stack: &str) -> Diagnostic {
    Diagnostic::warning("disco::stack_gone", format!("stack `{stack}` was deleted outside of DISCO"))
        .help("run `disco apply` to create it again: what was stored in it is lost already")
}

/// Clusters that are suspended: Heat refuses to update them.
pub(super) fn suspended(plan: &mut Plan, wanted: &Wanted) {
    let mut found = Vec::new();
    for name in &plan.suspended {
        let changes = plan.changes.iter().any(|change| change.address.cluster() == name);
        if !changes {
            continue;
        }
        let origin = wanted.clusters.get(name).and_then(|cluster| cluster.origin);
        found.push(
            Diagnostic::error(
                "disco::suspended_stack",
                format!("cluster `{name}` is suspended, Heat refuses to change it"),
            )
            .at_maybe(origin, "this cluster")
            .help(format!("run `disco resume {name}`, then `disco apply`")),
        );
    }
    plan.diagnostics.extend(found);
}

/// Changes that the cloud refuses, found before it is asked.
pub(super) fn refused_by_heat(
    diagnostics: &mut Diagnostics,
    changes: &BTreeMap<String, ResourceChange>,
    template: &Template,
) {
    diagnostics.extend(moved_addresses(changes, template));
    for change in changes.values().filter(|change| change.kind > ChangeKind::Create) {
        if change.heat_type == heat_type::SOFTWARE_CONFIG
            || is_verification(&change.name)
            || change.kind == ChangeKind::Delete
        {
            continue;
        }
        let Some(resource) = template.resources.get(&change.name) else { continue };
        for property in &change.properties {
            if change.heat_type == heat_type::VOLUME && property.name == "size" {
                let size = |value: &Option<Json>| value.as_ref().and_then(Json::as_u64);
                if let (Some(before), Some(after)) = (size(&property.before), size(&property.after))
                    && after < before
                {
                    diagnostics.push(
                        Diagnostic::error(
                            "disco::volume_shrinks",
                            format!("a volume cannot become smaller: {before} GiB → {after} GiB"),
                        )
                        .at_maybe(resource.origin, "this volume")
                        .help(format!(
                            "keep at least {before} GiB, or add a volume of another name and remove this one"
                        )),
                    );
                }
            }
            if is_immutable(&change.heat_type, &property.name) {
                diagnostics.push(
                    Diagnostic::error(
                        "disco::immutable_property",
                        format!("Heat cannot change `{}` of a {}", property.name, change.heat_type),
                    )
                    .at_maybe(resource.origin, "needed here"),
                );
            }
        }
    }
}

/// Nodes keep their addresses for life: other nodes, clients and the frameworks' own records know them. A range that
/// changes under a living cluster is refused rather than tried, for Neutron would stop half-way (a floating IP holds the
/// router, the router holds the subnet).
fn moved_addresses(changes: &BTreeMap<String, ResourceChange>, template: &Template) -> Option<Diagnostic> {
    let moves = |change: &&ResourceChange| {
        let differs = |name: &str| {
            let mut same_name = change.properties.iter().filter(|property| property.name == name);
            same_name.any(|property| property.before.is_some() && property.after.is_some())
        };
        !matches!(change.kind, ChangeKind::Create | ChangeKind::Delete)
            && match change.heat_type.as_str() {
                heat_type::SUBNET => differs("cidr"),
                heat_type::PORT => differs("fixed_ips") || differs("network"),
                _ => false,
            }
    };
    let mut affected: Vec<&ResourceChange> = changes.values().filter(moves).collect();
    // The subnet, where it is ours, says it for all the nodes in it.
    affected.sort_by_key(|change| change.heat_type != heat_type::SUBNET);
    let first = affected.first()?;
    let resource = template.resources.get(&first.name)?;
    let cluster = resource.address.cluster();
    let error = Diagnostic::error(
        "disco::addresses_are_fixed",
        format!("the nodes of cluster `{cluster}` keep their addresses as long as it lives"),
    );
    let ipv6 = ResourceName::Ipv6Subnet.to_string();
    let origin = |name: &str| template.resources.get(name).and_then(|resource| resource.origin);
    // Neutron would give a port that stands a second address, and its node would never learn of it.
    let error = match changes.get(&ipv6).map(|change| change.kind) {
        Some(ChangeKind::Create) => error.at_maybe(origin(&ipv6), "would add addresses to nodes that exist"),
        Some(ChangeKind::Delete) => {
            error.at_maybe(origin(&ResourceName::Network.to_string()), "had an `ipv6_cidr`, whose addresses they have")
        }
        _ => error.at_maybe(resource.origin, "would change their addresses"),
    };
    Some(
        error.help(
            "keep the network as it is, or destroy the cluster and apply again, or create another cluster beside it",
        ),
    )
}
