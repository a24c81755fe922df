//! Whether what a manifest writes out can be: paths, modes, names, ports, digests. Formulas are looked at when they are
//! computed.

use super::places::{self, Places, attribute, label, literals, number, place, text};
use super::{actions, settings};
use crate::catalogue::paths::is_path;
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::{Block, Body, ExpressionKind, TemplatePart};

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

    fn path(&mut self, block: &Block, name: &str) {
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

    fn mode(&mut self, block: &Block) {
        for (mode, place) in literals(block, "mode") {
            if !(3..=4).contains(&mode.len()) || mode.bytes().any(|digit| !(b'0'..=b'7').contains(&digit)) {
                let message = format!("`mode` of {} is `{mode}`, expected three or four octal digits", named(block));
                self.wrong(place, message, "write for instance `mode = \"0644\"`");
            }
        }
    }

    fn owner(&mut self, block: &Block, places: Places<'_>) {
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

    fn one_line(&mut self, block: &Block, name: &str) {
        for (line, place) in literals(block, name) {
            if line.chars().any(char::is_control) {
                let message = format!("`{name}` of {} contains a control character", named(block));
                self.wrong(place, message, "write it on one line");
            }
        }
    }

    fn web_path(&mut self, block: &Block, name: &str) {
        for (path, place) in literals(block, name) {
            if !path.starts_with('/') || path.chars().any(|c| c.is_control() || c == ' ') {
                let message = format!("`{name}` of {} is `{}`, expected a path", named(block), path.escape_debug());
                self.wrong(place, message, "write the part after host and port: it begins with `/`");
            }
        }
    }

    fn variables(&mut self, block: &Block, name: &str) {
        let entries = attribute(block, name).and_then(|attribute| places::entries(&attribute.value));
        for (variable, place, _) in entries.unwrap_or_default() {
            if !is_variable(variable) {
                let variable = variable.escape_debug();
                let message = format!("`{variable}` in `{name}` of {} is not a valid name of a variable", named(block));
                self.wrong(place, message, "use letters, digits and `_`, not beginning with a digit");
            }
        }
    }

    fn once(&mut self, blocks: &mut dyn Iterator<Item = &Block>, what: &str) {
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

    fn label(&mut self, block: &Block, fits: fn(&str) -> bool, expected: &str) {
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

fn is_account(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
}

/// What expressions and definitions can name.
fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

fn is_unit(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.' | '-' | '@'))
}

fn is_version(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+'))
}

const WORD: &str = "use letters, digits, `-` and `_`, beginning with a letter";
const ACCOUNT: &str = "use up to 32 lower-case letters, digits, `-` and `_`, beginning with a letter";

/// Everything that cannot be.
pub(super) fn check(body: &Body) -> Diagnostics {
    let mut found = Found(Diagnostics::new());
    let places = Places(body);
    found.once(&mut places.blocks("masters"), "a manifest");
    for block in places.blocks("version") {
        version(&mut found, block, places);
    }
    for block in places.blocks("setting") {
        found.label(block, is_word, WORD);
        settings::check(&mut found, block);
    }
    for block in places.blocks("user") {
        found.label(block, is_account, ACCOUNT);
        found.path(block, "home");
        for (group, place) in literals(block, "group").into_iter().filter(|(group, _)| !is_account(group)) {
            let message = format!("`group` of {} cannot be `{}`", named(block), group.escape_debug());
            found.wrong(place, message, ACCOUNT);
        }
    }
    for block in places.blocks("directory").chain(places.blocks("file")) {
        found.path(block, "path");
        found.mode(block);
        found.owner(block, places);
    }
    for block in places.blocks("file") {
        let template = literals(block, "format").iter().any(|(format, _)| *format == "template");
        if template && attribute(block, "template").is_none() {
            let message = format!("{} has the format `template` and no `template`", named(block));
            found.missing(
                place(block, "format"),
                message,
                "name the file beside the manifest: `template = \"x.conf\"`",
            );
        }
        if literals(block, "format").iter().any(|(format, _)| *format == "shell") {
            found.variables(block, "keys");
        }
    }
    for block in places.blocks("service") {
        service(&mut found, block);
    }
    for block in places.blocks("port") {
        found.label(block, is_word, WORD);
        found.web_path(block, "page");
        let at = |name: &str| attribute(block, name).and_then(|attribute| number(&attribute.value));
        if let (Some(first), Some(last)) = (at("port"), at("last_port"))
            && last < first
        {
            let message =
                format!("`last_port` of {} is {last}, expected at least `port`, which is {first}", named(block));
            found.wrong(place(block, "last_port"), message, "set it to the larger number");
        }
    }
    for block in places.blocks("step") {
        found.label(block, is_word, WORD);
        actions::check(&mut found, block);
        timeout(&mut found, block);
    }
    for block in places.blocks("provide") {
        found.label(block, is_word, WORD);
    }
    found.0
}

fn version(found: &mut Found, block: &Block, places: Places<'_>) {
    found.label(block, is_version, "use letters, digits, `.`, `-`, `+` and `_`, beginning with a letter or digit");
    let Some((archive, at)) = literals(block, "archive").first().copied() else { return };
    if !is_path(&format!("/{archive}")) || archive.contains("://") {
        let message = format!("`archive` of {} is `{}`, expected a path", named(block), archive.escape_debug());
        found.wrong(at, message, "write the path below a mirror's root, without a leading `/`");
    }
    let setting = |name: &str| places.blocks("setting").any(|setting| label(setting) == name);
    if ["sha512", "sha512_url"].iter().all(|name| attribute(block, name).is_none()) && !setting("sha512") {
        let message = format!("{} has an `archive`, but no digest", named(block));
        found.missing(
            at,
            message,
            "add `sha512 = \"…\"` (128 hexadecimal digits), or the publisher's `sha512_url = \"https://…\"`",
        );
    }
    if !setting("mirrors") {
        let message = format!("{} has an `archive`, but the manifest has no setting `mirrors`", named(block));
        let help = "add the block `setting \"mirrors\" { type = \"list(string)\", description = \"Where to fetch it\" … }` with a default";
        found.missing(at, message, help);
    }
}

fn service(found: &mut Found, block: &Block) {
    found.label(block, is_word, WORD);
    found.one_line(block, "description");
    found.variables(block, "environment");
    for (unit, place) in literals(block, "unit") {
        if unit.ends_with(".service") {
            let message = format!("`unit` of {} is `{unit}`, expected a name without `.service`", named(block));
            found.wrong(place, message, &format!("write `unit = \"{}\"`", unit.trim_end_matches(".service")));
        } else if !is_unit(unit) {
            let message =
                format!("`unit` of {} is `{}`, expected the name of a unit", named(block), unit.escape_debug());
            found.wrong(place, message, "use letters, digits, `-`, `_`, `.`, `:` and `@`");
        }
    }
    for (group, place) in literals(block, "group").into_iter().filter(|(group, _)| !is_account(group)) {
        let message = format!("`group` of {} cannot be `{}`", named(block), group.escape_debug());
        found.wrong(place, message, ACCOUNT);
    }
    command(found, block);
    let ready = || block.body.blocks.iter().filter(|inner| &*inner.kind.text == "ready");
    found.once(&mut ready(), &named(block));
    for ready in ready() {
        found.web_path(ready, "path");
        timeout(found, ready);
    }
}

fn timeout(found: &mut Found, block: &Block) {
    let Some(attribute) = attribute(block, "timeout") else { return };
    if number(&attribute.value).is_some_and(|seconds| seconds < 1) {
        let message = format!("`timeout` of {} must be at least 1 second", named(block));
        found.wrong(attribute.value.span, message, "write a number of seconds, for instance `timeout = 300`");
    }
}

/// A command line is a list, or one text whose blanks separate arguments; quotes in it mean nothing.
fn command(found: &mut Found, block: &Block) {
    let Some(exec) = attribute(block, "exec") else { return };
    let parts: Vec<&str> = match &exec.value.kind {
        ExpressionKind::Template(template) => template
            .parts
            .iter()
            .filter_map(|part| match part {
                TemplatePart::Literal(text, _) => Some(&**text),
                _ => None,
            })
            .collect(),
        _ => text(&exec.value).into_iter().collect(),
    };
    let help = "write the program and its arguments: `exec = [\"/bin/server\", \"--name\", \"two words\"]`";
    if parts.iter().any(|part| part.contains(['"', '\'', '\\'])) {
        let message =
            format!("`exec` of {} has a quote or a backslash, which has no meaning in one string", named(block));
        found.wrong(exec.value.span, message, help);
    }
    if matches!(exec.value.kind, ExpressionKind::Number(_) | ExpressionKind::Bool(_) | ExpressionKind::Object(_)) {
        found.wrong(exec.value.span, format!("`exec` of {} must be a list of arguments", named(block)), help);
    }
}
