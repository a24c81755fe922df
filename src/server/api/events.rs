//! What an operation says, sent on as it says it: whoever carries it out, it is in its file.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use http::HeaderMap;
use serde::Deserialize;

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
    waiting: std::collections::VecDeque<String>,
    over: bool,
    /// It was told that nothing more comes.
    told: bool,
}

pub(super) async fn listen(
    State(service): State<Arc<Service>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let number = wanted.operation;
    work(&service, wanted.project.clone(), move |project| project.past_operation(number).map(drop)).await?;
    // A browser that lost the line says which message it has got.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let sent = last.and_then(|id| id.split_once(':')).filter(|(of, _)| *of == number.to_string());
    let sent = sent.and_then(|(_, at)| at.parse().ok()).unwrap_or(0);
    let listener =
        Listener { service, wanted, sent, waiting: std::collections::VecDeque::new(), over: false, told: false };
    let events = stream::unfold(listener, next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE).text("alive")))
}

async fn next(mut listener: Listener) -> Option<(Result<Event, Infallible>, Listener)> {
    loop {
        if let Some(line) = listener.waiting.pop_front() {
            listener.sent += 1;
            let id = format!("{}:{}", listener.wanted.operation, listener.sent);
            return Some((Ok(Event::default().id(id).data(line)), listener));
        }
        if listener.over {
            let bye = Event::default().event("bye").data("");
            return (!std::mem::replace(&mut listener.told, true)).then_some((Ok(bye), listener));
        }
        let (number, sent) = (listener.wanted.operation, listener.sent);
        let (service, name) = (Arc::clone(&listener.service), listener.wanted.project.clone());
        let (of, project) = (Arc::clone(&service), name.clone());
        let read = work(&service, name, move |found| {
            let (past, lines) = found.past_operation(number)?;
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
