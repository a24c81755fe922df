//! Another name for a variable, a local value or an output, everywhere at once.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::analysis::{Analysis, File};
use super::names::{Occurrence, Symbol, at, occurrences};
use super::wire::{Fault, TextEdit, code};
use crate::syntax::is_name;

/// The name that is renamed at a place.
///
/// # Errors
/// Why it cannot be.
pub(super) fn prepare(analysis: &Analysis, file: &File, offset: usize) -> Result<Json, Fault> {
    let found = renamed(analysis, file, offset, &occurrences(analysis))?;
    let name = &file.source.text()[found.span.range()];
    Ok(json!({ "range": analysis.range(found.span), "placeholder": name }))
}

/// The changes that give what is named at a place another name.
///
/// # Errors
/// Why it cannot have it.
pub(super) fn rename(analysis: &Analysis, file: &File, offset: usize, new: &str) -> Result<Json, Fault> {
    let all = occurrences(analysis);
    let found = renamed(analysis, file, offset, &all)?;
    let refused = |message: String| Err(Fault::new(code::INVALID_PARAMS, message));
    if !is_name(new) {
        return refused(format!("`{new}` cannot be a name: use letters, digits, `_` and `-`, beginning with a letter"));
    }
    let other = match &found.symbol {
        Symbol::Variable(_) => Symbol::Variable(new.to_owned()),
        Symbol::Local(_) => Symbol::Local(new.to_owned()),
        _ => Symbol::Output(new.to_owned()),
    };
    if other != found.symbol && all.iter().any(|one| one.declares && one.symbol == other) {
        return refused(format!("`{new}` is the name of another one"));
    }
    let mut changes: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    for one in all.iter().filter(|one| one.symbol == found.symbol) {
        let Some(place) = analysis.location(one.span) else { continue };
        changes.entry(place.uri).or_default().push(TextEdit { range: place.range, new_text: new.to_owned() });
    }
    Ok(json!({ "changes": changes }))
}

/// What is at a place, if it can be renamed.
fn renamed(analysis: &Analysis, file: &File, offset: usize, all: &[Occurrence]) -> Result<Occurrence, Fault> {
    let refused = |message: &str| Err(Fault::new(code::FAILED, message));
    let Some(found) = at(all, file, offset) else {
        return refused("only variables, local values and outputs can be renamed");
    };
    match &found.symbol {
        Symbol::Cluster(_) => {
            return refused(
                "a cluster is known on the cloud by its name: another one would destroy it and create a new one",
            );
        }
        Symbol::Group(..) => {
            return refused(
                "a group's name is part of the names of its nodes: another one would delete them and create new ones",
            );
        }
        Symbol::Variable(_) | Symbol::Local(_) | Symbol::Output(_) => {}
    }
    if let Some(broken) = analysis.files().iter().find(|file| !file.is_sound) {
        let name = broken.source.name();
        return refused(&format!("`{name}` has syntax errors, so not every use of the name is known; fix them first"));
    }
    if !all.iter().any(|one| one.declares && one.symbol == found.symbol) {
        return refused("this name is not declared in the project");
    }
    Ok(found)
}
