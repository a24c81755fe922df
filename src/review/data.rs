//! Data that one accident loses.

use std::collections::BTreeSet;

use super::Reviewed;
use crate::model::{ClusterSpec, FrameworkSpec, Role, SettingValue};
use crate::source::{Diagnostic, Diagnostics, Span, listed};

/// From so many slaves on one master is worth a thought: everything stands still while it is away.
const MANY_SLAVES: u64 = 50;

/// Names of settings and keys that say how often something is stored.
const REPLICATION: [&str; 2] = ["replication", "dfs.replication"];

pub(super) fn review(of: Reviewed<'_>, found: &mut Diagnostics) {
    for cluster in of.spec.clusters.values() {
        let storing: BTreeSet<String> = of.catalogue.storage_groups(cluster).into_values().flatten().collect();
        if !storing.is_empty() {
            unprotected(cluster, &storing, found);
        }
        for framework in cluster.frameworks.iter().filter(|framework| storing.contains(&framework.name)) {
            single_replica(cluster, framework, found);
        }
        single_master(cluster, found);
    }
}

fn unprotected(cluster: &ClusterSpec, storing: &BTreeSet<String>, found: &mut Diagnostics) {
    let protection = &cluster.lifecycle.prevent_destroy;
    // Who writes `false` has thought of it.
    if protection.value || protection.origin.is_some() {
        return;
    }
    let who = listed(&storing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>());
    let verb = if storing.len() == 1 { "stores" } else { "store" };
    let message = format!("cluster `{}` can be destroyed, and {who} {verb} data in it", cluster.name);
    found.push(
        Diagnostic::warning("disco::unprotected_data", message)
            .at(cluster.origin, "has no `prevent_destroy`")
            .help("add `lifecycle { prevent_destroy = true }`, or `= false` where the data may go"),
    );
}

fn single_replica(cluster: &ClusterSpec, framework: &FrameworkSpec, found: &mut Diagnostics) {
    let Some(place) = replication_of_one(framework) else { return };
    let message = format!("{} of cluster `{}` stores everything once", framework.name, cluster.name);
    found.push(
        Diagnostic::warning("disco::single_replica", message)
            .at(place, "each lost disk loses data")
            .help("set it to 2 or 3, or remove the line: DISCO takes 3 where there are as many nodes"),
    );
}

/// Where a definition says that one copy is enough.
fn replication_of_one(framework: &FrameworkSpec) -> Option<Span> {
    let setting = framework
        .settings
        .iter()
        .find(|(name, setting)| REPLICATION.contains(&name.as_str()) && setting.value == SettingValue::Integer(1));
    if let Some((_, setting)) = setting {
        return Some(setting.origin.unwrap_or(framework.origin));
    }
    let keys = framework.files.values().flat_map(|file| &file.set);
    let key = keys.into_iter().find(|(key, value)| {
        let one = value.value.as_ref().is_some_and(|text| text.value.trim() == "1");
        REPLICATION.contains(&key.as_str()) && one
    })?;
    Some(key.1.origin.unwrap_or(framework.origin))
}

fn single_master(cluster: &ClusterSpec, found: &mut Diagnostics) {
    let count = |role: Role| {
        cluster.groups.iter().filter(|group| group.role == role).map(|group| u64::from(group.count.value)).sum::<u64>()
    };
    let (masters, slaves) = (count(Role::Master), count(Role::Slave));
    if masters != 1 || slaves < MANY_SLAVES {
        return;
    }
    let message = format!("cluster `{}` has one master for {slaves} slaves", cluster.name);
    let master = cluster.groups.iter().find(|group| group.role == Role::Master);
    found.push(
        Diagnostic::warning("disco::single_master", message)
            .at(master.map_or(cluster.origin, |master| master.origin), "everything stands still while it is away")
            .help("split the work over several clusters, or say why this is fine: `# disco:ignore single_master because …`"),
    );
}
