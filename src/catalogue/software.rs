//! Software of one framework on the nodes of one group that is not of the distribution: archives, files and Python
//! environments.

use super::paths::is_path;
use super::units::unit_name;
use super::usage::Usage;
use super::view::{FrameworkContext, View};
use super::words::peeled;
use super::{Archive, ArchiveDeclaration, Framework, GroupConfiguration, PythonEnvironment, SettingType};
use crate::expression::Value;
use crate::source::{Diagnostic, Diagnostics};
use crate::syntax::tree::Expression;

/// Settings that every framework with an archive can have.
const MIRRORS: &str = "mirrors";
const SHA512: &str = "sha512";

/// The archive of a framework's version, if it has one.
pub(super) fn archive(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Archive> {
    let chosen = context.chosen;
    if chosen.version.archive.is_empty() {
        return None;
    }
    let mut value =
        |name: &str| open_setting(context, view, name, "use a mirror that needs no password", diagnostics).ok()?;
    let mirrors = value(MIRRORS);
    let sha512 = value(SHA512).as_ref().and_then(Value::as_str).map(str::to_lowercase);
    let urls = mirrors
        .as_ref()
        .and_then(Value::elements)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|mirror| format!("{}/{}", mirror.trim_end_matches('/'), chosen.version.archive))
        .collect();
    let sha512 = sha512.or_else(|| chosen.version.sha512.clone());
    let published = |url: &Option<String>| if sha512.is_some() { None } else { url.clone() };
    let sha512_url = published(&chosen.version.sha512_url);
    let sha256_url = published(&chosen.version.sha256_url).filter(|_| sha512_url.is_none());
    Some(Archive {
        name: chosen.framework.name.clone(),
        version: chosen.version.name.clone(),
        urls,
        sha512,
        sha512_url,
        sha256_url,
        directory: view.home.clone(),
        file: None,
        strip: None,
        restarts: Vec::new(),
    })
}

/// The value of a setting that everybody on the nodes can read, if there is one of that name; an error where it is a secret,
/// which is said.
fn open_setting(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    name: &str,
    help: &str,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Value>, ()> {
    let framework = context.chosen.framework;
    let Some(declared) = framework.setting(name) else { return Ok(None) };
    let value = view.named("setting", name, declared.origin);
    if !value.contains_secret() {
        return Ok(Some(value));
    }
    let given = context.overrides.get(name).and_then(|given| given.origin);
    diagnostics.push(
        Diagnostic::error("disco::exposed_secret", format!("`{name}` of {} would show a secret", framework.name))
            .at(given.unwrap_or(declared.origin), "everybody on the node can read it")
            .help(help),
    );
    Err(())
}

/// The Python environment of a framework's version, if it has one.
pub(super) fn python(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<PythonEnvironment> {
    let chosen = context.chosen;
    let requirements = chosen.version.requirements.clone()?;
    let index = open_setting(context, view, INDEX, "use an index that needs no password", diagnostics).ok()?;
    Some(PythonEnvironment {
        name: chosen.framework.name.clone(),
        version: chosen.version.name.clone(),
        index: index.as_ref().and_then(Value::as_str).unwrap_or(PYPI).to_owned(),
        requirements,
        directory: view.home.clone(),
    })
}

/// The setting with the index of Python packages, and the index without it.
const INDEX: &str = "index";
const PYPI: &str = "https://pypi.org/simple";

/// Adds what a framework has beside its version's archive.
pub(super) fn further(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    to: &mut GroupConfiguration,
    diagnostics: &mut Diagnostics,
) {
    for declared in &context.chosen.framework.archives {
        if view.has(&declared.on, declared.when.as_ref()) {
            to.archives.extend(further_one(context, view, declared, diagnostics));
        }
    }
}

/// What an archive of a framework is called on the nodes.
pub(super) fn archive_name(framework: &Framework, declared: &ArchiveDeclaration) -> String {
    format!("{} {}", framework.name, declared.name)
}

fn further_one(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    declared: &ArchiveDeclaration,
    diagnostics: &mut Diagnostics,
) -> Option<Archive> {
    let chosen = context.chosen;
    let text = |name: &str, expression: &Expression, fits: fn(&str) -> bool, help: &str, to: &mut Diagnostics| {
        let expression = peeled(&view.scope, expression);
        let usage = Usage { context, view, what: format!("`{name}` of archive `{}`", declared.name), expression };
        let value = usage.open_value(to)?;
        let text = value.as_str().filter(|text| fits(text)).map(str::to_owned);
        if text.is_none() {
            to.push(usage.wrong("is not what is expected here", help));
        }
        text
    };
    let is_below = |path: &str| is_path(&format!("/{path}")) && !path.contains("://");
    let is_digest = |text: &str| SettingType::Sha512.fits(text);
    let below = "write the path below a mirror's root, without a leading `/`";
    let path = text("path", &declared.path, is_below, below, diagnostics);
    let sha512 = text("sha512", &declared.sha512, is_digest, "write 128 hexadecimal digits", diagnostics);
    let to = text("to", &declared.to, is_path, "write an absolute path", diagnostics);
    let mirrors: Vec<String> = if let Some(mirrors) = &declared.mirrors {
        let expression = peeled(&view.scope, mirrors);
        let usage = Usage { context, view, what: format!("`mirrors` of archive `{}`", declared.name), expression };
        let help = "write a list of addresses: [\"https://mirror.example.org\"]";
        usage.read("a list of addresses", help, diagnostics)??
    } else {
        let help = "use a mirror that needs no password";
        let mirrors = open_setting(context, view, MIRRORS, help, diagnostics).ok()?;
        let mirrors = mirrors.as_ref().and_then(Value::elements).into_iter().flatten().filter_map(Value::as_str);
        mirrors.map(str::to_owned).collect()
    };
    if mirrors.is_empty() {
        diagnostics.push(
            Diagnostic::error("disco::manifest_missing", format!("archive `{}` comes from nowhere", declared.name))
                .at(declared.origin, "no address")
                .help("write `mirrors = [\"https://…\"]`, or declare a setting `mirrors`"),
        );
        return None;
    }
    let (path, sha512, to) = (path?, sha512?, to?);
    let name = path.rsplit('/').next().unwrap_or(&path);
    let services = chosen.framework.services.iter().filter(|service| view.runs(service));
    Some(Archive {
        name: archive_name(chosen.framework, declared),
        version: chosen.version.name.clone(),
        urls: mirrors.iter().map(|mirror| format!("{}/{path}", mirror.trim_end_matches('/'))).collect(),
        sha512: Some(sha512.to_lowercase()),
        sha512_url: None,
        sha256_url: None,
        file: (!declared.unpack).then(|| format!("{}/{name}", to.trim_end_matches('/'))),
        directory: to,
        strip: (declared.unpack && declared.strip != 1).then_some(declared.strip),
        restarts: services.filter(|service| declared.restarts.contains(&service.name)).map(unit_name).collect(),
    })
}
