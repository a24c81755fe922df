//! An action on one resource: how it begins and how it ends.

use super::super::entity::{Action, Row, Status};
use super::super::failure::Failure;
use super::super::resource::{self, Begun};
use super::super::world::World;
use super::Step;

/// Whether a resource can be suspended or resumed from where it is.
fn may(row: &Row, action: Action) -> bool {
    match (action, row.action, row.status) {
        (Action::Suspend, Action::Suspend, status) => status != Status::InProgress,
        (Action::Suspend, before, status) => before != Action::Delete && status == Status::Complete,
        (_, Action::Suspend, status) => status == Status::Complete,
        (_, Action::Resume, status) => status != Status::InProgress,
        _ => false,
    }
}

impl World {
    pub(super) fn act(&mut self, row: u64, action: Action) -> Step {
        match self.rows.get(&row) {
            None => Step::Done,
            Some(found) if action != Action::Check && !may(found, action) => {
                let (name, state) = (found.name.clone(), (found.action, found.status));
                let message =
                    format!("State ('{}', '{}') invalid for {}", state.0, state.1, action.to_string().to_lowercase());
                let Some(stack) = self.rows.get(&row).map(|row| row.stack.clone()) else { return Step::Done };
                self.traversals.remove(&stack);
                self.end_stack(
                    &stack,
                    Status::Failed,
                    &format!("Resource {action} failed: Error: resources.{name}: {message}"),
                );
                Step::Done
            }
            Some(found) if found.action == Action::Init => Step::Done,
            Some(found) if found.status == Status::InProgress => Step::Blocked(row),
            Some(found) if action == Action::Check && !resource::can_be_checked(&found.kind) => {
                let reason = format!("{action} not supported for {}", found.kind);
                self.set_row(row, action, Status::Complete, &reason);
                Step::Done
            }
            Some(found) if found.action == action && found.status == Status::Complete && action != Action::Check => {
                Step::Done
            }
            Some(_) => self.begin(row, action),
        }
    }

    /// Begins an action on a row; it goes on by timer or signal, or has failed at once.
    pub(super) fn begin(&mut self, row: u64, action: Action) -> Step {
        let traversal = self.rows.get(&row).and_then(|row| self.stacks.get(&row.stack)).map_or(0, |it| it.traversal);
        if let Some(row) = self.row_mut(row) {
            row.traversal = traversal;
        }
        self.set_row(row, action, Status::InProgress, "state changed");
        let name = self.rows.get(&row).map(|row| row.name.clone()).unwrap_or_default();
        let fault = self.troubles.of_resource(&name, &action.to_string());
        let begun = match fault {
            // Nova takes its time to find no host.
            Some(fault) if action == Action::Create && self.rows.get(&row).is_some_and(|row| row.is_server()) => {
                let begun = resource::begin(self, row, action);
                if let Some(row) = self.row_mut(row) {
                    row.doom = Some(fault.reason(&name));
                }
                begun
            }
            Some(fault) => Err(fault),
            None => resource::begin(self, row, action),
        };
        match begun {
            Ok(Begun::Takes(seconds)) => {
                self.row_ends(row, seconds);
                Step::Started(row)
            }
            Ok(Begun::Machine(work)) => {
                if let Some(server) = self.rows.get(&row).and_then(|row| row.physical.clone()) {
                    self.ordered(&server);
                    self.order(&server, Some(row), work);
                }
                Step::Started(row)
            }
            Ok(Begun::Disks { server, seconds }) => {
                if self.identity.nodes.is_real() && self.servers.contains_key(&server) {
                    self.ordered(&server);
                } else {
                    self.row_ends(row, seconds);
                }
                Step::Started(row)
            }
            Ok(Begun::Waits) => Step::Started(row),
            Err(failure) => {
                if let Some(row) = self.row_mut(row) {
                    row.forget_pending();
                }
                self.set_row(row, action, Status::Failed, &failure.reason(&name));
                Step::Failed(row)
            }
        }
    }

    /// The time of a row's running action is over, or its signal has come.
    pub(crate) fn complete_row(&mut self, id: u64, failure: Option<&Failure>) {
        let Some(row) = self.rows.get(&id).filter(|row| row.status == Status::InProgress) else { return };
        let (action, stack, name) = (row.action, row.stack.clone(), row.name.clone());
        let doomed = row.doom.clone();
        let reason = failure.map(|failure| failure.reason(&name)).or(doomed);
        let failed = reason.is_some();
        if let Some(reason) = reason {
            if let Some(row) = self.row_mut(id) {
                row.forget_pending();
            }
            resource::spoiled(self, id, action);
            self.set_row(id, action, Status::Failed, &reason);
        } else {
            if let Some(row) = self.row_mut(id) {
                row.take_pending();
            }
            resource::completed(self, id, action);
            self.set_row(id, action, Status::Complete, "state changed");
            if action == Action::Delete {
                self.drop_row(id);
            }
        }
        self.row_ended(id, &stack, failed);
    }
}
