//! An operation as its file tells it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde_json::Value as Json;

use super::Asked;
use crate::project::FailureKind;
use crate::project::files::{self, FileKind};
use crate::project::lock::Holder;
use crate::report::OperationResult;

/// Bytes at a file's end in which its last words are looked for.
const TAIL: u64 = 64 * 1024;

/// An operation that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastOperation {
    /// From 1, in the order in which they began.
    pub number: u64,
    /// What it was, and who asked for it.
    pub asked: Asked,
    /// How it ended.
    pub ending: Ending,
    /// When it ended, RFC 3339; of one that was cut off, when it said something last.
    pub last: Option<String>,
    /// What became of it, in a sentence; empty where it has said nothing of the kind.
    pub sentence: String,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As asked.
    Done,
    /// It did not succeed: the kind of failure.
    Failed(String),
    /// It is under way.
    UnderWay,
    /// It has no end: its process was killed, or its disk was full.
    CutOff,
}

impl Ending {
    /// The same, as it is told.
    pub fn result(&self) -> OperationResult {
        match self {
            Self::Done => OperationResult::Done,
            Self::Failed(kind) if kind == FailureKind::Interrupted.name() => OperationResult::Interrupted,
            Self::Failed(_) => OperationResult::Failed,
            Self::UnderWay => OperationResult::UnderWay,
            Self::CutOff => OperationResult::CutOff,
        }
    }
}

impl PastOperation {
    /// What a file tells; `None` where it is none of an operation.
    pub(super) fn read(path: &Path, number: u64, under_way: Option<&Holder>) -> io::Result<Option<Self>> {
        if files::kind(path)? != FileKind::Ordinary {
            return Ok(None);
        }
        let Some((first, tail)) = ends(path)? else { return Ok(None) };
        let Ok(asked) = serde_json::from_str::<Asked>(&first) else { return Ok(None) };
        let mut ending = match under_way {
            Some(holder) if holder.since == asked.since && holder.operation == asked.operation => Ending::UnderWay,
            _ => Ending::CutOff,
        };
        let (mut last, mut sentence, mut wrong) = (None, String::new(), String::new());
        for message in tail.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok()) {
            let text = |name: &str| message.get(name).and_then(Json::as_str).map(str::to_owned);
            last = text("@timestamp").or(last);
            let said = || text("@message").unwrap_or_default();
            match message.get("type").and_then(Json::as_str) {
                Some("end") => {
                    ending = text("failure").map_or(Ending::Done, Ending::Failed);
                }
                Some("change_summary" | "reattached" | "detached" | "step_start") => sentence = said(),
                Some("diagnostic") if text("@level").as_deref() == Some("error") && wrong.is_empty() => wrong = said(),
                _ => {}
            }
        }
        if matches!(ending, Ending::Failed(_)) && !wrong.is_empty() {
            sentence = wrong;
        }
        Ok(Some(Self { number, asked, ending, last, sentence }))
    }
}

/// The first line of a file, and the lines at its end.
#[expect(clippy::disallowed_methods, reason = "only the ends of a long file are read")]
fn ends(path: &Path) -> io::Result<Option<(String, String)>> {
    let mut file = match File::open(path) {
        // Somebody made room just now.
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut head = Vec::new();
    file.by_ref().take(TAIL).read_to_end(&mut head)?;
    let Some(end) = head.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
    let first = String::from_utf8_lossy(&head[..end]).into_owned();
    let after = end as u64 + 1;
    let from = file.seek(SeekFrom::End(0))?.saturating_sub(TAIL).max(after);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(Some((first, String::from_utf8_lossy(&tail).into_owned())))
}
