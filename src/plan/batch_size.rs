//! How many nodes of a group change at a time.

use std::collections::BTreeMap;

use crate::catalogue::{ClusterConfiguration, MaxUnavailable};
use crate::model::{ClusterSpec, GroupSpec, Sourced};
use crate::source::{Diagnostic, Diagnostics};

/// How many nodes of each group may be without their services at a time: what the owner says, or a tenth of them, and
/// no more than their frameworks bear. An owner who says more is warned, and has it.
pub fn batch_sizes(
    cluster: &ClusterSpec,
    configuration: &ClusterConfiguration,
) -> (BTreeMap<String, u32>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut sizes = BTreeMap::new();
    for group in &cluster.groups {
        let limit = configuration.groups.get(&group.name).and_then(|group| group.max_unavailable.as_ref());
        let most = limit.map_or(u32::MAX, |limit| limit.nodes);
        let size = match &cluster.lifecycle.batch_size {
            Some(size) => {
                let together = size.value.min(group.count.value);
                let beyond = limit.filter(|limit| limit.nodes < together);
                diagnostics.extend(beyond.map(|limit| too_many_at_once(group, size, together, limit)));
                size.value
            }
            None => (group.count.value / 10).max(1).min(most),
        };
        sizes.insert(group.name.clone(), size);
    }
    (sizes, diagnostics)
}

fn too_many_at_once(group: &GroupSpec, size: &Sourced<u32>, together: u32, limit: &MaxUnavailable) -> Diagnostic {
    let MaxUnavailable { nodes, framework, service, stores_data } = limit;
    let why = if *stores_data {
        "data with all its copies on these nodes cannot be read meanwhile"
    } else {
        "the remaining nodes cannot take over"
    };
    let message = format!(
        "`batch_size` lets {together} nodes of `{}` be without {service} of {framework} at a time, at most {nodes} may be",
        group.name
    );
    Diagnostic::warning("disco::batch_too_large", message)
        .at_maybe(size.origin, why)
        .help(format!("write `batch_size = {nodes}`, or remove it: the default fits the frameworks"))
}
