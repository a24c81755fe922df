//! Words for what happens while a plan is carried out: plain lines, and the picture that bars are drawn from.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::apply::{Event, Phase};
use crate::model::{Action, Address, Status, to_the_second};
use crate::plan::{Summary, Switch};
use crate::report::some;
use crate::source::listed;

/// So many stacks are named.
const NAMED: usize = 5;

/// Nodes that take longer than this many times the typical time are stragglers.
const STRAGGLES: u32 = 2;

/// How far an operation is: a pure function of the events so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The steps under way, by number.
    steps: BTreeMap<usize, StepProgress>,
    /// How many steps there are in all.
    pub of: usize,
    /// How many are done.
    pub done: usize,
    nodes: BTreeMap<Address, Node>,
    /// Heat resources that are being worked on, without those of nodes.
    other: BTreeMap<(String, String), String>,
    /// How long nodes took that are ready.
    took: Vec<Duration>,
}

/// One step under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepProgress {
    /// Its title.
    pub title: String,
    /// Its stack.
    pub stack: String,
    /// How long it is expected to take, where that is known.
    pub expected: Option<Duration>,
    addresses: BTreeSet<Address>,
}

#[derive(Clone, Debug)]
struct Node {
    phase: Phase,
    /// When its first phase began, since the operation began.
    since: Duration,
}

/// One group of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupProgress {
    /// Cluster.
    pub cluster: String,
    /// Group.
    pub group: String,
    /// How many nodes are in which phase; those that have not begun are in none.
    pub phases: BTreeMap<Phase, usize>,
    /// How many nodes the step is about.
    pub nodes: usize,
}

impl GroupProgress {
    /// How many nodes nothing more is expected of.
    pub fn finished(&self) -> usize {
        self.phases.iter().filter(|(phase, _)| phase.is_final()).map(|(_, count)| count).sum()
    }

    /// `2 building, 1 ready`
    pub fn words(&self) -> String {
        let words: Vec<String> = self.phases.iter().map(|(phase, count)| format!("{count} {}", phase.name())).collect();
        words.join(", ")
    }
}

impl Progress {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event in; `at` is the time since the operation began.
    pub fn take(&mut self, at: Duration, event: &Event) {
        match event {
            Event::StepStarted { number, of, title, stack, addresses, expected } => {
                self.of = *of;
                let step = StepProgress {
                    title: title.clone(),
                    stack: stack.clone(),
                    addresses: addresses.iter().cloned().collect(),
                    expected: *expected,
                };
                self.forget(&step);
                self.steps.insert(*number, step);
            }
            Event::StepEnded { number, .. } => {
                self.done += 1;
                if let Some(step) = self.steps.remove(number) {
                    self.forget(&step);
                }
            }
            Event::Failed { stack, .. } => self.steps.retain(|_, step| step.stack != *stack),
            Event::NodePhase { address, phase, after, .. } => {
                if *phase == Phase::Ready {
                    self.took.push(*after);
                }
                let since = at.saturating_sub(*after);
                self.nodes.insert(address.clone(), Node { phase: *phase, since });
            }
            Event::ResourceStatus { address, stack, resource, status, .. } if !matches!(address, Address::Node(..)) => {
                let key = (stack.clone(), resource.clone());
                if status.in_progress() {
                    self.other.insert(key, status.to_string());
                } else {
                    self.other.remove(&key);
                }
            }
            _ => {}
        }
    }

    /// What is shown of a step's nodes and of its stack belongs to it alone.
    fn forget(&mut self, step: &StepProgress) {
        self.nodes.retain(|address, _| !step.addresses.contains(address));
        self.other.retain(|(stack, _), _| *stack != step.stack);
    }

    /// The steps under way, by number.
    pub fn steps(&self) -> impl Iterator<Item = (usize, &StepProgress)> {
        self.steps.iter().map(|(number, step)| (*number, step))
    }

    /// How far a step is: `create lake: 2 building, 1 ready`; where no node has begun, what else is worked on.
    pub fn words(&self, step: &StepProgress) -> String {
        let mut phases: BTreeMap<Phase, usize> = BTreeMap::new();
        for (_, node) in self.nodes.iter().filter(|(address, _)| step.addresses.contains(*address)) {
            *phases.entry(node.phase).or_default() += 1;
        }
        let known = GroupProgress { phases, ..GroupProgress::default() }.words();
        let others = self.other.keys().filter(|(stack, _)| *stack == step.stack).map(|(_, resource)| resource.as_str());
        let words = if known.is_empty() { others.take(3).collect::<Vec<_>>().join(", ") } else { known };
        // A title that names its stack says both.
        let named = step.title.split(' ').any(|word| word == step.stack);
        let title = if named { step.title.clone() } else { format!("{}: {}", step.stack, step.title) };
        if words.is_empty() { title } else { format!("{title}: {words}") }
    }

