//! The pages of errors, `docs/errors/`, as the program has them inside.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use crate::source::CODE_PREFIX;

/// All pages, one behind the other, packed by the build script.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pages.gz"));

/// The document of `disco explain disco::CODE --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct CodeFile<'a> {
    format_version: FormatVersion,
    code: &'a str,
    /// One sentence.
    meaning: &'a str,
    /// Markdown, with an example and what to do.
    page: &'a str,
}

/// The page of a code for programs.
pub fn code_json(code: &str, meaning: &str, page: &str) -> Json {
    document(&CodeFile { format_version: FormatVersion::Current, code, meaning, page })
}

/// The page of a code, `disco::unknown_flavor`; `None` where there is no such code.
pub fn page_of_code(code: &str) -> Option<String> {
    let mut all = String::new();
    // It was packed when the program was built: it unpacks.
    GzDecoder::new(PACKED).read_to_string(&mut all).ok()?;
    let name = code.strip_prefix(CODE_PREFIX)?;
    let start = all.find(&format!("# {CODE_PREFIX}{name}\n"))?;
    let rest = &all[start..];
    let end = rest[1..].find(&format!("\n# {CODE_PREFIX}")).map_or(rest.len(), |end| end + 2);
    Some(rest[..end].trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::page_of_code;
    use crate::source::{CODE_PREFIX, CODES};

    #[test]
    fn every_code_has_a_page() {
        for (code, _) in CODES {
            let page = page_of_code(code)
                .unwrap_or_else(|| panic!("docs/errors/{}.md is missing", code.trim_start_matches(CODE_PREFIX)));
            assert!(
                page.starts_with(&format!("# {code}\n")) && !page[1..].contains(&format!("\n# {CODE_PREFIX}")),
                "{code}"
            );
            assert!(page.contains("\n## What to do\n"), "{code}: what to do is missing");
        }
        assert_eq!(page_of_code(&format!("{CODE_PREFIX}nothing_of_the_kind")), None);
    }
}
