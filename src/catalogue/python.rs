//! Whether the nodes have a Python that a framework's users can work with.

use super::chosen::Chosen;
use super::platform::{Platform, platform_of};
use super::relation::compare_versions;
use crate::model::GroupSpec;
use crate::source::{Diagnostic, Diagnostics};

/// Images whose Python is too old, and groups whose Pythons differ: what one of them sends, another one cannot run.
pub(super) fn check(chosen: Chosen<'_>, groups: &[GroupSpec], platforms: &[Platform]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let Some(least) = &chosen.version.python else { return diagnostics };
    let name = format!("{} {}", chosen.framework.name, chosen.version.name);
    // An image whose name does not say what it is may have any Python.
    let known = groups.iter().filter_map(|group| {
        let (platform, named) = platform_of(platforms, &group.image.value)?;
        Some((group, platform, platform.python.as_deref().filter(|_| named)?))
    });
    let known: Vec<(&GroupSpec, &Platform, &str)> = known.collect();
    for (group, platform, python) in &known {
        if compare_versions(python, least).is_lt() {
            let message = format!("{name} needs Python {least} or later, {} has {python}", platform.name);
            diagnostics.push(
                Diagnostic::warning("disco::unsuitable_python", message)
                    .at(group.image.origin.unwrap_or(group.origin), "programs in Python do not run here")
                    .at(chosen.spec.origin, "needed here")
                    .help("use a newer image; programs for the JVM run without it"),
            );
        }
    }
    let Some((first, _, python)) = known.first() else { return diagnostics };
    if let Some((group, _, other)) = known.iter().find(|(_, _, other)| other != python) {
        let message = format!(
            "{name} needs the same Python on all nodes, but `{}` has {python} and `{}` has {other}",
            first.name, group.name
        );
        diagnostics.push(
            Diagnostic::warning("disco::mixed_python", message)
                .at(group.image.origin.unwrap_or(group.origin), format!("Python {other}"))
                .at_maybe(first.image.origin, format!("Python {python}"))
                .help("use the same image for all groups, or set `python` to a version that all nodes have"),
        );
    }
    diagnostics
}
