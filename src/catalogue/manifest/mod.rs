//! `framework.hcl` as a [`Framework`]. What can be wrong in a manifest is said here, in the manifest, and not later in
//! somebody's cluster.

mod actions;
mod check;
mod fields;
mod found;
mod nodes;
mod parts;
mod places;
mod requirements;
mod settings;
mod traits;
mod twice;
mod values;

use std::collections::BTreeMap;

use crate::model::Role;
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::{Body, Expression};

use super::{Framework, LocalDeclaration, Placement, SettingType, Version};
use fields::Fields;
use parts::Texts;
pub(super) use traits::alternatives;

/// Everything wrong with a manifest that was read: what it writes out, and, if nothing is missing in `framework`, the
/// names that it uses and what it says twice.
pub(super) fn check(framework: Option<&Framework>, body: &Body) -> Diagnostics {
    let mut diagnostics = values::check(body);
    if let Some(framework) = framework {
        diagnostics.extend(check::check(framework, body));
        diagnostics.extend(twice::check(framework, body));
        diagnostics.extend(nodes::check(framework, body));
    }
    diagnostics
}

/// Reads the manifest of the framework `name`. Whether the names in it are declared is for [`check()`] to say.
pub(super) fn read(name: &str, body: &Body, texts: &Texts<'_>) -> (Framework, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let head = Span::new(body.span.source, body.span.range().start, body.span.range().start);
    let mut fields = Fields::new(body, head, format!("framework `{name}`"), &mut diagnostics);
    let framework = read_framework(name, head, &mut fields, texts);
    fields.finish();
    (framework, diagnostics)
}

fn read_framework(name: &str, head: Span, fields: &mut Fields<'_>, texts: &Texts<'_>) -> Framework {
    let (maximum_masters, maximum_masters_reason) = read_masters(fields);
    read_language(fields);
    let (suits, sizing) = traits::read(fields);
    let ensembles = each(fields, "ensemble", parts::ensemble);
    fields.know_ensembles(ensembles.iter().map(|ensemble| (ensemble.name.clone(), ensemble.on.clone())).collect());
    Framework {
        name: name.to_owned(),
        description: fields.required_text("description"),
        origin: head,
        versions: read_versions(fields, texts),
        provides: requirements::provides(fields),
        requires: requirements::requires(fields),
        uses: fields.relations("uses"),
        conflicts: fields.relations("conflicts"),
        maximum_masters,
        maximum_masters_reason,
        needs: fields.placements("needs"),
        minimum_memory: by_role("minimum_memory", fields),
        shares_memory: by_role("shares_memory", fields),
        reserved_memory: fields.expression("reserved_memory"),
        locals: read_locals(fields),
        settings: each(fields, "setting", |setting, origin, fields| parts::setting(setting, origin, fields, name)),
        assertions: read_all(fields, "assert", parts::assertion),
        ensembles,
        packages: read_all(fields, "packages", parts::packages),
        installation: read_all(fields, "installation", parts::installation).into_iter().next().unwrap_or_default(),
        users: each(fields, "user", parts::user),
        directories: read_all(fields, "directory", parts::directory),
        services: each(fields, "service", parts::service),
        ports: each(fields, "port", parts::port),
        protections: read_all(fields, "protection", parts::protection),
        files: each(fields, "file", |name, origin, fields| parts::file(name, origin, fields, texts)),
        archives: each(fields, "archive", parts::archive),
        machines: read_all(fields, "machine", parts::machine),
        has_clients: read_clients(fields),
        contributions: each(fields, "contribute", |label, origin, fields| parts::contribution(&label, origin, fields)),
        steps: each(fields, "step", parts::step),
        statuses: each(fields, "status", parts::status),
        suits,
        sizing,
        known_keys: None,
    }
}

