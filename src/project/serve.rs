//! The embedded Heat on a port, so that it outlives the commands that use it.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::Project;
use super::cloud::engine_failure;
use super::failure::{Failure, FailureKind};
use crate::local::{Engine, serve};

/// An engine that listens.
#[derive(Debug)]
pub struct Server {
    engine: Engine,
    listener: TcpListener,
    url: String,
}

impl Project {
    /// Opens this project's engine and listens at `address`.
    ///
    /// # Errors
    /// A store that is in use, an address that is taken.
    pub async fn serve(&self, address: SocketAddr) -> Result<Server, Failure> {
        let engine = self.open_engine(&self.engine_folder()).await?;
        let taken = |fault: std::io::Error| {
            Failure::new(FailureKind::Cloud, format!("cannot listen at {address}"))
                .because(&fault)
                .help("use --listen 127.0.0.1:0 for any free port")
        };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let url = format!("http://{}", listener.local_addr().map_err(taken)?);
        // Before anybody is told, so that whoever is told finds it.
        engine.announce(Some(&url)).map_err(|fault| engine_failure(&fault))?;
        Ok(Server { engine, listener, url })
    }
}

impl Server {
    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until `end` comes.
    ///
    /// # Errors
    /// A port that can no longer be served.
    pub async fn until(self, end: impl Future<Output = ()> + Send) -> Result<(), Failure> {
        let Self { engine, listener, .. } = self;
        let served = tokio::select! {
            served = serve(&engine, listener) => served.map_err(|fault| engine_failure(&fault)),
            () = end => Ok(()),
        };
        engine.shutdown();
        served
    }
}
