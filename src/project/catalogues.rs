//! The frameworks of a project's own: folders beside its definitions.

use std::collections::BTreeMap;
use std::path::Path;

use super::Project;
use super::definition::Loaded;
use super::files;
use crate::catalogue::Catalogue;
use crate::model::Sourced;
use crate::source::{Diagnostic, Diagnostics};

impl Project {
    /// The frameworks to choose from: those inside the program and those of the project's own folders.
    pub(super) fn catalogue(&self, loaded: &Loaded) -> (Catalogue, Diagnostics) {
        let mut catalogue = self.embedded_catalogue().clone();
        let mut diagnostics = Diagnostics::new();
        for folder in &loaded.settings.catalogues {
            diagnostics.extend(self.add_catalogue(folder, &mut catalogue));
        }
        (catalogue, diagnostics)
    }

    /// Adds every framework of a folder of one's own: each of its folders is one.
    fn add_catalogue(&self, folder: &Sourced<String>, catalogue: &mut Catalogue) -> Diagnostics {
        let unreadable = |why: String| -> Diagnostics {
            Diagnostic::error("disco::unreadable_catalogue", format!("the catalogue cannot be read: {why}"))
                .at_maybe(folder.origin, "named here")
                .help("name a folder with a folder for each framework, all in UTF-8 text")
                .into()
        };
        let top = self.request.directory.join(&folder.value);
        if self.is_confined() && !files::is_within(self.directory(), &top) {
            return unreadable("it is outside of the project, and a service reads nothing there".to_owned());
        }
        let files = match files::tree(&top) {
            Ok(files) => files,
            Err(fault) => return unreadable(fault.to_string()),
        };
        let mut frameworks: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let mut unreadable_manifests: Vec<String> = Vec::new();
        for path in files {
            let Some((framework, name)) = path.split_once('/') else { continue };
            let bytes = match files::read_existing(&top.join(&path)) {
                Ok(bytes) => bytes,
                Err(fault) => return unreadable(format!("{path}: {fault}")),
            };
            match String::from_utf8(bytes) {
                Ok(text) => {
                    frameworks.entry(framework.to_owned()).or_default().insert(name.to_owned(), text);
                }
                // A manifest must be text; of the others only those that it names.
                Err(_) if name == "framework.hcl" => {
                    catalogue.add_broken(framework);
                    unreadable_manifests.push(path.clone());
                }
                Err(_) => {}
            }
        }
        let mut diagnostics = Diagnostics::new();
        for path in unreadable_manifests {
            diagnostics.extend(unreadable(format!("{path} is not UTF-8 text")));
        }
        // A folder without a manifest is a folder of something else, unless one lies there under another name.
        let manifests = frameworks.iter().filter(|(_, texts)| texts.keys().any(|name| is_manifest(name)));
        for (name, texts) in manifests {
            let shown = format!("{}/{name}", folder.value.trim_end_matches('/'));
            diagnostics.extend(catalogue.add_folder(name, &shown, texts, &self.sources));
        }
        diagnostics
    }
}

/// Whether a file of a framework's folder is its manifest, or looks like one: definitions and variables of another project
/// do not.
fn is_manifest(name: &str) -> bool {
    let hcl = Path::new(name).extension().is_some_and(|ending| ending == "hcl");
    hcl && !name.contains('/') && !files::is_definition(name) && !files::is_variables(name)
}