/// Reads all blocks of a kind that have a name; `None` where one is too broken to be of use.
fn each<T>(
    fields: &mut Fields<'_>,
    kind: &'static str,
    read: impl Fn(String, Span, &mut Fields<'_>) -> Option<T>,
) -> Vec<T> {
    let mut all = Vec::new();
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for block in fields.blocks(kind) {
        let name = fields.label(block);
        let place = block.labels.first().map_or(block.head, |label| label.span);
        if let Some(first) = seen.get(&name) {
            let message = format!("`{kind} \"{name}\"` is declared twice");
            fields.complain(
                Diagnostic::error("disco::manifest_duplicate", message)
                    .at(place, "again here")
                    .at(*first, "first here")
                    .help("give one of them another name, or remove it"),
            );
            continue;
        }
        seen.insert(name.clone(), place);
        all.extend(fields.inside(block, |inner| read(name, place, inner)));
    }
    all
}

fn read_masters(fields: &mut Fields<'_>) -> (u32, String) {
    let Some(block) = fields.blocks("masters").first().copied() else { return (u32::MAX, String::new()) };
    fields.inside(block, |inner| {
        let maximum = inner.integer("maximum").and_then(|maximum| u32::try_from(maximum).ok());
        (maximum.unwrap_or(u32::MAX), inner.text("reason").unwrap_or_default())
    })
}

/// The blocks `role`, of which there is one: nodes that only use the framework.
fn read_clients(fields: &mut Fields<'_>) -> bool {
    let mut has_clients = false;
    for block in fields.blocks("role") {
        let name = fields.label(block);
        if name == Placement::Client.name() {
            has_clients = true;
        } else {
            let message = format!("role `{name}` does not exist");
            let diagnostic = Diagnostic::error("disco::manifest_unknown", message).at(block.head, "unknown");
            fields.complain(
                diagnostic.help("write `role \"client\" {}`: what has no `on` then goes to nodes that only use it"),
            );
        }
        fields.inside(block, |_| ());
    }
    has_clients
}

fn read_versions(fields: &mut Fields<'_>, texts: &Texts<'_>) -> Vec<Version> {
    each(fields, "version", |name, origin, fields| {
        Some(Version {
            requirements: parts::requirements(fields, texts),
            name,
            archive: fields.text("archive").unwrap_or_default(),
            sha512_url: read_digest_url("sha512_url", fields),
            sha256_url: read_digest_url("sha256_url", fields),
            sha512: read_digest(fields),
            java: fields.integers("java").into_iter().filter_map(|java| u32::try_from(java).ok()).collect(),
            python: fields.text("python"),
            compatible: fields.list_entries("compatible").into_iter().collect(),
            compatible_reason: fields.text("compatible_reason"),
            origin,
        })
    })
}

fn read_digest(fields: &mut Fields<'_>) -> Option<String> {
    let digest = fields.text("sha512")?;
    if SettingType::Sha512.fits(&digest) {
        return Some(digest);
    }
    let place = fields.place("sha512");
    fields.complain(
        Diagnostic::error("disco::manifest_type", "expected a SHA-512 of 128 hexadecimal digits")
            .at(place, format!("{} characters", digest.len()))
            .help("write what the publisher says, or what `sha512sum` prints of the archive"),
    );
    None
}

fn read_digest_url(name: &'static str, fields: &mut Fields<'_>) -> Option<String> {
    let url = fields.text(name)?;
    if !url.starts_with("https://") {
        let place = fields.place(name);
        fields.complain(
            Diagnostic::error("disco::manifest_type", "expected an address with `https://`")
                .at(place, "does not begin with `https://`")
                .help("name the publisher's own address: a digest that anybody could change says nothing"),
        );
    }
    Some(url)
}

/// `{ master = …, slave = … }`
fn by_role(name: &'static str, fields: &mut Fields<'_>) -> BTreeMap<Role, Expression> {
    let place = fields.place(name);
    let mut all = BTreeMap::new();
    for (role, expression) in fields.entries(name) {
        let Some(known) = Role::ALL.into_iter().find(|known| known.name() == role) else {
            fields.complain(
                Diagnostic::error("disco::manifest_unknown", format!("role `{role}` does not exist"))
                    .at(place, "here")
                    .help("use `master` or `slave`"),
            );
            continue;
        };
        all.insert(known, expression);
    }
    all
}

/// Blocks of locals; the name of a block is the unit of what is in it.
fn read_locals(fields: &mut Fields<'_>) -> Vec<LocalDeclaration> {
    let mut locals: Vec<LocalDeclaration> = Vec::new();
    let mut places: BTreeMap<String, Span> = BTreeMap::new();
    for block in fields.blocks("locals") {
        let unit = block.labels.first().map(|label| label.text.to_string());
        for attribute in &block.body.attributes {
            let (name, place) = (attribute.name.text.to_string(), attribute.name.span);
            if let Some(first) = places.insert(name.clone(), place) {
                fields.complain(
                    Diagnostic::error("disco::manifest_duplicate", format!("`local.{name}` is defined twice"))
                        .at(place, "again here")
                        .at(first, "first here")
                        .help("give one of them another name, or remove it"),
                );
                continue;
            }
            locals.push(LocalDeclaration { name, unit: unit.clone(), value: attribute.value.clone() });
        }
    }
    locals
}

/// Reads all blocks of a kind that have no name.
fn read_all<T>(
    fields: &mut Fields<'_>,
    kind: &'static str,
    read: impl Fn(&mut Fields<'_>, Span) -> Option<T>,
) -> Vec<T> {
    let blocks = fields.blocks(kind);
    blocks.into_iter().filter_map(|block| fields.inside(block, |inner| read(inner, block.head))).collect()
}

/// The newest form of manifests that is read.
const LANGUAGE: u64 = 2;

/// The form that a manifest says it has; one that says nothing has the first, of which all is valid in the second.
fn read_language(fields: &mut Fields<'_>) {
    let place = fields.place("manifest");
    if let Some(number) = fields.integer("manifest").filter(|number| !(1..=LANGUAGE).contains(number)) {
        let message = format!("the manifest has the form {number}, this DISCO reads up to {LANGUAGE}");
        let diagnostic = Diagnostic::error("disco::manifest_value", message).at(place, "not known");
        fields.complain(diagnostic.help("use a newer DISCO, or write `manifest = 2`"));
    }
}
