//! Where volumes may be mounted: nowhere that would hide what the system needs.

use crate::model::Sourced;
use crate::source::Diagnostic;

/// Folders of the system: a volume may be mounted neither at them nor below them.
const WITH_ALL_BELOW: [&str; 15] = [
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/root", "/run", "/sbin", "/sys",
    "/tmp", "/usr",
];

/// Folders of the system that a volume may be mounted below.
const THEMSELVES: [&str; 12] = [
    "/home",
    "/opt",
    "/var",
    "/var/backups",
    "/var/cache",
    "/var/lib",
    "/var/local",
    "/var/lock",
    "/var/log",
    "/var/mail",
    "/var/run",
    "/var/spool",
];

/// Folders below those that belong to the system or to DISCO, with all that is below them.
const BELOW_THEM: [&str; 11] = [
    "/var/lib/apt",
    "/var/lib/cloud",
    "/var/lib/dbus",
    "/var/lib/disco",
    "/var/lib/dpkg",
    "/var/lib/heat-cfntools",
    "/var/lib/rpm",
    "/var/lib/systemd",
    "/var/log/journal",
    "/var/run",
    "/var/tmp",
];

/// A path as it is used, or what is wrong with it.
pub(crate) fn mount_path(mount: &Sourced<String>) -> Result<String, Diagnostic> {
    let path = mount.value.trim_end_matches('/');
    if path.is_empty() && mount.value.starts_with('/') {
        return Err(of_the_system(mount, "/"));
    }
    let sound = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    if !path.strip_prefix('/').is_some_and(|parts| parts.split('/').all(sound)) {
        return Err(Diagnostic::error(
            "disco::invalid_path",
            format!("a volume cannot be mounted at `{}`", mount.value),
        )
        .at_maybe(mount.origin, "not an absolute path")
        .help("write an absolute path of letters, digits, `-`, `_` and `.`, such as \"/data/hdfs\""));
    }
    let at_or_below =
        |folder: &&&str| path.strip_prefix(**folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let system = WITH_ALL_BELOW.iter().chain(&BELOW_THEM).find(at_or_below);
    match system.or_else(|| THEMSELVES.iter().find(|folder| **folder == path)) {
        Some(folder) => Err(of_the_system(mount, folder)),
        None => Ok(path.to_owned()),
    }
}

fn of_the_system(mount: &Sourced<String>, folder: &str) -> Diagnostic {
    Diagnostic::error("disco::system_folder", format!("a volume at `{}` would hide a system folder", mount.value))
        .at_maybe(mount.origin, format!("`{folder}` is a system folder"))
        .help("mount it at a folder of its own, such as \"/data/NAME\", or remove `mount`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_hide_nothing_of_the_system() {
        let at = |path: &str| mount_path(&Sourced::default_of(path.to_owned())).map_err(|found| found.code);
        for path in
            ["/", "//", "/etc", "/etc/", "/usr/share/x", "/var", "/var/lib", "/home", "/opt", "/var/lib/disco/x"]
        {
            assert_eq!(at(path), Err("disco::system_folder"), "{path}");
        }
        for path in ["", "data", "./data", "/data/../etc", "/a b", "//data"] {
            assert_eq!(at(path), Err("disco::invalid_path"), "{path}");
        }
        for path in
            ["/data", "/data/a/", "/mnt", "/srv", "/opt/data", "/var/lib/spool-of-mine", "/home/alice", "/etcetera"]
        {
            assert_eq!(at(path).as_deref(), Ok(path.trim_end_matches('/')), "{path}");
        }
    }
}
