//! What the engine is, and has written down: every change before anybody is told of it.

use std::path::Path;

use serde::de::{IgnoredAny, MapAccess};

use super::entity::{Millis, NodeDriver};
use super::error::LocalError;
use super::refusal::Refusal;
use super::store::{Place, Records, Store};
use super::world::{Identity, World};

/// A world, and the store that keeps it.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) world: World,
    pub(super) store: Store,
    /// When the log is written without what is gone, unless more happens before.
    pub(super) tidy_at: Option<Millis>,
    /// Set when the store could not be written: memory and disk no longer agree.
    pub(super) broken: Option<String>,
}

impl Kept {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match &self.broken {
            Some(broken) => Err(Refusal::new(500, "Error", broken.clone())),
            None => Ok(()),
        }
    }
}

/// What the machines of the engine in that folder are; `None` where it keeps nothing.
///
/// # Errors
/// A store that is not one, or cannot be read.
pub fn nodes_in(directory: &Path) -> Result<Option<NodeDriver>, LocalError> {
    let mut found = Nodes(None);
    Store::read(directory, &mut found)?;
    Ok(found.0)
}

/// Looks for nothing but what the machines are.
struct Nodes(Option<NodeDriver>);

impl Records for Nodes {
    fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, _: Place<'_>) -> Result<usize, A::Error> {
        if key == "identity" {
            self.0 = Some(map.next_value::<Identity>()?.nodes);
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(0)
    }

    fn gone(&mut self, _key: &str) -> usize {
        0
    }

    fn each(&self, _record: &mut dyn FnMut(&str, &str) -> std::io::Result<()>) -> std::io::Result<()> {
        Ok(())
    }
}

/// How long nothing has happened when a log is written without what is gone: less than people take to look, more than an
/// apply takes between two steps.
pub(super) const SOON: Millis = 1_500;

/// Writes down what has changed.
///
/// # Errors
/// A store that cannot be written, as the answer to whoever asked.
pub(super) fn commit(inner: &mut Kept, durable: bool, now: Millis) -> Result<(), Refusal> {
    write_down(inner, durable, now).map_err(|error| break_down(inner, &error))
}

/// The store could not be written: from now on nothing is answered.
pub(super) fn break_down(inner: &mut Kept, error: &std::io::Error) -> Refusal {
    let message = format!("The embedded engine cannot write its store: {error}");
    inner.broken = Some(message.clone());
    Refusal::new(500, "Error", message)
}

fn write_down(inner: &mut Kept, durable: bool, now: Millis) -> std::io::Result<()> {
    let Some(line) = inner.world.take_transaction()? else { return Ok(()) };
    inner.store.append(&line, durable)?;
    let at_rest = inner.world.is_at_rest();
    if inner.store.is_bloated() || (inner.world.buried && at_rest) {
        return tidy(inner);
    }
    inner.tidy_at = (inner.world.shed && at_rest).then_some(now + SOON);
    Ok(())
}

/// Writes the log without what is gone, which may have been secret.
pub(super) fn tidy(inner: &mut Kept) -> std::io::Result<()> {
    (inner.world.shed, inner.world.buried, inner.tidy_at) = (false, false, None);
    inner.store.rewrite(&inner.world)
}
