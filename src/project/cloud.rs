//! The cloud of a project: the embedded Heat in this process, one that is served elsewhere, or an OpenStack.

use std::path::Path;
use std::time::Duration;

use super::embedded;
use super::failure::{Failure, FailureKind};
use super::files;
use super::{CloudAccess, Project};
use crate::apply::Pace;
use crate::heat::clouds::CloudChoice;
use crate::heat::{Cause, Cloud, CloudConfig, CloudLists, HeatError, Retry, Transport, wire};
use crate::local::{self, Engine, Holder, LocalError};
use crate::model::{CloudFacts, CloudIdentity, NodeDriver, Provider};
use crate::source::causes;

/// How long a store that somebody is just letting go of is tried again.
const BREATH: Duration = Duration::from_millis(500);

/// A cloud that answers, and the engine behind it where it is ours.
pub(super) struct Reached {
    /// The client.
    pub(super) cloud: Cloud,
    engine: Option<Engine>,
    /// What the state keeps of it.
    pub(super) identity: CloudIdentity,
    /// Where it is, for a person.
    pub(super) place: String,
    /// How often it is asked for news; `None` where that goes by its distance.
    pub(super) pace: Option<Pace>,
}

impl Reached {
    /// A cloud that lives elsewhere.
    pub(super) fn elsewhere(cloud: Cloud, identity: CloudIdentity, place: String) -> Self {
        Self { cloud, engine: None, identity, place, pace: None }
    }

    /// Whether the cloud lives on when this process ends.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.engine.is_none()
    }

    /// Lets the engine write its last words. A served engine goes on by itself.
    pub(super) fn close(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.shutdown();
        }
    }
}

/// What the words of a definition mean where no cloud is asked: whole for the embedded Heat, nothing for an OpenStack.
pub(super) fn offline_facts(provider: &Provider) -> CloudFacts {
    match provider {
        Provider::Local { .. } => embedded_facts(),
        Provider::OpenStack { .. } => CloudFacts::default(),
    }
}

/// What the embedded Heat offers.
pub(super) fn embedded_facts() -> CloudFacts {
    own_lists().into()
}

/// What the embedded Heat offers, as its own answers would say it.
fn own_lists() -> CloudLists {
    let limits = local::Limits::default();
    let limit = |limit: u64| i64::try_from(limit).ok();
    let flavor = |flavor: local::Flavor| wire::Flavor {
        id: flavor.id,
        name: flavor.name,
        vcpus: u32::try_from(flavor.vcpus).unwrap_or(u32::MAX),
        ram: flavor.ram,
        disk: flavor.disk,
        disabled: false,
    };
    let image = |image: local::Image| wire::Image {
        id: image.id,
        name: Some(image.name),
        status: "active".to_owned(),
        min_disk: image.min_disk,
        min_ram: image.min_ram,
    };
    let network = |(name, id): (String, String)| wire::Network { id, name, external: true };
    CloudLists {
        flavors: local::flavors().into_iter().map(flavor).collect(),
        images: local::images().into_iter().map(image).collect(),
        networks: local::external_networks().into_iter().map(network).collect(),
        // What is used is not known here.
        compute: wire::AbsoluteLimits {
            max_server_group_members: limit(limits.server_group_members),
            ..wire::AbsoluteLimits::default()
        },
    }
}

impl Project {
    /// Where the embedded engine keeps its store.
    pub(super) fn engine_folder(&self) -> std::path::PathBuf {
        self.folder().join("engine")
    }

    /// Connects to the cloud that the definition names.
    pub(super) async fn reach(&self, provider: &Provider) -> Result<Reached, Failure> {
        // What a state remembers counts as what a definition says.
        self.request.clouds.team().map_or(Ok(()), |access| access.require(provider))?;
        match provider {
            Provider::Local { nodes, .. } => self.reach_local(&self.engine_folder(), *nodes).await,
            Provider::OpenStack { cloud, region, origin, .. } => {
                let choice = CloudChoice { cloud: cloud.clone(), region: region.clone(), origin: *origin };
                match &self.request.clouds {
                    CloudAccess::OwnMachine => Box::pin(self.reach_openstack(&choice)).await,
                    CloudAccess::Team(access) => Box::pin(self.reach_as_caller(access, &choice)).await,
                }
            }
        }
    }

