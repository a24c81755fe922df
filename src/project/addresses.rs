//! Addresses that Neutron chooses: they are read from the ports, which are made before everything that names them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::ControlFlow;
use std::time::Duration;

use super::cloud::heat_failure;
use super::failure::{Failure, FailureKind, failed};
use super::session::{Applied, Planned, Session};
use crate::apply::{End, Event, Interrupt, Observer};
use crate::model::{NodePart, ResourceName, stack_name};
use crate::plan::{Observation, Plan};
use crate::source::Diagnostics;
use crate::state::State;

impl Session<'_> {
    /// Takes into the state which addresses Neutron has given to ports of nodes that had none. Where there are no such
    /// nodes, nothing is asked.
    pub(super) async fn take_addresses(&self, state: &mut State, seen: &Observation) -> Result<(), Failure> {
        let waits = state.clusters.values().any(|cluster| cluster.members.without_address().next().is_some());
        if !waits {
            return Ok(());
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
        for (name, cluster) in &mut state.clusters {
            for (group, members) in &mut cluster.members.groups {
                for (index, node) in members.nodes.iter_mut().filter(|(_, node)| node.address.is_none()) {
                    let port = ResourceName::Node(group, *index, NodePart::Port).to_string();
                    let stack = seen.stacks.get(&stack_name(name, node.shard));
                    let port = stack.and_then(|stack| stack.resources.get(&port)).filter(|port| port.exists());
                    let id = port.and_then(|port| port.physical_id.as_deref());
                    node.address = id.and_then(|id| given.get(id).copied());
                }
            }
        }
        Ok(())
    }

    /// Carries out the `first` part of a plan, which makes ports, and plans everything else with the addresses that these
    /// have. Breaks off where nobody watches any longer.
    pub(super) async fn make_ports(
        &self,
        first: &Plan,
        planned: Planned,
        interrupt: Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<ControlFlow<Applied, Planned>, Failure> {
        let nothing = Before::default();
        let mut numbered = nothing.and_then(planned.plan.steps.len(), observer);
        let outcome = self.carry_out(first, planned.state, interrupt, &mut numbered).await;
        match outcome.end {
            End::Done => {}
            End::Failed(errors) => return Err(failed(&errors)),
            End::Detached => {
                let (outputs, goes_on) = (outcome.state.outputs, self.goes_on());
                return Ok(ControlFlow::Break(Applied { outputs, finished: false, goes_on, took: outcome.took }));
            }
        }
        let mut state = outcome.state;
        let seen = self.look(&state).await?;
        self.take_addresses(&mut state, &seen).await?;
        let then = self.plan_from(state, seen, planned.accept_data_loss).await?;
        check(&planned.plan, &then.plan)?;
        let taken_over = planned.taken_over || then.taken_over;
        let before = Before { steps: first.steps.len(), took: outcome.took };
        Ok(ControlFlow::Continue(Planned { taken_over, before, ..then }))
    }
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

/// What is done after the ports is what was agreed to before them.
fn check(told: &Plan, then: &Plan) -> Result<(), Failure> {
    if then.diagnostics.has_errors() {
        let mut diagnostics = Diagnostics::new();
        diagnostics.extend(then.diagnostics.iter().cloned());
        return Err(Failure::of(FailureKind::Refused, diagnostics));
    }
    if then.until_addresses().is_some() {
        let message = "the ports of new nodes were made, but Neutron tells no addresses of theirs";
        return Err(Failure::new(FailureKind::Apply, message).help("run `disco apply` again to continue"));
    }
    if then.continues(told) {
        return Ok(());
    }
    let message = "what is there has changed while ports were made, so the rest of the plan is out of date";
    Err(Failure::new(FailureKind::Refused, message).help("run `disco apply` again to see what is left"))
}
