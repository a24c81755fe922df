//! The frameworks that a project can choose from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rust_embed::RustEmbed;

use super::key_list::{DEPRECATED_KEYS, KNOWN_KEYS, KeyList};
use super::manifest;
use super::platform::{self, Platform};
use super::{Alternative, Framework};
use crate::source::{Diagnostic, Diagnostics, Sources, Span};
use crate::syntax;
use crate::syntax::tree::{Expression, ExpressionKind};

/// Name of the manifest in a framework's folder.
const MANIFEST: &str = "framework.hcl";
/// Name of the file with platforms.
const PLATFORMS: &str = "platforms.hcl";
/// Name of the file with what does without a cluster.
const ALTERNATIVES: &str = "alternatives.hcl";

/// The top-level folder `templates/`, inside the binary.
#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// All frameworks at hand, by name. Copies share them.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    frameworks: BTreeMap<String, Arc<Entry>>,
    /// Names of frameworks whose manifests have mistakes: they are there, and cannot be used.
    broken: BTreeSet<String>,
    platforms: Vec<Platform>,
    reserved_memory: Option<Expression>,
    /// What does without a cluster; read when somebody asks.
    alternatives: Arc<OnceLock<Vec<Alternative>>>,
    /// Where its text goes when it is read; nowhere in a catalogue that is empty.
    sources: Option<Sources>,
}

/// One framework. One inside the binary is read when somebody asks for it: most projects use few of them.
#[derive(Debug)]
struct Entry {
    /// Nothing where its manifest has mistakes, which no manifest inside the binary has.
    framework: OnceLock<Option<Framework>>,
    /// Where the texts go when it is read.
    sources: Sources,
}

impl Entry {
    fn framework(&self, name: &str) -> Option<&Framework> {
        self.framework.get_or_init(|| read_embedded(name, &self.sources)).as_ref()
    }
}

impl Catalogue {
    /// What is inside the binary. The texts of what is used are added to `sources` as `templates/…`.
    pub fn embedded(sources: &Sources) -> Self {
        let mut catalogue = Self { sources: Some(sources.clone()), ..Self::default() };
        for path in Templates::iter() {
            if let Some((name, MANIFEST)) = path.split_once('/') {
                let entry = Entry { framework: OnceLock::new(), sources: sources.clone() };
                catalogue.frameworks.insert(name.to_owned(), Arc::new(entry));
            }
        }
        if let Some(text) = embedded_text(PLATFORMS) {
            let (body, _) = syntax::parse(sources, sources.add(format!("templates/{PLATFORMS}"), text));
            let (platforms, reserved_memory, _) = platform::read(&body);
            catalogue.platforms = platforms;
            catalogue.reserved_memory = reserved_memory;
        }
        catalogue
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
            self.broken.insert(name.to_owned());
            return Diagnostic::error("disco::no_manifest", format!("the folder `{folder}` has no `{MANIFEST}`"))
                .help("write a manifest there: a folder of a catalogue holds one framework")
                .into();
        };
        let (body, mut diagnostics) =
            syntax::parse(sources, sources.add(format!("{folder}/{MANIFEST}"), text.as_str()));
        if diagnostics.has_errors() {
            self.broken.insert(name.to_owned());
            return diagnostics;
        }
        let head = Span::new(body.span.source, 0, text.lines().next().unwrap_or_default().len());
        if let Some(there) = self.framework(name) {
            let message = format!("two frameworks have the name `{name}`");
            return Diagnostic::error("disco::duplicate_framework", message)
                .at(head, "second")
                .at(there.origin, "first")
                .help(format!("rename the folder: a framework has its folder's name, and `{name}` is taken; `disco frameworks show {name}` shows the one that is there, which may do as well"))
                .into();
        }
        let texts = |file: &str| files.get(file).map(|text| template(sources, &format!("{folder}/{file}"), text));
        let (mut framework, mut mistakes) = manifest::read(name, &body, &texts);
        framework.known_keys = KeyList::new(files.get(KNOWN_KEYS).cloned(), files.get(DEPRECATED_KEYS).cloned());
        let whole = Some(&framework).filter(|_| !mistakes.has_errors());
        mistakes.extend(manifest::check(whole, &body));
        if mistakes.has_errors() {
            self.broken.insert(name.to_owned());
        } else {
            let entry = Entry { framework: OnceLock::from(Some(framework)), sources: sources.clone() };
            self.frameworks.insert(name.to_owned(), Arc::new(entry));
        }
        diagnostics.extend(mistakes);
        diagnostics
    }

    /// The framework of that name.
    pub fn framework(&self, name: &str) -> Option<&Framework> {
        self.frameworks.get(name)?.framework(name)
    }

    /// Says that there is a framework of that name, and that its manifest cannot be read.
    pub(crate) fn add_broken(&mut self, name: &str) {
        self.broken.insert(name.to_owned());
    }

    /// Whether there is a framework of that name whose manifest has mistakes, which have been told.
    pub(crate) fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }

    /// All frameworks, sorted by name.
    pub fn frameworks(&self) -> impl Iterator<Item = &Framework> {
        self.frameworks.iter().filter_map(|(name, entry)| entry.framework(name))
    }

    /// All names, sorted.
    pub fn framework_names(&self) -> impl Iterator<Item = &str> {
        self.frameworks.keys().map(String::as_str)
    }

    /// What the operating system keeps of a node's memory, MiB: an expression over `node`.
    pub fn reserved_memory(&self) -> Option<&Expression> {
        self.reserved_memory.as_ref()
    }

    /// What does without a cluster.
    pub fn alternatives(&self) -> &[Alternative] {
        self.alternatives.get_or_init(|| {
            let (Some(sources), Some(text)) = (&self.sources, embedded_text(ALTERNATIVES)) else { return Vec::new() };
            let (body, _) = syntax::parse(sources, sources.add(format!("templates/{ALTERNATIVES}"), text));
            manifest::alternatives(&body).0
        })
    }

    /// The texts of its manifests; nowhere for a catalogue that is empty.
    pub(crate) fn sources(&self) -> Option<&Sources> {
        self.sources.as_ref()
    }

    /// Distributions that are known.
    pub fn platforms(&self) -> &[Platform] {
        &self.platforms
    }
}

