//! Who carries out operations: one at a time for each project, each in the record that was made when it was asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::apply::{Interrupt, Interrupter, OnInterrupt};
use crate::project::OperationLog;

/// How often it is looked whether all have ended.
const LOOK: Duration = Duration::from_millis(50);

/// The operations that this process carries out, or is to.
#[derive(Debug, Default)]
pub(super) struct Workers(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    /// By project and number.
    all: BTreeMap<(String, u64), Under>,
    /// One operation of a project waits for the other.
    turns: BTreeMap<String, Arc<tokio::sync::Mutex<()>>>,
    /// Nothing new is begun.
    leaving: bool,
}

#[derive(Debug)]
struct Under {
    stop: Interrupter,
    running: bool,
    work: JoinHandle<()>,
}

/// How an operation of this process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It waits for another one of the project.
    Queued,
    /// It is carried out.
    Running,
}

impl Workers {
    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has an operation carried out, in the record that was begun for it. Returns its number, or `None` where the service is
    /// about to end.
    pub(super) fn begin<W: Future<Output = ()>>(
        self: &Arc<Self>,
        name: &str,
        log: &OperationLog,
        work: impl FnOnce(Interrupt) -> W + Send + 'static,
    ) -> Option<u64> {
        let number = log.number()?;
        let mut inside = self.inside();
        if inside.leaving {
            return None;
        }
        let turn = Arc::clone(inside.turns.entry(name.to_owned()).or_default());
        let (stop, interrupt) = Interrupt::new();
        let (key, all) = ((name.to_owned(), number), Arc::clone(self));
        let at = key.clone();
        let work = tokio::spawn(async move {
            let turn = turn.lock_owned().await;
            if let Some(under) = all.inside().all.get_mut(&at) {
                under.running = true;
            }
            // A thread of its own: planning is work for a processor, and what it holds belongs to one thread.
            let handle = Handle::current();
            let done = tokio::task::spawn_blocking(move || {
                let interrupt = interrupt.meaning(OnInterrupt::Detach);
                handle.block_on(Box::pin(work(interrupt)));
            });
            let _ = done.await;
            all.inside().all.remove(&at);
            drop(turn);
        });
        inside.all.insert(key, Under { stop, running: false, work });
        Some(number)
    }

    /// How an operation is, where this process has it.
    pub(super) fn standing(&self, project: &str, number: u64) -> Option<Standing> {
        let under = |under: &Under| if under.running { Standing::Running } else { Standing::Queued };
        self.inside().all.get(&(project.to_owned(), number)).map(under)
    }

    /// Whether an operation of that project is carried out or waits to be.
    pub(super) fn is_busy(&self, project: &str) -> bool {
        self.inside().all.keys().any(|(of, _)| of == project)
    }

    /// Whether no operation of the project was asked for after that one.
    pub(super) fn is_last(&self, project: &str, number: u64) -> bool {
        self.inside().all.keys().all(|(of, known)| of != project || *known <= number)
    }

    /// Stops watching all operations of a project before that one. Those that wait end before they do anything.
    pub(super) fn detach_before(&self, project: &str, number: u64) {
        let inside = self.inside();
        let before = inside.all.iter().filter(|((of, known), _)| of == project && *known < number);
        before.for_each(|(_, under)| under.stop.interrupt());
    }

    /// Whether the service ends.
    pub(super) fn is_leaving(&self) -> bool {
        self.inside().leaving
    }

    /// Stops watching an operation: what Heat has begun it ends by itself. Returns whether there is one.
    pub(super) fn detach(&self, project: &str, number: u64) -> bool {
        let inside = self.inside();
        let under = inside.all.get(&(project.to_owned(), number));
        under.inspect(|under| under.stop.interrupt()).is_some()
    }

    /// The service ends: nothing is begun any more, and what is under way is left to Heat.
    pub(super) fn leave(&self) {
        let mut inside = self.inside();
        inside.leaving = true;
        inside.all.values().for_each(|under| {
            under.stop.interrupt();
            if !under.running {
                under.work.abort();
            }
        });
        inside.all.retain(|_, under| under.running);
    }

    /// Waits until all have ended, but not longer than that.
    pub(super) async fn ended(&self, patience: Duration) {
        let all = async {
            while !self.inside().all.is_empty() {
                tokio::time::sleep(LOOK).await;
            }
        };
        let _ = tokio::time::timeout(patience, all).await;
    }
}
