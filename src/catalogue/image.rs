//! Whether the images bring what the node agent works with.

use super::Catalogue;
use super::platform::platform_of;
use crate::model::ClusterSpec;
use crate::source::{Diagnostic, Diagnostics};

/// What packages are installed with.
pub(super) const PACKAGES: &str = "apt";

/// Images that are known to lack something that this cluster needs. One whose name does not say what it is may have
/// everything.
pub(super) fn check(spec: &ClusterSpec, catalogue: &Catalogue) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let packaged = spec.frameworks.iter().any(|asked| {
        let version = catalogue.framework(&asked.name).and_then(|framework| framework.version(&asked.version.value));
        version.is_some_and(|version| !version.java.is_empty())
    });
    let fit = catalogue.platforms().iter().filter(|platform| platform.lacks.is_empty());
    let fit: Vec<String> = fit.map(|platform| format!("`{}`", platform.name)).collect();
    for group in &spec.groups {
        let image = &group.image.value;
        let Some((platform, true)) = platform_of(catalogue.platforms(), image) else { continue };
        let missing: Vec<String> = platform
            .lacks
            .iter()
            .filter(|what| packaged || *what != PACKAGES)
            .map(|what| format!("`{what}`"))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let message = format!(
            "image `{image}` has no {}, which the agent on the nodes of `{}` needs",
            missing.join(" and no "),
            group.name
        );
        diagnostics.push(
            Diagnostic::error("disco::unsuitable_image", message)
                .at(group.image.origin.unwrap_or(group.origin), format!("an image of {}", platform.name))
                .help(format!("use an image of {}", fit.join(", "))),
        );
    }
    diagnostics
}
