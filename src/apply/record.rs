//! What is kept after a step, and who is to blame where it failed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::Event;
use super::failure::{ApplyError, Culprit, StepFailure};
use super::node_log::log_of;
use super::outcome::Stop;
use super::run::Run;
use super::watch::Watch;
use crate::heat::{StackRef, wire};
use crate::model::{Action, Address, Status, heat_type, is_token_refused, plain_reason};
use crate::plan::{ObservedResource, ObservedStack, Step};
use crate::source::Span;
use crate::state::{ResourceState, StackState};
use crate::template::{Folded, Template};

/// The template of a step, and what was sent for it.
pub(super) struct Kept<'t> {
    pub(super) template: &'t Template,
    pub(super) sent: Folded,
    pub(super) parameters: BTreeMap<String, String>,
}

/// How a creation or an update has ended.
pub(super) enum StepEnd {
    /// As planned.
    Well,
    /// A person has cancelled it, and all is as it was before.
    Cancelled,
    /// Heat says FAILED.
    Failed(Box<StepFailure>),
}

impl Run<'_> {
    /// Keeps the end of a creation or an update, which somebody may have `cancelled`.
    pub(super) async fn keep(
        &self,
        step: &Step,
        kept: Kept<'_>,
        stack: wire::Stack,
        watch: &Watch<'_, '_>,
        cancelled: bool,
    ) -> Result<StepEnd, Stop> {
        let at = StackRef::new(&stack.stack_name, &stack.id);
        let failed = |source| ApplyError::cloud(&step.title, source);
        let listed = self.cloud.resources(&at).await.map_err(failed)?;
        let mut seen = ObservedStack::from(stack);
        seen.resources = resources(listed);
        let rolled_back = seen.status.action == Action::Rollback;
        let well = seen.status.is_complete() && !rolled_back;
        seen.template = Some(if rolled_back { self.cloud.template(&at).await.map_err(failed)? } else { kept.sent });
        if well {
            self.note_timeline(watch, &seen).await;
        }
        let end = match well {
            true => StepEnd::Well,
            false if cancelled && seen.status.is(&Action::Rollback, &Status::Complete) => StepEnd::Cancelled,
            false => StepEnd::Failed(Box::new(self.failure(step, Some(kept.template), &seen, watch).await)),
        };
        {
            let mut run_state = self.run_state();
            let lineage = run_state.state.lineage.clone();
            let record = run_state.cluster(&step.cluster).stacks.entry(step.stack.clone()).or_default();
            record.id = Some(at.id.clone());
            if rolled_back {
                record.record_observed(&step.cluster, &seen);
            } else {
                let before = std::mem::take(&mut record.resources);
                record.record(&lineage, kept.template, &kept.parameters, &seen.resources);
                if !well {
                    keep_unfinished(record, before, &seen, &watch.complete);
                }
            }
            record.end(&seen);
            run_state.seen.stacks.insert(step.stack.clone(), seen);
        }
        self.commit().await?;
        Ok(end)
    }

    /// Who is to blame, told to the observer too.
    pub(super) async fn failure(
        &self,
        step: &Step,
        template: Option<&Template>,
        seen: &ObservedStack,
        watch: &Watch<'_, '_>,
    ) -> StepFailure {
        let wanted = |name: &str| template.and_then(|template| template.resources.get(name));
        let culprit = |name: &str, reason: &str| {
            // What a rollback has taken away again stands in the template only.
            let heat_type = seen.resources.get(name).map(|resource| resource.heat_type.clone());
            let heat_type = heat_type.or_else(|| Some(wanted(name)?.heat_type.clone())).unwrap_or_default();
            let origin = wanted(name).and_then(|resource| resource.origin);
            culprit(watch.names.address(name), name, heat_type, reason, origin)
        };
        let failed: Vec<(&String, &ObservedResource)> =
            seen.resources.iter().filter(|(_, resource)| resource.status.is_failed()).collect();
        let (mut first, id) = match (watch.culprit(), failed.first()) {
            (Some(told), _) => (Some(culprit(&told.name, &told.reason)), told.physical_id.clone()),
            (None, Some((name, resource))) => (Some(culprit(name, &resource.reason)), resource.physical_id.clone()),
            (None, None) => (None, None),
        };
        if let Some(first) = &mut first {
            let id = id.or_else(|| seen.resources.get(&first.resource)?.physical_id.clone());
            let server = id.clone();
            if let Some(id) = id.filter(|_| first.heat_type == heat_type::SOFTWARE_DEPLOYMENT) {
                // Without the node's own words the failure is still worth telling.
                first.log = match &watch.log {
                    Some((resource, log)) if *resource == first.resource => log.clone(),
                    _ => log_of(self.cloud, &id).await.unwrap_or_default(),
                };
            } else if let Some(id) = server.filter(|_| first.heat_type == heat_type::SERVER) {
                let fault = self.cloud.server_fault(&id).await.ok().flatten();
                first.fault = fault.filter(|fault| !first.reason.contains(fault.as_str()));
            }
        }
        let blockers = match seen.status.action {
            Action::Delete => failed.iter().map(|(name, resource)| culprit(name, &resource.reason)).collect(),
            _ => Vec::new(),
        };
        let mut others: Vec<Address> = watch.failed.iter().map(|failed| watch.names.address(&failed.name)).collect();
        others.sort();
        others.dedup();
        others.retain(|address| first.as_ref().is_none_or(|first| first.address != *address));
        let begun: BTreeSet<Address> = seen
            .resources
            .iter()
            .filter(|(_, resource)| resource.status.action != Action::Init)
            .map(|(name, _)| watch.names.address(name))
            .collect();
        let waiting = seen.resources.iter().filter(|(_, resource)| resource.status.action == Action::Init);
        let not_begun: BTreeSet<Address> = waiting.map(|(name, _)| watch.names.address(name)).collect();
        // Of whom something was begun, something else has failed, or waits for what has.
        let not_begun: Vec<Address> = not_begun.difference(&begun).cloned().collect();
        let failure = StepFailure {
            step: step.title.clone(),
            cluster: step.cluster.clone(),
            stack: step.stack.clone(),
            status: seen.status.clone(),
            reason: seen.reason.clone(),
            batch: step.batch.is_some(),
            culprit: first,
            others,
            not_begun,
            blockers,
            holders: Vec::new(),
        };
        let blamed = failure.culprit.as_ref();
        let event = Event::Failed {
            stack: step.stack.clone(),
            address: blamed.map(|culprit| culprit.address.clone()),
            resource: blamed.map(|culprit| culprit.resource.clone()),
            action: blamed.and_then(|culprit| watch.action(&culprit.address)),
            reason: blamed.map_or_else(|| seen.reason.clone(), |culprit| culprit.reason.clone()),
            log: blamed.map(|culprit| culprit.log.clone()).unwrap_or_default(),
        };
        self.tell(&event);
        failure
    }
}

