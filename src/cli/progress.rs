//! What is seen while things happen: bars on a terminal, self-contained lines elsewhere, messages for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::context::Context;
use super::printer::{Printer, Verbosity};
use super::stream;
use crate::apply::{Event, Observer, Phase};
use crate::model::Address;
use crate::report::{self, Message};

/// Up to so many nodes each has a line of its own on a terminal; more share one per group.
const LINES: usize = 16;

/// How often a terminal's bars turn.
const TICK: Duration = Duration::from_millis(120);

/// Tells one operation's events in the way that this face wants to hear them.
pub(super) struct Progress {
    telling: Telling,
}

enum Telling {
    Json(Printer),
    Lines(Printer),
    Bars(Box<Bars>),
}

impl Progress {
    /// For this terminal, pipe or program.
    pub(super) fn new(context: &Context) -> Self {
        let printer = context.printer.clone();
        let telling = if context.json {
            Telling::Json(printer)
        } else if printer.interactive {
            Telling::Bars(Box::new(Bars::new(printer)))
        } else {
            Telling::Lines(printer)
        };
        Self { telling }
    }

    /// Takes the bars off the terminal.
    pub(super) fn finish(&mut self) {
        if let Telling::Bars(bars) = &mut self.telling {
            bars.clear();
        }
    }
}

impl Observer for Progress {
    fn on(&mut self, at: Duration, event: &Event) {
        match &mut self.telling {
            Telling::Json(printer) => {
                if !is_plumbing(event) || printer.verbosity == Verbosity::Verbose {
                    stream::say(&Message::event(at, event));
                }
            }
            Telling::Lines(printer) => {
                if let Some(line) = report::progress::line(at, event) {
                    if is_plumbing(event) { printer.detail(&line) } else { printer.talk(&line) }
                }
            }
            Telling::Bars(bars) => bars.on(at, event),
        }
    }
}

/// Whether an event is about one of Heat's resources that no user knows by name, and all is well with it.
fn is_plumbing(event: &Event) -> bool {
    matches!(event, Event::ResourceStatus { status, .. } if !status.ends_with("_FAILED"))
}

/// Bars on a terminal: what ended stays above them as lines.
struct Bars {
    printer: Printer,
    picture: report::progress::Progress,
    all: MultiProgress,
    step: ProgressBar,
    nodes: BTreeMap<Address, ProgressBar>,
    groups: BTreeMap<(String, String), ProgressBar>,
}

impl Bars {
    fn new(printer: Printer) -> Self {
        let all = MultiProgress::new();
        let step = ProgressBar::hidden();
        let picture = report::progress::Progress::new();
        Self { printer, picture, all, step, nodes: BTreeMap::new(), groups: BTreeMap::new() }
    }

    fn on(&mut self, at: Duration, event: &Event) {
        self.picture.take(at, event);
        match event {
            Event::StepStarted { .. } => self.begin(),
            Event::NodePhase { address, phase, .. } => self.node(address, *phase),
            Event::ResourceStatus { .. } => self.say_step(),
            Event::StepEnded { .. } => {
                self.clear();
                self.line(at, event);
            }
            Event::Failed { .. } | Event::Reattached { .. } | Event::Retried { .. } | Event::Detached { .. } => {
                self.line(at, event);
            }
        }
    }

    fn begin(&mut self) {
        self.clear();
        self.all = MultiProgress::new();
        self.step = self.all.add(spinner("{spinner} {wide_msg} {elapsed}"));
        self.say_step();
    }

    fn say_step(&self) {
        let (number, of) = self.picture.step.unwrap_or((1, 1));
        let others: Vec<&str> = self.picture.other().take(3).collect();
        let others = if others.is_empty() { String::new() } else { format!(" ({} …)", others.join(", ")) };
        self.step.set_message(format!("step {number} of {of}: {}{others}", self.picture.title));
    }

    fn node(&mut self, address: &Address, phase: Phase) {
        let known = self.picture.groups();
        let nodes: usize = known.iter().map(|group| group.nodes).sum();
        if nodes <= LINES && self.groups.is_empty() {
            let bar = self
                .nodes
                .entry(address.clone())
                .or_insert_with(|| self.all.add(spinner("  {spinner} {wide_msg} {elapsed}")));
            bar.set_message(format!("{address}: {}", phase.name()));
            if phase.is_final() {
                bar.finish();
            }
            return;
        }
        for (_, bar) in std::mem::take(&mut self.nodes) {
            bar.finish_and_clear();
        }
        for group in known {
            let key = (group.cluster.clone(), group.group.clone());
            let bar =
                self.groups.entry(key).or_insert_with(|| self.all.add(spinner("  {spinner} {wide_msg} {elapsed}")));
            bar.set_message(format!("cluster.{}.{}: {}", group.cluster, group.group, group.words()));
        }
    }

    fn line(&self, at: Duration, event: &Event) {
        if let Some(line) = report::progress::line(at, event) {
            self.all.suspend(|| self.printer.talk(&line));
        }
    }

    fn clear(&mut self) {
        self.step.finish_and_clear();
        let nodes = std::mem::take(&mut self.nodes).into_values();
        for bar in nodes.chain(std::mem::take(&mut self.groups).into_values()) {
            bar.finish_and_clear();
        }
    }
}

fn spinner(template: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}
