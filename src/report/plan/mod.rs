//! A plan as a data engineer and a reviewer want to read it, in Terraform's grammar.

mod diff;
mod entry;
mod json;
mod saved;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::value;
use crate::model::Address;
use crate::plan::{Change, ChangeKind, OutputChange, PLACE_AND_MODE, Plan, Summary};
use crate::report::progress::complete;
use crate::source::Sources;
use entry::{Entry, entries};
pub(super) use json::PlanFile;
pub use json::plan_json;
#[cfg(test)]
pub(super) use saved::SavedPlanFile;
pub use saved::{PlanInput, PlanInputText, PlanOrigin, saved_plan_json};

/// How a plan is drawn.
#[derive(Clone, Copy, Debug)]
pub struct PlanDrawing {
    /// With ANSI colours.
    pub colour: bool,
    /// Columns there are; longer lines of differences are cut.
    pub width: usize,
}

/// Columns where nobody says how many there are.
pub const PLAIN_WIDTH: usize = 100;

/// The plan as text. Its last line is `Plan: 14 to add, 2 to change, 0 to destroy.`, or begins with `No changes.`.
pub fn plan(plan: &Plan, sources: &Sources, drawing: PlanDrawing) -> String {
    if !plan.has_changes() {
        return format!("{}\n{}", header(plan), summary_line(plan));
    }
    let mut page = Page { text: header(plan), drawing, sources };
    let mut clusters: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in &plan.changes {
        clusters.entry(change.address.cluster()).or_default().push(change);
    }
    let clusters: Vec<Vec<Entry<'_>>> = clusters.values().map(|changes| entries(changes)).collect();
    if !clusters.is_empty() {
        page.text.push('\n');
        page.legend(clusters.iter().flatten().map(|entry| entry.kind));
    }
    for entries in &clusters {
        page.text.push('\n');
        page.cluster(entries);
    }
    if plan.steps.len() > 1 {
        page.text.push_str(&steps::steps(&plan.steps));
    }
    if !plan.outputs.is_empty() {
        page.text.push_str("\nChanges to Outputs:\n");
        page.outputs(&plan.outputs);
    }
    page.text.push('\n');
    page.text.push_str(&summary_line(plan));
    page.text
}

/// The last line of a plan.
pub fn summary_line(plan: &Plan) -> String {
    if !plan.has_changes() {
        return "No changes. Your infrastructure matches the configuration.".to_owned();
    }
    let Summary { add, change, destroy } = plan.summary();
    format!("Plan: {add} to add, {change} to change, {destroy} to destroy.")
}

/// The last line of an operation.
pub fn done_line(destroyed: bool, summary: Summary, took: Duration) -> String {
    let took = match took.as_secs() {
        seconds @ 0..60 => format!("{seconds}.{} s", took.subsec_millis() / 100),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    };
    let verb = if destroyed { "Destroy" } else { "Apply" };
    format!("{} ({took})", complete(verb, summary))
}

fn header(plan: &Plan) -> String {
    let serial = plan.base.serial;
    if plan.observed {
        format!("Planned against the cloud as it is now (state serial {serial}).\n")
    } else {
        format!(
            "Planned against the state alone (serial {serial}): the cloud was not asked, so drift, failures, quota and \
             what was deleted elsewhere are not seen.\n"
        )
    }
}

const ADD: Style = AnsiColor::Green.on_default();
const CHANGE: Style = AnsiColor::Yellow.on_default();
const REMOVE: Style = AnsiColor::Red.on_default();
const ALARM: Style = AnsiColor::Red.on_default().bold();
const QUIET: Style = Style::new().dimmed();

/// The sign of a kind of change, as Terraform has it, what it is in a legend, and its colour.
fn sign(kind: ChangeKind) -> (&'static str, &'static str, Style) {
    match kind {
        ChangeKind::Create => ("+", "create", ADD),
        ChangeKind::Update | ChangeKind::NoChange | ChangeKind::Resize => ("~", "update in place", CHANGE),
        ChangeKind::Rebuild => ("!", "rebuild: the machine stays, its disk is wiped", ALARM),
        ChangeKind::Heal | ChangeKind::Replace => ("-/+", "destroy and then create replacement", REMOVE),
        ChangeKind::Delete => ("-", "destroy", REMOVE),
        ChangeKind::Drain => ("<", "move data away", CHANGE),
        ChangeKind::Verify => ("?", "check again", QUIET),
        ChangeKind::Forget => (".", "forget", QUIET),
    }
}

