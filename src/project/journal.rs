//! What an operation is handed to keep its state and to tell the time.
#![expect(clippy::disallowed_methods, reason = "the host's clock is an operation's own")]

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::store::StateStore;
use crate::apply::{Clock, Journal, JournalFault, Keeping};
use crate::state::State;

/// The host's clock.
pub(super) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Keeps the state where it is kept; the generation is made at the first write of the session, which is one operation.
pub(super) struct StateJournal<'a> {
    pub(super) store: &'a StateStore,
    /// Whether the operation has written already.
    pub(super) began: &'a AtomicBool,
}

impl Journal for StateJournal<'_> {
    fn save<'j>(&'j mut self, state: &State) -> Keeping<'j> {
        let serial = state.serial;
        let saving = self.store.save(state);
        Box::pin(async move {
            let fault = |source| JournalFault { what: format!("cannot write `{}`", self.store.named()), source };
            if !self.began.load(Ordering::Relaxed) {
                self.store
                    .begin(serial, &Timestamp::now().to_string())
                    .await
                    .map_err(|failure| fault(failure.causes.join(": ").into()))?;
                self.began.store(true, Ordering::Relaxed);
            }
            saving.await.map_err(|cause| fault(cause.into()))
        })
    }
}
