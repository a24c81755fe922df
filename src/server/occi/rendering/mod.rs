//! The formats of OCCI's HTTP rendering: what they say becomes values, values become bytes. The same values give the same
//! bytes.

mod quoting;
mod read;
mod write;

pub use quoting::{escaped, parts, unquoted};
pub use read::{Category, Content, read};
pub(super) use write::{categories, done, entities, entity};

use super::refusal::{Refusal, RefusalKind};

/// The header and the line of what a thing is.
pub(super) const CATEGORY: &str = "Category";
/// The header and the line of attributes.
pub(super) const ATTRIBUTE: &str = "X-OCCI-Attribute";
/// The header and the line of where things are.
pub(super) const LOCATION: &str = "X-OCCI-Location";

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `text/occi`: all is in headers.
    Occi,
    /// `text/plain`: the same as lines of the body.
    Plain,
    /// `text/uri-list`: answers that are lists.
    UriList,
    /// `application/occi+json`: answers.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Occi, Self::Plain, Self::UriList, Self::Json];

    /// Its name.
    pub fn mime_type(self) -> &'static str {
        match self {
            Self::Occi => "text/occi",
            Self::Plain => "text/plain",
            Self::UriList => "text/uri-list",
            Self::Json => "application/occi+json",
        }
    }

    /// The format of this name; parameters after `;` do not count.
    fn named(text: &str) -> Option<Self> {
        let name = text.split(';').next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|format| format.mime_type().eq_ignore_ascii_case(name))
    }

    /// The first format of `Accept` that there is. Nothing and `*/*` mean `text/plain`.
    ///
    /// # Errors
    /// None of them is there.
    pub fn accepted(header: Option<&str>) -> Result<Self, Refusal> {
        let header = header.unwrap_or_default();
        if header.trim().is_empty() {
            return Ok(Self::Plain);
        }
        let any = |text: &str| {
            let name = text.split(';').next().unwrap_or_default().trim();
            (name == "*/*" || name.eq_ignore_ascii_case("text/*")).then_some(Self::Plain)
        };
        let found = header.split(',').find_map(|text| Self::named(text).or_else(|| any(text)));
        found.ok_or_else(|| Refusal::new(RefusalKind::NotAcceptable, not_known("Accept", header)))
    }
}

/// The sentence about formats that there are not.
fn not_known(header: &str, value: &str) -> String {
    let known: Vec<String> = Format::ALL.iter().map(|format| format!("`{}`", format.mime_type())).collect();
    format!("`{header}: {}` has no format of this service; use {}", escaped(value), crate::source::either(&known))
}
