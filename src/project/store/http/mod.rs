//! A state on a server: one that speaks Terraform's protocol, or an S3 store.
//!
//! Terraform's protocol has no comparison, so the state is read before it is written: the lock keeps others out, and this finds
//! those whom it does not. An S3 store compares by itself. An answer that is lost may be one to a write that has arrived: it is
//! read back.

mod ask;
mod exchange;
mod fault;
mod lock;
mod s3;
mod terraform;

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;

use crate::heat::{Certificates, Transport};
use crate::model::{HttpPlace, S3Place, Text};
use crate::project::failure::{Failure, FailureKind};

use ask::{Ask, Over, Prepared};
use exchange::{ATTEMPTS, pause};
pub(super) use fault::{Contested, HttpFault};
use lock::Held;
pub(in crate::project) use lock::{LockInfo, NotLocked, ServerLease, ServerLock};
use s3::S3;
use terraform::Terraform;

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

/// The server and what it is asked with.
#[derive(Clone, Debug)]
pub(in crate::project) struct HttpBackend {
    protocol: Protocol,
    client: reqwest::Client,
    /// The lock of this process, while it has it.
    held: Arc<Mutex<Option<Arc<Held>>>>,
}

/// What a server speaks.
#[derive(Clone, Debug)]
enum Protocol {
    Terraform(Box<Terraform>),
    S3(Box<S3>),
}

impl Protocol {
    fn prepare(&self, ask: &Ask<'_>) -> Result<Prepared, HttpFault> {
        match self {
            Self::Terraform(server) => server.prepare(ask),
            Self::S3(store) => Ok(store.prepare(ask)),
        }
    }
}

/// An HTTP client as all are here.
fn client() -> Result<reqwest::Client, Failure> {
    let failed = || Failure::new(FailureKind::State, "the HTTP client cannot be created");
    let transport = Transport::network(&Certificates::default()).map_err(|fault| failed().because(&fault))?;
    transport.client().cloned().ok_or_else(failed)
}

impl HttpBackend {
    /// The server of a place that speaks Terraform's protocol. `variable` asks the environment.
    pub(in crate::project) fn new<'e>(
        place: &HttpPlace,
        variable: impl Fn(&str) -> Option<&'e str>,
    ) -> Result<Self, Failure> {
        let said = |of: &Option<Text>, name: &str| {
            let from = || variable(name).filter(|value| !value.is_empty());
            of.clone().or_else(|| from().map(|value| Text { value: value.to_owned(), secret: true }))
        };
        let server = Terraform {
            username: said(&place.username, "DISCO_HTTP_USERNAME"),
            password: said(&place.password, "DISCO_HTTP_PASSWORD"),
            place: place.clone(),
        };
        Ok(Self { protocol: Protocol::Terraform(Box::new(server)), client: client()?, held: Arc::default() })
    }

    /// The S3 store of a place. `variable` asks the environment.
    pub(in crate::project) fn s3<'e>(
        place: &S3Place,
        variable: impl Fn(&str) -> Option<&'e str>,
    ) -> Result<Self, Failure> {
        let store = S3::new(place, variable)?;
        Ok(Self { protocol: Protocol::S3(Box::new(store)), client: client()?, held: Arc::default() })
    }

    /// Where the state is.
    pub(in crate::project) fn address(&self) -> &str {
        match &self.protocol {
            Protocol::Terraform(server) => &server.place.address,
            Protocol::S3(store) => &store.shown,
        }
    }

    /// Whether it compares by itself what it is told to write over.
    fn compares(&self) -> bool {
        matches!(self.protocol, Protocol::S3(_))
    }

    /// The way out of a fault.
    pub(in crate::project) fn help(&self, fault: &HttpFault) -> &'static str {
        if self.compares() { fault.help_for_s3() } else { fault.help() }
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hold(&self, held: Option<Arc<Held>>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }

    /// The state's bytes; `None` where there is none.
    pub(super) async fn load(&self) -> Result<Option<Vec<u8>>, HttpFault> {
        self.load_tagged().await.map(|found| found.map(|(bytes, _)| bytes))
    }

    /// The same with its tag, of a server that has tags.
    async fn load_tagged(&self) -> Result<Option<(Vec<u8>, Option<String>)>, HttpFault> {
        let answer = self.ask(&Ask::Read).await?;
        match answer.status.as_u16() {
            404 if answer.is_without_bucket() => Err(answer.fault(Ask::Read.what())),
            204 | 404 => Ok(None),
            200 if answer.body.is_empty() && !self.compares() => Ok(None),
            200 => match answer.tag() {
                None if self.compares() => Err(HttpFault::Untagged),
                tag => Ok(Some((answer.body, tag))),
            },
            _ => Err(answer.fault(Ask::Read.what())),
        }
    }

    /// Writes the state where what is there is what was `expected`.
    pub(super) async fn save(&self, bytes: &[u8], expected: Expected<'_>) -> Result<(), Contested> {
        let (mut attempt, mut may_have_arrived) = (1, false);
        loop {
            self.require_lock().await?;
            let mut tag = None;
            if expected != Expected::Anything || may_have_arrived || self.compares() {
                let (now, its) = self.load_tagged().await?.unzip();
                if may_have_arrived && same(now.as_deref(), Some(bytes)) {
                    return Ok(());
                }
                let as_expected = match expected {
                    Expected::Anything => true,
                    Expected::Nothing => now.is_none(),
                    Expected::These(seen) => same(now.as_deref(), Some(seen)),
                };
                if !as_expected {
                    return Err(changed(now.is_some()));
                }
                tag = its.flatten();
            }
            let held = self.held();
            let lock = held.as_ref().map(|held| held.id());
            let over = tag.as_deref().map_or(Over::Nothing, Over::Tag);
            let ask = Ask::Write { bytes, lock, over };
            let fault = match self.send(&ask).await {
                Ok(answer) if answer.status.is_success() => return Ok(()),
                // Somebody was quicker between reading and writing.
                Ok(answer) if answer.status.as_u16() == 412 => return Err(changed(true)),
                Ok(answer) if matches!(answer.status.as_u16(), 409 | 423) && !self.compares() => {
                    let why = match LockInfo::read(&answer.body) {
                        Some(holder) => format!("it is {holder} that has it now"),
                        None => "the server says that somebody else has it".to_owned(),
                    };
                    // It is not this process's to give back any more.
                    if let Some(held) = self.held() {
                        held.lose(why.clone());
                    }
                    return Err(Contested::Lost(why));
                }
                Ok(answer) => answer.fault(ask.what()),
                Err(fault) => fault,
            };
            if !self.may_pass(&fault) {
                return Err(fault.into());
            }
            may_have_arrived |= fault.may_have_arrived();
            if attempt == ATTEMPTS {
                let arrived = may_have_arrived && same(self.load().await.ok().flatten().as_deref(), Some(bytes));
                return if arrived { Ok(()) } else { Err(fault.into()) };
            }
            pause(attempt, &fault).await;
            attempt += 1;
        }
    }

    /// Deletes the state.
    pub(super) async fn remove(&self) -> Result<(), HttpFault> {
        let held = self.held();
        let ask = Ask::Remove { lock: held.as_ref().map(|held| held.id()) };
        let answer = self.ask(&ask).await?;
        match answer.status.as_u16() {
            200..=299 | 404 => Ok(()),
            _ => Err(answer.fault(ask.what())),
        }
    }
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
