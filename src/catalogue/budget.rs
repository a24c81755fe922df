//! Whether what is promised on a node is there: only what a definition sets can ask for too much.

use super::causes;
use super::share::Share;
use super::sharing::promised;
use super::view::Prepared;
use crate::model::GroupSpec;
use crate::source::{Diagnostic, Diagnostics};

/// Groups on whose nodes services and work are promised more memory than the system leaves.
pub(super) fn check(prepared: &[Prepared<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let Some((_, views)) = prepared.first() else { return diagnostics };
    // Where there is no node, nothing is promised to anybody.
    for (at, view) in views.iter().enumerate().filter(|(_, view)| view.group.count.value > 0) {
        let Some(share) = &view.share else { continue };
        let usable = prepared.iter().filter(|(context, _)| context.usable);
        let parts: Vec<(&str, u64)> = usable
            .filter_map(|(context, views)| {
                let framework = context.chosen.framework;
                Some((framework.name.as_str(), promised(framework, views.get(at)?)))
            })
            .filter(|(_, promised)| *promised > 0)
            .collect();
        diagnostics.extend(overcommitted(view.group, share, &parts).map(|warning| {
            let settings = parts.iter().flat_map(|(who, _)| causes::memory_settings(prepared, who, &view.group.name));
            let warning = settings.fold(warning, |warning, (name, place)| warning.at(place, format!("`{name}`")));
            warning.at(view.group.flavor.origin.unwrap_or(view.group.origin), format!("{} MiB", share.memory))
        }));
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
        "services and containers on a node of `{}` need {promised} MiB{who}, but flavor `{}` leaves them \
         {left}",
        group.name, group.flavor.value
    );
    Some(Diagnostic::warning("disco::memory_overcommitted", message).help("use a larger flavor, or set less memory"))
}
