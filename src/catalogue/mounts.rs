//! Volumes that would hide what a framework puts on the nodes.

use super::ClusterConfiguration;
use crate::model::ClusterSpec;
use crate::source::{Diagnostic, Diagnostics};

/// Reports volumes that are mounted at or below a framework's own folders. A folder that is made in a volume, and one
/// that is a volume, are meant to be there.
pub(super) fn check(spec: &ClusterSpec, configuration: &ClusterConfiguration) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for group in &spec.groups {
        let Some(of_group) = configuration.groups.get(&group.name) else { continue };
        let homes = of_group.users.iter().map(|user| user.home.as_str());
        let programs = of_group.archives.iter().map(|archive| archive.directory.as_str());
        let made = of_group.directories.iter().map(|directory| directory.path.as_str());
        for volume in &group.volumes {
            let mount = volume.mount.as_str();
            let hidden = homes.clone().chain(programs.clone()).find(|folder| within(mount, folder));
            let hidden = hidden.or_else(|| made.clone().find(|folder| within(mount, folder) && mount != *folder));
            if let Some(folder) = hidden {
                diagnostics.push(
                    Diagnostic::error(
                        "disco::system_folder",
                        format!("a volume at `{}` would hide a framework's folder", volume.mount),
                    )
                    .at(volume.origin, format!("`{folder}` is a folder of a framework of this cluster"))
                    .help("mount it at a folder of its own, such as \"/data/NAME\", or remove `mount`"),
                );
            }
        }
    }
    diagnostics
}

/// Whether a path is a folder, or lies in it.
fn within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
