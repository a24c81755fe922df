//! What was found in definitions, for programs.

use super::context::Context;
use super::options::FindingsFormat;
use crate::project::Failure;
use crate::report::{self, Findings};
use crate::source::Diagnostics;

impl Context {
    /// The format for programs that is wanted, if one is.
    pub(super) fn findings_format(&self, format: FindingsFormat) -> Option<FindingsFormat> {
        match format {
            FindingsFormat::Text if self.json => Some(FindingsFormat::Json),
            FindingsFormat::Text => None,
            other => Some(other),
        }
    }

    /// Prints what was found. Returns whether there are errors.
    ///
    /// # Errors
    /// A stdout that takes no more.
    pub(super) fn print_findings(
        &self,
        found: &Result<Diagnostics, Failure>,
        format: FindingsFormat,
    ) -> Result<bool, Failure> {
        let sources = self.project.sources();
        let (diagnostics, failure) = match found {
            Ok(diagnostics) => (diagnostics, None),
            Err(failure) => (&failure.diagnostics, Some(failure).filter(|failure| !failure.message.is_empty())),
        };
        let findings = || {
            let sentence = failure.map(|failure| (failure.message.as_str(), failure.help.as_deref()));
            Findings::of(diagnostics, sentence, sources, &self.project.directory().display().to_string())
        };
        let text = match format {
            FindingsFormat::Text | FindingsFormat::Json => {
                let failure = failure
                    .map(|failure| (failure.message.as_str(), failure.causes.as_slice(), failure.help.as_deref()));
                report::validation_json(diagnostics, failure, sources).to_string()
            }
            FindingsFormat::Sarif => report::sarif(&findings()).to_string(),
            FindingsFormat::Gitlab => report::gitlab_report(&findings()).to_string(),
            FindingsFormat::Github => report::github_annotations(&findings()),
        };
        if !text.is_empty() {
            self.printer.data(&text)?;
        }
        Ok(failure.is_some() || diagnostics.has_errors())
    }
}
