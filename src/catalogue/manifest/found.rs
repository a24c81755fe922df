//! What is found wrong in a manifest, and how it is said.

use super::places::{self, Places, attribute, label, literals, text};
use crate::catalogue::access::{is_account, is_mode};
use crate::catalogue::paths::is_path;
use crate::catalogue::regular_expression;
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::{Block, Expression, ExpressionKind, TemplatePart};

/// What is found, as it is found.
pub(super) struct Found(pub(super) Diagnostics);

impl Found {
    /// Says that something cannot be what it says.
    pub(super) fn wrong(&mut self, place: Span, message: String, help: &str) {
        let diagnostic = Diagnostic::error("disco::manifest_value", message).at(place, "not valid");
        self.0.push(diagnostic.help(help));
    }

    /// Says that something is not there.
    pub(super) fn missing(&mut self, place: Span, message: String, help: &str) {
        self.0.push(Diagnostic::error("disco::manifest_missing", message).at(place, "missing here").help(help));
    }

    pub(super) fn path(&mut self, block: &Block, name: &str) {
        let what = named(block);
        for (path, place) in literals(block, name) {
            if !is_path(path) {
                let message = format!("`{name}` of {what} is `{}`, expected an absolute path", path.escape_debug());
                self.wrong(place, message, "write a path that begins with `/` and has no `..`");
            }
        }
        let Some(attribute) = attribute(block, name) else { return };
        if let ExpressionKind::Template(template) = &attribute.value.kind
            && let Some(TemplatePart::Literal(first, _)) = template.parts.first()
            && !first.starts_with('/')
        {
            let message =
                format!("`{name}` of {what} begins with `{}`, expected an absolute path", first.escape_debug());
            self.wrong(attribute.value.span, message, "write a path that begins with `/`");
        }
    }

    pub(super) fn mode(&mut self, block: &Block) {
        for (mode, place) in literals(block, "mode") {
            if !is_mode(mode) {
                let message = format!("`mode` of {} is `{mode}`, expected three or four octal digits", named(block));
                self.wrong(place, message, "write for instance `mode = \"0644\"`");
            }
        }
    }

    pub(super) fn owner(&mut self, block: &Block, places: Places<'_>) {
        let declared = |name: &str| name == "root" || places.blocks("user").any(|user| label(user) == name);
        let group = |name: &str| {
            let of = |user: &Block| literals(user, "group").iter().any(|(group, _)| *group == name);
            declared(name) || places.blocks("user").any(of)
        };
        // What others that it builds on declare is not known here.
        let alone =
            ["requires", "uses"].iter().all(|name| places.0.attributes.iter().all(|one| &*one.name.text != *name))
                && places.blocks("requirement").next().is_none();
        for (owner, place) in literals(block, "owner") {
            let (user, of) = owner.split_once(':').unwrap_or((owner, "root"));
            if !is_account(user) || !is_account(of) {
                let message = format!("`owner` of {} is `{}`, expected user:group", named(block), owner.escape_debug());
                self.wrong(place, message, "write for instance `owner = \"root:root\"`");
            } else if alone && (!declared(user) || !group(of)) {
                let name = if declared(user) { of } else { user };
                let message =
                    format!("`owner` of {} names `{name}`, which the manifest does not declare", named(block));
                self.0.push(
                    Diagnostic::error("disco::manifest_unknown", message)
                        .at(place, "not declared")
                        .help(format!("add the block `user \"{name}\" {{}}`")),
                );
            }
        }
    }

    /// A regular expression that an attribute or a field writes out; with `groups`, how many it may have at most.
    pub(super) fn regular_expression(&mut self, what: &str, value: &Expression, most: Option<usize>) {
        let Some(written) = text(value) else { return };
        match regular_expression::groups(written) {
            Err(why) => {
                let message = format!("{what} is not a regular expression: {why}");
                let help = "nodes read it with Python's `re`; a sign that is only itself is written as `\\\\(`, `\\\\*`, `\\\\.`";
                self.wrong(value.span, message, help);
            }
            Ok(groups) if most.is_some_and(|most| groups > most) => {
                let message = format!("{what} has {groups} groups, of which one would be the name");
                self.wrong(value.span, message, "keep one `(…)` around the name, and write `(?:…)` for the others");
            }
            Ok(_) => {}
        }
    }

    pub(super) fn one_line(&mut self, block: &Block, name: &str) {
        for (line, place) in literals(block, name) {
            if line.chars().any(char::is_control) {
                let message = format!("`{name}` of {} contains a control character", named(block));
                self.wrong(place, message, "write it on one line");
            }
        }
    }

    pub(super) fn web_path(&mut self, block: &Block, name: &str) {
        for (path, place) in literals(block, name) {
            if !path.starts_with('/') || path.chars().any(|c| c.is_control() || c == ' ') {
                let message = format!("`{name}` of {} is `{}`, expected a path", named(block), path.escape_debug());
                self.wrong(place, message, "write the part after host and port: it begins with `/`");
            }
        }
    }

    pub(super) fn variables(&mut self, block: &Block, name: &str) {
        let entries = attribute(block, name).and_then(|attribute| places::entries(&attribute.value));
        for (variable, place, _) in entries.unwrap_or_default() {
            if !is_variable(variable) {
                let variable = variable.escape_debug();
                let message = format!("`{variable}` in `{name}` of {} is not a valid name of a variable", named(block));
                self.wrong(place, message, "use letters, digits and `_`, not beginning with a digit");
            }
        }
    }

    pub(super) fn once(&mut self, blocks: &mut dyn Iterator<Item = &Block>, what: &str) {
        let Some(first) = blocks.next() else { return };
        for again in blocks {
            self.0.push(
                Diagnostic::error("disco::manifest_duplicate", format!("{what} has two `{}` blocks", again.kind.text))
                    .at(again.head, "second")
                    .at(first.head, "first")
                    .help("keep one of them"),
            );
        }
    }

    pub(super) fn label(&mut self, block: &Block, fits: fn(&str) -> bool, expected: &str) {
        if let Some(name) = block.labels.first().filter(|name| !fits(&name.text)) {
            let message = format!("`{}` cannot be the name of a `{}`", name.text.escape_debug(), block.kind.text);
            self.wrong(name.span, message, expected);
        }
    }
}

/// A block as messages call it: `` `file "x"` ``.
pub(super) fn named(block: &Block) -> String {
    match block.labels.first() {
        Some(label) => format!("`{} \"{}\"`", block.kind.text, label.text.escape_debug()),
        None => format!("a `{}` block", block.kind.text),
    }
}

pub(super) fn is_variable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}
