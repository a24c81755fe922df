//! A project's blocks, sorted by kind, and what becomes of them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::contents::Contents;
use super::decode::Decoder;
use super::folder::Folder;
use super::inputs::{Given, GivenValue, VariableInputs, given, last_of_each};
use super::secrets::{Marks, mask_definitions, mask_inputs};
use super::settings::{Settings, settings};
use super::variable::{Unread, Variable, variables};
use crate::expression::{FileReader, Kind, NoFiles, Scope, Value};
use crate::source::{Diagnostic, Diagnostics, Sources};

/// What all files of a project say, and what was given for its variables.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    /// The blocks of its folder and of its modules.
    pub(super) contents: Contents,
    pub(super) variables: BTreeMap<String, Variable>,
    /// The workspace; `None` is the default one.
    pub(super) workspace: Option<String>,
}

/// Sorts the blocks of all files of a project, whose order does not matter, and gives variables their values.
///
/// Where parsing the files found errors, something is missing in `bodies`: what may stand there is not missed. Secrets in
/// the texts are masked here.
pub fn read(sources: &Sources, folder: impl Into<Folder>, inputs: &VariableInputs) -> (Definition, Diagnostics) {
    let folder = folder.into();
    let marks = mask_definitions(&folder.bodies, sources);
    folder.within().iter().for_each(|module| drop(mask_definitions(&module.bodies, sources)));
    mask_inputs(inputs.all_files(), sources);
    let mut diagnostics = Diagnostics::new();
    let contents = Contents::read(folder, false, &mut diagnostics);
    let (given, values_are_whole) = given(inputs, sources, &mut diagnostics);
    let unread = Unread { declarations: contents.partial, values: !values_are_whole };
    mask_given(&given, &marks, sources);
    let given = last_of_each(given);
    let scope = Scope::new(sources, &NoFiles);
    let variables = variables(contents.declared.values(), inputs, given, unread, &scope, &mut diagnostics);
    (Definition { contents, variables, workspace: inputs.workspace.clone() }, in_order(diagnostics))
}

/// Masks what files give to sensitive variables, and to variables of which nothing is known.
fn mask_given(given: &[Given], marks: &Marks, sources: &Sources) {
    for one in given {
        if let GivenValue::Expression(expression) = &one.value
            && marks.hide(&one.name)
        {
            sources.mask(expression.span);
        }
    }
}

/// In the order of their places. What is found in a module is found for each of its calls: it is said once, with the most
/// places.
pub(super) fn in_order(diagnostics: Diagnostics) -> Diagnostics {
    let mut all: Vec<Diagnostic> = Vec::new();
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        let place = diagnostic.span().map(|span| (span.source, span.start, span.end));
        match known.entry((diagnostic.code, diagnostic.message.clone(), place)) {
            Entry::Vacant(entry) => {
                entry.insert(all.len());
                all.push(diagnostic);
            }
            Entry::Occupied(entry) if place.is_some() => {
                if let Some(same) = all.get_mut(*entry.get()).filter(|same| same.labels.len() < diagnostic.labels.len())
                {
                    *same = diagnostic;
                }
            }
            Entry::Occupied(_) => all.push(diagnostic),
        }
    }
    all.sort_by_key(|diagnostic| diagnostic.span().map(|span| (span.source, span.start)));
    let mut ordered = Diagnostics::new();
    ordered.extend(all);
    ordered
}

impl Definition {
    /// The provider, the state's path and the catalogues: all that is needed to begin with. What is wrong with them
    /// is said here; [`Definition::evaluate`] says it again, together with everything else.
    pub fn settings(&self, sources: &Sources, reader: &dyn FileReader) -> (Settings, Diagnostics) {
        let space = self.space(None, sources, reader);
        let mut decoder = self.decoder(&space.scope);
        let settings = settings(self.contents.disco.as_ref(), self.contents.provider.as_ref(), &mut decoder);
        (settings, decoder.diagnostics)
    }

    /// Whether what is given for a variable must never be shown or kept; so too where nothing is known of it.
    pub fn hides(&self, variable: &str) -> bool {
        self.variables.get(variable).is_none_or(|variable| variable.value.contains_secret())
    }

    /// Whether the value of any variable must never be shown or kept.
    pub fn has_secrets(&self) -> bool {
        self.variables.values().any(|variable| variable.value.contains_secret())
    }

    /// The secret texts that variables hold, each with the reference to it: `var.name`, `var.name.key`.
    pub fn secret_texts(&self) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        for (name, variable) in &self.variables {
            gather_secrets(&format!("var.{name}"), &variable.value, false, &mut texts);
        }
        texts
    }

    /// Names of the outputs.
    pub fn output_names(&self) -> impl Iterator<Item = &str> {
        self.contents.outputs.keys().map(String::as_str)
    }

    pub(super) fn decoder<'d, 'a>(&self, scope: &'d Scope<'a>) -> Decoder<'d, 'a> {
        Decoder::new(scope).lenient(self.variables.values().any(|variable| variable.lacks_value))
    }
}

/// Adds the secret texts and numbers of a value, with what refers to each.
fn gather_secrets(reference: &str, value: &Value, secret: bool, texts: &mut Vec<(String, String)>) {
    let secret = secret || value.is_secret();
    match value.kind() {
        Kind::String(text) if secret => texts.push((reference.to_owned(), (**text).to_owned())),
        Kind::Number(number) if secret => texts.push((reference.to_owned(), number.to_string())),
        _ => {
            for (name, inner) in value.entries().into_iter().flatten() {
                gather_secrets(&format!("{reference}.{name}"), inner, secret, texts);
            }
            for (number, inner) in value.elements().into_iter().flatten().enumerate() {
                gather_secrets(&format!("{reference}[{number}]"), inner, secret, texts);
            }
        }
    }
}
