//! Files that are given byte by byte.

use super::Reviewed;
use crate::source::{Diagnostic, Diagnostics, listed};

/// So many keys are named.
const NAMED: usize = 3;

pub(super) fn review(of: Reviewed<'_>, found: &mut Diagnostics) {
    for cluster in of.spec.clusters.values() {
        for framework in &cluster.frameworks {
            let Some(declared) = of.catalogue.framework(&framework.name) else { continue };
            for (name, file) in framework.files.iter().filter(|(_, file)| file.content.is_some()) {
                let Some(computed) = declared.computed_keys(name).filter(|keys| !keys.is_empty()) else { continue };
                let mut named: Vec<String> = computed.iter().take(NAMED).map(|key| format!("`{key}`")).collect();
                if computed.len() > NAMED {
                    named.push(format!("{} more", computed.len() - NAMED));
                }
                let message = format!(
                    "`{name}` of cluster `{}` is given as a whole, so DISCO does not set {} in it",
                    cluster.name,
                    listed(&named)
                );
                let place = file.content.as_ref().and_then(|content| content.origin).unwrap_or(file.origin);
                found.push(
                    Diagnostic::warning("disco::overridden_file", message)
                        .at(place, "exactly these bytes are written")
                        .help(format!(
                            "set only what differs: `config \"{name}\" {{ set = {{ … }} }}`; the other keys follow the machines then"
                        )),
                );
            }
        }
    }
}