struct Page<'a> {
    text: String,
    drawing: PlanDrawing,
    sources: &'a Sources,
}

impl Page<'_> {
    fn paint(&self, style: Style, text: &str) -> String {
        if self.drawing.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn line(&mut self, indent: usize, style: Style, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        let painted = self.paint(style, text);
        self.text.push_str(&painted);
        self.text.push('\n');
    }

    fn legend(&mut self, kinds: impl Iterator<Item = ChangeKind>) {
        let mut legend: Vec<(&str, &str, Style)> = Vec::new();
        let kinds: BTreeSet<ChangeKind> = kinds.collect();
        for kind in kinds {
            let sign = sign(kind);
            if !legend.iter().any(|(known, _, _)| *known == sign.0) {
                legend.push(sign);
            }
        }
        self.text.push_str("DISCO will perform the following actions:\n");
        for (sign, words, style) in legend {
            let sign = self.paint(style, &format!("{sign:>5}"));
            let _ = writeln!(self.text, "{sign} {words}");
        }
    }

    fn cluster(&mut self, entries: &[Entry<'_>]) {
        let widest = entries.iter().map(|entry| entry.label.chars().count()).max().unwrap_or_default();
        for entry in entries {
            let (symbol, _, style) = sign(entry.kind);
            let symbol = self.paint(style, &format!("{symbol:>5}"));
            let line = format!("{symbol} {:widest$}  {}", entry.label, entry.detail);
            self.text.push_str(line.trim_end());
            if let Some(origin) = entry.origin {
                let (name, at) = self.sources.locate(origin);
                let place = self.paint(QUIET, &format!("  # {name}:{}", at.line));
                self.text.push_str(&place);
            }
            self.text.push('\n');
            self.below(entry);
        }
    }

    fn below(&mut self, entry: &Entry<'_>) {
        for lost in entry.lost {
            self.line(8, ALARM, &format!("! DATA LOSS: {lost}"));
        }
        for reason in &entry.reasons {
            let text = format!("- {reason}");
            self.line(8, Style::new(), &text);
        }
        for part in &entry.parts {
            let (symbol, _, style) = sign(part.kind);
            let text = format!("{symbol} {}", part.text);
            self.line(8, style, &text);
        }
        for change in &entry.files {
            // A file that comes or goes is named; its text is in the template.
            let (sign, style) = match (&change.before, &change.after) {
                (None, Some(_)) => ("+", ADD),
                (Some(_), None) => ("-", REMOVE),
                _ => ("~", CHANGE),
            };
            let whole = sign != "~";
            if whole && change.name.ends_with(PLACE_AND_MODE) {
                continue;
            }
            let same = if entry.count > 1 && !whole { "  (same diff)" } else { "" };
            self.line(8, style, &format!("{sign} {}{same}", change.name));
            let lines = if whole { Vec::new() } else { diff::lines(change) };
            for (tag, text) in lines {
                let style = match tag {
                    '+' => ADD,
                    '-' => REMOVE,
                    '~' => CHANGE,
                    _ => QUIET,
                };
                let room = self.drawing.width.saturating_sub(12).max(40);
                let text = match text.char_indices().nth(room) {
                    Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
                    None => text,
                };
                self.line(10, style, format!("{tag} {text}").trim_end());
            }
        }
    }

    fn outputs(&mut self, outputs: &[OutputChange]) {
        for change in outputs {
            let known = |shown: Option<&serde_json::Value>, otherwise: &str| match shown {
                _ if change.secret => "(sensitive value)".to_owned(),
                Some(value) => value::output(value),
                None => otherwise.to_owned(),
            };
            let name = &change.name;
            let after = known(change.after.as_ref(), "(known after apply)");
            let (symbol, style, text) = match (&change.before, change.removed) {
                (before, true) => ("-", REMOVE, format!("{name} = {} -> null", known(before.as_ref(), "(unknown)"))),
                (None, false) => ("+", ADD, format!("{name} = {after}")),
                (Some(before), false) => ("~", CHANGE, format!("{name} = {} -> {after}", known(Some(before), ""))),
            };
            let symbol = self.paint(style, symbol);
            let text = text.replace('\n', "\n    ");
            let _ = writeln!(self.text, "  {symbol} {text}");
        }
    }
}

/// The address as it is printed for several nodes of one group.
fn label(address: &Address, indices: &[u32]) -> String {
    match address {
        Address::Node(cluster, group, _) => {
            format!("cluster.{cluster}.{group}[{}]", crate::plan::ranges(indices.iter().copied()))
        }
        other => other.to_string(),
    }
}
