//! What an operation is handed to keep its state and to tell the time.
#![expect(clippy::disallowed_methods, reason = "the host's clock is an operation's own")]

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::store::StateStore;
use crate::apply::{Clock, Journal, JournalFault};
use crate::state::State;

/// The host's clock.
pub(super) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Keeps the state in its file; the generation is made at the first write of the session, which is one operation.
pub(super) struct StateJournal<'a> {
    pub(super) store: &'a StateStore,
    /// Whether the operation has written already.
    pub(super) began: &'a AtomicBool,
}

impl Journal for StateJournal<'_> {
    fn save(&mut self, state: &State) -> Result<(), JournalFault> {
        let fault = |source| JournalFault { what: format!("cannot write `{}`", self.store.path().display()), source };
        if !self.began.load(Ordering::Relaxed) {
            self.store
                .begin(state.serial, &Timestamp::now().to_string())
                .map_err(|failure| fault(failure.causes.join(": ").into()))?;
            self.began.store(true, Ordering::Relaxed);
        }
        self.store.save(state).map_err(|cause| fault(cause.into()))
    }
}
