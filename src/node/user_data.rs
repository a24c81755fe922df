//! First-boot user-data. Frozen: it never changes again for machines that exist, so all that may change (the agent,
//! keys, software) travels in the bundle.

use crate::model::Role;

/// Nova keeps 65,535 base64 characters; Heat's own wrapping is taken off.
pub const USER_DATA_LIMIT: usize = 49_149;

/// The node agent, which every bundle carries: gzip in base64, because all bundles of a stack share the room that a
/// template has. No time is in it, so the same agent gives the same text. Packed once, when the program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agent {
    /// As 0.1.0 had it, byte for byte: an agent alone changes no machine, so that bundles which need no more go on
    /// carrying it.
    First,
    /// What all new bundles carry.
    Current,
}

impl Agent {
    /// Which form a packed agent is; `None` where it is one of another release.
    pub(super) fn read(packed: &str) -> Option<Self> {
        [Self::First, Self::Current].into_iter().find(|agent| agent.text() == packed)
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::First => include_str!("agent-1.gz.base64"),
            Self::Current => include_str!(concat!(env!("OUT_DIR"), "/agent.gz.base64")),
        }
    }
}

const LOADER: &str = include_str!("loader.py");
const UNIT: &str = include_str!("disco.service");
const CLOUD_CONFIG: &str = include_str!("user-data.yaml");

/// The cloud-config of a role: it installs the loader and its systemd unit, nothing else.
pub fn user_data(role: Role) -> String {
    CLOUD_CONFIG
        .replace("@ROLE@", role.name())
        .replace("@LOADER@", &indented(LOADER))
        .replace("@UNIT@", &indented(UNIT))
}

/// A text as it stands under a YAML block scalar of `write_files`.
fn indented(text: &str) -> String {
    let lines: Vec<String> =
        text.lines().map(|line| if line.is_empty() { String::new() } else { format!("      {line}") }).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_cloud_config_that_leaves_the_hosts_file_alone() {
        for role in Role::ALL {
            let text = user_data(role);
            assert!(text.starts_with("#cloud-config\n"));
            assert!(text.len() < USER_DATA_LIMIT / 2);
            let value: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
            assert_eq!(value["manage_etc_hosts"], serde_json::json!(false));
            let files = value["write_files"].as_array().unwrap();
            let loader = files.iter().find(|file| file["path"] == "/usr/local/lib/disco/loader.py").unwrap();
            assert_eq!(loader["content"].as_str().unwrap().trim_end(), LOADER.trim_end());
        }
    }
}