    /// `12 of 200 steps done, 10 under way`
    pub fn overview(&self) -> String {
        format!("{} of {} steps done, {} under way", self.done, self.of, self.steps.len())
    }

    /// The groups whose nodes have begun to move, in the order of their names.
    pub fn groups(&self) -> Vec<GroupProgress> {
        let mut groups: BTreeMap<(&str, &str), GroupProgress> = BTreeMap::new();
        for (address, node) in &self.nodes {
            let Address::Node(cluster, group, _) = address else { continue };
            let progress = groups.entry((cluster, group)).or_insert_with(|| GroupProgress {
                cluster: cluster.clone(),
                group: group.clone(),
                ..GroupProgress::default()
            });
            *progress.phases.entry(node.phase).or_default() += 1;
            progress.nodes += 1;
        }
        groups.into_values().collect()
    }

    /// Nodes that are still under way although most are ready, the slowest first: who is waited for.
    pub fn stragglers(&self, at: Duration) -> Vec<(&Address, Phase, Duration)> {
        let Some(typical) = self.typical() else { return Vec::new() };
        let ready = self.nodes.values().filter(|node| node.phase.is_final()).count();
        if ready * 2 < self.nodes.len() {
            return Vec::new();
        }
        let mut late: Vec<_> = self
            .nodes
            .iter()
            .filter(|(_, node)| !node.phase.is_final())
            .map(|(address, node)| (address, node.phase, at.saturating_sub(node.since)))
            .filter(|(_, _, took)| *took > typical * STRAGGLES)
            .collect();
        late.sort_by(|one, other| other.2.cmp(&one.2).then_with(|| one.0.cmp(other.0)));
        late
    }

    /// The middle of the times that nodes took to be ready.
    pub fn typical(&self) -> Option<Duration> {
        let mut took = self.took.clone();
        took.sort_unstable();
        took.get(took.len() / 2).copied()
    }

    /// What is worked on beside nodes: logical names of network, security, verification.
    pub fn other(&self) -> impl Iterator<Item = &str> {
        self.other.keys().map(|(_, resource)| resource.as_str())
    }
}

/// The line for an event, complete in itself, for logs and pipes; `None` where an event is not worth a line.
pub fn line(at: Duration, event: &Event) -> Option<String> {
    let text = match event {
        Event::StepStarted { number, of, title, stack, expected, .. } => {
            format!("step {number} of {of}: {title} (stack {stack}){}", about(*expected))
        }
        Event::Reattached { stack, action, since, by } => {
            let since = if since.is_empty() { String::new() } else { format!(" since {}", to_the_second(since)) };
            let by = by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
            format!("stack {stack} is {}{by}{since}: waiting for it to end", action.ongoing())
        }
        Event::NodePhase { address, phase, after, .. } => match phase {
            phase if phase.is_final() => {
                format!("{address}: {} after {}", phase.name(), time(*after))
            }
            _ => format!("{address}: {} …", phase.name()),
        },
        // Nodes have phases; of everything else only what is finished is worth a line.
        Event::ResourceStatus { address: Address::Node(..), .. } => return None,
        Event::ResourceStatus { address, resource, status, reason, .. } => match status.status {
            Status::Complete => format!("{address}: {resource} {}", done(&status.action)?),
            Status::Failed => format!("{address}: {resource} failed: {}", one_line(reason)),
            _ => return None,
        },
        Event::Retried { stack, attempt, reason } => {
            format!("stack {stack}: attempt {attempt}, because {}", one_line(reason))
        }
        Event::StepEnded { number, title, took, .. } => format!("step {number} done after {}: {title}", time(*took)),
        Event::Failed { address, resource, reason, log, stack, .. } => {
            let whose = match (address, resource) {
                (Some(address), Some(resource)) => format!("{address}: {resource} of stack {stack}"),
                _ => format!("stack {stack}"),
            };
            let mut text = format!("{whose} failed: {}", one_line(reason));
            // What failed in the node's own words; the rest of its log is told once, with the error at the end.
            if let Some(said) = log.first() {
                text.push_str("\n    ");
                text.push_str(said);
            }
            text
        }
        Event::Detached { stacks } => match stacks.as_slice() {
            [] => "stopped between two steps".to_owned(),
            [stack] => format!("stopped watching stack {stack}"),
            stacks => format!("stopped watching stacks {}", some(stacks, NAMED)),
        },
    };
    Some(format!("[{}] {text}", clock(at)))
}

/// Less is not worth a word.
const SHORT: Duration = Duration::from_secs(5);

/// How long something is expected to take: `, about 2m 05s as before`.
pub fn about(expected: Option<Duration>) -> String {
    let long = expected.filter(|expected| *expected >= SHORT);
    long.map(|expected| format!(", about {} as before", time(expected))).unwrap_or_default()
}

