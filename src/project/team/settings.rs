//! The configuration of a service, from its file.

use std::path::Path;

use crate::language::read_service;
use crate::model::ServiceSettings;
use crate::project::{Failure, FailureKind, files};
use crate::source::Sources;

/// Reads the configuration in a file, whose text is then among the sources, for its mistakes.
///
/// # Errors
/// A file that cannot be read; mistakes in it.
pub fn read_service_settings(sources: &Sources, path: &Path) -> Result<ServiceSettings, Failure> {
    let shown = files::shown(path).to_string();
    let text = files::read_existing(path).map_err(|fault| {
        Failure::new(FailureKind::Definition, format!("cannot read the configuration `{shown}`"))
            .because(&fault)
            .help("name a file with a `service` block: disco serve --config disco-service.hcl")
    })?;
    let text = String::from_utf8(text).map_err(|_| {
        Failure::new(FailureKind::Definition, format!("`{shown}` is not UTF-8 text")).help("save it as UTF-8")
    })?;
    let id = sources.add(shown, text);
    let (settings, found) = read_service(sources, id);
    settings.ok_or_else(|| Failure::of(FailureKind::Definition, found))
}
