//! The lock of a state on a server, which is a lease where the server says so.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::ask::{Ask, Over};
use super::{Contested, HttpBackend, HttpFault, client};
use crate::project::Notices;
use crate::project::lock::Holder;

/// The header with which a server says that a lock ends by itself unless it is renewed, and after how many seconds.
const LEASE: &str = "Disco-Lease";

/// How often within its time a lease is renewed.
const RENEWALS: u32 = 4;

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

    /// What a server says of whoever has the lock.
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
        /// Who, if the server says so.
        holder: Option<LockInfo>,
        /// How long it lasts without being renewed, if it ends by itself.
        lasts: Option<Duration>,
    },
    /// The request came to nothing.
    Fault(HttpFault),
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

/// Whether a server's state is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::project) enum ServerLock {
    /// Nobody has it.
    Free,
    /// Somebody has; who, if the server says so.
    Held(Option<LockInfo>),
}

/// The lock as a store has it.
struct LockObject {
    /// Who has it, where that can be read.
    info: Option<LockInfo>,
    tag: Option<String>,
}

impl LockObject {
    /// Fails where somebody else has it.
    fn require(self, wanted: &LockInfo) -> Result<Self, HttpFault> {
        match &self.info {
            Some(holder) if holder.id != wanted.id => Err(HttpFault::Refused {
                what: Ask::Unlock(wanted, None).what(),
                status: StatusCode::CONFLICT,
                said: format!(": it is {holder} that has it now"),
                retry_after: None,
            }),
            _ => Ok(self),
        }
    }
}

/// The lock of a state on a server; given back when dropped.
#[derive(Debug)]
pub(in crate::project) struct ServerLease {
    server: HttpBackend,
    held: Arc<Held>,
    renewal: Option<tokio::task::JoinHandle<()>>,
    notices: Option<Notices>,
}

impl ServerLease {
    /// Whether it ends by itself when this process dies.
    pub(in crate::project) fn ends_by_itself(&self) -> bool {
        self.held.lasts.is_some()
    }
}

impl HttpBackend {
    /// Takes the lock if nobody has it.
    pub(in crate::project) async fn acquire(
        &self,
        id: String,
        holder: &Holder,
        notices: Option<Notices>,
    ) -> Result<ServerLease, NotLocked> {
        let info = LockInfo::new(id, holder, self.address());
        let asked = Instant::now();
        let lasts = self.lock(&info).await?;
        let held = Arc::new(Held { info, lasts, renewed: Mutex::new(asked), lost: Mutex::default() });
        self.hold(Some(Arc::clone(&held)));
        let renewal = lasts.map(|lasts| tokio::spawn(renew_always(self.clone(), Arc::clone(&held), lasts)));
        Ok(ServerLease { server: self.clone(), held, renewal, notices })
    }

    /// Takes the lock, or takes it again; how long it lasts.
    async fn lock(&self, info: &LockInfo) -> Result<Option<Duration>, NotLocked> {
        let ask = Ask::Lock(info, Over::Nothing);
        let answer = self.ask(&ask).await.map_err(NotLocked::Fault)?;
        match answer.status.as_u16() {
            200..=299 if !self.compares() => Ok(lease(&answer.headers)),
            200..=299 => self.require_conditions(info).await,
            409 | 412 if self.compares() => match self.lock_of_store().await.map_err(NotLocked::Fault)? {
                // It was had by a request whose answer was lost.
                Some(LockObject { info: Some(holder), .. }) if holder.id == info.id => {
                    self.require_conditions(info).await
                }
                found => Err(NotLocked::Held { holder: found.and_then(|found| found.info), lasts: None }),
            },
            409 | 423 => match LockInfo::read(&answer.body) {
                Some(holder) if holder.id == info.id => Ok(lease(&answer.headers)),
                holder => Err(NotLocked::Held { holder, lasts: lease(&answer.headers) }),
            },
            _ => Err(NotLocked::Fault(answer.fault(ask.what()))),
        }
    }

