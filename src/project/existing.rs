//! Whether the cloud has what definitions take for granted, and how the embedded one gets it.

use std::collections::BTreeSet;
use std::path::Path;

use super::cloud::heat_failure;
use super::compile::Made;
use super::doubt::Doubt;
use super::failure::{Failure, FailureKind};
use super::session::Session;
use super::{Project, files};
use crate::graph::{check_existing, check_room, without_way_out};
use crate::heat;
use crate::model::{CloudIdentity, NetworkSpec};
use crate::source::Diagnostics;
use crate::state::State;

/// What is said of things that the cloud does not have.
const GONE: [&str; 3] = ["disco::unknown_key_pair", "disco::unknown_network", "disco::unknown_subnet"];

impl Session<'_> {
    /// Checks key pairs and existing networks of all clusters. Where none refers to one, nothing is asked.
    /// What a standing cluster has and the cloud no longer shows is a doubt.
    pub(super) async fn check_existing(
        &self,
        made: &Made,
        state: &State,
        doubts: &mut Vec<Doubt>,
    ) -> Result<Diagnostics, Failure> {
        let clusters = || made.spec().clusters.values();
        let key_pairs = clusters().any(|cluster| cluster.ssh.key_pair.is_some());
        let networks: BTreeSet<&str> = clusters()
            .filter_map(|cluster| match &cluster.network {
                NetworkSpec::Existing { network, .. } => Some(network.value.as_str()),
                NetworkSpec::New { .. } => None,
            })
            .collect();
        let mut diagnostics = Diagnostics::new();
        if *self.identity() != CloudIdentity::Embedded {
            let new = clusters().filter(|cluster| !state.clusters.contains_key(&cluster.name));
            diagnostics.extend(new.filter_map(without_way_out));
        }
        if !key_pairs && networks.is_empty() {
            return Ok(diagnostics);
        }
        let parts = heat::existing(self.client(), key_pairs, &networks).await.map_err(|fault| heat_failure(&fault))?;
        let stacks = state.clusters.values().flat_map(|cluster| cluster.stacks.values());
        let own: BTreeSet<&str> = stacks
            .flat_map(|stack| stack.resources.values())
            .filter_map(|resource| resource.physical_id.as_deref())
            .collect();
        for cluster in clusters() {
            let Some(wanted) = made.clusters.get(&cluster.name) else { continue };
            let known = state.clusters.get(&cluster.name).map(|known| &known.members);
            let stands = known.is_some_and(|known| known.count() > 0);
            for found in check_existing(cluster, &wanted.members, known, &own, &parts) {
                if stands && GONE.contains(&found.code) {
                    doubts.push(Doubt::new(&cluster.name, None, found));
                } else {
                    diagnostics.push(found);
                }
            }
        }
        let placed = clusters().filter_map(|cluster| Some((cluster, &made.clusters.get(&cluster.name)?.members)));
        diagnostics.extend(check_room(placed, &parts));
        Ok(diagnostics)
    }
}

impl Project {
    /// Adds a key pair to the embedded Heat of this project, with the public key in a file where one is given.
    ///
    /// # Errors
    /// A file that cannot be read or is not a public key, an engine in use, a name that is taken.
    pub async fn add_key_pair(&self, name: &str, public_key: Option<&Path>) -> Result<(), Failure> {
        let wrong = |message: String| Failure::new(FailureKind::Definition, message);
        let key = match public_key {
            None => None,
            Some(path) => {
                let path = self.directory().join(path);
                let shown = files::shown(&path);
                let bytes = files::read_existing(&path)
                    .map_err(|fault| wrong(format!("cannot read `{shown}`")).because(&fault))?;
                let text = String::from_utf8(bytes).unwrap_or_default().trim().to_owned();
                let is_key = ["ssh-", "ecdsa-", "sk-"].iter().any(|begin| text.starts_with(begin));
                if !is_key || text.lines().count() != 1 {
                    return Err(wrong(format!("`{shown}` is not a public key")).help(
                        "name a file with one line that begins with `ssh-ed25519` or similar, such as ~/.ssh/id_ed25519.pub",
                    ));
                }
                Some(text)
            }
        };
        let mut reached = self.reach(&self.own_engine()).await?;
        let added = heat::add_key_pair(&reached.cloud, name, key.as_deref()).await;
        reached.close();
        added.map_err(|fault| heat_failure(&fault))
    }
}
