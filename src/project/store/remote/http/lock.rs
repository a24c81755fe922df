//! The lock of a state on a server, which is a lease where the server says so.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use super::super::RemoteFault;
use super::super::lease::{LockInfo, NotLocked, RemoteLock};
use super::ask::{Ask, Over};
use super::{HttpFault, HttpServer};

/// The header with which a server says that a lock ends by itself unless it is renewed, and after how many seconds.
const LEASE: &str = "Disco-Lease";

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
                passes: false,
                retry_after: None,
            }),
            _ => Ok(self),
        }
    }
}

impl HttpServer {
    /// Takes the lock, or takes it again; how long it lasts.
    pub(in super::super) async fn lock(&self, info: &LockInfo) -> Result<Option<Duration>, NotLocked> {
        let ask = Ask::Lock(info, Over::Nothing);
        let answer = self.ask(&ask).await?;
        match answer.status.as_u16() {
            200..=299 if !self.compares() => Ok(lease(&answer.headers)),
            200..=299 => self.require_conditions(info).await,
            409 | 412 if self.compares() => match self.lock_of_store().await? {
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
            _ => Err(NotLocked::Fault(self.refused(&answer, ask.what()).into())),
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
                Ok(answer) => self.refused(&answer, ask.what()),
                Err(fault) => fault,
            };
            let _ = self.unlock(info).await;
            return Err(fault.into());
        }
        Ok(None)
    }

    /// Gives a lock back, or takes it from whoever has it.
    pub(in super::super) async fn unlock(&self, info: &LockInfo) -> Result<(), HttpFault> {
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
                Some(found) => found.require(info).and_then(|_| Err(self.refused(&answer, ask.what()))),
            },
            _ => Err(self.refused(&answer, ask.what())),
        }
    }

    /// The lock, of a store that can show it.
    async fn lock_of_store(&self) -> Result<Option<LockObject>, HttpFault> {
        let answer = self.ask(&Ask::ReadLock).await?;
        match answer.status.as_u16() {
            200 => Ok(Some(LockObject { info: LockInfo::read(&answer.body), tag: answer.tag() })),
            404 => Ok(None),
            _ => Err(self.refused(&answer, Ask::ReadLock.what())),
        }
    }

    /// Who has the lock: Terraform's protocol has no question for that, so it is tried.
    pub(in super::super) async fn locked(&self, info: &LockInfo) -> Result<RemoteLock, RemoteFault> {
        if self.compares() {
            let found = self.lock_of_store().await?;
            return Ok(found.map_or(RemoteLock::Free, |found| RemoteLock::Held(found.info)));
        }
        match self.lock(info).await {
            Ok(_) => Ok(self.unlock(info).await.map(|()| RemoteLock::Free)?),
            Err(NotLocked::Held { holder, .. }) => Ok(RemoteLock::Held(holder)),
            Err(NotLocked::Fault(fault)) => Err(fault),
        }
    }
}

fn lease(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(LEASE)?.to_str().ok()?.trim().parse().ok()?;
    (seconds > 0).then(|| Duration::from_secs(seconds))
}
