//! A state on a server that speaks Terraform's protocol: `GET`, `POST`, `DELETE`, `LOCK` and `UNLOCK`.
//!
//! The protocol has no comparison, so the state is read before it is written: the lock keeps others out, and this finds
//! those whom it does not. An answer that is lost may be one to a write that has arrived: it is read back.

mod exchange;
mod fault;
mod lock;

use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use serde_json::Value as Json;

use crate::heat::{Certificates, Transport};
use crate::model::{HttpPlace, Text};
use crate::project::failure::{Failure, FailureKind};

use exchange::{ATTEMPTS, pause};
pub(super) use fault::{Contested, HttpFault};
use lock::Held;
pub(in crate::project) use lock::{LockInfo, NotLocked, ServerLease, ServerLock};

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
    place: HttpPlace,
    client: reqwest::Client,
    username: Option<Text>,
    password: Option<Text>,
    /// The lock of this process, while it has it.
    held: Arc<Mutex<Option<Arc<Held>>>>,
}

/// An HTTP client as all are here.
fn client() -> Result<reqwest::Client, Failure> {
    let failed = || Failure::new(FailureKind::State, "the HTTP client cannot be created");
    let transport = Transport::network(&Certificates::default()).map_err(|fault| failed().because(&fault))?;
    transport.client().cloned().ok_or_else(failed)
}

impl HttpBackend {
    /// The server of a place. `variable` asks the environment.
    pub(in crate::project) fn new<'e>(
        place: &HttpPlace,
        variable: impl Fn(&str) -> Option<&'e str>,
    ) -> Result<Self, Failure> {
        let said = |of: &Option<Text>, name: &str| {
            let from = || variable(name).filter(|value| !value.is_empty());
            of.clone().or_else(|| from().map(|value| Text { value: value.to_owned(), secret: true }))
        };
        Ok(Self {
            username: said(&place.username, "DISCO_HTTP_USERNAME"),
            password: said(&place.password, "DISCO_HTTP_PASSWORD"),
            place: place.clone(),
            client: client()?,
            held: Arc::default(),
        })
    }

    /// Where the state is.
    pub(in crate::project) fn address(&self) -> &str {
        &self.place.address
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hold(&self, held: Option<Arc<Held>>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }

    /// The address with the lock that this process has.
    fn address_with_lock(&self) -> String {
        let address = &self.place.address;
        let Some(held) = self.held() else { return address.clone() };
        let id = percent_encoding::utf8_percent_encode(held.id(), percent_encoding::NON_ALPHANUMERIC);
        format!("{address}{}ID={id}", if address.contains('?') { '&' } else { '?' })
    }

    /// The state's bytes; `None` where there is none.
    pub(super) async fn load(&self) -> Result<Option<Vec<u8>>, HttpFault> {
        let answer = self.ask("read the state", &Method::GET, &self.place.address, None).await?;
        match answer.status.as_u16() {
            204 | 404 => Ok(None),
            200 if answer.body.is_empty() => Ok(None),
            200 => Ok(Some(answer.body)),
            _ => Err(answer.fault("read the state")),
        }
    }

    /// Writes the state where what is there is what was `expected`.
    pub(super) async fn save(&self, bytes: &[u8], expected: Expected<'_>) -> Result<(), Contested> {
        const WHAT: &str = "write the state";
        let method = method(&self.place.update_method)?;
        let (mut attempt, mut may_have_arrived) = (1, false);
        loop {
            self.require_lock().await?;
            if expected != Expected::Anything || may_have_arrived {
                let now = self.load().await?;
                if may_have_arrived && same(now.as_deref(), Some(bytes)) {
                    return Ok(());
                }
                let as_expected = match expected {
                    Expected::Anything => true,
                    Expected::Nothing => now.is_none(),
                    Expected::These(seen) => same(now.as_deref(), Some(seen)),
                };
                if !as_expected {
                    let how = if now.is_some() { "changed" } else { "removed" };
                    let why = format!("another program has {how} it since this command read it");
                    return Err(Contested::Conflict(why));
                }
            }
            let fault = match self.send(WHAT, &method, &self.address_with_lock(), Some(bytes)).await {
                Ok(answer) if answer.status.is_success() => return Ok(()),
                Ok(answer) if matches!(answer.status.as_u16(), 409 | 423) => {
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
                Ok(answer) => answer.fault(WHAT),
                Err(fault) => fault,
            };
            if !fault.may_pass() {
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
        let answer = self.ask("delete the state", &Method::DELETE, &self.address_with_lock(), None).await?;
        match answer.status.as_u16() {
            200..=299 | 404 => Ok(()),
            _ => Err(answer.fault("delete the state")),
        }
    }
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

/// A method by its name, which the language has looked at.
fn method(name: &str) -> Result<Method, HttpFault> {
    Method::from_bytes(name.as_bytes())
        .map_err(|source| HttpFault::Unreachable { what: "make a request", source: Box::new(source) })
}
