//! Whether what a manifest writes out can be: paths, modes, names, ports, digests. Formulas are looked at when they are
//! computed.

use super::found::{Found, named};
use super::places::{Places, attribute, label, literals, number, place, text};
use super::{actions, settings};
use crate::catalogue::access::is_account;
use crate::catalogue::paths::is_path;
use crate::source::Diagnostics;
use crate::syntax::tree::{Block, Body, ExpressionKind, TemplatePart};

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
        if template && ["template", "content"].iter().all(|name| attribute(block, name).is_none()) {
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
        page(&mut found, block);
        endpoint(&mut found, block);
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

/// Endings of what is no tar file.
const NO_TAR: [&str; 8] = [".zip", ".jar", ".war", ".whl", ".deb", ".rpm", ".7z", ".exe"];

fn version(found: &mut Found, block: &Block, places: Places<'_>) {
    found.label(block, is_version, "use letters, digits, `.`, `-`, `+` and `_`, beginning with a letter or digit");
    let Some((archive, at)) = literals(block, "archive").first().copied() else { return };
    if !is_path(&format!("/{archive}")) || archive.contains("://") {
        let message = format!("`archive` of {} is `{}`, expected a path", named(block), archive.escape_debug());
        found.wrong(at, message, "write the path below a mirror's root, without a leading `/`");
    }
    if let Some(ending) = NO_TAR.into_iter().find(|ending| archive.to_ascii_lowercase().ends_with(ending)) {
        let message = format!("`archive` of {} is a `{ending}`, and nodes unpack tar files only", named(block));
        let help = "name a `.tar.gz`, `.tgz`, `.tar.xz`, `.tar.bz2` or `.tar`: make one of it on a mirror of your own";
        found.wrong(at, message, help);
    }
    let setting = |name: &str| places.blocks("setting").any(|setting| label(setting) == name);
    if ["sha512", "sha512_url", "sha256_url"].iter().all(|name| attribute(block, name).is_none()) && !setting("sha512")
    {
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

/// Whether a rule can let users in on a port.
fn lets_users_in(block: &Block) -> bool {
    attribute(block, "users").is_some_and(|users| matches!(users.value.kind, ExpressionKind::Bool(true)))
}

/// A page for people needs a rule that can let them in.
fn page(found: &mut Found, block: &Block) {
    if let Some(page) = attribute(block, "page").filter(|_| !lets_users_in(block)) {
        let message = format!("{} has a `page`, but no rule can let users in", named(block));
        found.wrong(page.value.span, message, "add `users = true`");
    }
}

/// What an endpoint's address begins with is a scheme, and only users are told of it.
fn endpoint(found: &mut Found, block: &Block) {
    for (scheme, place) in literals(block, "endpoint") {
        let word = scheme.strip_suffix("://").unwrap_or(scheme);
        let is_scheme =
            !word.is_empty() && word.chars().all(|sign| sign.is_ascii_alphanumeric() || "+-.".contains(sign));
        if !scheme.is_empty() && (!scheme.ends_with("://") || !is_scheme) {
            let message =
                format!("`endpoint` of {} is `{}`, expected a scheme or nothing", named(block), scheme.escape_debug());
            found.wrong(place, message, "write for instance `endpoint = \"hdfs://\"`, or `\"\"` for HOST:PORT");
        }
        if !lets_users_in(block) {
            let message = format!("{} has an `endpoint`, but no rule can let users in", named(block));
            found.wrong(place, message, "add `users = true`");
        }
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
        readiness(found, block, ready);
        if let Some(expect) = attribute(ready, "expect") {
            found.regular_expression(&format!("`expect` of `ready` of {}", named(block)), &expect.value, None);
        }
    }
}

/// A probe asks one thing, and in one way.
fn readiness(found: &mut Found, service: &Block, ready: &Block) {
    let what = format!("`ready` of {}", named(service));
    let has = |name: &str| attribute(ready, name).is_some();
    if !has("command") && !has("port") {
        let help = "write `port = \"NAME\"` for a port that is open, or `command = [\"…\"]` for one that ends with 0";
        return found.missing(ready.head, format!("{what} says not what to ask"), help);
    }
    for (name, with, help) in [
        ("port", "command", "keep one of them: a service has one probe"),
        ("send", "path", "keep one of them: a page is asked by HTTP, words are sent as they are"),
    ] {
        if has(name) && has(with) {
            found.wrong(place(ready, name), format!("{what} has both `{name}` and `{with}`"), help);
        }
    }
    if has("expect") && !has("send") && !has("command") {
        let message = format!("{what} has `expect`, and nothing that would be answered");
        found.wrong(place(ready, "expect"), message, "add `send = \"…\"`, what the port answers to, or a `command`");
    }
    if has("user") && !has("command") {
        let message = format!("{what} has a `user`, and no `command` that it would run");
        found.wrong(place(ready, "user"), message, "remove it, or write a `command`");
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
