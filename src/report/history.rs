//! Earlier operations: what there was, and what each said.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use super::table::table;
use super::visible;
use crate::model::to_the_second;

/// An earlier operation, as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ToldOperation {
    /// From 1, in the order in which they began.
    pub number: u64,
    /// The verb as typed.
    pub operation: String,
    /// Who asked for it.
    pub user: String,
    /// On which host.
    pub host: String,
    /// When it began, RFC 3339.
    pub since: String,
    /// When it ended, or said something last, RFC 3339.
    pub until: Option<String>,
    /// How it ended.
    pub result: OperationResult,
    /// The kind of failure, where it failed.
    pub failure: Option<String>,
    /// What became of it, in a sentence.
    pub message: String,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OperationResult {
    /// As asked.
    Done,
    /// It did not succeed.
    Failed,
    /// Somebody has ended it early.
    Interrupted,
    /// It has not ended.
    #[serde(rename = "under way")]
    UnderWay,
    /// It has no end: its process was killed, or its disk was full.
    #[serde(rename = "cut off")]
    CutOff,
}

impl OperationResult {
    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::UnderWay => "under way",
            Self::CutOff => "cut off",
        }
    }
}

/// The document of `disco history --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OperationsFile<'a> {
    format_version: FormatVersion,
    /// The newest first.
    operations: &'a [ToldOperation],
}

/// Earlier operations for programs.
pub fn operations_json(operations: &[ToldOperation]) -> Json {
    document(&OperationsFile { format_version: FormatVersion::Current, operations })
}

/// Earlier operations for people; `more` where there are others that are not among them.
pub fn operations(operations: &[ToldOperation], more: bool) -> String {
    if operations.is_empty() {
        return "No operation is kept here: nothing was applied yet, or the state is encrypted.".to_owned();
    }
    let mut rows = vec![["NUMBER", "OPERATION", "BEGAN", "TOOK", "BY", "RESULT", ""].map(str::to_owned)];
    rows.extend(operations.iter().map(|one| {
        [
            one.number.to_string(),
            one.operation.clone(),
            to_the_second(&one.since),
            took(one).unwrap_or_else(|| "-".to_owned()),
            visible(&format!("{}@{}", one.user, one.host)).into_owned(),
            one.result.name().to_owned(),
            first_line(&one.message),
        ]
    }));
    let all = table(&rows, "");
    if more { format!("{all}\nOlder ones are there too: disco history --limit 200\n") } else { all }
}

/// What one operation said, for people: a line for each message, with its time.
pub fn operation(of: &ToldOperation, messages: &[Json]) -> String {
    let who = visible(&format!("{}@{}", of.user, of.host)).into_owned();
    let mut text = format!("Operation {}: {} by {who}, {}\n\n", of.number, of.operation, to_the_second(&of.since));
    let mut before = Vec::new();
    for message in messages {
        let field = |name: &str| message.get(name).and_then(Json::as_str).unwrap_or_default();
        let time = field("@timestamp").get(11..19).unwrap_or_default();
        let mut lines: Vec<String> = field("@message").lines().map(str::to_owned).collect();
        if let Some(found) = message.get("diagnostic") {
            lines.extend(why(found));
        }
        let log = message.get("log").and_then(Json::as_array).into_iter().flatten();
        lines.extend(log.filter_map(Json::as_str).map(str::to_owned));
        // A plan, and that it was planned, are two messages with one sentence.
        if lines == before {
            continue;
        }
        for (at, line) in lines.iter().enumerate() {
            let begin = if at == 0 { time } else { "        " };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{begin}  {}", visible(line));
        }
        before = lines;
    }
    match of.result {
        OperationResult::UnderWay => text += "\nIt is under way.\n",
        OperationResult::CutOff => {
            text += "\nIt was cut off here: it has no last word. `disco apply` goes on from what Heat has.\n";
        }
        OperationResult::Done | OperationResult::Failed | OperationResult::Interrupted => {}
    }
    text
}

/// Where a mistake is, why, and the way out.
fn why(found: &Json) -> Vec<String> {
    let mut lines = Vec::new();
    let labels = found.get("labels").and_then(Json::as_array);
    if let Some(label) = labels.and_then(|labels| labels.first()) {
        let (file, line) = (label.get("file").and_then(Json::as_str), label.get("line").and_then(Json::as_u64));
        lines.extend(file.zip(line).map(|(file, line)| format!("  in {file}, line {line}")));
    }
    let causes = found.get("causes").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    lines.extend(causes.flat_map(str::lines).map(|cause| format!("  because {cause}")));
    let help = found.get("help").and_then(Json::as_str).unwrap_or_default();
    lines.extend(help.lines().enumerate().map(|(at, line)| format!("  {}{line}", if at == 0 { "help: " } else { "" })));
    lines
}

fn first_line(text: &str) -> String {
    visible(text.lines().next().unwrap_or_default()).into_owned()
}

/// How long it took, as `1m 23s`.
fn took(of: &ToldOperation) -> Option<String> {
    let until: jiff::Timestamp = of.until.as_ref()?.parse().ok()?;
    let since: jiff::Timestamp = of.since.parse().ok()?;
    let seconds = u64::try_from(until.duration_since(since).as_secs()).ok()?;
    Some(super::progress::time(std::time::Duration::from_secs(seconds)))
}