    async fn reach_local(&self, folder: &Path, nodes: NodeDriver) -> Result<Reached, Failure> {
        let retry = |inside| embedded::retry(&self.request, inside);
        if self.keeps_engine(nodes) {
            return self.reach_kept(folder, nodes).await;
        }
        if let Some(reached) = self.served(folder, retry(false)?).await? {
            return Ok(reached);
        }
        let engine = self.open_engine(folder, nodes).await?;
        let calls = self.calls.clone().filter(|calls| calls.contents);
        let transport = Transport::in_process(engine.router()).told_to(calls);
        let cloud = connect(transport, "http://localhost", engine.credentials(), retry(true)?).await;
        let cloud = cloud.map_err(|fault| heat_failure(&fault))?;
        let place = format!("the embedded Heat, in {}", files::shown(folder));
        let identity = CloudIdentity::Embedded;
        Ok(Reached { cloud, engine: Some(engine), identity, place, pace: Some(embedded::PACE) })
    }

    /// The engine of that folder where another process serves it.
    pub(super) async fn served(&self, folder: &Path, retry: Retry) -> Result<Option<Reached>, Failure> {
        let Some(Holder { url: Some(url), credentials: Some(credentials), .. }) = local::held_by(folder) else {
            return Ok(None);
        };
        let transport = Transport::to_this_host()
            .map_err(|fault| Failure::new(FailureKind::Cloud, "the HTTP client cannot be created").because(&fault))?;
        let transport = transport.told_to(self.calls.clone());
        let cloud = connect(transport, &url, credentials, retry).await.map_err(|fault| {
            heat_failure(&fault).help(format!(
                "check that `disco local serve` is still running at {url}, or end it with `disco local stop`"
            ))
        })?;
        let place = format!("the embedded Heat that is served at {url}");
        let identity = CloudIdentity::Embedded;
        Ok(Some(Reached { cloud, engine: None, identity, place, pace: Some(embedded::PACE) }))
    }

    /// Opens the engine's store; waits a little, or as long as the user said, for somebody who has it.
    pub(super) async fn open_engine(&self, folder: &Path, nodes: NodeDriver) -> Result<Engine, Failure> {
        let options = embedded::engine_options(&self.request, nodes)?;
        files::make_own_folder(&self.folder()).map_err(|fault| folder_failure(&fault))?;
        let patience = self.request.lock_timeout.max(BREATH);
        let pause = Duration::from_millis(20);
        let mut waited = Duration::ZERO;
        loop {
            match Engine::open(folder, options.clone()) {
                Err(LocalError::Busy { .. }) if waited < patience => {
                    tokio::time::sleep(pause).await;
                    waited += pause;
                }
                other => return other.map_err(|fault| engine_failure(&fault)),
            }
        }
    }
}

async fn connect(transport: Transport, url: &str, known: local::Credentials, retry: Retry) -> Result<Cloud, HeatError> {
    let address = format!("{}{}", url.trim_end_matches('/'), known.auth_path);
    let config = CloudConfig::password(address, known.username, known.password, known.project_name);
    Cloud::connect_with(transport, config, retry).await
}

/// What the client says, for a person.
pub(super) fn heat_failure(fault: &HeatError) -> Failure {
    let failure = match fault.cause() {
        // What was asked does not matter where nobody is there, nor through how many layers that is heard.
        Some(Cause::Unreachable { url, source }) => {
            let why = causes(source.as_ref()).pop().unwrap_or_default();
            Failure::new(FailureKind::Cloud, format!("{url} cannot be reached: {why}"))
        }
        _ => Failure::new(FailureKind::Cloud, "a request to the cloud failed").because(fault),
    };
    match fault.way_out() {
        Some(way_out) => failure.help(way_out),
        None => failure,
    }
}

pub(super) fn folder_failure(fault: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Cloud, "the embedded Heat cannot be used")
        .because(fault)
        .help("allow reading and writing in .disco/engine, where the embedded Heat keeps its store")
}

/// What the engine says, for a person.
pub(super) fn engine_failure(fault: &LocalError) -> Failure {
    let (kind, help) = match fault {
        LocalError::Busy { .. } => {
            (FailureKind::Locked, "wait for it to end, or add --lock-timeout=1m to wait in this command")
        }
        LocalError::Damaged { .. } => (
            FailureKind::Cloud,
            "put a copy of it back, or remove .disco/engine if its simulated servers may be lost: it was changed by hand or damaged",
        ),
        LocalError::OtherNodes { nodes } => {
            let help =
                format!("write `provider \"local\" {{ nodes = \"{nodes}\" }}` until `disco destroy` has removed them");
            return Failure::new(FailureKind::Cloud, "the embedded Heat cannot be used").because(fault).help(help);
        }
        LocalError::Open { .. } => {
            (FailureKind::Cloud, "allow reading and writing in .disco/engine, where the embedded Heat keeps its store")
        }
        _ => (FailureKind::Cloud, "check .disco/engine, where the embedded Heat keeps its store: it is left unchanged"),
    };
    Failure::new(kind, "the embedded Heat cannot be used").because(fault).help(help)
}
