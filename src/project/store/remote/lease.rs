//! The lock of a state that is kept elsewhere, which is a lease where that place says so.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Contested, Place, Remote, RemoteFault};
use crate::project::Notices;
use crate::project::lock::Holder;

/// How often within its time a lease is renewed.
const RENEWALS: u32 = 4;

/// Why a lock is lost of which nobody says who has it.
pub(super) const NOBODY_KNOWN: &str = "somebody else has taken it";

/// Who has a lock, in Terraform's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::project) struct LockInfo {
    #[serde(rename = "ID")]
    pub(in crate::project) id: String,
    operation: String,
    info: String,
    who: String,
    version: String,
    created: String,
    path: String,
}

impl LockInfo {
    fn new(id: String, holder: &Holder, path: &str) -> Self {
        let Holder { operation, pid, user, host, since } = holder;
        Self {
            id,
            operation: format!("disco {operation}"),
            info: format!("process {pid}"),
            who: format!("{user}@{host}"),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: since.clone(),
            path: path.to_owned(),
        }
    }

    /// A lock of which nothing but the ID is known.
    pub(in crate::project) fn of_id(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    /// What is said of whoever has the lock.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok().filter(|info: &Self| *info != Self::default())
    }
}

impl fmt::Display for LockInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever writes to the server chooses these words.
        let clean = |text: &str| -> String { text.chars().filter(|letter| !letter.is_control()).take(200).collect() };
        let Self { id, operation, info, who, created, .. } = self;
        write!(f, "`{}` of {}", clean(operation), clean(who))?;
        if !info.is_empty() {
            write!(f, ", {}", clean(info))?;
        }
        if !created.is_empty() {
            write!(f, ", since {}", clean(created))?;
        }
        write!(f, " (lock {})", clean(id))
    }
}

/// Why a lock was not to be had.
#[derive(Debug)]
pub(in crate::project) enum NotLocked {
    /// Somebody has it.
    Held {
        /// Who, if that is told.
        holder: Option<LockInfo>,
        /// How long it lasts without being renewed, if it ends by itself.
        lasts: Option<Duration>,
    },
    /// The request came to nothing.
    Fault(RemoteFault),
}

impl<F: Into<RemoteFault>> From<F> for NotLocked {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// A lock of this process.
#[derive(Debug)]
pub(super) struct Held {
    info: LockInfo,
    /// How long it lasts without being renewed; `None`: for ever.
    lasts: Option<Duration>,
    renewed: Mutex<Instant>,
    lost: Mutex<Option<String>>,
}

impl Held {
    pub(super) fn id(&self) -> &str {
        &self.info.id
    }

    fn lost(&self) -> Option<String> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn lose(&self, why: String) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    }

    fn renewed(&self) -> Instant {
        *self.renewed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a state is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::project) enum RemoteLock {
    /// Nobody has it.
    Free,
    /// Somebody has; who, if that is told.
    Held(Option<LockInfo>),
}

/// The lock of a state that is kept elsewhere; given back when dropped.
#[derive(Debug)]
pub(in crate::project) struct RemoteLease {
    remote: Remote,
    held: Arc<Held>,
    renewal: Option<tokio::task::JoinHandle<()>>,
    notices: Option<Notices>,
}

impl RemoteLease {
    /// Whether it ends by itself when this process dies.
    pub(in crate::project) fn ends_by_itself(&self) -> bool {
        self.held.lasts.is_some()
    }
}

impl Remote {
    /// Takes the lock if nobody has it.
    pub(in crate::project) async fn acquire(
        &self,
        id: String,
        holder: &Holder,
        notices: Option<Notices>,
    ) -> Result<RemoteLease, NotLocked> {
        let info = LockInfo::new(id, holder, self.address());
        let asked = Instant::now();
        let lasts = self.lock(&info).await?;
        let held = Arc::new(Held { info, lasts, renewed: Mutex::new(asked), lost: Mutex::default() });
        self.hold(Some(Arc::clone(&held)));
        let renewal = lasts.map(|lasts| tokio::spawn(renew_always(self.clone(), Arc::clone(&held), lasts)));
        Ok(RemoteLease { remote: self.clone(), held, renewal, notices })
    }

