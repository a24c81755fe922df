//! What a host has of all that nodes as containers need, what was made, and what was removed.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use super::table::table;
use crate::local::container::{Check, CheckState, ImageMade, Removed, is_ready};

/// The answer of `disco local doctor --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DoctorFile<'a> {
    format_version: FormatVersion,
    /// Whether nodes can be made.
    ready: bool,
    /// In the order in which things are needed.
    checks: Vec<CheckFile<'a>>,
}

/// One thing that was looked at.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckFile<'a> {
    name: &'a str,
    state: CheckStateFile,
    /// What was found.
    found: &'a str,
    /// What to do about it; `null` where there is nothing to do.
    help: Option<&'a str>,
}

/// How something is.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum CheckStateFile {
    /// As it should be.
    Ready,
    /// Nodes work, some things on them do not.
    Limited,
    /// Nodes cannot be made.
    Missing,
}

/// The checks for programs.
pub fn doctor_json(checks: &[Check]) -> Json {
    let ready = is_ready(checks);
    let checks = checks.iter().map(|check| CheckFile {
        name: check.name,
        state: match check.state {
            CheckState::Ready => CheckStateFile::Ready,
            CheckState::Limited => CheckStateFile::Limited,
            CheckState::Missing => CheckStateFile::Missing,
        },
        found: &check.found,
        help: check.help.as_deref(),
    });
    document(&DoctorFile { format_version: FormatVersion::Current, ready, checks: checks.collect() })
}

/// The checks, a line each, with what to do below those that are not as they should be.
pub fn doctor(checks: &[Check]) -> String {
    let row = |check: &Check| {
        let state = match check.state {
            CheckState::Ready => "ok",
            CheckState::Limited => "limited",
            CheckState::Missing => "missing",
        };
        let help = check.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        [state.to_owned(), check.name.to_owned(), format!("{}{help}", check.found)]
    };
    let rows: Vec<_> = checks.iter().map(row).collect();
    let missing = checks.iter().filter(|check| check.state == CheckState::Missing).count();
    let verdict = match missing {
        0 => "Nodes can be containers of this host: write `nodes = \"container\"` in `provider \"local\"`.".to_owned(),
        1 => "Nodes cannot be containers of this host yet: one thing is missing.".to_owned(),
        many => format!("Nodes cannot be containers of this host yet: {many} things are missing."),
    };
    format!("{}\n{verdict}\n", table(&rows, ""))
}

/// The answer of `disco local setup --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SetupFile<'a> {
    format_version: FormatVersion,
    images: Vec<SetupImageFile<'a>>,
}

/// An image of nodes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SetupImageFile<'a> {
    /// Its name for the container engine.
    name: &'a str,
    /// Packages that it was made with.
    packages: &'a BTreeSet<String>,
    /// Whether it was made now; else it was there.
    made: bool,
}

/// The images for programs.
pub fn setup_json(images: &[ImageMade]) -> Json {
    let images = images
        .iter()
        .map(|image| SetupImageFile { name: &image.image, packages: &image.packages, made: image.made })
        .collect();
    document(&SetupFile { format_version: FormatVersion::Current, images })
}

/// The images, a line each.
pub fn setup(images: &[ImageMade]) -> String {
    let line = |image: &ImageMade| {
        let packages = image.packages.len();
        if image.made {
            format!("Made image {} with {packages} packages.", image.image)
        } else {
            format!("Image {} has everything.", image.image)
        }
    };
    images.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The answer of `disco local clean --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct CleanFile {
    format_version: FormatVersion,
    containers: usize,
    networks: usize,
    volumes: usize,
    images: usize,
}

/// How much was removed, for programs.
pub fn clean_json(removed: Removed) -> Json {
    let Removed { containers, networks, volumes, images } = removed;
    document(&CleanFile { format_version: FormatVersion::Current, containers, networks, volumes, images })
}

/// How much was removed.
pub fn clean(removed: Removed) -> String {
    let counted = |number: usize, one: &str| match number {
        1 => format!("1 {one}"),
        number => format!("{number} {one}s"),
    };
    let Removed { containers, networks, volumes, images } = removed;
    if removed == Removed::default() {
        return "Nothing was left.".to_owned();
    }
    format!(
        "Removed {}, {}, {} and {}.",
        counted(containers, "container"),
        counted(networks, "network"),
        counted(volumes, "volume"),
        counted(images, "image"),
    )
}
