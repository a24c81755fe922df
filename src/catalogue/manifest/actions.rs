//! Whether the action of a step is one that the node agent knows.

use super::found::{Found, is_variable, named};
use super::places::{attribute, entries, literals, place, text};
use crate::catalogue::StepMoment;
use crate::catalogue::action_kind::{ActionKind, KINDS};
use crate::source::{Diagnostic, did_you_mean};
use crate::syntax::tree::{Block, Expression, ExpressionKind, TemplatePart};

/// The action of one step, where it is written out.
pub(super) fn check(found: &mut Found, block: &Block) {
    let Some(action) = attribute(block, "action").map(|attribute| &attribute.value) else { return };
    let Some(fields) = entries(action) else { return };
    let field = |name: &str| fields.iter().find(|(known, ..)| *known == name).map(|(.., value)| *value);
    let what = format!("`action` of {}", named(block));
    let names = || KINDS.iter().map(|kind| kind.name);
    let Some(kind) = field("kind") else {
        let help = format!("write `kind = \"…\"` with one of `{}`", names().collect::<Vec<_>>().join("`, `"));
        return found.missing(action.span, format!("{what} has no `kind`"), &help);
    };
    let Some(word) = text(kind) else { return };
    let Some(known) = KINDS.iter().find(|known| known.name == word) else {
        return found.0.push(
            Diagnostic::error(
                "disco::manifest_unknown",
                format!("{what} has the unknown kind `{}`", word.escape_debug()),
            )
            .at(kind.span, "unknown")
            .help_maybe(did_you_mean(word, names())),
        );
    };
    let words = || ["kind"].into_iter().chain(known.required.iter().copied()).chain(known.optional.iter().copied());
    for (name, place, _) in fields.iter().filter(|(name, ..)| words().all(|word| word != *name)) {
        let message = format!("{what} of the kind `{}` has no `{}`", known.name, name.escape_debug());
        found.0.push(
            Diagnostic::error("disco::manifest_unknown", message)
                .at(*place, "not valid here")
                .help_maybe(did_you_mean(name, words())),
        );
    }
    for name in known.required.iter().filter(|name| field(name).is_none()) {
        let message = format!("{what} of the kind `{}` has no `{name}`", known.name);
        found.missing(action.span, message, &format!("add `{name} = …`"));
    }
    if let Some(missing) = known.lacks(|name| field(name).is_some()) {
        let message = format!("{what} of the kind `{}` has no {missing}", known.name);
        found.missing(action.span, message, "add what one of the ways needs");
    }
    if let Some(url) = field("url") {
        address(found, &what, url);
    }
    for (name, most) in [("expect", None), ("pattern", Some(1))] {
        if let Some(value) = field(name) {
            found.regular_expression(&format!("`{name}` of {what}"), value, most);
        }
    }
    if let Some(variables) = field("environment").and_then(entries) {
        for (name, place, _) in variables.into_iter().filter(|(name, ..)| !is_variable(name)) {
            let message =
                format!("`{}` in `environment` of {what} is not a valid name of a variable", name.escape_debug());
            found.wrong(place, message, "use letters, digits and `_`, not beginning with a digit");
        }
    }
    moment(found, block, known);
}

fn address(found: &mut Found, what: &str, url: &Expression) {
    let begins = match &url.kind {
        ExpressionKind::String(text) => &**text,
        ExpressionKind::Template(template) => match template.parts.first() {
            Some(TemplatePart::Literal(text, _)) => text,
            _ => return,
        },
        _ => return,
    };
    if !begins.starts_with("http://") && !begins.starts_with("https://") {
        let message = format!("`url` of {what} is `{}`, expected an HTTP address", begins.escape_debug());
        found.wrong(url.span, message, "write for instance `url = \"http://127.0.0.1:${port.x}/members\"`");
    }
}

/// Members are counted once all nodes are there, and only where they are counted somebody is expected.
fn moment(found: &mut Found, block: &Block, kind: &ActionKind) {
    let early = literals(block, "moment").iter().any(|(word, _)| *word == StepMoment::BeforeStart.name());
    if kind.counts_members && early {
        let message = format!("{} looks for members before there are any", named(block));
        found.wrong(place(block, "moment"), message, "write `moment = \"verify\"`");
    }
    if !kind.counts_members && attribute(block, "members_of").is_some() {
        let message =
            format!("`members_of` of {} is for actions of the kinds `members` and `decommission`", named(block));
        found.wrong(place(block, "members_of"), message, "remove it");
    }
}