    /// Takes the lock, or takes it again; how long it lasts.
    async fn lock(&self, info: &LockInfo) -> Result<Option<Duration>, NotLocked> {
        match &self.place {
            Place::Http(server) => server.lock(info).await,
            Place::Postgres(database) => database.lock(info).await,
        }
    }

    /// Gives a lock back, or takes it from whoever has it.
    pub(in crate::project) async fn unlock(&self, info: &LockInfo) -> Result<(), RemoteFault> {
        match &self.place {
            Place::Http(server) => Ok(server.unlock(info).await?),
            Place::Postgres(database) => Ok(database.unlock(info).await?),
        }
    }

    /// Who has the lock. A place that has no question for that is asked for the lock by `id` and `holder`, and given it back.
    pub(in crate::project) async fn locked(&self, id: String, holder: &Holder) -> Result<RemoteLock, RemoteFault> {
        match &self.place {
            Place::Http(server) => server.locked(&LockInfo::new(id, holder, self.address())).await,
            Place::Postgres(database) => Ok(database.locked().await?),
        }
    }

    /// Makes sure that the lock is still this process's. One that has not been renewed for half of its time is renewed first.
    pub(super) async fn require_lock(&self) -> Result<(), Contested> {
        let Some(held) = self.held() else { return Ok(()) };
        if let Some(lasts) = held.lasts
            && held.lost().is_none()
            && held.renewed().elapsed() > lasts / 2
        {
            self.renew(&held).await?;
        }
        match held.lost() {
            Some(why) => Err(Contested::Lost(why)),
            None => Ok(()),
        }
    }

    /// Takes the lock again.
    async fn renew(&self, held: &Held) -> Result<(), RemoteFault> {
        let asked = Instant::now();
        let renewed = match &self.place {
            Place::Http(server) => server.lock(&held.info).await,
            Place::Postgres(database) => database.renew(&held.info).await,
        };
        match renewed {
            Ok(_) => {
                *held.renewed.lock().unwrap_or_else(PoisonError::into_inner) = asked;
                Ok(())
            }
            Err(NotLocked::Held { holder: Some(holder), .. }) => {
                held.lose(format!("it is {holder} that has it now"));
                Ok(())
            }
            Err(NotLocked::Held { holder: None, .. }) => {
                held.lose(NOBODY_KNOWN.to_owned());
                Ok(())
            }
            Err(NotLocked::Fault(fault)) => Err(fault),
        }
    }
}

/// Renews a lock for as long as it is held.
async fn renew_always(remote: Remote, held: Arc<Held>, lasts: Duration) {
    while held.lost().is_none() {
        tokio::time::sleep(lasts / RENEWALS).await;
        // Whoever writes finds out what is wrong.
        let _ = remote.renew(&held).await;
    }
}

impl Drop for RemoteLease {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
        self.remote.hold(None);
        if self.held.lost().is_some() {
            return;
        }
        // Whoever drops it need not be where one may wait.
        let (remote, info) = (self.remote.clone(), self.held.info.clone());
        let given_back = std::thread::spawn(move || give_back(&remote, &info)).join();
        if !matches!(given_back, Ok(true))
            && let Some(Notices(tell)) = &self.notices
        {
            let id = self.held.id();
            tell(&if self.ends_by_itself() {
                "The lock could not be given back; it ends by itself.".to_owned()
            } else {
                format!("The lock could not be given back, and does not end by itself: disco force-unlock {id}")
            });
        }
    }
}

/// Gives a lock back from a thread of its own; whether that went well.
fn give_back(remote: &Remote, info: &LockInfo) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    // Connections belong to the runtime that has made them.
    let (Ok(runtime), Ok(remote)) = (runtime, remote.anew()) else { return false };
    runtime.block_on(remote.unlock(info)).is_ok()
}
