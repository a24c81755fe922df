//! Tapes: exchanges with a cloud in their order, as JSON.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Exchanges that follow each other on one cloud.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Tape {
    #[serde(skip)]
    pub(super) name: String,
    /// What `{name}` stands for, besides what [`super::player`] knows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) given: BTreeMap<String, Json>,
    pub(super) exchanges: Vec<Exchange>,
}

/// A request, and the answer to it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    pub(super) name: String,
    /// Its official type.
    pub(super) service: String,
    pub(super) method: String,
    /// Below the service's address in the catalog, and its version where it has one; `../` leaves that.
    pub(super) path: String,
    /// The token that is sent, where it is not a good one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<Token>,
    /// Whether it is asked while Heat works on the stack.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) at_once: bool,
    /// A name for what is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) makes: Option<String>,
    /// The status that a server has afterwards, which takes a moment; `gone` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) then: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Json>,
    /// A body that is no JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) raw: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Token {
    None,
    Wrong,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct Answer {
    pub(super) status: u16,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, String>,
    /// Text where it is no JSON, null where there is none.
    #[serde(default)]
    pub(super) body: Json,
}

/// Headers that are kept.
const HEADERS: [&str; 4] = ["location", "x-subject-token", "www-authenticate", "retry-after"];

impl Answer {
    pub(super) fn new(status: u16, headers: &http::HeaderMap, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let body = if text.is_empty() { Json::Null } else { serde_json::from_str(&text).unwrap_or(text.into()) };
        let header = |name: &str| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.to_owned()));
        Self { status, headers: HEADERS.into_iter().filter_map(header).collect(), body }
    }
}

impl Exchange {
    /// The answer; `record.rs` says how to get it where there is none yet.
    pub(super) fn recorded(&self) -> &Answer {
        self.answer.as_ref().unwrap_or_else(|| panic!("{} has no answer: record it", self.name))
    }

    /// The path without its query.
    pub(super) fn place(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

pub(super) fn path_of(tape: &str) -> PathBuf {
    folder().join(format!("{tape}.json"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/heat/recordings")
}

/// All tapes.
pub(super) fn tapes() -> Vec<Tape> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|it| it == "json")).collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let tape: Tape =
            serde_json::from_slice(&fs::read(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        Tape { name, ..tape }
    };
    files.into_iter().map(read).collect()
}
