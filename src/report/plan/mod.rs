//! A plan as a data engineer and a reviewer want to read it, in Terraform's grammar.

mod compared;
mod cut;
mod diff;
mod entry;
mod fold;
mod json;
mod markdown;
mod saved;
mod state_changes;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::{drift, value};
use crate::model::{Address, CloudIdentity};
use crate::plan::{
    Change, ChangeKind, OutputChange, PLACE_AND_MODE, PartCause, Plan, PropertyChange, ServiceChanges, Summary, Switch,
};
use crate::report::progress::{complete, switched};
use crate::source::Sources;
#[cfg(test)]
pub(super) use compared::ComparisonFile;
pub use compared::{Comparison, Size, comparison, comparison_json, comparison_markdown};
use diff::DiffLine;
use entry::{Entry, entries};
pub(super) use json::PlanFile;
pub use json::plan_json;
pub use markdown::{Headline, LONGEST_COMMENT, plan_markdown};
#[cfg(test)]
pub(super) use saved::SavedPlanFile;
pub use saved::{PlanCloud, PlanInput, PlanInputText, PlanOrigin, SavedPlanFormat, saved_plan_json};
pub use state_changes::state_changes;

/// How a plan is drawn.
#[derive(Clone, Copy, Debug)]
pub struct PlanDrawing {
    /// With ANSI colours.
    pub colour: bool,
    /// Columns of the terminal: sentences are folded, and long values cut around what differs. `None`: everything is
    /// whole, however long.
    pub width: Option<usize>,
}

/// The plan as text. Its last line is `Plan: 14 to add, 2 to change, 0 to destroy.`, or begins with `No changes` or `Nothing`.
pub fn plan(plan: &Plan, sources: &Sources, drawing: PlanDrawing) -> String {
    let outside = drift::section(&plan.drift);
    if !plan.has_changes() {
        return format!("{}{outside}\n{}", header(plan), summary_line(plan));
    }
    let mut page = Page { plan, text: header(plan), drawing, sources };
    page.text.push_str(&outside);
    page.text.push_str(&state_changes::section(plan));
    let clusters = by_cluster(plan);
    if !clusters.is_empty() {
        page.text.push('\n');
        page.legend(
            "DISCO will perform the following actions:",
            clusters.iter().flat_map(|(_, entries)| entries).map(|entry| entry.kind),
        );
    }
    for (name, entries) in &clusters {
        page.text.push('\n');
        page.address(name);
        page.cluster(entries);
    }
    if plan.steps.len() > 1 {
        page.text.push_str(&steps::steps(plan, drawing.width));
    }
    if !plan.observed && reconfigures(plan) {
        page.text.push_str(
            "\nThe state does not keep what is in the nodes' configurations: with the cloud the steps may be others.\n",
        );
    }
    if !plan.outputs.is_empty() {
        page.text.push_str("\nChanges to Outputs:\n");
        page.outputs(&plan.outputs);
    }
    page.text.push('\n');
    page.text.push_str(&summary_line(plan));
    page.text
}

/// The lines of each cluster that changes.
fn by_cluster(plan: &Plan) -> Vec<(&str, Vec<Entry<'_>>)> {
    changes_of_clusters(plan).into_iter().map(|(name, changes)| (name, entries(&changes))).collect()
}

/// What the definition calls a cluster, where its name does not tell.
fn address<'p>(plan: &'p Plan, cluster: &str) -> Option<&'p str> {
    let address = plan.clusters.get(cluster)?.called.address.as_deref()?;
    (address.strip_prefix("cluster.") != Some(cluster)).then_some(address)
}

/// What happens, by cluster.
fn changes_of_clusters(plan: &Plan) -> BTreeMap<&str, Vec<&Change>> {
    let mut clusters: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in &plan.changes {
        clusters.entry(change.address.cluster()).or_default().push(change);
    }
    clusters
}

/// The last line of a plan.
pub fn summary_line(plan: &Plan) -> String {
    if !plan.has_changes() {
        let why = match plan.in_progress.first() {
            Some(stack) => format!("No changes are known before Heat has finished with stack {stack}."),
            None if plan.diagnostics.has_errors() => "Nothing is planned before the errors are resolved.".to_owned(),
            None if !plan.scope.is_all() => "No changes in what is targeted.".to_owned(),
            None if plan.clusters.is_empty() => "No changes. No objects need to be destroyed.".to_owned(),
            None => "No changes. Your infrastructure matches the configuration.".to_owned(),
        };
        return why;
    }
    let Summary { add, change, destroy } = plan.summary();
    let (before, after) = state_changes::counts(plan);
    format!("Plan: {before}{add} to add, {change} to change, {destroy} to destroy{after}.")
}

/// The last line of an operation.
pub fn done_line(destroyed: bool, summary: Summary, took: Duration) -> String {
    let verb = if destroyed { "Destroy" } else { "Apply" };
    format!("{} ({})", complete(verb, summary), duration(took))
}

