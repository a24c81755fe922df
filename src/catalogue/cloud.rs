//! Whether the cloud has what the groups of a cluster ask for.

use crate::model::{CloudFacts, Found, GroupSpec, Identified, Offered, Sourced};
use crate::source::{Diagnostic, Diagnostics, did_you_mean, either};

/// Flavors and images that do not exist, names that several bear, and images that do not fit their flavor. Where the
/// facts are not whole, a missing name says nothing.
pub fn check_flavors_and_images(groups: &[GroupSpec], facts: &CloudFacts) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for group in groups {
        let flavor = offered_to(FLAVOR, &group.flavor, group, &facts.flavors, facts.complete);
        let image = offered_to(IMAGE, &group.image, group, &facts.images, facts.complete);
        if let (Ok(Some(flavor)), Ok(Some(image))) = (&flavor, &image) {
            diagnostics.extend(check_fit(group, "disk", "GiB", flavor.disk_gib, image.min_disk_gib));
            diagnostics.extend(check_fit(group, "memory", "MiB", flavor.memory_mib, image.min_memory_mib));
        }
        diagnostics.extend([flavor.err(), image.err()].into_iter().flatten().map(|found| *found));
    }
    diagnostics
}

/// One kind of thing that a cloud offers to groups.
#[derive(Clone, Copy)]
pub(crate) struct OfferKind {
    /// `flavor`
    pub(crate) name: &'static str,
    /// The code of a word that means none.
    pub(crate) unknown: &'static str,
}

const FLAVOR: OfferKind = OfferKind { name: "flavor", unknown: "disco::unknown_flavor" };
const IMAGE: OfferKind = OfferKind { name: "image", unknown: "disco::unknown_image" };

/// What a word of a group refers to; nothing where that is not known.
pub(crate) fn offered_to<'f, T: Identified>(
    OfferKind { name: kind, unknown }: OfferKind,
    word: &Sourced<String>,
    group: &GroupSpec,
    offered: &'f Offered<T>,
    complete: bool,
) -> Result<Option<&'f T>, Box<Diagnostic>> {
    let (name, place) = (&word.value, word.origin.unwrap_or(group.origin));
    match offered.find(name) {
        Found::One(thing) => Ok(Some(thing)),
        Found::Nothing if complete => Err(Box::new(
            Diagnostic::error(unknown, format!("{kind} `{name}` does not exist in the cloud"))
                .at(place, format!("not among the cloud's {kind}s"))
                .help_maybe(did_you_mean(name, offered.names())),
        )),
        Found::Nothing => Ok(None),
        Found::Several(things) => {
            let ids: Vec<String> = things.iter().map(|thing| format!("`{}`", thing.id())).collect();
            let message = format!("the cloud has {} {kind}s with the name `{name}`", ids.len());
            let diagnostic = Diagnostic::error("disco::ambiguous_name", message)
                .at(place, "more than one has this name")
                .help(format!("write the id of one of them: {}", either(&ids)));
            Err(Box::new(diagnostic))
        }
    }
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
