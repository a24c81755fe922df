//! What a cloud offers: its flavors and images, for a terminal and for programs.

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use super::table::table;
use crate::model::CloudFacts;

/// The answer of `disco flavors --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FlavorsFile<'a> {
    format_version: FormatVersion,
    /// The smallest first.
    flavors: Vec<FlavorFile<'a>>,
}

/// The size of a node.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FlavorFile<'a> {
    name: &'a str,
    /// Virtual processors.
    vcpus: u32,
    memory_mib: u64,
    /// Root disk.
    disk_gib: u64,
}

/// The answer of `disco images --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ImagesFile<'a> {
    format_version: FormatVersion,
    /// By name.
    images: Vec<ImageFile<'a>>,
}

/// What a node boots from.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ImageFile<'a> {
    name: &'a str,
    /// The smallest root disk that it fits on.
    min_disk_gib: u64,
    /// The least memory that it boots with.
    min_memory_mib: u64,
}

fn sizes(facts: &CloudFacts) -> Vec<FlavorFile<'_>> {
    let flavors = facts.flavors.iter().filter(|(_, flavor)| !flavor.disabled).map(|(name, flavor)| FlavorFile {
        name,
        vcpus: flavor.vcpus,
        memory_mib: flavor.memory_mib,
        disk_gib: flavor.disk_gib,
    });
    let mut flavors: Vec<_> = flavors.collect();
    flavors.sort_by_key(|flavor| (flavor.memory_mib, flavor.vcpus, flavor.disk_gib, flavor.name));
    flavors
}

/// The flavors as a table, the smallest first.
pub fn flavors(facts: &CloudFacts) -> String {
    let mut rows = vec![["flavor", "vCPUs", "memory", "disk"].map(str::to_owned)];
    rows.extend(sizes(facts).into_iter().map(|flavor| {
        let FlavorFile { name, vcpus, memory_mib, disk_gib } = flavor;
        [name.to_owned(), vcpus.to_string(), format!("{memory_mib} MiB"), format!("{disk_gib} GiB")]
    }));
    table(&rows, "")
}

/// The flavors for programs.
pub fn flavors_json(facts: &CloudFacts) -> Json {
    document(&FlavorsFile { format_version: FormatVersion::Current, flavors: sizes(facts) })
}

fn bootable(facts: &CloudFacts) -> impl Iterator<Item = ImageFile<'_>> {
    facts.images.iter().filter(|(_, image)| image.unusable.is_none()).map(|(name, image)| ImageFile {
        name,
        min_disk_gib: image.min_disk_gib,
        min_memory_mib: image.min_memory_mib,
    })
}

/// The images as a table, by name.
pub fn images(facts: &CloudFacts) -> String {
    let mut rows = vec![["image", "needs memory", "needs disk"].map(str::to_owned)];
    rows.extend(bootable(facts).map(|image| {
        let ImageFile { name, min_disk_gib, min_memory_mib } = image;
        [name.to_owned(), format!("{min_memory_mib} MiB"), format!("{min_disk_gib} GiB")]
    }));
    table(&rows, "")
}

/// The images for programs.
pub fn images_json(facts: &CloudFacts) -> Json {
    document(&ImagesFile { format_version: FormatVersion::Current, images: bootable(facts).collect() })
}
