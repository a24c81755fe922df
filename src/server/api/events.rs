//! What an operation says, sent on as it says it: whoever carries it out, it is in its file.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;

use super::operations::past;
use super::work;
use crate::project::Ending;
use crate::server::Service;
use crate::server::fault::Problem;

/// How often an operation's file is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// How often a stream on which nothing happens says that it is there.
const ALIVE: Duration = Duration::from_secs(15);

/// Which operation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    project: String,
    operation: u64,
}

/// Where a listener is.
struct Listener {
    service: Arc<Service>,
    wanted: Wanted,
    /// So many messages were sent.
    sent: usize,
    waiting: VecDeque<String>,
    over: bool,
    /// It was told that nothing more comes.
    told: bool,
    /// One of those that its owner may have.
    _permit: OwnedSemaphorePermit,
}

pub(super) async fn listen(
    State(service): State<Arc<Service>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let permit = Arc::clone(&service.caller.allowance.streams).try_acquire_owned().map_err(|_| {
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", "you listen to as many operations as you may")
            .help("close another page; `limits { streams }` of the service says how many")
    })?;
    let number = wanted.operation;
    let (_, lines) = past(&service, wanted.project.clone(), number).await?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let sent = last.and_then(|id| sent(id, number)).filter(|sent| *sent <= lines.len()).unwrap_or(0);
    let listener =
        Listener { service, wanted, sent, waiting: VecDeque::new(), over: false, told: false, _permit: permit };
    let events = stream::unfold(listener, next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE).text("alive")))
}

/// How many messages a browser has got that lost the line: the last one's name says it, as `OPERATION:NUMBER`.
fn sent(id: &str, operation: u64) -> Option<usize> {
    let sent = id.split_once(':').filter(|(of, _)| *of == operation.to_string())?.1;
    sent.bytes().all(|byte| byte.is_ascii_digit()).then(|| sent.parse().ok())?
}

async fn next(mut listener: Listener) -> Option<(Result<Event, Infallible>, Listener)> {
    loop {
        if let Some(line) = listener.waiting.pop_front() {
            listener.sent += 1;
            let id = format!("{}:{}", listener.wanted.operation, listener.sent);
            return Some((Ok(Event::default().id(id).data(line)), listener));
        }
        if listener.over {
            // An event without data is none for a browser.
            let bye = Event::default().event("bye").data("over");
            return (!std::mem::replace(&mut listener.told, true)).then_some((Ok(bye), listener));
        }
        let (number, sent) = (listener.wanted.operation, listener.sent);
        let (service, name) = (Arc::clone(&listener.service), listener.wanted.project.clone());
        let (of, project) = (Arc::clone(&service), name.clone());
        let read = work(&service, name, move |found| {
            let Some((past, lines)) = found.past_operation(number)? else { return Ok((VecDeque::new(), true)) };
            let open = past.ending == Ending::UnderWay || of.workers.standing(&project, number).is_some();
            let over = !open || matches!(past.ending, Ending::Done | Ending::Failed(_)) || of.workers.is_leaving();
            Ok((lines.into_iter().skip(sent).collect(), over))
        });
        let Ok((lines, over)) = read.await else { return None };
        (listener.waiting, listener.over) = (lines, over);
        if listener.waiting.is_empty() && !listener.over {
            tokio::time::sleep(LOOK).await;
        }
    }
}
