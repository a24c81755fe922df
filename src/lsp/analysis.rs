//! A project as it is at the moment, with all texts that are open.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::Document;
use super::text::{Encoding, Lines};
use super::uri;
use super::wire::{Location, Range};
use crate::project::{Examined, Failure, Project};
use crate::source::{Diagnostics, Source, SourceId, Span};
use crate::syntax;
use crate::syntax::tree::Body;

/// What is known of a project.
#[derive(Debug)]
pub(super) struct Analysis {
    /// The project, with the texts that are open.
    pub(super) project: Project,
    /// What a look at it has found.
    pub(super) examined: Result<Examined, Failure>,
    /// How places are told.
    pub(super) encoding: Encoding,
    /// What the client calls the files that it has open.
    open: BTreeMap<PathBuf, String>,
    files: OnceCell<Vec<File>>,
}

/// A file of a project.
#[derive(Debug)]
pub(super) struct File {
    pub(super) id: SourceId,
    pub(super) source: Arc<Source>,
    pub(super) body: Body,
    /// Whether it gives values to variables.
    pub(super) is_variables: bool,
    /// Whether all of it could be read.
    pub(super) is_sound: bool,
}

impl Analysis {
    /// Looks at the project of a folder.
    pub(super) fn new<'d>(
        project: &Project,
        folder: &Path,
        documents: impl Iterator<Item = &'d Document>,
        encoding: Encoding,
    ) -> Self {
        let mut texts = BTreeMap::new();
        let mut open = BTreeMap::new();
        for document in documents {
            if let (Some(path), Some(name)) = (&document.path, document.name()) {
                open.insert(path.clone(), document.uri.clone());
                texts.insert(name.to_owned(), document.text.clone());
            }
        }
        let project = project.edited(folder.to_path_buf(), texts);
        let examined = project.examine();
        Self { project, examined, encoding, open, files: OnceCell::new() }
    }

    /// All that is wrong with the project, or not meant.
    pub(super) fn diagnostics(&self) -> &Diagnostics {
        match &self.examined {
            Ok(examined) => &examined.diagnostics,
            Err(failure) => &failure.diagnostics,
        }
    }

    /// The files of the project.
    pub(super) fn files(&self) -> &[File] {
        self.files.get_or_init(|| {
            let Ok(examined) = &self.examined else { return Vec::new() };
            let sources = self.project.sources();
            let file = |id: SourceId| {
                let (body, found) = syntax::parse(sources, id);
                File {
                    id,
                    source: sources.get(id),
                    body,
                    is_variables: examined.variable_files().contains(&id),
                    is_sound: !found.has_errors(),
                }
            };
            examined.files().map(file).collect()
        })
    }

    /// The file of a document.
    pub(super) fn file(&self, document: &Document) -> Option<&File> {
        let name = document.name()?;
        self.files().iter().find(|file| file.source.name() == name)
    }

    /// What the client calls the file of a text.
    pub(super) fn uri(&self, source: SourceId) -> Option<String> {
        let path = self.project.path_of(source)?;
        Some(self.open.get(&path).cloned().unwrap_or_else(|| uri::of(&path)))
    }

    /// Where a span is, for the client; nothing for what is in no file.
    pub(super) fn location(&self, span: Span) -> Option<Location> {
        Some(Location { uri: self.uri(span.source)?, range: self.range(span) })
    }

    /// The lines and characters of a span.
    pub(super) fn range(&self, span: Span) -> Range {
        let source = self.project.sources().get(span.source);
        Lines::new(source.text(), self.encoding).range(span.range())
    }
}
