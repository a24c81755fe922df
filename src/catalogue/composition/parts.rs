//! What groups say of the frameworks that their nodes are part of.

use crate::catalogue::chosen::Chosen;
use crate::model::ClusterSpec;
use crate::source::{Diagnostic, Diagnostics, did_you_mean};

/// Names of frameworks that the cluster does not have, and of frameworks that nobody can only use.
pub(super) fn check(spec: &ClusterSpec, chosen: &[Chosen<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for group in &spec.groups {
        for listed in group.frameworks.iter().flatten() {
            let place = listed.origin.unwrap_or(group.origin);
            let name = &listed.name;
            let Some(known) = chosen.iter().find(|chosen| chosen.framework.name == *name) else {
                if spec.frameworks.iter().any(|asked| asked.name == *name) {
                    continue;
                }
                let message = format!("`{}` lists framework `{name}`, which the cluster does not have", group.name);
                let names = chosen.iter().map(|chosen| chosen.framework.name.as_str());
                diagnostics.push(
                    Diagnostic::error("disco::unknown_framework", message)
                        .at(place, "not in this cluster")
                        .help(format!("add the block `framework \"{name}\" {{}}`, or remove the name"))
                        .help_maybe(did_you_mean(name, names)),
                );
                continue;
            };
            if listed.is_client && !known.framework.has_clients {
                let message = format!("framework `{name}` has no part for nodes that only use it");
                diagnostics.push(
                    Diagnostic::error("disco::unknown_role", message)
                        .at(place, "no `client` in its manifest")
                        .help(format!("write `\"{name}\"`, and its services run there, or remove it")),
                );
            }
        }
    }
    diagnostics
}
