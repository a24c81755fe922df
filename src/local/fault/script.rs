//! Faults of requests, and how often each has had its occasion.

use super::{FaultAction, Requests, Turn};

#[derive(Debug)]
struct Part {
    which: Requests,
    turn: Turn,
    action: FaultAction,
    seen: u32,
}

/// Faults of requests, and how often each has had its occasion. A proxy before another Heat plays the same script.
#[derive(Debug, Default)]
pub struct Script {
    parts: Vec<Part>,
}

impl Script {
    /// Adds a fault, whose occasions are counted from now on.
    pub fn add(&mut self, which: Requests, turn: Turn, action: FaultAction) {
        self.parts.push(Part { which, turn, action, seen: 0 });
    }

    /// What happens to a request that has just come. Every fault counts it; the first one whose turn it is strikes.
    pub fn meet(&mut self, method: &str, path: &str) -> Option<FaultAction> {
        let mut struck = None;
        for part in self.parts.iter_mut().filter(|part| part.which.match_request(method, path)) {
            part.seen = part.seen.saturating_add(1);
            if struck.is_none() && part.turn.includes(part.seen) {
                struck = Some(part.action);
            }
        }
        struck
    }
}