    /// Fails where a store gives the lock a second time, or over a tag that it does not have: it would let everybody in. So it
    /// does where it says anything else than that the condition does not hold. The lock, which this process has, is given back.
    async fn require_conditions(&self, info: &LockInfo) -> Result<Option<Duration>, NotLocked> {
        for over in [Over::Nothing, Over::Tag("\"no-tag-of-anything\"")] {
            let ask = Ask::Lock(info, over);
            let fault = match self.ask(&ask).await {
                Ok(answer) if answer.status == StatusCode::PRECONDITION_FAILED => continue,
                Ok(answer) if answer.status.is_success() => HttpFault::Conditions,
                Ok(answer) => answer.fault(ask.what()),
                Err(fault) => fault,
            };
            let _ = self.unlock(info).await;
            return Err(NotLocked::Fault(fault));
        }
        Ok(None)
    }

    /// Gives a lock back, or takes it from whoever has it.
    pub(in crate::project) async fn unlock(&self, info: &LockInfo) -> Result<(), HttpFault> {
        let found = if self.compares() { self.lock_of_store().await? } else { None };
        let tag = match found {
            None if self.compares() => return Ok(()),
            None => None,
            Some(found) => found.require(info)?.tag,
        };
        let ask = Ask::Unlock(info, tag.as_deref());
        let answer = self.ask(&ask).await?;
        match answer.status {
            status if status.is_success() => Ok(()),
            // It has gone, by a request whose answer was lost, or somebody else has it now.
            StatusCode::PRECONDITION_FAILED if self.compares() => match self.lock_of_store().await? {
                None => Ok(()),
                Some(found) => found.require(info).and_then(|_| Err(answer.fault(ask.what()))),
            },
            _ => Err(answer.fault(ask.what())),
        }
    }

    /// The lock, of a store that can show it.
    async fn lock_of_store(&self) -> Result<Option<LockObject>, HttpFault> {
        let answer = self.ask(&Ask::ReadLock).await?;
        match answer.status.as_u16() {
            200 => Ok(Some(LockObject { info: LockInfo::read(&answer.body), tag: answer.tag() })),
            404 => Ok(None),
            _ => Err(answer.fault(Ask::ReadLock.what())),
        }
    }

    /// Who has the lock: Terraform's protocol has no question for that, so it is tried.
    pub(in crate::project) async fn locked(&self, id: String, holder: &Holder) -> Result<ServerLock, HttpFault> {
        if self.compares() {
            let found = self.lock_of_store().await?;
            return Ok(found.map_or(ServerLock::Free, |found| ServerLock::Held(found.info)));
        }
        let info = LockInfo::new(id, holder, self.address());
        match self.lock(&info).await {
            Ok(_) => self.unlock(&info).await.map(|()| ServerLock::Free),
            Err(NotLocked::Held { holder, .. }) => Ok(ServerLock::Held(holder)),
            Err(NotLocked::Fault(fault)) => Err(fault),
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
    async fn renew(&self, held: &Held) -> Result<(), HttpFault> {
        let asked = Instant::now();
        match self.lock(&held.info).await {
            Ok(_) => {
                *held.renewed.lock().unwrap_or_else(PoisonError::into_inner) = asked;
                Ok(())
            }
            Err(NotLocked::Held { holder: Some(holder), .. }) => {
                held.lose(format!("it is {holder} that has it now"));
                Ok(())
            }
            Err(NotLocked::Held { holder: None, .. }) => {
                held.lose("the server says that somebody else has it".to_owned());
                Ok(())
            }
            Err(NotLocked::Fault(fault)) => Err(fault),
        }
    }
}

/// Renews a lock for as long as it is held.
async fn renew_always(server: HttpBackend, held: Arc<Held>, lasts: Duration) {
    while held.lost().is_none() {
        tokio::time::sleep(lasts / RENEWALS).await;
        // Whoever writes finds out what is wrong.
        let _ = server.renew(&held).await;
    }
}

fn lease(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(LEASE)?.to_str().ok()?.trim().parse().ok()?;
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

impl Drop for ServerLease {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
        self.server.hold(None);
        if self.held.lost().is_some() {
            return;
        }
        // Whoever drops it need not be where one may wait.
        let (server, info) = (self.server.clone(), self.held.info.clone());
        let given_back = std::thread::spawn(move || give_back(server, &info)).join();
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
fn give_back(server: HttpBackend, info: &LockInfo) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (Ok(runtime), Ok(client)) = (runtime, client()) else { return false };
    // Connections belong to the runtime that has made them.
    let server = HttpBackend { client, ..server };
    runtime.block_on(server.unlock(info)).is_ok()
}
