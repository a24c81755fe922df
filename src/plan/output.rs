//! Outputs that change.

use std::collections::BTreeSet;

use super::{OutputChange, Wanted};
use crate::state::{OutputState, State, salted_digest};

/// The outputs that will be others. What is known only after apply changes only if something is applied.
pub fn changes(wanted: &Wanted, state: &State, applying: bool) -> Vec<OutputChange> {
    let names: BTreeSet<&String> = wanted.outputs.keys().chain(state.outputs.keys()).collect();
    let changes = names.into_iter().filter_map(|name| {
        let known = state.outputs.get(name);
        let before = match known {
            Some(OutputState::Value(value)) => Some(value.clone()),
            Some(OutputState::Secret(_)) | None => None,
        };
        let was_secret = matches!(known, Some(OutputState::Secret(_)));
        let Some((after, secret)) = wanted.outputs.get(name) else {
            return Some(OutputChange { name: name.clone(), before, after: None, removed: true, secret: was_secret });
        };
        let same = match (known, after) {
            (None, _) => false,
            (Some(_), None) => !applying,
            (Some(OutputState::Value(known)), Some(value)) => !secret && known == value,
            (Some(OutputState::Secret(digest)), Some(value)) => {
                *secret && *digest == salted_digest(&state.lineage, name, &value.to_string())
            }
        };
        let (before, after) = if *secret { (None, None) } else { (before, after.clone()) };
        (!same).then(|| OutputChange { name: name.clone(), before, after, removed: false, secret: *secret })
    });
    changes.collect()
}
