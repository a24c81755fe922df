//! What asks this process to end: an interrupt from the keyboard (SIGINT), a polite kill (SIGTERM), a terminal that was
//! closed (SIGHUP). All of them mean the same. One that was ignored when the process began, as `nohup` and shells do for
//! what runs in the background, stays ignored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::exit::leave_at_once;
use super::printer::Printer;
use crate::apply::{Interrupt, Interrupter, OnInterrupt};
use crate::project::{Failure, FailureKind};

/// The signals of one command.
#[derive(Clone, Debug)]
pub(super) struct Signals {
    count: watch::Receiver<u32>,
    /// Wishes to stop watching, from the first signal on.
    pub(super) interrupt: Interrupt,
    watching: Arc<AtomicBool>,
    cancels: Arc<AtomicBool>,
}

impl Signals {
    /// Listens from now on: the first signal is told to whoever waits for it here, the second ends the process.
    pub(super) fn listen(printer: &Printer) -> Self {
        let (interrupter, interrupt): (Interrupter, Interrupt) = Interrupt::new();
        let (sender, count) = watch::channel(0);
        let watching = Arc::new(AtomicBool::new(false));
        let cancels = Arc::new(AtomicBool::new(false));
        let (printer, told, cancelling) = (printer.clone(), Arc::clone(&watching), Arc::clone(&cancels));
        let mut signals = Listener::new();
        tokio::spawn(async move {
            loop {
                signals.next().await;
                sender.send_modify(|count| *count += 1);
                if *sender.borrow() > 1 {
                    printer.clear_bars();
                    leave_at_once();
                }
                if told.load(Ordering::Relaxed) {
                    printer.talk(if cancelling.load(Ordering::Relaxed) {
                        "\nInterrupt: Heat is asked to cancel the update and to roll it back; interrupt again to leave at once."
                    } else {
                        "\nInterrupt: watching stops as soon as the state is saved; interrupt again to leave at once."
                    });
                }
                interrupter.interrupt();
            }
        });
        Self { count, interrupt, watching, cancels }
    }

    /// From now on the first signal ends watching, not the process, which the user is told then.
    pub(super) fn watch(&self, on_interrupt: OnInterrupt) {
        self.cancels.store(on_interrupt == OnInterrupt::Cancel, Ordering::Relaxed);
        self.watching.store(true, Ordering::Relaxed);
    }

    /// Returns when the first signal has come.
    pub(super) async fn come(&self) {
        let mut count = self.count.clone();
        if count.wait_for(|count| *count > 0).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Does something that may be given up at any moment; a signal gives it up.
    ///
    /// # Errors
    /// Those of the work, and a signal.
    pub(super) async fn unless_come<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        tokio::select! {
            done = work => done,
            () = self.come() => Err(interrupted()),
        }
    }

    /// The same for work that looks at [`Signals::interrupt`] by itself: it has a moment to come to an end of its own.
    ///
    /// # Errors
    /// Those of the work, and a signal.
    pub(super) async fn unless_come_long_ago<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let long_ago = async {
            self.come().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            done = work => done,
            () = long_ago => Err(interrupted()),
        }
    }
}

fn interrupted() -> Failure {
    Failure::new(FailureKind::Interrupted, "interrupted before anything was changed")
}

/// How long what was interrupted may take to come to an end of its own.
const GRACE: std::time::Duration = std::time::Duration::from_secs(1);

/// Returns at the first signal: for what has nothing to bring to an end.
pub(super) fn any() -> impl Future<Output = ()> + Send {
    // From now on, not from when it is first asked.
    let mut signals = Listener::new();
    async move { signals.next().await }
}

#[cfg(unix)]
struct Listener([Option<tokio::signal::unix::Signal>; 3]);

#[cfg(unix)]
impl Listener {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let ignored = ignored();
        let listen = |kind: SignalKind| {
            let bit = u32::try_from(kind.as_raw_value()).ok()?.checked_sub(1)?;
            if ignored >> bit & 1 == 1 { None } else { signal(kind).ok() }
        };
        Self([listen(SignalKind::interrupt()), listen(SignalKind::terminate()), listen(SignalKind::hangup())])
    }

    async fn next(&mut self) {
        async fn one(signal: &mut Option<tokio::signal::unix::Signal>) {
            let come = match signal {
                Some(signal) => signal.recv().await,
                None => None,
            };
            if come.is_none() {
                std::future::pending::<()>().await;
            }
        }
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            () = one(interrupt) => {}
            () = one(terminate) => {}
            () = one(hangup) => {}
        }
    }
}

/// The signals that this process ignores, a bit each; none where that cannot be told.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = super::context::own_status();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

#[cfg(not(unix))]
struct Listener;

#[cfg(not(unix))]
impl Listener {
    fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
