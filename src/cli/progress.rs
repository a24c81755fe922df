//! What is seen while things happen: bars on a terminal, self-contained lines elsewhere, messages for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::context::Context;
use super::margin;
use super::printer::Printer;
use super::stream::Stream;
use crate::apply::{Event, Observer, Phase};
use crate::model::Address;
use crate::report::{self, visible};

/// Up to so many nodes each has a line of its own on a terminal; more share one per group.
const LINES: usize = 16;

/// How often a terminal's bars turn.
const TICK: Duration = Duration::from_millis(120);

/// Tells one operation's events in the way that this face wants to hear them.
pub(super) struct Progress {
    telling: Telling,
    stream: Stream,
    /// Whether somebody wants to see how it ends.
    watches: bool,
}

enum Telling {
    Json,
    Lines(Printer),
    Bars(Box<Bars>),
}

impl Progress {
    /// For this terminal, pipe or program.
    pub(super) fn new(context: &Context) -> Self {
        let printer = context.printer.clone();
        let telling = if context.json {
            Telling::Json
        } else if printer.interactive {
            Telling::Bars(Box::new(Bars::new(printer)))
        } else {
            Telling::Lines(printer)
        };
        Self { telling, stream: context.stream.clone(), watches: true }
    }

    /// The same where nobody waits for the end: that nobody watches any longer is no news then, except to programs, which
    /// learn which stacks are under way.
    pub(super) fn watching(mut self, watches: bool) -> Self {
        self.watches = watches;
        self
    }