/// The last line of suspending or resuming clusters; `changed` where something had to be done.
pub fn switched_line(switch: Switch, clusters: &BTreeSet<String>, changed: bool, took: Duration) -> String {
    switched(switch, clusters, changed, &duration(took))
}

/// `3.4 s`, `2 min 5 s`
fn duration(took: Duration) -> String {
    match took.as_secs() {
        seconds @ 0..60 => format!("{seconds}.{} s", took.subsec_millis() / 100),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

fn header(plan: &Plan) -> String {
    let serial = plan.base.serial;
    let cloud = plan.cloud.as_ref().map_or_else(|| "the cloud".to_owned(), ToString::to_string);
    let cloud = super::visible(&cloud);
    let comma = if matches!(plan.cloud, Some(CloudIdentity::OpenStack { .. })) { "," } else { "" };
    let mut first = super::workspace_line(plan.base.workspace.as_deref());
    first.push_str(&super::scope::scope_lines(&plan.scope));
    if plan.observed {
        format!("{first}Planned against {cloud}{comma} as it is now (state serial {serial}).\n{}", suspended(plan))
    } else {
        format!(
            "{first}Planned against the state alone (serial {serial}): {cloud} was not asked,\n\
             so drift, failures, quota and what was deleted elsewhere are not seen.\n"
        )
    }
}

/// Whether configurations that nodes have are replaced by others: what that does to them decides on the steps.
fn reconfigures(plan: &Plan) -> bool {
    plan.changes.iter().flat_map(|change| &change.resources).any(|resource| resource.replaces.is_some())
}

/// What has to be known before everything else: Heat refuses to change clusters that are suspended.
fn suspended(plan: &Plan) -> String {
    let mut text = String::new();
    for name in &plan.suspended {
        let changes = plan.changes.iter().any(|change| change.address.cluster() == name);
        let then = if changes { "What is planned for it comes after that." } else { "Nothing else differs." };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "Cluster `{name}` is suspended: Heat refuses to change it until `disco resume {name}`. {then}"
        );
    }
    text
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
        ChangeKind::Rebuild => ("!", "rebuild: the node stays, its root disk is wiped", ALARM),
        ChangeKind::Heal | ChangeKind::Replace => ("-/+", "destroy and then create replacement", REMOVE),
        ChangeKind::Delete => ("-", "destroy", REMOVE),
        ChangeKind::Drain => ("<", "move data away", CHANGE),
        ChangeKind::Verify => ("?", "verify again", QUIET),
        ChangeKind::Forget => (".", "forget", QUIET),
    }
}

struct Page<'a> {
    plan: &'a Plan,
    text: String,
    drawing: PlanDrawing,
    sources: &'a Sources,
}