/// How long all of a plan is expected to take, where that is known and worth a word.
pub fn expected(expected: Option<Duration>) -> Option<String> {
    let long = expected.filter(|expected| *expected >= SHORT);
    long.map(|expected| format!("Expected to take about {}, as last time.", time(expected)))
}

/// The last line: DISCO's objects, never Heat's plumbing. `verb` is `Apply` or `Destroy`.
pub fn complete(verb: &str, summary: Summary) -> String {
    let Summary { add, change, destroy } = summary;
    if verb == "Destroy" {
        return format!("Destroy complete! Resources: {destroy} destroyed.");
    }
    format!("{verb} complete! Resources: {add} added, {change} changed, {destroy} destroyed.")
}

/// The last line of suspending or resuming.
pub fn switched(switch: Switch, clusters: &BTreeSet<String>, changed: bool, took: &str) -> String {
    let names: Vec<String> = clusters.iter().map(|name| format!("`{name}`")).collect();
    let (names, are) = (listed(&names), if names.len() == 1 { "is" } else { "are" });
    let verb = if switch == Switch::Suspend { "Suspend" } else { "Resume" };
    match (clusters.is_empty(), changed) {
        (true, _) => "Nothing to do: this project has no clusters.".to_owned(),
        (false, true) => format!("{verb} complete! {names} {are} {}. ({took})", switch.done()),
        (false, false) if switch == Switch::Suspend => format!("Nothing to do: {names} {are} suspended already."),
        (false, false) => format!("Nothing to do: {names} {are} not suspended."),
    }
}

fn done(action: &Action) -> Option<&'static str> {
    Some(match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Delete => "deleted",
        Action::Rollback => "rolled back",
        Action::Suspend => "suspended",
        Action::Resume => "resumed",
        Action::Check => "checked",
        _ => return None,
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `4s`, `2m 05s`; under ten seconds with a tenth.
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 10 {
        let tenths = time.subsec_millis() / 100;
        return if tenths == 0 { format!("{seconds}s") } else { format!("{seconds}.{tenths}s") };
    }
    if seconds < 60 {
        return format!("{seconds}s");
    }
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    if minutes < 60 { format!("{minutes}m {seconds:02}s") } else { format!("{}h {:02}m", minutes / 60, minutes % 60) }
}

/// `0:04`, `12:05`
fn clock(at: Duration) -> String {
    format!("{}:{:02}", at.as_secs() / 60, at.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::NodeAction;
    use crate::model::ActionStatus;

    fn node(index: u32) -> Address {
        Address::Node("analytics".to_owned(), "slaves".to_owned(), index)
    }

    fn phase(index: u32, phase: Phase, after: u64) -> Event {
        let (action, first, after) = (NodeAction::Create, after == 0, Duration::from_secs(after));
        Event::NodePhase { address: node(index), phase, action, first, after }
    }

    #[test]
    fn lines_stand_alone() {
        let at = Duration::from_secs(75);
        assert_eq!(
            line(at, &phase(2, Phase::Building, 0)).as_deref(),
            Some("[1:15] cluster.analytics.slaves[2]: building …")
        );
        assert_eq!(
            line(at, &phase(2, Phase::Ready, 4)).as_deref(),
            Some("[1:15] cluster.analytics.slaves[2]: ready after 4s")
        );
        let created = Event::ResourceStatus {
            address: Address::Network("analytics".to_owned()),
            stack: "analytics".to_owned(),
            resource: "router".to_owned(),
            status: ActionStatus::parse("CREATE_COMPLETE"),
            reason: "state changed".to_owned(),
        };
        assert_eq!(line(at, &created).as_deref(), Some("[1:15] cluster.analytics.network: router created"));
        let summary = Summary { add: 6, change: 0, destroy: 0 };
        assert_eq!(complete("Apply", summary), "Apply complete! Resources: 6 added, 0 changed, 0 destroyed.");
    }

    #[test]
    fn times_are_short() {
        for (millis, words) in
            [(0, "0s"), (940, "0.9s"), (4_000, "4s"), (59_999, "59s"), (65_000, "1m 05s"), (3_725_000, "1h 02m")]
        {
            assert_eq!(time(Duration::from_millis(millis)), words);
        }
    }

    #[test]
    fn stragglers_are_named_once_most_are_ready() {
        let mut progress = Progress::new();
        for index in 0..4 {
            progress.take(Duration::ZERO, &phase(index, Phase::Building, 0));
        }
        assert_eq!(progress.groups()[0].words(), "4 building");
        for index in 0..3 {
            progress.take(Duration::from_secs(4), &phase(index, Phase::Ready, 4));
        }
        let group = &progress.groups()[0];
        assert_eq!((group.words().as_str(), group.finished(), group.nodes), ("1 building, 3 ready", 3, 4));
        assert!(progress.stragglers(Duration::from_secs(8)).is_empty());
        let late = progress.stragglers(Duration::from_secs(9));
        assert_eq!(late, [(&node(3), Phase::Building, Duration::from_secs(9))]);
    }
}
