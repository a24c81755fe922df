//! Traversing a stack's resources: forward to make and change them, backward to clean up what is no longer wanted.
//!
//! As Heat's convergence does: a resource is looked at when all it requires is done; a replaced or removed one
//! is deleted after its successor and after everything that was made from it. The first failure stops new
//! work; what is running ends by itself.

mod action;
mod converge;
mod order;
mod scope;
mod stack;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::entity::{Action, Status};
use super::hot;
use super::tasks::{Task, Traversal};
use super::world::{Timer, World};

pub(crate) use scope::{Scope, output};

enum Step {
    Done,
    /// The node's own work goes on in that row.
    Started(u64),
    /// The row is still busy with earlier work.
    Blocked(u64),
    Failed(u64),
}

impl World {
    /// Starts, or takes up again, the action a stack is in.
    pub(crate) fn traverse(&mut self, id: &str) {
        let Some(stack) = self.stacks.get(id) else { return };
        let (action, started, number, timeout) = (stack.action, stack.started, stack.traversal, stack.timeout_mins);
        let retained = hot::retained(&stack.previous.as_ref().unwrap_or(&stack.version).template);
        let parsed = if action == Action::Delete { Ok(Arc::default()) } else { self.parsed(id) };
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(refusal) => {
                self.traversals.remove(id);
                self.end_stack(id, Status::Failed, &refusal.message);
                return;
            }
        };
        let minutes = f64::from(timeout.filter(|minutes| *minutes > 0).unwrap_or(60));
        let limit = self.allowed(minutes);
        // Without any scale nothing takes time, and a timeout still must not be immediate.
        let limit = if limit == 0 { 3_600_000 } else { limit };
        self.timers.insert((started + limit, Timer::Stack(id.to_owned(), number)));
        let mut traversal = Traversal {
            action,
            parsed,
            nodes: Vec::new(),
            ready: VecDeque::new(),
            busy: HashMap::new(),
            remaining: 0,
            failures: Vec::new(),
            retained,
        };
        match action {
            Action::Suspend | Action::Resume | Action::Check => self.plan_act(id, &mut traversal),
            _ => self.plan_converge(id, &mut traversal),
        }
        traversal.remaining = traversal.nodes.len();
        traversal.ready = (0..traversal.nodes.len()).filter(|node| traversal.nodes[*node].waiting == 0).collect();
        self.traversals.insert(id.to_owned(), traversal);
        self.pump(id);
    }

    /// Does whatever is ready.
    fn pump(&mut self, id: &str) {
        loop {
            let Some(traversal) = self.traversals.get_mut(id) else { return };
            let Some(node) = traversal.ready.pop_front() else { break };
            let (task, action, parsed) =
                (traversal.nodes[node].task.clone(), traversal.action, Arc::clone(&traversal.parsed));
            let step = match &task {
                Task::Forward(name) => self.forward(id, name, &parsed),
                Task::Cleanup(row) => self.cleanup(id, *row, &parsed),
                Task::Act(row) => self.act(*row, action),
            };
            let Some(traversal) = self.traversals.get_mut(id) else { return };
            match step {
                Step::Done => traversal.done(node),
                Step::Started(row) => {
                    traversal.busy.insert(row, (node, true));
                }
                Step::Blocked(row) => {
                    // After a restart the row may be at work for this very action.
                    let number = self.stacks.get(id).map_or(0, |stack| stack.traversal);
                    let own = self.rows.get(&row).is_some_and(|row| row.traversal == number);
                    traversal.busy.insert(row, (node, own));
                }
                Step::Failed(row) if action == Action::Check => self.fail_check(id, node, row),
                Step::Failed(row) => {
                    self.fail_stack(id, row);
                    return;
                }
            }
        }
        if self.traversals.get(id).is_some_and(|traversal| traversal.remaining == 0)
            && let Some(traversal) = self.traversals.remove(id)
        {
            match traversal.action {
                Action::Check => self.end_check(id, &traversal.failures),
                _ => self.end_stack(id, Status::Complete, ""),
            }
        }
    }

    /// A resource has failed its check: those that depend on it are not checked, all others are.
    fn fail_check(&mut self, stack: &str, node: usize, row: u64) {
        let reason = self.rows.get(&row).map(|row| row.reason.clone()).unwrap_or_default();
        if let Some(traversal) = self.traversals.get_mut(stack) {
            traversal.failures.push(reason);
            traversal.cancel(node);
        }
    }

    /// A row's action has ended, well or not.
    pub(crate) fn row_ended(&mut self, row: u64, stack: &str, failed: bool) {
        let Some(traversal) = self.traversals.get_mut(stack) else { return };
        let Some((node, own)) = traversal.busy.remove(&row) else { return };
        match (own, failed) {
            (false, _) => traversal.ready.push_back(node),
            (true, false) => traversal.done(node),
            (true, true) if traversal.action == Action::Check => self.fail_check(stack, node, row),
            (true, true) => {
                self.fail_stack(stack, row);
                return;
            }
        }
        self.pump(stack);
    }
}
