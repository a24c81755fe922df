//! Heat's events, followed by marker: what was read once is never read again.

use serde::Deserialize;

use super::cloud::{Ask, Cloud, escaped};
use super::error::{Cause, HeatError};
use super::stacks::StackRef;
use super::wire;

/// Most events of one answer.
pub const EVENTS_PAGE: usize = 1000;

#[derive(Deserialize)]
struct Many {
    events: Vec<wire::Event>,
}

impl Cloud {
    /// One page of the events after `marker` (an event's id), the oldest first. A page of [`EVENTS_PAGE`] events
    /// may have a successor. `None`: the stack is gone.
    pub async fn events_after(
        &self,
        stack: &StackRef,
        marker: Option<&str>,
    ) -> Result<Option<Vec<wire::Event>>, HeatError> {
        let mut query = format!("sort_dir=asc&limit={EVENTS_PAGE}");
        if let Some(marker) = marker {
            query.push_str("&marker=");
            query.push_str(&escaped(marker));
        }
        match self.events(stack, &query).await {
            // Heat keeps so many events a stack: what the oldest that is left follows is gone, and all that is left is new.
            // Some versions say so, others begin with the oldest by themselves.
            Ok(None) if marker.is_some() => {}
            Err(error) if marker.is_some() && error.is_bad_request() => {}
            answer => return answer,
        }
        self.events(stack, &format!("sort_dir=asc&limit={EVENTS_PAGE}")).await
    }

    /// The newest event.
    pub async fn last_event(&self, stack: &StackRef) -> Result<Option<wire::Event>, HeatError> {
        Ok(self.events(stack, "sort_dir=desc&limit=1").await?.and_then(|events| events.into_iter().next()))
    }

    async fn events(&self, stack: &StackRef, query: &str) -> Result<Option<Vec<wire::Event>>, HeatError> {
        match self.read::<Many>(Ask::heat(format!("{}/events?{query}", stack.path()))).await {
            Ok(many) => Ok(Some(many.events)),
            Err(Cause::Fault(fault)) if fault.status == http::StatusCode::NOT_FOUND => Ok(None),
            Err(source) => Err(HeatError::ReadEvents { stack: stack.name.clone(), source }),
        }
    }
}
