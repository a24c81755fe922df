//! Whether the images bring what the node agent works with.

use super::platform::{Platform, platform_of};
use super::{Catalogue, Framework};
use crate::model::ClusterSpec;
use crate::source::{Diagnostic, Diagnostics};

/// What packages are installed with.
pub(super) const PACKAGES: &str = "apt";

/// An image whose distribution has what the default version of each of these frameworks needs: `usual` where that has, or
/// where nobody knows; else the first that does of those that are `offered`, or of the distributions that are known where
/// nothing is.
pub(crate) fn image_for(catalogue: &Catalogue, frameworks: &[&Framework], usual: &str, offered: &[&str]) -> String {
    let platforms = catalogue.platforms();
    let runs = |platform: &Platform| {
        let mut versions = frameworks.iter().filter_map(|framework| framework.version(framework.default_version()));
        platform.lacks.is_empty()
            && versions.all(|version| {
                version.java.is_empty() || version.java.iter().any(|major| platform.java_package(*major).is_some())
            })
    };
    match platform_of(platforms, usual) {
        Some((platform, true)) if !runs(platform) => {}
        _ => return usual.to_owned(),
    }
    let known = platforms.iter().map(|platform| platform.name.as_str()).filter(|_| offered.is_empty());
    let mut names = offered.iter().copied().chain(known);
    let suits = |name: &&str| matches!(platform_of(platforms, name), Some((platform, true)) if runs(platform));
    names.find(suits).unwrap_or(usual).to_owned()
}

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
