//! What one framework puts on the nodes of one group.

use super::ensemble::ensemble_name;
use super::files;
use super::machine;
use super::paths::is_path;
use super::software;
use super::units;
use super::usage::Usage;
use super::view::{FrameworkContext, Prepared, View};
use super::words::{peeled, shown, text_of};
use super::{ComputedValue, Directory, GroupConfiguration, SystemUser};
use crate::model::Text;
use crate::source::Diagnostics;

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
        if members.are_all {
            continue;
        }
        to.ensembles.insert(ensemble_name(context, name), members.names(context));
    }
    packages(context, view, to, &mut diagnostics);
    let installed = &context.chosen.framework.installation;
    if view.has(&installed.on, installed.when.as_ref()) {
        to.archives.extend(software::archive(context, view, &mut diagnostics));
        if let Some(python) = software::python(context, view, &mut diagnostics) {
            add_package(to, PYTHON_PACKAGE);
            to.pythons.push(python);
        }
    }
    software::further(context, view, to, &mut diagnostics);
    machine::machine(context, view, to, &mut diagnostics);
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
            only: view.only(context, user.ensemble.as_ref()),
            uid: user.uid,
            groups: user.groups.clone(),
            shell: user.shell.clone(),
            home_mode: user.home_mode.clone(),
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
        to.files.extend(files::configured_files(all, context, view, file, &mut diagnostics));
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
                    only: view.only(context, directory.ensemble.as_ref()),
                });
            }
        }
    }
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
