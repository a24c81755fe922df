//! Whether the images bring what the node agent works with.

use super::Catalogue;
use super::platform::{Platform, platform_of};
use crate::model::ClusterSpec;
use crate::source::{Diagnostic, Diagnostics};

/// What packages are installed with.
pub(super) const PACKAGES: &str = "apt";

impl Catalogue {
    /// An image whose distribution has a Java for the default version of each of these frameworks: `usual` where that has, or
    /// where nobody knows; else the first distribution by name.
    pub(crate) fn image_for(&self, frameworks: &[String], usual: &str) -> String {
        let runs = |platform: &Platform| {
            let all = frameworks.iter().filter_map(|name| self.framework(name));
            let mut versions = all.filter_map(|framework| framework.version(framework.default_version()));
            platform.lacks.is_empty()
                && versions.all(|version| {
                    version.java.is_empty() || version.java.iter().any(|major| platform.java_package(*major).is_some())
                })
        };
        match platform_of(self.platforms(), usual) {
            Some((platform, true)) if !runs(platform) => {
                let other = self.platforms().iter().find(|platform| runs(platform));
                other.map_or_else(|| usual.to_owned(), |platform| platform.name.clone())
            }
            _ => usual.to_owned(),
        }
    }
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
