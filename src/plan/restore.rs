//! What Nova and Neutron are asked to put back: servers that do not run, connections that were taken away.
//!
//! Heat knows nothing of it, and its own way to mend something, a replacement, would wipe the server, or end with taking the
//! new connection away again.

use std::cell::LazyCell;

use super::known::{KnownStack, Standing};
use super::object::brief;
use super::stack_steps::Composer;
use super::stages::Stages;
use super::{Change, ChangeKind, Found, ObservedStack, Restore, RestoreAction, ServiceChanges, Step, StepAction};
use crate::model::{Address, ResourceName, heat_type};
use crate::template::Template;

/// What of a stack is put back before anything else is done with it. What an update replaces or deletes is left to it.
pub(super) fn restores(known: &KnownStack<'_>, wanted: &Template, changes: &[Change]) -> Vec<Restore> {
    let goes = |name: &str| {
        let resources = changes.iter().flat_map(|change| &change.resources);
        resources.filter(|change| change.name == name).any(|change| {
            matches!(change.kind, ChangeKind::Delete | ChangeKind::Replace | ChangeKind::Heal | ChangeKind::Create)
        })
    };
    let idle = known.resources.iter().filter_map(|(name, resource)| match resource.standing {
        Standing::Idle(found) if wanted.resources.contains_key(*name) && !goes(name) => Some((*name, resource, found)),
        _ => None,
    });
    let connections = LazyCell::new(|| known.seen.map(ObservedStack::connections).unwrap_or_default());
    let restores = idle.filter_map(|(name, resource, found)| {
        let action = match found {
            Found::NotRunning(status) => RestoreAction::Start {
                server: known.seen?.resources.get(name)?.physical_id.clone()?,
                action: status.way_back()?,
            },
            Found::Disconnected => {
                let (one, other) = connections.get(name)?;
                let (one, other) = ((*one).to_owned(), (*other).to_owned());
                match resource.heat_type {
                    heat_type::ROUTER_INTERFACE => RestoreAction::Connect { router: one, subnet: other },
                    _ => RestoreAction::Associate { floating_ip: one, port: other },
                }
            }
            Found::AsHeatSays | Found::Deleted => return None,
        };
        Some(Restore { address: resource.address.clone(), resource: name.to_owned(), action })
    });
    restores.collect()
}

/// Those that have to wait for the update: a floating IP has no way to its port before the router has one.
pub(super) fn late(restores: Vec<Restore>, changes: &[Change]) -> (Vec<Restore>, Vec<Restore>) {
    let leads_out = |of: &str| matches!(of, heat_type::ROUTER | heat_type::ROUTER_INTERFACE);
    let mut resources = changes.iter().flat_map(|change| &change.resources);
    let moves = resources.any(|change| change.kind != ChangeKind::NoChange && leads_out(&change.heat_type));
    restores.into_iter().partition(|restore| moves && matches!(restore.action, RestoreAction::Associate { .. }))
}

/// The changes of the objects that are restored.
pub(super) fn changes(restores: &[Restore], template: &Template, known: &KnownStack<'_>) -> Vec<Change> {
    let change = |restore: &Restore| Change {
        address: restore.address.clone(),
        kind: ChangeKind::Update,
        reasons: vec![restore.reason(known)],
        services: ServiceChanges::default(),
        rules: Vec::new(),
        protections: Vec::new(),
        resources: Vec::new(),
        lost: Vec::new(),
        drained: false,
        undrained: None,
        origin: template.resources.get(&restore.resource).and_then(|resource| resource.origin),
    };
    restores.iter().map(change).collect()
}

/// The step that does it.
pub(super) fn step(composer: &Composer<'_>, restores: Vec<Restore>) -> Step {
    let addresses: Vec<Address> = restores.iter().map(|restore| restore.address.clone()).collect();
    let starts = |restore: &&Restore| matches!(restore.action, RestoreAction::Start { .. });
    let started = brief(restores.iter().filter(starts).map(|restore| &restore.address));
    let connected = brief(restores.iter().filter(|restore| !starts(restore)).map(|restore| &restore.address));
    let parts = [("start", started), ("connect", connected)];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(_, what)| !what.is_empty())
        .map(|(verb, what)| format!("{verb} {what}{}", if verb == "connect" { " again" } else { "" }))
        .collect();
    composer.step(parts.join("; "), StepAction::Restore(restores), addresses, false)
}

/// Whether a step starts nodes.
pub(super) fn starts(step: &Step) -> bool {
    let is_start = |restore: &Restore| matches!(restore.action, RestoreAction::Start { .. });
    matches!(&step.action, StepAction::Restore(restores) if restores.iter().any(is_start))
}

/// Has the base stack verify the cluster once more, because nodes are started: their frameworks come up by themselves, and
/// apply ends when they have. Heat carries an unchanged deployment out again only if something is said to be wrong with it.
pub(super) fn verify_again(base: Option<&KnownStack<'_>>, composer: &Composer<'_>, stages: &mut Stages) {
    let name = ResourceName::Verification.to_string();
    let is_there = base.is_some_and(|base| base.resources.contains_key(name.as_str()));
    if !is_there || !composer.template.resources.contains_key(&name) {
        return;
    }
    let verify = || composer.update("verify".to_owned(), composer.template.clone(), Vec::new(), false);
    let last = stages.base.last.as_mut().unwrap_or_else(|| stages.verify.get_or_insert_with(verify));
    last.heal.push(name);
}

impl Restore {
    fn reason(&self, known: &KnownStack<'_>) -> String {
        match &self.action {
            RestoreAction::Start { action, .. } => {
                let status = known.resources.get(self.resource.as_str()).map(|resource| resource.standing);
                let status = match status {
                    Some(Standing::Idle(Found::NotRunning(status))) => status.name(),
                    _ => "not running",
                };
                format!("server is {status} and is {}", action.done())
            }
            RestoreAction::Associate { .. } => {
                "floating IP was taken away outside of DISCO and is associated again".to_owned()
            }
            RestoreAction::Connect { .. } => {
                "router was disconnected outside of DISCO and is connected again".to_owned()
            }
        }
    }
}