/// A text inside the binary.
fn embedded_text(path: &str) -> Option<String> {
    Templates::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}

/// A framework inside the binary. That its manifest has no mistakes is for the tests to say.
fn read_embedded(name: &str, sources: &Sources) -> Option<Framework> {
    let path = |file: &str| format!("{name}/{file}");
    let add = |path: String| Some((format!("templates/{path}"), embedded_text(&path)?));
    let (shown, text) = add(path(MANIFEST))?;
    let (body, mistakes) = syntax::parse(sources, sources.add(shown, text));
    let texts = |file: &str| add(path(file)).map(|(shown, text)| template(sources, &shown, &text));
    let (mut framework, more) = manifest::read(name, &body, &texts);
    framework.known_keys = KeyList::new(embedded_text(&path(KNOWN_KEYS)), embedded_text(&path(DEPRECATED_KEYS)));
    (!mistakes.has_errors() && !more.has_errors()).then_some(framework)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// They are read without a look at what is wrong with them.
    #[test]
    fn the_platforms_inside_the_program_have_no_mistakes() {
        let sources = Sources::new();
        let text = embedded_text(PLATFORMS).unwrap();
        let (body, mistakes) = syntax::parse(&sources, sources.add(PLATFORMS, text));
        assert!(mistakes.is_empty(), "{mistakes:#?}");
        let (platforms, reserved_memory, mistakes) = platform::read(&body);
        assert!(mistakes.is_empty(), "{mistakes:#?}");
        assert!(!platforms.is_empty() && reserved_memory.is_some());
    }

    #[test]
    fn the_alternatives_inside_the_program_have_no_mistakes() {
        let sources = Sources::new();
        let text = embedded_text(ALTERNATIVES).unwrap();
        let (body, mistakes) = syntax::parse(&sources, sources.add(ALTERNATIVES, text));
        assert!(mistakes.is_empty(), "{mistakes:#?}");
        let (alternatives, mistakes) = manifest::alternatives(&body);
        assert!(mistakes.is_empty(), "{mistakes:#?}");
        assert!(!alternatives.is_empty());
    }
}
