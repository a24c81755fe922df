//! The frameworks that a project can choose from.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;

use super::Framework;
use super::manifest;
use super::platform::{self, Platform};
use crate::source::{Diagnostic, Diagnostics, Sources, Span};
use crate::syntax;
use crate::syntax::tree::{Expression, ExpressionKind};

/// Name of the manifest in a framework's folder.
const MANIFEST: &str = "framework.hcl";
/// Name of the file with platforms.
const PLATFORMS: &str = "platforms.hcl";

/// The top-level folder `templates/`, inside the binary.
#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// All frameworks at hand, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    frameworks: BTreeMap<String, Framework>,
    platforms: Vec<Platform>,
    reserved_memory: Option<Expression>,
}

impl Catalogue {
    /// What is inside the binary. Its texts are added to `sources` as `templates/…`.
    pub fn embedded(sources: &Sources) -> (Self, Diagnostics) {
        let mut catalogue = Self::default();
        let mut diagnostics = Diagnostics::new();
        let mut folders: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for path in Templates::iter() {
            let Some(file) = Templates::get(&path) else { continue };
            let text = String::from_utf8_lossy(&file.data).into_owned();
            match path.split_once('/') {
                Some((folder, name)) => {
                    folders.entry(folder.to_owned()).or_default().insert(name.to_owned(), text);
                }
                None if path == PLATFORMS => {
                    let (body, mistakes) = syntax::parse(sources, sources.add(format!("templates/{path}"), text));
                    diagnostics.extend(mistakes);
                    let (platforms, reserved_memory, mistakes) = platform::read(&body);
                    diagnostics.extend(mistakes);
                    catalogue.platforms = platforms;
                    catalogue.reserved_memory = reserved_memory;
                }
                None => {}
            }
        }
        for (name, files) in &folders {
            diagnostics.extend(catalogue.add_folder(name, &format!("templates/{name}"), files, sources));
        }
        (catalogue, diagnostics)
    }

    /// Adds the framework `name` from a folder: texts by file name. Messages call the folder `folder`. One of that name
    /// that is there already stays, and the new one is refused: a definition must not come to mean something else.
    pub fn add_folder(
        &mut self,
        name: &str,
        folder: &str,
        files: &BTreeMap<String, String>,
        sources: &Sources,
    ) -> Diagnostics {
        let Some(text) = files.get(MANIFEST) else {
            return Diagnostic::error("disco::no_manifest", format!("the folder `{folder}` has no `{MANIFEST}`"))
                .help("a folder of a catalogue holds one framework: its manifest and the files that it names")
                .into();
        };
        let (body, mut diagnostics) =
            syntax::parse(sources, sources.add(format!("{folder}/{MANIFEST}"), text.as_str()));
        if diagnostics.has_errors() {
            return diagnostics;
        }
        let head = Span::new(body.span.source, 0, text.lines().next().unwrap_or_default().len());
        if let Some(there) = self.frameworks.get(name) {
            let message = format!("there are two frameworks called `{name}`");
            return Diagnostic::error("disco::duplicate_framework", message)
                .at(head, "the second one")
                .at(there.origin, "the first one")
                .help(format!("call the folder otherwise: a framework has its folder's name, and `{name}` is taken"))
                .into();
        }
        let texts = |file: &str| files.get(file).map(|text| template(sources, &format!("{folder}/{file}"), text));
        let (framework, mistakes) = manifest::read(name, &body, &texts);
        if !mistakes.has_errors() {
            self.frameworks.insert(name.to_owned(), framework);
        }
        diagnostics.extend(mistakes);
        diagnostics
    }

    /// The framework of that name.
    pub fn framework(&self, name: &str) -> Option<&Framework> {
        self.frameworks.get(name)
    }

    /// All frameworks, sorted by name.
    pub fn frameworks(&self) -> impl Iterator<Item = &Framework> {
        self.frameworks.values()
    }

    /// All names, sorted.
    pub fn framework_names(&self) -> impl Iterator<Item = &str> {
        self.frameworks.keys().map(String::as_str)
    }

    /// What the operating system keeps of a node's memory, MiB: an expression over `node`.
    pub fn reserved_memory(&self) -> Option<&Expression> {
        self.reserved_memory.as_ref()
    }

    /// Distributions that are known.
    pub fn platforms(&self) -> &[Platform] {
        &self.platforms
    }
}

/// A file beside a manifest as a template.
fn template(sources: &Sources, name: &str, text: &str) -> Result<Expression, Diagnostics> {
    let id = sources.add(name, text);
    match syntax::parse_template(sources, id) {
        (Some(template), mistakes) if !mistakes.has_errors() => {
            Ok(Expression { kind: ExpressionKind::Template(template), span: Span::new(id, 0, text.len()) })
        }
        (_, mistakes) => Err(mistakes),
    }
}
