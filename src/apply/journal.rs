//! What an operation is handed: the cloud, where the state is kept, the time, and who is told.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::event::Observer;
use super::expected::StepTimes;
use crate::heat::Cloud;
use crate::state::State;

/// What an operation works with: all that touches the world is handed in.
pub struct OperationContext<'a> {
    /// Whom it asks.
    pub cloud: &'a Cloud,
    /// Where the state is kept.
    pub journal: &'a mut dyn Journal,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Who is told what happens.
    pub observer: &'a mut dyn Observer,
    /// When to stop, and how often to ask.
    pub options: Options,
}

/// A state on its way to where it is kept.
pub type Keeping<'j> = Pin<Box<dyn Future<Output = Result<(), JournalFault>> + Send + 'j>>;

/// Keeps the state, which may be far away.
pub trait Journal: Send {
    /// Takes the state as it is now, and makes it durable: it is when what is returned has ended. Whoever waits for that
    /// need not keep others from the state meanwhile.
    fn save<'j>(&'j mut self, state: &State) -> Keeping<'j>;
}

/// The state could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct JournalFault {
    /// Which file, and what was tried.
    pub what: String,
    /// Why not.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Keeps every state in memory; the last is the valid one.
impl Journal for Vec<State> {
    fn save<'j>(&'j mut self, state: &State) -> Keeping<'j> {
        self.push(state.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Time between two moments; nothing where the clock went backwards.
pub(super) fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// A person's request to stop watching. Clones share it.
#[derive(Clone, Debug)]
pub struct Interrupt {
    request: watch::Receiver<bool>,
    meaning: OnInterrupt,
    /// Keeps an interrupt that nobody can trigger from looking like one whose owner is gone.
    _never: Option<Arc<watch::Sender<bool>>>,
}

/// What an interrupt does to an update that Heat is working on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnInterrupt {
    /// Heat goes on, and nobody watches.
    #[default]
    Detach,
    /// Heat is asked to cancel the update, and its rollback is waited for.
    Cancel,
}

/// The other end: triggers the interrupt.
#[derive(Clone, Debug)]
pub struct Interrupter(Arc<watch::Sender<bool>>);

impl Interrupt {
    /// One that is never triggered.
    pub fn never() -> Self {
        let (sender, request) = watch::channel(false);
        Self { request, meaning: OnInterrupt::Detach, _never: Some(Arc::new(sender)) }
    }

    /// An interrupt and the end that triggers it.
    pub fn new() -> (Interrupter, Self) {
        let (sender, request) = watch::channel(false);
        (Interrupter(Arc::new(sender)), Self { request, meaning: OnInterrupt::Detach, _never: None })
    }

    /// The same, with this meaning.
    #[must_use]
    pub fn meaning(self, meaning: OnInterrupt) -> Self {
        Self { meaning, ..self }
    }

    /// Whether Heat is to be asked to cancel its update.
    pub(super) fn cancels(&self) -> bool {
        self.meaning == OnInterrupt::Cancel
    }

    /// Whether it has been triggered.
    pub fn requested(&self) -> bool {
        *self.request.borrow()
    }

    /// Waits; returns early, with `true`, when the interrupt comes meanwhile.
    pub(super) async fn sleep(&mut self, time: Duration) -> bool {
        self.during(tokio::time::sleep(time)).await.is_none() || self.requested()
    }

    /// Waits for an answer; `None` where the interrupt comes first.
    pub(super) async fn during<T>(&mut self, answer: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(answer);
        loop {
            if self.requested() {
                return None;
            }
            tokio::select! {
                answer = &mut answer => return Some(answer),
                changed = self.request.changed() => if changed.is_err() {
                    return Some(answer.await);
                },
            }
        }
    }
}

impl Interrupter {
    /// Triggers the interrupt.
    pub fn interrupt(&self) {
        self.0.send_replace(true);
    }
}

/// How often Heat is asked for news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Shortest wait between two questions.
    pub shortest: Duration,
    /// Longest.
    pub longest: Duration,
}

impl Pace {
    /// For a Heat in this process, where a question costs microseconds.
    pub const IN_PROCESS: Self = Self { shortest: Duration::from_millis(20), longest: Duration::from_millis(250) };
    /// For a Heat behind a network, whose events have a resolution of a second.
    pub const NETWORK: Self = Self { shortest: Duration::from_millis(250), longest: Duration::from_secs(3) };

    /// How long an outage is waited for while Heat works on something.
    pub(super) fn patience(self) -> Duration {
        self.longest.saturating_mul(OUTAGE)
    }

    /// The next wait: shorter where there is news, longer where there is none.
    pub(super) fn next(self, wait: Duration, news: bool) -> Duration {
        let wait = if news { wait * 2 / 3 } else { wait * 3 / 2 };
        wait.clamp(self.shortest, self.longest)
    }
}

/// How many of the longest waits an outage may last: five minutes behind a network.
const OUTAGE: u32 = 100;

/// How many stacks Heat is asked to work on at a time where nothing is said, as Terraform has it.
pub const PARALLELISM: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9);

/// How to carry out a plan.
#[derive(Clone, Debug)]
pub struct Options {
    /// A person's request to stop watching.
    pub interrupt: Interrupt,
    /// How often Heat is asked; chosen by the cloud where nothing is said.
    pub pace: Option<Pace>,
    /// How often a failed deletion is tried in all.
    pub delete_attempts: u32,
    /// How many stacks Heat is asked to work on at a time.
    pub parallelism: NonZeroUsize,
    /// How long such steps took before on this cloud.
    pub times: StepTimes,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            interrupt: Interrupt::never(),
            pace: None,
            delete_attempts: 3,
            parallelism: PARALLELISM,
            times: StepTimes::default(),
        }
    }
}
