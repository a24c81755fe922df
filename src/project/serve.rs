//! The embedded Heat on a port, so that it outlives the commands that use it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpListener;

use super::cloud::engine_failure;
use super::failure::{Failure, FailureKind};
use super::lock;
use super::{Project, embedded};
use crate::local::{Engine, serve};
use crate::model::{NodeDriver, Provider};

/// Where an engine listens that somebody serves by hand.
const BY_HAND: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8004);
/// How often an engine that was started by a command looks whether it is still needed.
const LOOK: Duration = Duration::from_secs(1);

/// How an engine is to be served.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServeOptions {
    /// Where; if nothing is said, where its nodes know it, or at a port of its own choice.
    pub listen: Option<SocketAddr>,
    /// What its nodes are; if nothing is said, what the definition says.
    pub nodes: Option<NodeDriver>,
    /// Whether a command starts it for those that come after: it then ends by itself when it has nothing to do.
    pub kept: bool,
}

/// An engine that listens.
#[derive(Debug)]
pub struct Server {
    engine: Engine,
    listener: TcpListener,
    url: String,
    /// How long one that was started by a command may have nothing to do, and the project's folder.
    idle: Option<(Duration, PathBuf)>,
}

impl Project {
    /// Opens this project's engine and listens.
    ///
    /// # Errors
    /// A store that is in use, an address that is taken.
    pub async fn serve(&self, options: ServeOptions) -> Result<Server, Failure> {
        let ServeOptions { listen, nodes, kept } = options;
        let own = || match self.own_engine() {
            Provider::Local { nodes, .. } => nodes,
            Provider::OpenStack { .. } => NodeDriver::Simulated,
        };
        let nodes = nodes.unwrap_or_else(own);
        let engine = self.open_engine(&self.engine_folder(), nodes).await?;
        let listener = listener(&engine, listen, nodes, kept).await?;
        let address = listener.local_addr().map_err(|fault| taken(listen.unwrap_or(BY_HAND), &fault))?;
        let reached = if address.ip().is_unspecified() {
            SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port())
        } else {
            address
        };
        let url = format!("http://{reached}");
        // Before anybody is told, so that whoever is told finds it.
        engine.announce(Some(&url), kept).map_err(|fault| engine_failure(&fault))?;
        let idle = if kept { Some((embedded::idle(&self.request)?, self.folder())) } else { None };
        Ok(Server { engine, listener, url, idle })
    }
}

/// Nodes that are real come from networks that come and go: for them an engine listens at every address, and lets in
/// nobody else. They know its port, so it is the same one again if it can be.
async fn listener(
    engine: &Engine,
    listen: Option<SocketAddr>,
    nodes: NodeDriver,
    kept: bool,
) -> Result<TcpListener, Failure> {
    let anywhere = |port| SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port);
    let (wanted, instead) = match (listen, nodes) {
        (Some(address), _) => (address, None),
        (None, NodeDriver::Container) => (anywhere(engine.known_port().unwrap_or(0)), Some(anywhere(0))),
        (None, NodeDriver::Simulated) if kept => (SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0), None),
        (None, NodeDriver::Simulated) => (BY_HAND, None),
    };
    match (TcpListener::bind(wanted).await, instead) {
        (Err(_), Some(instead)) => TcpListener::bind(instead).await.map_err(|fault| taken(instead, &fault)),
        (bound, _) => bound.map_err(|fault| taken(wanted, &fault)),
    }
}

fn taken(address: SocketAddr, fault: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Cloud, format!("cannot listen at {address}"))
        .because(fault)
        .help("use --listen 127.0.0.1:0 for any free port")
}

impl Server {
    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until `end` comes, or, if a command has started it, until it is needed no longer.
    ///
    /// # Errors
    /// A port that can no longer be served.
    pub async fn until(self, end: impl Future<Output = ()> + Send) -> Result<(), Failure> {
        let Self { engine, listener, idle, .. } = self;
        let unneeded = async {
            match &idle {
                Some((patience, folder)) => unneeded(&engine, *patience, folder).await,
                None => std::future::pending().await,
            }
        };
        let served = tokio::select! {
            served = serve(&engine, listener) => served.map_err(|fault| engine_failure(&fault)),
            () = end => Ok(()),
            () = unneeded => Ok(()),
        };
        engine.shutdown();
        served
    }
}

/// Returns when an engine's folder has gone, or when it has had no servers for a while and nobody has asked it anything.
async fn unneeded(engine: &Engine, patience: Duration, folder: &std::path::Path) {
    let (mut seen, mut quiet) = (engine.requests(), Duration::ZERO);
    while engine.is_in_place() {
        tokio::time::sleep(LOOK).await;
        let requests = engine.requests();
        if engine.is_needed() || requests != seen {
            (seen, quiet) = (requests, Duration::ZERO);
            continue;
        }
        quiet += LOOK;
        if quiet >= patience {
            // A command may wait for its user, who reads a plan.
            if !lock::is_held(folder) {
                return;
            }
            quiet = Duration::ZERO;
        }
    }
}