    /// Takes the bars off the terminal.
    pub(super) fn finish(&mut self) {
        if let Telling::Bars(bars) = &mut self.telling {
            bars.clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Observer for Progress {
    fn on(&mut self, at: Duration, event: &Event) {
        if !self.watches && matches!(event, Event::Detached { .. }) && !matches!(self.telling, Telling::Json) {
            return;
        }
        self.stream.event(at, event);
        match &mut self.telling {
            Telling::Json => {}
            Telling::Lines(printer) => {
                if let Some(line) = report::progress::line(at, event) {
                    let line = printer.hints.text(&line);
                    if event.is_plumbing() { printer.detail(&line) } else { printer.talk(&line) }
                }
            }
            Telling::Bars(bars) => bars.on(at, event),
        }
    }
}

/// Bars on a terminal: what ended stays above them as lines.
struct Bars {
    printer: Printer,
    picture: report::progress::Progress,
    all: MultiProgress,
    /// What is drawn, the step first. Nothing is finished in its place: a bar that is no longer turned is taken away, or it
    /// would stay on the terminal as it was.
    step: Option<ProgressBar>,
    /// Steps that run side by side, instead of their nodes.
    steps: BTreeMap<usize, ProgressBar>,
    nodes: BTreeMap<Address, ProgressBar>,
    groups: BTreeMap<(String, String), ProgressBar>,
}

impl Bars {
    fn new(printer: Printer) -> Self {
        Self::on_terminal(printer, MultiProgress::with_draw_target(margin::target()))
    }

    fn on_terminal(printer: Printer, all: MultiProgress) -> Self {
        let picture = report::progress::Progress::new();
        Self {
            printer,
            picture,
            all,
            step: None,
            steps: BTreeMap::new(),
            nodes: BTreeMap::new(),
            groups: BTreeMap::new(),
        }
    }

    fn on(&mut self, at: Duration, event: &Event) {
        self.picture.take(at, event);
        match event {
            Event::StepStarted { .. } => self.begin(),
            Event::NodePhase { .. } | Event::ResourceStatus { .. } if self.is_side_by_side() => self.say_steps(),
            Event::NodePhase { address, phase, .. } => self.node(address, *phase),
            Event::ResourceStatus { .. } => self.say_step(),
            Event::StepEnded { .. } => {
                if self.picture.steps().next().is_none() {
                    self.clear();
                } else {
                    self.say_steps();
                }
                self.line(at, event);
            }
            Event::Failed { .. } | Event::Reattached { .. } | Event::Retried { .. } | Event::Detached { .. } => {
                self.line(at, event);
            }
        }
    }

    /// Whether several steps are shown, until none of them is left.
    fn is_side_by_side(&self) -> bool {
        !self.steps.is_empty()
    }

    /// A line each for the steps under way; where there are too many, the last ones are counted.
    fn say_steps(&mut self) {
        let Self { picture, all, steps, .. } = self;
        steps.retain(|number, bar| {
            let stays = picture.steps().any(|(under_way, _)| under_way == *number);
            if !stays {
                take_away(all, bar);
            }
            stays
        });
        let free = LINES.saturating_sub(steps.len());
        let new: Vec<usize> =
            picture.steps().map(|(number, _)| number).filter(|number| !steps.contains_key(number)).take(free).collect();
        for number in new {
            steps.insert(number, add(all, "  {spinner} {msg}  {elapsed}"));
        }
        for (number, step) in picture.steps() {
            if let Some(bar) = steps.get(&number) {
                bar.set_message(cut(&picture.words(step)));
            }
        }
        if let Some(bar) = &self.step {
            bar.set_message(cut(&picture.overview()));
        }
    }

    fn begin(&mut self) {
        if self.picture.steps().count() > 1 {
            if self.steps.is_empty() {
                self.clear();
                self.printer.show_bars(&self.all);
                self.step = Some(add(&self.all, "{spinner} {msg}  {elapsed}"));
            }
            return self.say_steps();
        }
        self.clear();
        self.printer.show_bars(&self.all);
        self.step = Some(add(&self.all, "{spinner} {msg}  {elapsed}"));
        self.say_step();
    }

    fn say_step(&self) {
        let Some((number, under_way)) = self.picture.steps().next() else { return };
        let others: Vec<&str> = self.picture.other().take(3).collect();
        let others = if others.is_empty() { String::new() } else { format!(" ({} …)", others.join(", ")) };
        if let Some(step) = &self.step {
            let about = report::progress::about(under_way.expected);
            step.set_message(cut(&format!("step {number} of {}: {}{about}{others}", self.picture.of, under_way.title)));
        }
    }

    fn node(&mut self, address: &Address, phase: Phase) {
        self.printer.show_bars(&self.all);
        let known = self.picture.groups();
        let nodes: usize = known.iter().map(|group| group.nodes).sum();
        if nodes <= LINES && self.groups.is_empty() {
            let bar =
                self.nodes.entry(address.clone()).or_insert_with(|| add(&self.all, "  {spinner} {msg}  {elapsed}"));
            bar.set_message(cut(&format!("{address}: {}", phase.name())));
            if phase.is_final() {
                // It stands still, and is still one of those that are taken away in the end.
                bar.disable_steady_tick();
            }
            return;
        }
        for bar in std::mem::take(&mut self.nodes).into_values() {
            take_away(&self.all, &bar);
        }
        for group in known {
            let key = (group.cluster.clone(), group.group.clone());
            let bar = self.groups.entry(key).or_insert_with(|| add(&self.all, "  {spinner} {msg}  {elapsed}"));
            bar.set_message(cut(&format!("cluster.{}.{}: {}", group.cluster, group.group, group.words())));
        }
    }

    fn line(&self, at: Duration, event: &Event) {
        if let Some(line) = report::progress::line(at, event) {
            self.printer.talk(&self.printer.hints.text(&line));
        }
    }

    fn clear(&mut self) {
        let nodes = std::mem::take(&mut self.nodes).into_values();
        let groups = std::mem::take(&mut self.groups).into_values();
        let steps = std::mem::take(&mut self.steps).into_values();
        for bar in groups.chain(nodes).chain(steps).chain(self.step.take()) {
            take_away(&self.all, &bar);
        }
        self.printer.clear_bars();
    }
}

/// Takes a bar off the terminal.
fn take_away(all: &MultiProgress, bar: &ProgressBar) {
    bar.disable_steady_tick();
    bar.finish_and_clear();
    all.remove(bar);
}

/// What of a bar's words fits on a line of any terminal.
fn cut(words: &str) -> String {
    const MOST: usize = 66;
    let words = visible(words).into_owned();
    if words.chars().count() <= MOST { words } else { words.chars().take(MOST - 1).chain(['…']).collect() }
}

/// Adds a bar below the others. It turns only once it is one of them: by itself it would draw a line of its own, which
/// nobody takes away.
fn add(all: &MultiProgress, template: &str) -> ProgressBar {
    let bar = all.add(ProgressBar::new_spinner());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}
