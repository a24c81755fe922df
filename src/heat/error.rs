//! What can go wrong while speaking with a cloud. Variants say what was attempted, causes why it failed.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use serde_json::Value as Json;

use crate::source::causes;

/// Why a single exchange failed.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The request never left: nothing has happened on the cloud.
    #[error("{url} cannot be reached")]
    Unreachable {
        /// Where to.
        url: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The request may have arrived, but no answer did.
    #[error("{url} did not answer")]
    Unanswered {
        /// Where to.
        url: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The cloud refused.
    #[error("{0}")]
    Fault(Fault),
    /// The answer is not what the API promises.
    #[error("the answer of {url} cannot be read")]
    Garbled {
        /// Where from.
        url: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The catalog has no such service, or not in this region.
    #[error("the cloud has no service of type `{service}`{}", region.as_ref().map(|region| format!(" in region `{region}`")).unwrap_or_default())]
    NoService {
        /// `orchestration`, …
        service: &'static str,
        /// Wanted region, where others have it.
        region: Option<String>,
        /// Regions that have it.
        others: Vec<String>,
    },
    /// The service has no address of the wanted kind.
    #[error("the service `{service}` has no {interface} address; it has {}", others.join(", "))]
    NoInterface {
        /// `orchestration`, …
        service: &'static str,
        /// `public`, …
        interface: &'static str,
        /// Kinds of addresses that it has.
        others: Vec<String>,
    },
    /// The service does not speak the version that is needed.
    #[error("the service `{service}` at {url} has no version {wanted}")]
    NoVersion {
        /// `orchestration`, …
        service: &'static str,
        /// Its address.
        url: String,
        /// Major version.
        wanted: u32,
    },
    /// The token is good for no project.
    #[error("the token is not for a project")]
    NoProject,
}

impl Cause {
    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Fault(fault) => Some(fault.status),
            _ => None,
        }
    }

    /// Whether the cloud cannot answer at the moment, whatever it is asked.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Unanswered { .. } | Self::Garbled { .. } => true,
            Self::Fault(fault) => matches!(fault.status.as_u16(), 429 | 500 | 502..=504),
            Self::NoService { .. } | Self::NoInterface { .. } | Self::NoVersion { .. } | Self::NoProject => false,
        }
    }

    /// Whether the request may have had its effect although it failed: then the caller looks before it asks again.
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::Unanswered { .. } | Self::Garbled { .. } => true,
            Self::Fault(fault) => matches!(fault.status.as_u16(), 500 | 502..=504),
            Self::Unreachable { .. }
            | Self::NoService { .. }
            | Self::NoInterface { .. }
            | Self::NoVersion { .. }
            | Self::NoProject => false,
        }
    }
}

/// A refusal in the cloud's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// HTTP status.
    pub status: StatusCode,
    /// The service's name of the error (`StackExists`), where it says one.
    pub kind: Option<String>,
    /// The service's sentence.
    pub message: String,
    /// When it wants to be asked again.
    pub retry_after: Option<Duration>,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (HTTP {})", self.message, self.status.as_u16())
    }
}

impl Fault {
    /// Reads the error body of Heat, Keystone, Nova, Neutron or Glance; of anything else the first line.
    pub fn read(response: &Response<Bytes>) -> Self {
        let status = response.status();
        let (kind, message) = match serde_json::from_slice::<Json>(response.body()) {
            Ok(body) => words(&body),
            Err(_) => (None, first_line(response.body())),
        };
        let message = message
            .filter(|message| !message.trim().is_empty())
            .unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason given").to_owned());
        let retry_after = retry_after(response.headers());
        Self { status, kind, message: message.trim().to_owned(), retry_after }
    }
}

/// `Retry-After` as a time from now: in seconds, or as a date, which is compared with the answer's own.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let said = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let when = said(http::header::RETRY_AFTER)?;
    if let Ok(seconds) = when.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let wait = date(when)?.duration_since(date(said(http::header::DATE)?)?);
    Some(Duration::try_from(wait).unwrap_or_default())
}

/// Error type and message of an OpenStack error body.
fn words(body: &Json) -> (Option<String>, Option<String>) {
    let text = |value: Option<&Json>| value.and_then(Json::as_str).map(str::to_owned);
    if let Some(error) = body.get("error").filter(|error| error.is_object()) {
        // Heat has `type`, Keystone `title`.
        let kind = text(error.get("type")).or_else(|| text(error.get("title")));
        return (kind, text(error.get("message")).or_else(|| text(body.get("explanation"))));
    }
    // Nova, Neutron: one object under the error's name. Glance: `message` at the top.
    if let Some(message) = text(body.get("message")) {
        return (text(body.get("title")), Some(message));
    }
    let named = body.as_object().and_then(|fields| fields.iter().find(|(_, value)| value.get("message").is_some()));
    match named {
        Some((name, value)) => (text(value.get("type")).or_else(|| Some(name.clone())), text(value.get("message"))),
        None => (None, text(body.get("explanation"))),
    }
}