/// A listing by logical name.
pub(super) fn resources(listed: Vec<wire::Resource>) -> BTreeMap<String, ObservedResource> {
    listed.into_iter().map(|resource| (resource.resource_name.clone(), resource.into())).collect()
}

/// An update that failed half-way: what it did not reach is remembered as it was, what it did not delete is still
/// there. Then the next plan sees what is left to do.
pub(super) fn keep_unfinished(
    record: &mut StackState,
    before: Arc<BTreeMap<String, ResourceState>>,
    seen: &ObservedStack,
    complete: &BTreeSet<String>,
) {
    let resources = Arc::make_mut(&mut record.resources);
    for (name, old) in Arc::unwrap_or_clone(before) {
        match resources.get_mut(&name) {
            Some(new) if new.properties != old.properties && !complete.contains(&name) => {
                new.properties = old.properties;
            }
            None if seen.resources.get(&name).is_some_and(ObservedResource::exists) => {
                resources.insert(name, old);
            }
            Some(_) | None => {}
        }
    }
}

fn culprit(address: Address, name: &str, heat_type: String, reason: &str, origin: Option<Span>) -> Culprit {
    Culprit {
        address,
        resource: name.to_owned(),
        heat_type,
        reason: plain_reason(reason, name),
        token_refused: is_token_refused(reason),
        fault: None,
        log: Vec::new(),
        origin,
    }
}
