//! Stacks.

mod action;
mod change;
mod check;
mod preview;
mod refused;
mod request;
mod show;

use axum::extract::Path;

use crate::local::entity::Stack;
use crate::local::refusal::Refusal;
use crate::local::world::World;

pub(super) use action::act;
pub(super) use change::{create, delete, patch, replace};
pub(super) use check::validate;
pub(super) use preview::{creation as preview, patched as preview_patch, replacement as preview_replace};
pub(super) use refused::{no_abandon, no_snapshot, snapshots};
pub(super) use show::{environment, list, lookup, output, outputs, redirect, show, template};

/// Project, name and id in an address.
type One = Path<(String, String, String)>;

/// A stack by name and id, deleted or not.
pub(super) fn find<'a>(world: &'a World, name: &str, id: &str) -> Result<&'a Stack, Refusal> {
    world.stacks.get(id).filter(|stack| stack.name == name).ok_or_else(|| Refusal::no_stack(name))
}

/// A stack by name and id that has not been deleted.
pub(super) fn find_live<'a>(world: &'a World, name: &str, id: &str) -> Result<&'a Stack, Refusal> {
    find(world, name, id).and_then(|it| if it.deleted.is_none() { Ok(it) } else { Err(Refusal::no_stack(name)) })
}
