//! What the project tells the world about its clusters.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::Project;
use super::cloud::heat_failure;
use super::compile::{Made, wrong};
use super::definition::Loaded;
use super::failure::Failure;
use super::scope::members_of;
use super::session::Session;
use crate::apply;
use crate::expression;
use crate::heat;
use crate::language::OutputValue;
use crate::model::{KnownCluster, Members, NodeId};
use crate::plan::{Observation, Scope};
use crate::source::{Diagnostic, Diagnostics};
use crate::state::{self, OutputState, State};

/// An output, evaluated.
#[derive(Debug)]
pub(super) struct ProjectOutput {
    /// Name.
    pub(super) name: String,
    /// Its value; `None` where it is known only after apply.
    pub(super) json: Option<serde_json::Value>,
    /// Never shown or kept.
    pub(super) secret: bool,
    /// For people.
    pub(super) description: Option<String>,
}

impl ProjectOutput {
    /// As the state keeps it; `None` where it is not known.
    pub(super) fn settled(self, lineage: &str) -> Option<OutputState> {
        let value = self.json?;
        Some(if self.secret {
            OutputState::Secret(state::salted_digest(lineage, &self.name, &value.to_string()))
        } else {
            OutputState::Value(value)
        })
    }
}

impl Project {
    /// Evaluates the outputs.
    pub(super) fn outputs(
        &self,
        loaded: &Loaded,
        made: &Made,
        members: &BTreeMap<String, Members>,
        known: &BTreeMap<String, KnownCluster>,
    ) -> (Vec<ProjectOutput>, Diagnostics) {
        let (outputs, mut diagnostics) =
            loaded.definition.outputs(made.spec(), members, &made.open_ports(), known, &self.sources, &self.reader());
        let mut all = Vec::new();
        for output in outputs {
            let json = if output.value.contains_unknown() || output.value.contains_failed() {
                None
            } else {
                match expression::to_json(&output.value) {
                    Ok(json) => Some(json),
                    Err(fault) => {
                        let diagnostic = Diagnostic::error("disco::output_value", fault);
                        diagnostics.push(diagnostic.at(output.origin, "an output must be plain data"));
                        None
                    }
                }
            };
            let OutputValue { name, secret, description, .. } = output;
            all.push(ProjectOutput { name, json, secret, description });
        }
        (all, diagnostics)
    }
}

impl Session<'_> {
    /// Notes what is known only once the clusters live: outputs and floating IPs. Stacks that a step has `seen` are not
    /// looked at again. Of clusters outside of a plan's `scope` outputs tell what these are. Returns the warnings of what can
    /// be told only now.
    pub(super) async fn settle(
        &self,
        made: &Made,
        scope: &Scope,
        state: &mut State,
        mut seen: Observation,
    ) -> Result<Diagnostics, Failure> {
        let unseen = apply::unseen(state, &seen);
        let others = heat::observe_outputs(self.client(), &unseen).await.map_err(|fault| heat_failure(&fault))?;
        seen.stacks.extend(others.stacks);
        let known = apply::known(state, &seen);
        let members = if scope.is_all() { made.members() } else { members_of(state) };
        let (outputs, diagnostics) = self.project.outputs(&self.loaded, made, &members, &known);
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        let settled =
            outputs.into_iter().filter_map(|output| Some((output.name.clone(), output.settled(&state.lineage)?)));
        let outputs = settled.collect();
        state.outputs = outputs;
        for (name, cluster) in &mut state.clusters {
            cluster.floating_ips = known.get(name).map(addresses).unwrap_or_default();
        }
        Ok(self.project.silence(&self.loaded).hush(diagnostics))
    }
}

/// The floating IPs of a living cluster.
pub(super) fn addresses(known: &KnownCluster) -> BTreeMap<NodeId, Ipv4Addr> {
    let nodes =
        known.nodes.iter().flat_map(|(group, nodes)| nodes.iter().map(move |(index, node)| (group, index, node)));
    nodes.filter_map(|(group, index, node)| Some((NodeId::new(group.as_str(), *index), node.floating_ip?))).collect()
}

/// The floating IPs that are known of each cluster.
pub(super) fn floating_ips(state: &State) -> Vec<BTreeMap<NodeId, Ipv4Addr>> {
    state.clusters.values().map(|cluster| cluster.floating_ips.clone()).collect()
}
