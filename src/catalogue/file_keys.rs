//! The keys of a file: its manifest's own, and those that other frameworks give to it.

use super::FileDeclaration;
use super::view::{FrameworkContext, Prepared, View};
use crate::expression::Value;
use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean};
use crate::syntax::tree::Expression;

/// A key of a file on the nodes of a group, and the formula that its value comes from.
pub(super) struct FileKey<'p, 'a> {
    /// The key.
    pub(super) key: String,
    /// The framework whose manifest has the formula.
    pub(super) context: &'p FrameworkContext<'a>,
    /// That framework's view of the group.
    pub(super) view: &'p View<'a>,
    /// The formula.
    pub(super) expression: &'p Expression,
    /// The key's own part of what the formula gives, where that gives all keys.
    pub(super) part: Option<Value>,
    /// Set where another framework gives it.
    pub(super) gift: Option<Gift<'p>>,
}

/// How another framework gives a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gift<'p> {
    /// What stands before it, where it comes behind what is there.
    pub(super) separator: Option<&'p str>,
    /// Where the manifest says so.
    pub(super) place: Span,
}

impl FileKey<'_, '_> {
    /// The value here.
    pub(super) fn value(&self) -> Value {
        self.part.clone().unwrap_or_else(|| self.view.scope.evaluate(self.expression))
    }
}

/// All keys of a file, in the order in which they are written; what is given comes last.
pub(super) fn file_keys<'p, 'a>(
    all: &'p [Prepared<'a>],
    context: &'p FrameworkContext<'a>,
    view: &'p View<'a>,
    file: &'p FileDeclaration,
) -> Vec<FileKey<'p, 'a>> {
    let own = |key: &str, expression: &'p Expression, part: Option<Value>| FileKey {
        key: key.to_owned(),
        context,
        view,
        expression,
        part,
        gift: None,
    };
    let mut keys: Vec<FileKey<'p, 'a>> = file.keys.iter().map(|(key, expression)| own(key, expression, None)).collect();
    if let Some(expression) = &file.computed_keys {
        let value = view.scope.evaluate(expression);
        let entries = value.entries().into_iter().flatten();
        keys.extend(entries.map(|(key, part)| own(key, expression, Some(part.clone()))));
    }
    let name = &context.chosen.framework.name;
    for (giver, views) in all.iter().filter(|(giver, _)| giver.usable && giver.chosen.framework.name != *name) {
        let Some(view) = views.get(view.at) else { continue };
        let given = giver.chosen.framework.contributions.iter();
        for given in given.filter(|given| given.framework == *name && given.file == file.name) {
            if !view.has(&given.on, given.when.as_ref()) {
                continue;
            }
            let plain = given.keys.iter().map(|entry| (entry, None));
            let appended = given.append.iter().map(|entry| (entry, Some(given.separator.as_str())));
            keys.extend(plain.chain(appended).map(|((key, expression), separator)| FileKey {
                key: key.clone(),
                context: giver,
                view,
                expression,
                part: None,
                gift: Some(Gift { separator, place: given.origin }),
            }));
        }
    }
    keys
}

/// Whether there is each file that a framework of the cluster gives keys to.
pub(super) fn check(all: &[Prepared<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let of = |name: &str| all.iter().map(|(context, _)| context.chosen.framework).find(|other| other.name == name);
    for given in all.iter().flat_map(|(context, _)| &context.chosen.framework.contributions) {
        let Some(other) = of(&given.framework) else { continue };
        if other.files.iter().all(|file| file.name != given.file) {
            let message = format!("framework `{}` has no file `{}`", other.name, given.file);
            diagnostics.push(
                Diagnostic::error("disco::manifest_unknown", message)
                    .at(given.origin, "gives it keys")
                    .help_maybe(did_you_mean(&given.file, other.file_names())),
            );
        }
    }
    diagnostics
}
