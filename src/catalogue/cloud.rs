//! Whether the cloud has what the groups of a cluster ask for.

use crate::model::{CloudFacts, GroupSpec, Identified, Offered};
use crate::source::{Diagnostic, Diagnostics, did_you_mean};

/// Flavors and images that do not exist, and images that do not fit their flavor. Where the facts are not whole, a
/// missing name says nothing.
pub fn check_flavors_and_images(groups: &[GroupSpec], facts: &CloudFacts) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for group in groups {
        let (flavor, image) = (facts.flavors.get(&group.flavor.value), facts.images.get(&group.image.value));
        if flavor.is_none() && facts.complete {
            diagnostics.push(
                Diagnostic::error(
                    "disco::unknown_flavor",
                    format!("flavor `{}` does not exist in the cloud", group.flavor.value),
                )
                .at(group.flavor.origin.unwrap_or(group.origin), "not among the cloud's flavors")
                .help_maybe(suggestion(&group.flavor.value, &facts.flavors)),
            );
        }
        if image.is_none() && facts.complete {
            diagnostics.push(
                Diagnostic::error(
                    "disco::unknown_image",
                    format!("image `{}` does not exist in the cloud", group.image.value),
                )
                .at(group.image.origin.unwrap_or(group.origin), "not among the cloud's images")
                .help_maybe(suggestion(&group.image.value, &facts.images)),
            );
        }
        if let (Some(flavor), Some(image)) = (flavor, image) {
            diagnostics.extend(check_fit(group, "disk", "GiB", flavor.disk_gib, image.min_disk_gib));
            diagnostics.extend(check_fit(group, "memory", "MiB", flavor.memory_mib, image.min_memory_mib));
        }
    }
    diagnostics
}

fn suggestion<T: Identified>(word: &str, known: &Offered<T>) -> Option<String> {
    did_you_mean(word, known.names())
}

/// A root disk of 0 GiB means "as large as the image".
fn check_fit(group: &GroupSpec, what: &str, unit: &str, has: u64, needs: u64) -> Option<Diagnostic> {
    if has >= needs || (what == "disk" && has == 0) {
        return None;
    }
    let message = format!(
        "image `{}` needs {needs} {unit} of {what}, but flavor `{}` has {has}",
        group.image.value, group.flavor.value
    );
    Some(
        Diagnostic::error("disco::image_does_not_fit", message)
            .at(group.flavor.origin.unwrap_or(group.origin), format!("{has} {unit} of {what}"))
            .at_maybe(group.image.origin, format!("needs {needs} {unit}"))
            .help("use a larger flavor or a smaller image"),
    )
}
