//! Whether the servers that Heat holds for complete exist and run.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::catalog::Service;
use super::cloud::{Cloud, escaped};
use super::error::HeatError;
use super::facts::read;
use super::listing::Listing;
use super::outside::{Expected, gone};
use crate::model::{ServerStatus, heat_type};
use crate::plan::Found;

#[derive(Deserialize)]
struct Server {
    id: String,
    #[serde(default)]
    status: String,
}

/// What is found of servers, by their ids, as far as it is not what Heat says. One listing tells which run; those that are
/// not in it are asked for one by one, because a listing leaves out what lives in a part of the cloud that does not answer
/// at the moment.
pub(super) async fn look(cloud: &Cloud, expected: &Expected<'_>) -> Result<BTreeMap<String, Found>, HeatError> {
    let servers = expected.ids(heat_type::SERVER);
    if servers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let listed = statuses(cloud).await?;
    let missing: BTreeSet<&str> = servers.iter().copied().filter(|id| !listed.contains_key(*id)).collect();
    let gone = gone(cloud, Service::Compute, "/servers", "a server", &missing).await?;
    let stopped = servers.iter().filter_map(|id| {
        let status = ServerStatus::parse(listed.get(*id)?)?;
        Some(((*id).to_owned(), Found::NotRunning(status)))
    });
    Ok(gone.into_iter().map(|id| (id, Found::Deleted)).chain(stopped).collect())
}

/// Statuses of all servers of the project, by id.
async fn statuses(cloud: &Cloud) -> Result<BTreeMap<String, String>, HeatError> {
    let servers = Listing { service: Service::Compute, path: "/servers/detail", field: "servers", what: "servers" };
    let all = servers.all(cloud, |server: &Server| &server.id).await?;
    Ok(all.into_iter().map(|server| (server.id, server.status)).collect())
}

#[derive(Deserialize)]
struct One {
    server: Faulty,
}

#[derive(Deserialize)]
struct Faulty {
    #[serde(default)]
    fault: Option<ServerFault>,
}

#[derive(Deserialize)]
struct ServerFault {
    message: String,
}

/// How many servers a project has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerCount {
    /// All of them.
    pub all: usize,
    /// Those that run.
    pub running: usize,
}

impl Cloud {
    /// Counts the servers of the project.
    pub async fn count_servers(&self) -> Result<ServerCount, HeatError> {
        let statuses = statuses(self).await?;
        let running = statuses.values().filter(|status| *status == "ACTIVE").count();
        Ok(ServerCount { all: statuses.len(), running })
    }

    /// What Nova says of a server in error: where it was tried and why it failed there. Nothing where all is well with it,
    /// or it does not exist any more.
    pub async fn server_fault(&self, id: &str) -> Result<Option<String>, HeatError> {
        match read::<One>(self, Service::Compute, format!("/servers/{}", escaped(id)), "a server").await {
            Ok(one) => Ok(one.server.fault.map(|fault| fault.message).filter(|message| !message.is_empty())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
