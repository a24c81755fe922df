//! Whether what is promised on a node is there: only what a definition sets can ask for too much.

use super::prepare::Prepared;
use super::share::{Share, promised};
use crate::model::GroupSpec;
use crate::source::{Diagnostic, Diagnostics};

/// Groups on whose nodes services and work are promised more memory than the system leaves.
pub(super) fn check(prepared: &[Prepared<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let Some((_, views)) = prepared.first() else { return diagnostics };
    for (at, view) in views.iter().enumerate() {
        let Some(share) = &view.share else { continue };
        let usable = prepared.iter().filter(|(context, _)| context.usable);
        let parts: Vec<(&str, u64)> = usable
            .filter_map(|(context, views)| {
                let framework = context.chosen.framework;
                Some((framework.name.as_str(), promised(framework, views.get(at)?)))
            })
            .filter(|(_, promised)| *promised > 0)
            .collect();
        diagnostics.extend(overcommitted(view.group, share, &parts));
    }
    diagnostics
}

fn overcommitted(group: &GroupSpec, share: &Share, parts: &[(&str, u64)]) -> Option<Diagnostic> {
    let promised: u64 = parts.iter().map(|(_, promised)| promised).sum();
    let left = share.memory.saturating_sub(share.reserved);
    if promised <= left {
        return None;
    }
    let who = match parts {
        [_] => String::new(),
        parts => {
            format!(" ({})", parts.iter().map(|(who, part)| format!("{who} {part}")).collect::<Vec<_>>().join(", "))
        }
    };
    let message = format!(
        "services and containers on a node of `{}` are promised {promised} MiB{who}, but the system of a `{}` leaves \
         them {left}",
        group.name, group.flavor.value
    );
    Some(
        Diagnostic::warning("disco::memory_overcommitted", message)
            .at(group.flavor.origin.unwrap_or(group.origin), format!("{} MiB", share.memory))
            .help("take a larger flavor, or set less memory"),
    )
}
