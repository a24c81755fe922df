//! The folders of modules, read with those that call them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use super::Project;
use super::definition::{Input, InputKind};
use super::files;
use crate::language::{Folder, ModuleFolder, ModuleSource, module_sources};
use crate::source::{Diagnostic, Diagnostics, SourceId, Span};
use crate::syntax;
use crate::syntax::tree::Body;

/// What is read of a project's folder and of those of its modules.
#[derive(Default)]
pub(super) struct Reading {
    /// The texts and what becomes of the digest.
    pub(super) read: Vec<Input>,
    /// The texts of definitions.
    pub(super) files: Vec<SourceId>,
    /// Whether something could not be read or parsed.
    pub(super) broken: bool,
    /// What was found.
    pub(super) diagnostics: Diagnostics,
    /// Folders that were read already, by their real paths; `None` for those that could not be.
    folders: BTreeMap<PathBuf, Option<ModuleFolder>>,
}

impl Project {
    /// Reads the definitions of a folder: `path` is relative to the project, empty for the project itself.
    pub(super) fn read_definitions(&self, path: &str, names: &[String], reading: &mut Reading) -> Vec<Body> {
        let mut bodies = Vec::new();
        for name in names {
            let name = joined(path, name);
            let Some(id) = self.source(InputKind::File, &name, &mut reading.read, &mut reading.diagnostics) else {
                // That it cannot be read, or is no text, has been said; what it may say is not missed.
                reading.broken = true;
                bodies.push(Body::unread(Span::new(self.sources.add(self.shown(&name), ""), 0, 0)));
                continue;
            };
            reading.files.push(id);
            let (body, found) = syntax::parse(&self.sources, id);
            reading.broken |= found.has_errors();
            reading.diagnostics.extend(found);
            bodies.push(body);
        }
        bodies
    }

    /// Adds the folders of the modules that files of the folder at `path` call.
    pub(super) fn read_modules(&self, path: &str, bodies: Vec<Body>, reading: &mut Reading) -> Folder {
        let mut within = vec![(files::real(&self.request.directory.join(path)), None)];
        self.with_modules(path, bodies, &mut within, reading)
    }

    /// `within`: the folders that lead here, each with the place that names it.
    fn with_modules(
        &self,
        path: &str,
        bodies: Vec<Body>,
        within: &mut Vec<(PathBuf, Option<Span>)>,
        reading: &mut Reading,
    ) -> Folder {
        let mut modules: BTreeMap<Arc<str>, ModuleFolder> = BTreeMap::new();
        for source in module_sources(&bodies) {
            if let Some(folder) = self.module(path, &source, within, reading) {
                modules.insert(source.name, folder);
            }
        }
        Folder { bodies, modules }
    }

    fn module(
        &self,
        path: &str,
        source: &ModuleSource,
        within: &mut Vec<(PathBuf, Option<Span>)>,
        reading: &mut Reading,
    ) -> Option<ModuleFolder> {
        let path = joined(path, &source.path);
        let folder = self.request.directory.join(&path);
        let real = files::real(&folder);
        if self.is_confined() && !files::is_within(&self.request.directory, &folder) {
            return missing(
                source,
                &path,
                "is outside of the project, and a service reads nothing there",
                real,
                reading,
            );
        }
        if let Some(at) = within.iter().position(|(other, _)| *other == real) {
            reading.broken = true;
            reading.diagnostics.push(cycle(source, &within[at + 1..], at == 0));
            return None;
        }
        if let Some(known) = reading.folders.get(&real) {
            return known.clone();
        }
        let names = match files::definitions(&folder) {
            Ok(names) if !names.is_empty() => names,
            Ok(_) => return missing(source, &path, "has no files `*.disco.hcl`", real, reading),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {
                return missing(source, &path, "does not exist", real, reading);
            }
            Err(fault) => return missing(source, &path, &format!("cannot be read: {fault}"), real, reading),
        };
        let bodies = self.read_definitions(&path, &names, reading);
        within.push((real.clone(), Some(source.place)));
        let folder = self.with_modules(&path, bodies, within, reading);
        within.pop();
        let module = ModuleFolder { path: path.as_str().into(), folder: Rc::new(folder) };
        reading.folders.insert(real, Some(module.clone()));
        Some(module)
    }
}

/// The message about a folder that is not one of a module.
fn missing(source: &ModuleSource, path: &str, why: &str, real: PathBuf, reading: &mut Reading) -> Option<ModuleFolder> {
    reading.broken = true;
    reading.folders.insert(real, None);
    reading.diagnostics.push(
        Diagnostic::error("disco::module_source", format!("the folder `{path}` of module `{}` {why}", source.name))
            .at(source.place, "named here")
            .help("name a folder with files `*.disco.hcl`, relative to the folder of this file"),
    );
    None
}

/// The message about a module that contains itself; `way` are the folders between.
fn cycle(source: &ModuleSource, way: &[(PathBuf, Option<Span>)], is_project: bool) -> Diagnostic {
    let name = &source.name;
    let what = if is_project { "the folder of the project itself" } else { "a folder that it is itself part of" };
    let mut diagnostic =
        Diagnostic::error("disco::module_cycle", format!("module `{name}` is {what}")).at(source.place, "leads back");
    for place in way.iter().filter_map(|(_, place)| *place) {
        diagnostic = diagnostic.at(place, "leads there");
    }
    diagnostic.help("name another folder: a module cannot contain itself")
}

/// A path within a folder, both relative to the project, without `.` and with `..` as far up as it can be told.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn paths_are_joined_without_detours() {
        for (folder, path, expected) in [
            ("", "a.disco.hcl", "a.disco.hcl"),
            ("", "./modules/site", "modules/site"),
            ("modules/site", "../net/", "modules/net"),
            ("modules", "../../shared", "../shared"),
            ("../shared", "../../more", "../../more"),
            ("a", "..", "."),
        ] {
            assert_eq!(joined(folder, path), expected, "{folder} + {path}");
        }
    }
}
