//! A state that is kept elsewhere: on a server that speaks Terraform's protocol, or in an S3 store, in a PostgreSQL database.
//!
//! An answer that is lost may be one to a write that has arrived: the state is read back. What a place says of its own kind is in
//! the modules below; how often something is tried, and whose the lock is, is here.

mod fault;
mod http;
mod lease;
mod postgres;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value as Json;

use crate::model::{HttpPlace, PostgresPlace, S3Place};
use crate::project::failure::Failure;

use self::http::HttpServer;
use self::postgres::Database;
pub(super) use fault::{Contested, RemoteFault};
use lease::Held;
pub(in crate::project) use lease::{LockInfo, NotLocked, RemoteLease, RemoteLock};

/// How often something is tried.
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What has to be there for a state to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected<'b> {
    /// Whatever it is.
    Anything,
    /// Nothing.
    Nothing,
    /// These bytes.
    These(&'b [u8]),
}

impl Expected<'_> {
    /// Whether that is what is there `now`.
    fn is(self, now: Option<&[u8]>) -> bool {
        match self {
            Self::Anything => true,
            Self::Nothing => now.is_none(),
            Self::These(seen) => same(now, Some(seen)),
        }
    }
}

/// The place of a state, and the lock of this process there.
#[derive(Clone, Debug)]
pub(in crate::project) struct Remote {
    place: Place,
    /// The lock of this process, while it has it.
    held: Arc<Mutex<Option<Arc<Held>>>>,
}

/// What kind of a place it is.
#[derive(Clone, Debug)]
enum Place {
    Http(HttpServer),
    Postgres(Database),
}

/// A write.
#[derive(Clone, Copy, Debug)]
struct Write<'a> {
    bytes: &'a [u8],
    expected: Expected<'a>,
    /// The id of this process's lock.
    lock: Option<&'a str>,
    /// Whether the same write may have arrived before, without an answer.
    may_have_arrived: bool,
}

impl Remote {
    fn of(place: Place) -> Self {
        Self { place, held: Arc::default() }
    }

    /// A server that speaks Terraform's protocol. `variable` asks the environment.
    pub(in crate::project) fn http<'e>(
        place: &HttpPlace,
        variable: impl Fn(&str) -> Option<&'e str>,
    ) -> Result<Self, Failure> {
        Ok(Self::of(Place::Http(HttpServer::terraform(place, variable)?)))
    }

    /// An S3 store. `variable` asks the environment.
    pub(in crate::project) fn s3<'e>(
        place: &S3Place,
        variable: impl Fn(&str) -> Option<&'e str>,
    ) -> Result<Self, Failure> {
        Ok(Self::of(Place::Http(HttpServer::s3(place, variable)?)))
    }

    /// A PostgreSQL database. `variable` asks the environment.
    pub(in crate::project) fn postgres<'e>(
        place: &PostgresPlace,
        workspace: &str,
        variable: impl Fn(&str) -> Option<&'e str>,
    ) -> Result<Self, Failure> {
        Ok(Self::of(Place::Postgres(Database::new(place, workspace, variable)?)))
    }

    /// Where the state is.
    pub(in crate::project) fn address(&self) -> &str {
        match &self.place {
            Place::Http(server) => server.address(),
            Place::Postgres(database) => &database.shown,
        }
    }

    /// The way out of a fault.
    pub(in crate::project) fn help(&self, fault: &RemoteFault) -> &'static str {
        match (&self.place, fault) {
            (Place::Http(server), RemoteFault::Http(fault)) => server.help(fault),
            (_, RemoteFault::Postgres(fault)) => fault.help(),
            // No place has faults of another kind.
            (Place::Postgres(_), RemoteFault::Http(_)) => Default::default(),
        }
    }

    /// The same place with connections of this thread's own.
    fn anew(&self) -> Result<Self, Failure> {
        let place = match &self.place {
            Place::Http(server) => Place::Http(server.anew()?),
            Place::Postgres(database) => Place::Postgres(database.anew()),
        };
        Ok(Self { place, held: Arc::clone(&self.held) })
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hold(&self, held: Option<Arc<Held>>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }

    /// The state's bytes; `None` where there is none.
    pub(super) async fn load(&self) -> Result<Option<Vec<u8>>, RemoteFault> {
        match &self.place {
            Place::Http(server) => Ok(server.load().await?),
            Place::Postgres(database) => Ok(database.load().await?),
        }
    }

    /// Writes the state where what is there is what was `expected`.
    pub(super) async fn save(&self, bytes: &[u8], expected: Expected<'_>) -> Result<(), Contested> {
        let (mut attempt, mut may_have_arrived) = (1, false);
        loop {
            self.require_lock().await?;
            let held = self.held();
            let lock = held.as_ref().map(|held| held.id());
            let write = Write { bytes, expected, lock, may_have_arrived };
            let written = match &self.place {
                Place::Http(server) => server.write(write).await,
                Place::Postgres(database) => database.write(write).await,
            };
            let fault = match written {
                Err(Contested::Fault(fault)) => fault,
                Err(Contested::Lost(why)) => {
                    // It is not this process's to give back any more.
                    if let Some(held) = held {
                        held.lose(why.clone());
                    }
                    return Err(Contested::Lost(why));
                }
                other => return other,
            };
            if !fault.may_pass() {
                return Err(fault.into());
            }
            may_have_arrived |= fault.may_have_arrived();
            if attempt == ATTEMPTS {
                let arrived = may_have_arrived && same(self.load().await.ok().flatten().as_deref(), Some(bytes));
                return if arrived { Ok(()) } else { Err(fault.into()) };
            }
            pause(attempt, fault.retry_after()).await;
            attempt += 1;
        }
    }

    /// Deletes the state.
    pub(super) async fn remove(&self) -> Result<(), RemoteFault> {
        let held = self.held();
        let lock = held.as_ref().map(|held| held.id());
        match &self.place {
            Place::Http(server) => Ok(server.remove(lock).await?),
            Place::Postgres(database) => Ok(database.remove(lock).await?),
        }
    }
}

/// Waits before the next attempt, as long as a server asks for if it does.
async fn pause(attempt: u32, asked: Option<Duration>) {
    let backoff = FIRST_PAUSE.saturating_mul(1 << (attempt - 1).min(16));
    tokio::time::sleep(asked.unwrap_or(backoff).min(LONGEST_PAUSE)).await;
}

/// Somebody has written what nobody else should.
fn changed(is_there: bool) -> Contested {
    let how = if is_there { "changed" } else { "removed" };
    Contested::Conflict(format!("another program has {how} it since this command read it"))
}

/// Whether two states are the same: some servers keep JSON as values, and lay it out anew.
fn same(one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
    let value = |bytes: &[u8]| serde_json::from_slice::<Json>(bytes).ok();
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one == other || value(one).is_some_and(|one| Some(one) == value(other)),
        _ => false,
    }
}
