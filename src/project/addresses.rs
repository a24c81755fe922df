//! What is known only once a part of a plan was carried out: addresses that Neutron chooses, which are read from the ports,
//! and what other clusters will have. What names any of it is planned again then.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::ControlFlow;
use std::time::Duration;

use super::cloud::heat_failure;
use super::compile::Made;
use super::failure::{Failure, FailureKind, failed};
use super::planned::Planned;
use super::session::{Applied, Session};
use crate::apply::{End, Event, Interrupt, Observer};
use crate::model::{NodePart, ResourceName, stack_name};
use crate::plan::{Found, Observation, Plan};
use crate::source::Diagnostics;
use crate::state::State;

impl Session<'_> {
    /// Takes into the state which addresses Neutron has given to the ports of some clusters: a node whose port is not there
    /// has none. Where no cluster is named nothing is asked. Returns whether that changes anything.
    pub(super) async fn take_addresses(
        &self,
        state: &mut State,
        seen: &Observation,
        names: &BTreeSet<String>,
    ) -> Result<bool, Failure> {
        if !state.clusters.keys().any(|name| names.contains(name)) {
            return Ok(false);
        }
        let ports = self.client().ports().await.map_err(|fault| heat_failure(&fault))?;
        let given: BTreeMap<String, Ipv4Addr> = ports
            .into_iter()
            .filter_map(|port| {
                let address = port.fixed_ips.iter().find_map(|fixed| match fixed.ip_address {
                    IpAddr::V4(address) => Some(address),
                    IpAddr::V6(_) => None,
                });
                Some((port.id, address?))
            })
            .collect();
        let mut changes = false;
        for (name, cluster) in state.clusters.iter_mut().filter(|(name, _)| names.contains(*name)) {
            let workspace = cluster.members.workspace.clone();
            for (group, members) in &mut cluster.members.groups {
                for (index, node) in &mut members.nodes {
                    let port = ResourceName::Node(group, *index, NodePart::Port).to_string();
                    let stack = seen.stacks.get(&stack_name(workspace.as_deref(), name, node.shard));
                    let port = stack.and_then(|stack| stack.resources.get(&port));
                    let port = port.filter(|port| port.exists() && port.found != Found::Deleted);
                    let address = port.and_then(|port| given.get(port.physical_id.as_deref()?).copied());
                    changes |= node.address != address;
                    node.address = address;
                }
            }
        }
        Ok(changes)
    }

    /// Carries out the `first` part of a plan, which makes ports and clusters that others refer to, and plans everything else
    /// with what is known then: addresses of nodes, values of these clusters. Breaks off where nobody watches any longer.
    pub(super) async fn begin_with(
        &self,
        first: &Plan,
        planned: Planned,
        interrupt: Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<ControlFlow<Applied, Planned>, Failure> {
        if first.steps.is_empty() {
            return Err(still_unknown(&planned.plan));
        }
        let mut numbered = planned.before.and_then(planned.plan.steps.len(), observer);
        let outcome = self.carry_out(first, planned.state, interrupt, &mut numbered).await;
        match outcome.end {
            End::Done => {}
            End::Failed(errors) => return Err(failed(&errors)),
            End::Detached => {
                let meanwhile = self.meanwhile(&outcome.state);
                let took = planned.before.took + outcome.took;
                let (outputs, timeline) = (outcome.state.outputs, outcome.timeline);
                return Ok(ControlFlow::Break(Applied {
                    outputs,
                    finished: false,
                    meanwhile,
                    took,
                    timeline,
                    warnings: Diagnostics::new(),
                }));
            }
        }
        let state = outcome.state;
        let seen = self.look(&state).await?;
        let then = self.plan_from(state, seen, planned.accept_data_loss).await?;
        check(&planned.plan, &then.plan)?;
        let taken_over = planned.taken_over || then.taken_over;
        let Before { steps, took } = planned.before;
        let before = Before { steps: steps + first.steps.len(), took: took + outcome.took };
        Ok(ControlFlow::Continue(Planned { taken_over, before, ..then }))
    }
}

/// Clusters of which a node has no address yet.
pub(super) fn lacking(state: &State) -> BTreeSet<String> {
    let lacking = state.clusters.iter().filter(|(_, cluster)| cluster.members.lack_addresses());
    lacking.map(|(name, _)| name.clone()).collect()
}

/// Clusters whose nodes' addresses Neutron chooses.
pub(super) fn chosen(made: &Made) -> BTreeSet<String> {
    let chosen = made.spec().clusters.iter().filter(|(_, cluster)| cluster.network.addresses().is_none());
    chosen.map(|(name, _)| name.clone()).collect()
}

/// Steps that were carried out before others were planned.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Before {
    steps: usize,
    /// How long they took.
    pub(super) took: Duration,
}

impl Before {
    /// Tells an observer of `more` steps after these, as one operation.
    pub(super) fn and_then(self, more: usize, observer: &mut dyn Observer) -> Onward<'_> {
        Onward { of: self.steps + more, before: self, observer }
    }
}

/// Steps after others: their numbers and times go on.
pub(super) struct Onward<'o> {
    before: Before,
    of: usize,
    observer: &'o mut dyn Observer,
}

impl Observer for Onward<'_> {
    fn on(&mut self, at: Duration, event: &Event) {
        let mut event = event.clone();
        match &mut event {
            Event::StepStarted { number, of, .. } => {
                *number += self.before.steps;
                *of = self.of;
            }
            Event::StepEnded { number, .. } => *number += self.before.steps,
            _ => {}
        }
        self.observer.on(self.before.took + at, &event);
    }
}

/// The refusal of a plan that waits for something although nothing is left to be done before.
fn still_unknown(plan: &Plan) -> Failure {
    let waiting = plan.steps.iter().find(|step| step.lacks_addresses).map(|step| step.cluster.as_str());
    let cluster = waiting.unwrap_or_default();
    let message =
        format!("what cluster `{cluster}` needs to know is not known, although everything before it was done");
    Failure::new(FailureKind::Apply, message)
        .help("run `disco status` to see whether nodes lack an address, then run `disco apply` again to continue")
}

/// What is done afterwards is what was agreed to before.
fn check(told: &Plan, then: &Plan) -> Result<(), Failure> {
    if then.diagnostics.has_errors() {
        let mut diagnostics = Diagnostics::new();
        diagnostics.extend(then.diagnostics.iter().cloned());
        return Err(Failure::of(FailureKind::Refused, diagnostics));
    }
    if then.continues(told) {
        return Ok(());
    }
    let message =
        "what is there has changed while the first part was carried out, so the rest of the plan is out of date";
    Err(Failure::new(FailureKind::Refused, message).help("run `disco apply` again to see what is left"))
}