fn first_line(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    // A proxy's page says no more than its status does.
    if line.starts_with('<') {
        return None;
    }
    Some(line.chars().take(200).collect())
}

/// What was attempted and failed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum HeatError {
    #[error("the network client cannot be made")]
    MakeClient { source: reqwest::Error },
    #[error("signing in at {auth_url} with {who} failed")]
    Authenticate { auth_url: String, who: String, source: Cause },
    #[error("creating stack `{stack}` failed")]
    CreateStack { stack: String, source: Cause },
    #[error("creating stack `{stack}` with an application credential failed")]
    CreateDelegated { stack: String, source: Cause },
    #[error("Heat's preview of stack `{stack}` failed")]
    Preview { stack: String, source: Cause },
    #[error("updating stack `{stack}` failed")]
    UpdateStack { stack: String, source: Cause },
    #[error("deleting stack `{stack}` failed")]
    DeleteStack { stack: String, source: Cause },
    #[error("reading stack `{stack}` failed")]
    ReadStack { stack: String, source: Cause },
    #[error("listing stacks failed")]
    ListStacks { source: Cause },
    #[error("reading the events of stack `{stack}` failed")]
    ReadEvents { stack: String, source: Cause },
    #[error("marking `{resource}` of stack `{stack}` unhealthy failed")]
    MarkUnhealthy { stack: String, resource: String, source: Cause },
    #[error("asking stack `{stack}` to {action} failed")]
    Act { stack: String, action: &'static str, source: Cause },
    #[error("reading software deployments of `{of}` failed")]
    ReadDeployments { of: String, source: Cause },
    #[error("giving up software deployment {deployment} failed")]
    FailDeployment { deployment: String, source: Cause },
    #[error("reading the cloud's {what} failed")]
    ReadFacts { what: &'static str, source: Cause },
    #[error("restoring {what}, {id}, failed")]
    Restore { what: &'static str, id: String, source: Cause },
    #[error("making application credential `{name}` failed")]
    MakeCredential { name: String, source: Cause },
    #[error("deleting application credential {id} failed")]
    DeleteCredential { id: String, source: Cause },
    #[error("adding key pair `{name}` failed")]
    AddKeyPair { name: String, source: Cause },
}

impl HeatError {
    /// Why the exchange failed; `None` where there was none.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::MakeClient { .. } => None,
            Self::Authenticate { source, .. }
            | Self::CreateStack { source, .. }
            | Self::CreateDelegated { source, .. }
            | Self::Preview { source, .. }
            | Self::UpdateStack { source, .. }
            | Self::DeleteStack { source, .. }
            | Self::ReadStack { source, .. }
            | Self::ListStacks { source }
            | Self::ReadEvents { source, .. }
            | Self::MarkUnhealthy { source, .. }
            | Self::Act { source, .. }
            | Self::ReadDeployments { source, .. }
            | Self::FailDeployment { source, .. }
            | Self::ReadFacts { source, .. }
            | Self::Restore { source, .. }
            | Self::MakeCredential { source, .. }
            | Self::DeleteCredential { source, .. }
            | Self::AddKeyPair { source, .. } => Some(source),
        }
    }

    /// The cloud's refusal, where it is one.
    pub fn fault(&self) -> Option<&Fault> {
        match self.cause()? {
            Cause::Fault(fault) => Some(fault),
            _ => None,
        }
    }

    /// Whether Keystone does not know whoever signs in, or not any more.
    pub fn is_nobody(&self) -> bool {
        let unknown = |fault: &Fault| matches!(fault.status, StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND);
        matches!(self, Self::Authenticate { .. }) && self.fault().is_some_and(unknown)
    }

    /// Whether whoever signs in does so for no project.
    pub fn is_without_project(&self) -> bool {
        matches!(self.cause(), Some(Cause::NoProject))
    }

    /// Whether the cloud says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.fault().is_some_and(|fault| fault.status == StatusCode::NOT_FOUND)
    }

    /// Whether the cloud cannot make sense of what was asked.
    pub fn is_bad_request(&self) -> bool {
        self.fault().is_some_and(|fault| fault.status == StatusCode::BAD_REQUEST)
    }

    /// Whether something of that name, or another action of the stack, is in the way.
    pub fn is_conflict(&self) -> bool {
        self.fault().is_some_and(|fault| fault.status == StatusCode::CONFLICT)
    }

    /// Whether the request may have had its effect although it failed.
    pub fn may_have_arrived(&self) -> bool {
        self.cause().is_some_and(Cause::may_have_arrived)
    }

    /// Whether the cloud cannot answer at the moment, whatever it is asked.
    pub fn is_outage(&self) -> bool {
        self.cause().is_some_and(Cause::is_outage)
    }

    /// When the cloud wants to be asked again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.fault()?.retry_after
    }

    /// What a person can do about it.
    pub fn way_out(&self) -> Option<String> {
        let advice = match self.cause()? {
            Cause::Unreachable { .. } | Cause::Unanswered { .. } | Cause::Garbled { .. } => {
                "check that the cloud can be reached, then run the same command again: it continues"
            }
            Cause::NoService { others, .. } if others.is_empty() => {
                "use a cloud that has Heat, Nova, Neutron and Glance"
            }
            Cause::NoService { others, .. } => {
                return Some(format!("use one of the regions that have it: {}", others.join(", ")));
            }
            Cause::NoInterface { .. } => "set `interface` in clouds.yaml, or OS_INTERFACE",
            Cause::NoVersion { .. } => {
                "use a cloud that has it, or set the service's `…_endpoint_override` in clouds.yaml"
            }
            Cause::NoProject => "name a project: `project_name` in clouds.yaml, or OS_PROJECT_NAME",
            Cause::Fault(fault) => match fault.status.as_u16() {
                401 => "check user, password and project of the cloud's credentials",
                403 => "give the user a role in this project; application credentials must be unrestricted",
                409 if matches!(self, Self::AddKeyPair { .. }) => "use another name, or the existing key pair",
                409 => "wait for the end of the action in progress, then run the same command again",
                413 => "allow larger requests in the proxy before Heat: Heat itself accepts 1 MiB",
                429 => "run the same command again later, it continues: the cloud limits the rate of requests",
                // Heat says no more than that: it could not make the trust with which it acts for the stack's owner.
                500 if matches!(self, Self::CreateDelegated { .. }) => {
                    "sign in with user and password: Heat makes a trust for a stack, which Keystone refuses to restricted \
                     application credentials, and in newer versions to all"
                }
                500..=599 => {
                    "run the same command again when the cloud has recovered: it reads the current state and continues"
                }
                _ => return None,
            },
        };
        Some(advice.to_owned())
    }

    /// The whole chain as one sentence, for places that have one line only.
    pub fn sentence(&self) -> String {
        causes(self).join(": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(status: u16, body: &str) -> Fault {
        let mut response = Response::new(Bytes::from(body.to_owned()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Fault::read(&response)
    }

    #[test]
    fn when_to_come_again_is_a_number_or_a_date() {
        let after = |headers: &[(&'static str, &str)]| {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            Fault::read(&response).retry_after.map(|wait| wait.as_secs())
        };
        let now = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(after(&[("retry-after", "7")]), Some(7));
        assert_eq!(after(&[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"), now]), Some(60));
        assert_eq!(after(&[("retry-after", "Sun, 06 Nov 1994 08:49:07 GMT"), now]), Some(0));
        assert_eq!(after(&[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")]), None);
        assert_eq!(after(&[("retry-after", "soon"), now]), None);
    }

    #[test]
    fn every_service_is_understood() {
        let heat = fault(
            409,
            r#"{"code":409,"title":"Conflict","explanation":"There was a conflict.","error":{"type":"StackExists","traceback":null,"message":"The Stack (rec1) already exists."}}"#,
        );
        assert_eq!(heat.to_string(), "The Stack (rec1) already exists. (HTTP 409)");
        assert_eq!(heat.kind.as_deref(), Some("StackExists"));
        let keystone = fault(401, r#"{"error":{"code":401,"message":"Wrong.","title":"Unauthorized"}}"#);
        assert_eq!((keystone.kind.as_deref(), keystone.message.as_str()), (Some("Unauthorized"), "Wrong."));
        let nova = fault(403, r#"{"forbidden": {"code": 403, "message": "Quota exceeded"}}"#);
        assert_eq!((nova.kind.as_deref(), nova.message.as_str()), (Some("forbidden"), "Quota exceeded"));
        let neutron = fault(409, r#"{"NeutronError": {"type": "OverQuota", "message": "Too many", "detail": ""}}"#);
        assert_eq!((neutron.kind.as_deref(), neutron.message.as_str()), (Some("OverQuota"), "Too many"));
        let proxy = fault(502, "\n<html>bad gateway</html>\n");
        assert_eq!(proxy.to_string(), "Bad Gateway (HTTP 502)");
        assert_eq!(fault(503, "no server is available\n").message, "no server is available");
        assert_eq!(fault(500, "").message, "Internal Server Error");
    }
}
