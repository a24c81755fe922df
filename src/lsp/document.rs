//! A text that a client has open.

use std::path::{Path, PathBuf};

use super::text::{Encoding, Lines};
use super::uri;
use super::wire::ContentChange;

/// A text that a client has open.
#[derive(Debug)]
pub(super) struct Document {
    /// As the client calls it.
    pub(super) uri: String,
    /// The file, if it is one.
    pub(super) path: Option<PathBuf>,
    /// The text as the client has it.
    pub(super) text: String,
}

impl Document {
    /// A document that is opened.
    pub(super) fn new(uri: String, text: String) -> Self {
        let path = uri::path(&uri);
        Self { uri, path, text }
    }

    /// Changes it as the client says.
    pub(super) fn change(&mut self, change: ContentChange, encoding: Encoding) {
        let Some(range) = change.range else {
            self.text = change.text;
            return;
        };
        let lines = Lines::new(&self.text, encoding);
        let (start, end) = (lines.offset(range.start), lines.offset(range.end));
        self.text.replace_range(start.min(end)..end.max(start), &change.text);
    }

    /// Its file's name.
    pub(super) fn name(&self) -> Option<&str> {
        self.path.as_ref()?.file_name()?.to_str()
    }

    /// The folder of the project that it belongs to.
    pub(super) fn folder(&self) -> Option<&Path> {
        let name = self.name()?;
        let belongs = !name.starts_with('.') && (name.ends_with(".disco.hcl") || is_variables(name));
        self.path.as_deref()?.parent().filter(|_| belongs)
    }

    /// Whether it gives values to variables.
    pub(super) fn is_variables(&self) -> bool {
        self.name().is_some_and(is_variables)
    }
}

/// Whether a file of that name gives values to variables, be it read by itself or named by `--var-file`.
fn is_variables(name: &str) -> bool {
    name.ends_with(".vars.hcl")
}