impl Page<'_> {
    fn paint(&self, style: Style, text: &str) -> String {
        let text = &*super::visible(text);
        if self.drawing.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn line(&mut self, indent: usize, style: Style, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        let painted = self.paint(style, text);
        self.text.push_str(&painted);
        self.text.push('\n');
    }

    fn legend(&mut self, heading: &str, kinds: impl Iterator<Item = ChangeKind>) {
        let mut legend: Vec<(&str, &str, Style)> = Vec::new();
        let kinds: BTreeSet<ChangeKind> = kinds.collect();
        for kind in kinds {
            let sign = sign(kind);
            if !legend.iter().any(|(known, _, _)| *known == sign.0) {
                legend.push(sign);
            }
        }
        let _ = writeln!(self.text, "{heading}");
        for (sign, words, style) in legend {
            let sign = self.paint(style, &format!("{sign:>5}"));
            let _ = writeln!(self.text, "{sign} {words}");
        }
    }

    /// A line that goes on below, two columns further in, where it does not fit.
    fn folded(&mut self, indent: usize, style: Style, text: &str) {
        let Some(width) = self.drawing.width else { return self.line(indent, style, text) };
        let lines = fold::fold(text, width.saturating_sub(indent), width.saturating_sub(indent + 2));
        for (number, line) in lines.iter().enumerate() {
            self.line(indent + 2 * usize::from(number > 0), style, line);
        }
    }

    fn cluster(&mut self, entries: &[Entry<'_>]) {
        let widest = entries.iter().map(|entry| entry.label.chars().count()).max().unwrap_or_default();
        for entry in entries {
            let (symbol, _, style) = sign(entry.kind);
            let line = format!("{:widest$}  {}", entry.label, entry.detail);
            let line = line.trim_end();
            // What only the configuration changes is at the lines that change it.
            let below = entry.kind == ChangeKind::Update && entry.files.iter().any(|file| self.has_cause(entry, file));
            let place = entry.origin.filter(|_| !below).map(|origin| {
                let (name, at) = self.sources.locate(origin);
                format!("# {name}:{}", at.line)
            });
            let room = self.drawing.width.map_or(usize::MAX, |width| width.saturating_sub(6));
            let folded = fold::fold(line, room, room.saturating_sub(2));
            let (first, rest) =
                folded.split_first().map_or(("", [].as_slice()), |(first, rest)| (first.as_str(), rest));
            let _ = write!(self.text, "{} {first}", self.paint(style, &format!("{symbol:>5}")));
            for line in rest {
                let _ = write!(self.text, "\n        {line}");
            }
            if let Some(place) = place {
                // Beside the line where there is room, else below it.
                let beside = rest.is_empty() && first.chars().count() + place.chars().count() + 2 <= room;
                self.text.push_str(if beside { "  " } else { "\n        " });
                let place = self.paint(QUIET, &place);
                self.text.push_str(&place);
            }
            self.text.push('\n');
            self.below(entry);
        }
    }

    fn below(&mut self, entry: &Entry<'_>) {
        for lost in entry.lost {
            let loss = if self.plan.observed || entry.undrained.is_none() { "DATA LOSS" } else { "possible DATA LOSS" };
            self.line(8, ALARM, &format!("! {loss}: {lost}"));
        }
        if let Some(undrained) = entry.undrained {
            self.folded(8, Style::new(), &format!("· {undrained}"));
        }
        let ServiceChanges { restarted, stopped, started } = entry.services;
        let services = [("↻ restarts", restarted), ("■ stops", stopped), ("▶ starts", started)];
        for (words, names) in services.iter().filter(|(_, names)| !names.is_empty()) {
            self.folded(8, Style::new(), &format!("{words} {}", names.join(", ")));
        }
        for reason in &entry.reasons {
            self.folded(8, Style::new(), &format!("· {reason}"));
        }
        for part in &entry.parts {
            let (symbol, _, style) = sign(part.kind);
            self.folded(8, style, &format!("{symbol} {}", part.text));
        }
        for line in &entry.security {
            self.folded(8, Style::new(), &format!("· {line}"));
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
            let room = self.drawing.width.map(|width| width.saturating_sub(12).max(40));
            let lines = if whole { Vec::new() } else { diff::lines(change, room) };
            let causes = self.causes(entry, change, &lines);
            // One line of the definition for all of it is told once.
            let places: BTreeSet<&str> = causes.iter().flatten().map(String::as_str).collect();
            let single = places.len() == 1 && causes.iter().all(Option::is_some);
            let whole_cause = self.cause(entry, change, None);
            let all =
                if single { places.first().copied() } else { whole_cause.as_deref().filter(|_| places.is_empty()) };
            self.placed(8, style, &format!("{sign} {}{same}", change.name), all);
            for (line, cause) in lines.iter().zip(&causes) {
                let style = match line.sign {
                    '+' => ADD,
                    '-' => REMOVE,
                    '~' => CHANGE,
                    _ => QUIET,
                };
                let cause = cause.as_deref().filter(|_| !single);
                self.placed(10, style, format!("{} {}", line.sign, line.text).trim_end(), cause);
            }
        }
    }

    /// The place of the line that each line of a difference comes from.
    fn causes(&self, entry: &Entry<'_>, change: &PropertyChange, lines: &[DiffLine]) -> Vec<Option<String>> {
        lines.iter().map(|line| self.cause(entry, change, Some(line.key.as_deref()?))).collect()
    }

    /// Whether the line is known that a file, or a key of it, differs by.
    fn has_cause(&self, entry: &Entry<'_>, change: &PropertyChange) -> bool {
        let Some((cluster, group)) = entry.group else { return false };
        let part = (cluster.to_owned(), group.to_owned(), change.name.clone(), None);
        let next = self.plan.causes.range(&part..).next();
        next.is_some_and(|((cluster, group, name, _), _)| (cluster, group, name) == (&part.0, &part.1, &part.2))
    }

    fn cause(&self, entry: &Entry<'_>, change: &PropertyChange, key: Option<&str>) -> Option<String> {
        let (cluster, group) = entry.group?;
        let part = (cluster.to_owned(), group.to_owned(), change.name.clone(), key.map(str::to_owned));
        let PartCause { place, words } = self.plan.causes.get(&part)?;
        let (name, at) = self.sources.locate(*place);
        let words = words.as_ref().map(|words| format!(", {words}")).unwrap_or_default();
        Some(format!("# {name}:{}{words}", at.line))
    }

    /// A line with a place behind it, or below it where there is no room.
    fn placed(&mut self, indent: usize, style: Style, text: &str, place: Option<&str>) {
        let Some(place) = place else { return self.line(indent, style, text) };
        let fits = |width: usize| indent + text.chars().count() + 2 + place.chars().count() <= width;
        if self.drawing.width.is_none_or(fits) {
            let (text, place) = (self.paint(style, text), self.paint(QUIET, place));
            let _ = writeln!(self.text, "{:indent$}{text}  {place}", "");
        } else {
            self.line(indent, style, text);
            self.line(indent + 2, QUIET, place);
        }
    }

    /// What the definition calls the cluster, where that is not its name.
    fn address(&mut self, cluster: &str) {
        if let Some(address) = address(self.plan, cluster) {
            self.line(4, QUIET, &format!("# {address}"));
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
