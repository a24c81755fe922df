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

use super::lease::NOBODY_KNOWN;
use super::{Contested, Expected, LockInfo, Write, changed, same};
use crate::heat::{Certificates, Transport};
use crate::model::{HttpPlace, S3Place, Text};
use crate::project::failure::{Failure, FailureKind};

use ask::{Ask, Over, Prepared};
use exchange::Answer;
pub(super) use fault::HttpFault;
use s3::S3;
use terraform::Terraform;

/// The server and what it is asked with.
#[derive(Clone, Debug)]
pub(super) struct HttpServer {
    protocol: Protocol,
    client: reqwest::Client,
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

/// A state as a server has it.
struct Found {
    bytes: Vec<u8>,
    /// Of a server that has tags.
    tag: Option<String>,
}

/// An HTTP client as all are here.
fn client() -> Result<reqwest::Client, Failure> {
    let failed = || Failure::new(FailureKind::State, "the HTTP client cannot be created");
    let transport = Transport::network(&Certificates::default()).map_err(|fault| failed().because(&fault))?;
    transport.client().cloned().ok_or_else(failed)
}

impl HttpServer {
    /// The server of a place that speaks Terraform's protocol. `variable` asks the environment.
    pub(super) fn terraform<'e>(
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
        Ok(Self { protocol: Protocol::Terraform(Box::new(server)), client: client()? })
    }

    /// The S3 store of a place. `variable` asks the environment.
    pub(super) fn s3<'e>(place: &S3Place, variable: impl Fn(&str) -> Option<&'e str>) -> Result<Self, Failure> {
        let store = S3::new(place, variable)?;
        Ok(Self { protocol: Protocol::S3(Box::new(store)), client: client()? })
    }

    /// Where the state is.
    pub(super) fn address(&self) -> &str {
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
    pub(super) fn help(&self, fault: &HttpFault) -> &'static str {
        if self.compares() { fault.help_for_s3() } else { fault.help() }
    }

    /// The same with connections of this thread's own.
    pub(super) fn anew(&self) -> Result<Self, Failure> {
        Ok(Self { protocol: self.protocol.clone(), client: client()? })
    }

    /// The state's bytes; `None` where there is none.
    pub(super) async fn load(&self) -> Result<Option<Vec<u8>>, HttpFault> {
        let answer = self.ask(&Ask::Read).await?;
        self.state_of(answer).map(|found| found.map(|found| found.bytes))
    }

    /// The state that an answer brings, with its tag, of a server that has tags.
    fn state_of(&self, answer: Answer) -> Result<Option<Found>, HttpFault> {
        match answer.status.as_u16() {
            404 if answer.is_without_bucket() => Err(self.refused(&answer, Ask::Read.what())),
            204 | 404 => Ok(None),
            200 if answer.body.is_empty() && !self.compares() => Ok(None),
            200 => match answer.tag() {
                None if self.compares() => Err(HttpFault::Untagged),
                tag => Ok(Some(Found { bytes: answer.body, tag })),
            },
            _ => Err(self.refused(&answer, Ask::Read.what())),
        }
    }

    /// Writes the state once.
    pub(super) async fn write(&self, write: Write<'_>) -> Result<(), Contested> {
        let Write { bytes, expected, lock, may_have_arrived } = write;
        let mut tag = None;
        if expected != Expected::Anything || may_have_arrived || self.compares() {
            let found = self.state_of(self.send(&Ask::Read).await?)?;
            let now = found.as_ref().map(|found| found.bytes.as_slice());
            if may_have_arrived && same(now, Some(bytes)) {
                return Ok(());
            }
            if !expected.is(now) {
                return Err(changed(now.is_some()));
            }
            tag = found.and_then(|found| found.tag);
        }
        let over = tag.as_deref().map_or(Over::Nothing, Over::Tag);
        let ask = Ask::Write { bytes, lock, over };
        let answer = self.send(&ask).await?;
        match answer.status.as_u16() {
            200..=299 => Ok(()),
            // Somebody was quicker between reading and writing.
            412 => Err(changed(true)),
            409 | 423 if !self.compares() => Err(Contested::Lost(match LockInfo::read(&answer.body) {
                Some(holder) => format!("it is {holder} that has it now"),
                None => NOBODY_KNOWN.to_owned(),
            })),
            _ => Err(self.refused(&answer, ask.what()).into()),
        }
    }

    /// Deletes the state.
    pub(super) async fn remove(&self, lock: Option<&str>) -> Result<(), HttpFault> {
        let ask = Ask::Remove { lock };
        let answer = self.ask(&ask).await?;
        match answer.status.as_u16() {
            200..=299 | 404 => Ok(()),
            _ => Err(self.refused(&answer, ask.what())),
        }
    }
}
