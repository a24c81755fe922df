//! Which Java the nodes of a group run a framework on.

use super::chosen::Chosen;
use super::image;
use super::platform::{Platform, platform_of};
use crate::model::{GroupSpec, SettingValue};
use crate::source::Diagnostic;

/// The setting that names a version of Java.
const SETTING: &str = "java";

/// A version of Java and the package it comes in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Java {
    pub(super) major: u32,
    pub(super) package: String,
}

/// The Java for a framework on a group's image; `None` where the framework needs none.
pub(super) fn java_for(
    chosen: Chosen<'_>,
    group: &GroupSpec,
    platforms: &[Platform],
) -> Result<Option<Java>, Diagnostic> {
    let suits = &chosen.version.java;
    if suits.is_empty() {
        return Ok(None);
    }
    // That nothing can be installed there is said of the image.
    let installs = |platform: &Platform| platform.lacks.iter().all(|what| what != image::PACKAGES);
    let platform = platform_of(platforms, &group.image.value).filter(|(platform, _)| installs(platform));
    let framework = format!("{} {}", chosen.framework.name, chosen.version.name);
    let asked = chosen.spec.settings.get(SETTING).and_then(|setting| match setting.value {
        SettingValue::Integer(major) => u32::try_from(major).ok().map(|major| (major, setting.origin)),
        _ => None,
    });
    if let Some((major, origin)) = asked {
        let place = origin.unwrap_or(chosen.spec.origin);
        if !suits.contains(&major) {
            let message = format!("{framework} does not run on Java {major}");
            return Err(Diagnostic::error("disco::unsuitable_java", message)
                .at(place, "needed here")
                .help(format!("use Java {}", list(suits))));
        }
        let package = match platform {
            Some((platform, named)) => match platform.java_package(major) {
                Some(package) => package.to_owned(),
                None if named => return Err(not_packaged(&framework, &[major], platform, chosen, group)),
                None => default_package(major),
            },
            None => default_package(major),
        };
        return Ok(Some(Java { major, package }));
    }
    let Some((platform, _)) = platform else {
        return Ok(suits.first().map(|major| Java { major: *major, package: default_package(*major) }));
    };
    let best = suits.iter().find_map(|major| platform.java_package(*major).map(|package| (*major, package)));
    match best {
        Some((major, package)) => Ok(Some(Java { major, package: package.to_owned() })),
        None => Err(not_packaged(&framework, suits, platform, chosen, group)),
    }
}

fn default_package(major: u32) -> String {
    format!("openjdk-{major}-jre-headless")
}

fn list(majors: &[u32]) -> String {
    majors.iter().map(u32::to_string).collect::<Vec<_>>().join(" or ")
}

fn not_packaged(
    framework: &str,
    needs: &[u32],
    platform: &Platform,
    chosen: Chosen<'_>,
    group: &GroupSpec,
) -> Diagnostic {
    let has: Vec<u32> = platform.java.iter().map(|(major, _)| *major).collect();
    let message = format!("{framework} needs Java {}, which {} does not have", list(needs), platform.name);
    let other = chosen
        .framework
        .versions
        .iter()
        .find(|version| version.java.iter().any(|major| platform.java_package(*major).is_some()));
    let has = format!("{} has Java {}", platform.name, list(&has));
    let help = match other {
        Some(version) => format!(
            "write `version = \"{}\"` in framework \"{}\", or use another image: {has}",
            version.name, chosen.framework.name
        ),
        None => format!("use another image: {has}"),
    };
    Diagnostic::error("disco::unsuitable_java", message)
        .at(
            chosen.spec.version.origin.unwrap_or(chosen.spec.origin),
            format!("runs on Java {}", list(&chosen.version.java)),
        )
        .at(group.image.origin.unwrap_or(group.origin), format!("an image of {}", platform.name))
        .help(help)
}
