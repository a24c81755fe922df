//! Faults of resources and machines, and how often each has had its occasion.

use std::collections::HashSet;

use super::Turn;
use crate::local::failure::Failure;

#[derive(Debug)]
struct Resource {
    name: String,
    action: Option<String>,
    turn: Turn,
    reason: (String, String),
    seen: u32,
}

#[derive(Debug)]
struct Node {
    server: String,
    turn: Turn,
    code: u32,
    stderr: String,
    seen: u32,
}

/// Faults of resources and machines.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    resources: Vec<Resource>,
    nodes: Vec<Node>,
    /// Machines that carry out nothing.
    silent: HashSet<String>,
    /// How many events may still be told before the engine dies.
    pub events_left: Option<u64>,
}

impl Troubles {
    pub(crate) fn add_resource(&mut self, name: String, action: Option<String>, turn: Turn, reason: (String, String)) {
        self.resources.push(Resource { name, action, turn, reason, seen: 0 });
    }

    pub(crate) fn add_node(&mut self, server: String, turn: Turn, code: u32, stderr: String) {
        self.nodes.push(Node { server, turn, code, stderr, seen: 0 });
    }

    pub(crate) fn silence(&mut self, server: String) {
        self.silent.insert(server);
    }

    pub(crate) fn unsilence(&mut self, server: &str) {
        self.silent.remove(server);
    }

    pub(crate) fn is_silent(&self, server: &str) -> bool {
        self.silent.contains(server)
    }

    /// How an action on a resource that begins now is going to fail.
    pub(crate) fn of_resource(&mut self, name: &str, action: &str) -> Option<Failure> {
        let concerns = |it: &&mut Resource| it.name == name && it.action.as_deref().is_none_or(|own| own == action);
        let mut struck = None;
        for fault in self.resources.iter_mut().filter(concerns) {
            fault.seen = fault.seen.saturating_add(1);
            if struck.is_none() && fault.turn.includes(fault.seen) {
                let (kind, message) = fault.reason.clone();
                struck = Some(Failure { kind: kind.into(), message });
            }
        }
        struck
    }

    /// Exit status and error output of a deployment that ends now on a machine.
    pub(crate) fn of_node(&mut self, server: &str) -> Option<(u32, String)> {
        let mut struck = None;
        for fault in self.nodes.iter_mut().filter(|it| it.server == server) {
            fault.seen = fault.seen.saturating_add(1);
            if struck.is_none() && fault.turn.includes(fault.seen) {
                struck = Some((fault.code, fault.stderr.clone()));
            }
        }
        struck
    }

    /// An event has been told. Whether the engine dies of it is seen when its transaction is written.
    pub(crate) fn told(&mut self) {
        if let Some(left) = &mut self.events_left {
            *left = left.saturating_sub(1);
        }
    }

    pub(crate) fn is_fatal(&self) -> bool {
        self.events_left == Some(0)
    }
}
