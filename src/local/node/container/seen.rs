//! What a container engine says of its containers, read.

use serde::Deserialize;

use super::argv::{REBUILDS_LABEL, SERVER_LABEL};

/// A container of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Container {
    pub name: String,
    /// The server that it stands for.
    pub server: String,
    /// How often the machine's disk had been written anew; `None` where its label is not ours.
    pub rebuilds: Option<u64>,
    pub status: ContainerStatus,
    /// When it last started, as the container engine writes it.
    pub started: String,
}

/// What a container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContainerStatus {
    /// It has never been started.
    Created,
    Running,
    Paused,
    Stopped,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    name: String,
    state: State,
    config: Configuration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    status: String,
    #[serde(default)]
    started_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    #[serde(default)]
    labels: Option<std::collections::BTreeMap<String, String>>,
}

/// The answer of `container inspect`, of Podman or Docker; containers without our labels are left out.
pub(crate) fn containers(answer: &str) -> Result<Vec<Container>, serde_json::Error> {
    let inspected: Vec<Inspected> = serde_json::from_str(answer)?;
    let read = |it: Inspected| {
        let labels = it.config.labels.unwrap_or_default();
        let status = match it.state.status.as_str() {
            "created" | "configured" | "initialized" => ContainerStatus::Created,
            "running" | "restarting" => ContainerStatus::Running,
            "paused" => ContainerStatus::Paused,
            _ => ContainerStatus::Stopped,
        };
        Some(Container {
            name: it.name.trim_start_matches('/').to_owned(),
            server: labels.get(SERVER_LABEL)?.clone(),
            rebuilds: labels.get(REBUILDS_LABEL).and_then(|rebuilds| rebuilds.parse().ok()),
            status,
            started: it.state.started_at,
        })
    };
    Ok(inspected.into_iter().filter_map(read).collect())
}

#[derive(Deserialize)]
struct LoopDevices {
    loopdevices: Vec<LoopDevice>,
}

/// A loop device and the file behind it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct LoopDevice {
    pub name: String,
    #[serde(rename = "back-file", default)]
    pub file: Option<String>,
}

impl LoopDevice {
    /// Its number, as in `/dev/loop7`.
    pub(crate) fn number(&self) -> Option<u32> {
        self.name.strip_prefix("/dev/loop")?.parse().ok()
    }
}

/// The answer of `losetup --list --json`, which is empty where no device is in use.
pub(crate) fn loop_devices(answer: &str) -> Result<Vec<LoopDevice>, serde_json::Error> {
    if answer.trim().is_empty() {
        return Ok(Vec::new());
    }
    Ok(serde_json::from_str::<LoopDevices>(answer)?.loopdevices)
}
