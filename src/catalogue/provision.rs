//! What one framework puts on the nodes of one group.

use super::files;
use super::paths::is_path;
use super::units;
use super::usage::Usage;
use super::view::{FrameworkContext, Prepared, View};
use super::words::{peeled, shown, text_of};
use super::{Archive, ComputedValue, Directory, GroupConfiguration, PythonEnvironment, SystemUser};
use crate::expression::Value;
use crate::model::Text;
use crate::source::{Diagnostic, Diagnostics};

/// Settings that every framework with an archive can have.
const MIRRORS: &str = "mirrors";
const SHA512: &str = "sha512";

/// Adds everything of a framework to what a group's nodes get.
pub(super) fn provision<'a>(
    all: &[Prepared<'a>],
    context: &FrameworkContext<'a>,
    view: &View<'a>,
    to: &mut GroupConfiguration,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if let Some(java) = &view.java {
        add_package(to, &java.package);
    }
    for name in view.ensembles.keys().filter(|name| view.has_members(name)) {
        let members = &view.ensembles[name];
        to.ensembles.insert(ensemble_name(context, name), members.names(context));
    }
    packages(context, view, to, &mut diagnostics);
    let installed = &context.chosen.framework.installation;
    if view.has(&installed.on, installed.when.as_ref()) {
        to.archives.extend(archive(context, view, &mut diagnostics));
        if let Some(python) = python(context, view, &mut diagnostics) {
            add_package(to, PYTHON_PACKAGE);
            to.pythons.push(python);
        }
    }
    let version = context.chosen.version;
    if version.archive.is_empty() && version.requirements.is_none() {
        to.versions.insert(context.chosen.framework.name.clone(), version.name.clone());
    }
    let users = context.chosen.framework.users.iter();
    for user in users.filter(|user| view.hosts(&user.on, user.ensemble.as_ref(), user.when.as_ref())) {
        let user = SystemUser {
            name: user.name.clone(),
            group: user.group.clone(),
            home: user.home.clone(),
            only: user.ensemble.as_ref().map(|ensemble| ensemble_name(context, ensemble)),
        };
        if to.users.iter().all(|known| known.name != user.name) {
            to.users.push(user);
        }
    }
    directories(context, view, to, &mut diagnostics);
    for file in &context.chosen.framework.files {
        if !view.hosts(&file.on, file.ensemble.as_ref(), file.when.as_ref()) {
            continue;
        }
        to.files.extend(files::configured_file(all, context, view, file, &mut diagnostics));
    }
    units::services(context, view, to, &mut diagnostics);
    to.settings.extend(settings(context, view));
    diagnostics
}

/// The package with what makes Python environments.
const PYTHON_PACKAGE: &str = "python3-venv";

fn add_package(to: &mut GroupConfiguration, package: &str) {
    if to.packages.iter().all(|known| known != package) {
        to.packages.push(package.to_owned());
    }
}

/// An ensemble of a framework, as the nodes of a cluster call it.
pub(super) fn ensemble_name(context: &FrameworkContext<'_>, ensemble: &str) -> String {
    format!("{}.{ensemble}", context.chosen.framework.name)
}

/// Adds the packages of a framework.
fn packages(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    to: &mut GroupConfiguration,
    diagnostics: &mut Diagnostics,
) {
    let declared = context.chosen.framework.packages.iter();
    for packages in declared.filter(|packages| view.has(&packages.on, packages.when.as_ref())) {
        let expression = peeled(&view.scope, &packages.names);
        let usage = Usage { context, view, what: "`names` of packages".to_owned(), expression };
        let Some(value) = usage.open_value(diagnostics) else { continue };
        let names = value.elements().unwrap_or_else(|| vec![&value]);
        for name in names.into_iter().filter(|name| !name.is_null()) {
            match name.as_str().filter(|name| is_package(name)) {
                Some(name) => add_package(to, name),
                None => diagnostics.push(usage.wrong(
                    "must be a list of names of packages",
                    "use lower-case letters, digits, `+`, `-` and `.`, as `apt-get install` takes them",
                )),
            }
        }
    }
}

/// Whether a text is the name of a Debian package, so that no option and no version gets to apt.
fn is_package(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
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
fn python(context: &FrameworkContext<'_>, view: &View<'_>, diagnostics: &mut Diagnostics) -> Option<PythonEnvironment> {
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

/// Adds the folders of a framework.
fn directories(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    to: &mut GroupConfiguration,
    diagnostics: &mut Diagnostics,
) {
    let directories = context.chosen.framework.directories.iter();
    for directory in
        directories.filter(|directory| view.hosts(&directory.on, directory.ensemble.as_ref(), directory.when.as_ref()))
    {
        let expression = peeled(&view.scope, &directory.path);
        let usage = Usage { context, view, what: "`path` of a directory".to_owned(), expression };
        let Some(value) = usage.open_value(diagnostics) else { continue };
        let paths = value.elements().unwrap_or_else(|| vec![&value]);
        for path in paths.into_iter().filter(|path| !path.is_null()) {
            let Some(path) = path.as_str().filter(|path| is_path(path)) else {
                diagnostics.push(usage.wrong(
                    "must be an absolute path, or a list of absolute paths",
                    "write a path that begins with `/`, has no `..` and no control characters",
                ));
                break;
            };
            if to.directories.iter().all(|known| known.path != path) {
                to.directories.push(Directory {
                    path: path.to_owned(),
                    owner: directory.owner.clone(),
                    mode: directory.mode.clone(),
                    holds_data: directory.holds_data,
                    only: directory.ensemble.as_ref().map(|name| ensemble_name(context, name)),
                });
            }
        }
    }
}

fn archive(context: &FrameworkContext<'_>, view: &View<'_>, diagnostics: &mut Diagnostics) -> Option<Archive> {
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
    let sha512_url = if sha512.is_some() { None } else { chosen.version.sha512_url.clone() };
    Some(Archive {
        name: chosen.framework.name.clone(),
        version: chosen.version.name.clone(),
        urls,
        sha512,
        sha512_url,
        directory: view.home.clone(),
    })
}

fn settings(context: &FrameworkContext<'_>, view: &View<'_>) -> Vec<ComputedValue> {
    let framework = context.chosen.framework;
    let mut values = Vec::new();
    for declared in framework.settings.iter().filter(|declared| !view.idle.contains(declared.name.as_str())) {
        let value = view.named("setting", &declared.name, declared.origin);
        if value.is_null() || value.contains_unknown() || value.contains_failed() {
            continue;
        }
        let secret = declared.secret || value.contains_secret();
        let text = Text { value: text_of(&value).map_or_else(|| shown(&value), |text| text.value), secret };
        let key = format!("{}.{}", framework.name, declared.name);
        let overridden_at = context.overrides.get(&declared.name).and_then(|given| given.origin);
        values.push(ComputedValue { key, value: text, is_structure: false, overridden_at });
    }
    values
}
