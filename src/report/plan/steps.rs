//! The steps of a plan as a list, and batches are one line. Of one cluster, what runs side by side has one number; of
//! several, each step has the number that it is told by when it is carried out.

use std::fmt::Write as _;

use super::fold::fold;
use crate::plan::{Plan, Step, brief};
use crate::report::some;

/// So many clusters are named.
const NAMED: usize = 3;

/// So many clusters that all have one step of a kind share a line.
const FOLDED: usize = 5;

/// The list with its heading.
pub(super) fn steps(plan: &Plan, width: Option<usize>) -> String {
    let mut clusters: Vec<(&str, Vec<Numbered<'_>>)> = Vec::new();
    for step in (1..).zip(&plan.steps) {
        match clusters.iter_mut().find(|(cluster, _)| *cluster == step.1.cluster) {
            Some((_, steps)) => steps.push(step),
            None => clusters.push((&step.1.cluster, vec![step])),
        }
    }
    let mut lines: Vec<(String, String)> = Vec::new();
    let heading = match clusters.as_slice() {
        [(_, steps)] => {
            by_stage(steps, &mut lines);
            let together = steps.windows(2).any(|pair| pair[0].1.stage == pair[1].1.stage);
            if together { "Steps in order, those of one number side by side" } else { "Steps, one after the other" }
        }
        clusters => {
            for alike in
                clusters.chunk_by(|one, other| alone(plan, one).is_some() && alone(plan, one) == alone(plan, other))
            {
                if let (Some((verb, after)), true) = (alone(plan, &alike[0]), alike.len() > FOLDED) {
                    let names: Vec<&str> = alike.iter().map(|(cluster, _)| *cluster).collect();
                    let steps = alike.iter().flat_map(|(_, steps)| steps);
                    let what = format!("{verb} {}{}", some(&names, NAMED), waits(&after));
                    lines.push((numbers(steps.map(|(number, _)| *number)), what));
                    continue;
                }
                for (cluster, steps) in alike {
                    by_number(steps, &waits(&before(plan, cluster)), &mut lines);
                }
            }
            "Steps in order for each cluster, clusters side by side"
        }
    };
    let mut text = format!("\n{heading}:\n");
    let widest = lines.iter().map(|(label, _)| label.len()).max().unwrap_or_default();
    for (label, line) in lines {
        let indent = widest + 4;
        let room = width.map_or(usize::MAX, |width| width.saturating_sub(indent));
        let line = fold(&line, room, room).join(&format!("\n{:indent$}", ""));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {label:>widest$}. {line}");
    }
    text
}

/// A step and its number in the plan, from 1.
type Numbered<'p> = (usize, &'p Step);

/// `7`, or `1-7`.
fn numbers(numbers: impl Iterator<Item = usize> + Clone) -> String {
    match (numbers.clone().min(), numbers.max()) {
        (Some(first), Some(last)) if first != last => format!("{first}-{last}"),
        (first, _) => first.unwrap_or_default().to_string(),
    }
}

/// The lines of the only cluster.
fn by_stage(steps: &[Numbered<'_>], lines: &mut Vec<(String, String)>) {
    let (mut number, mut stage) = (0, None);
    for run in steps.chunk_by(|one, other| of_one_roll(one.1, other.1)) {
        number += usize::from(stage != Some(run[0].1.stage));
        let first = number;
        number += run.len() - 1;
        stage = run.last().map(|step| step.1.stage);
        lines.push((numbers([first, number].into_iter()), format!("{}: {}", run[0].1.stack, what(run))));
    }
}

/// The lines of one of several clusters; `waits` is said at the first.
fn by_number(steps: &[Numbered<'_>], waits: &str, lines: &mut Vec<(String, String)>) {
    let (mut before, mut waits) = (None, Some(waits));
    for run in steps.chunk_by(|one, other| of_one_roll(one.1, other.1)) {
        let (number, first) = run[0];
        // Who comes first of those that run side by side is named at the others.
        let (with, beside) = match before {
            Some((stage, with)) if stage == first.stage => (with, format!(", side by side with {with}")),
            _ => (number, String::new()),
        };
        before = run.last().map(|(_, step)| (step.stage, with));
        let waits = waits.take().unwrap_or_default();
        lines.push((
            numbers(run.iter().map(|(number, _)| *number)),
            format!("{}: {}{waits}{beside}", first.stack, what(run)),
        ));
    }
}

/// What is done with a cluster whose only step that is, and what it waits for.
fn alone<'p>(plan: &'p Plan, (cluster, steps): &(&'p str, Vec<Numbered<'p>>)) -> Option<(&'p str, Vec<&'p str>)> {
    let [(_, step)] = steps.as_slice() else { return None };
    let verb = step.title.strip_suffix(*cluster)?.strip_suffix(' ')?;
    Some((verb, before(plan, cluster)))
}

/// Clusters with steps that come before another.
fn before<'p>(plan: &'p Plan, cluster: &str) -> Vec<&'p str> {
    let before = plan.after.get(cluster).into_iter().flatten().map(String::as_str);
    before.filter(|other| plan.steps.iter().any(|step| step.cluster == *other)).collect()
}

fn waits(before: &[&str]) -> String {
    if before.is_empty() { String::new() } else { format!(", after {}", some(before, NAMED)) }
}

/// Whether two steps are batches of the same nodes, or the two steps of one batch.
fn of_one_roll(one: &Step, other: &Step) -> bool {
    let paired = usize::from(!one.unmounts);
    let next = |(one, of): (usize, usize), (other, of_other)| one + paired == other && of == of_other;
    one.stack == other.stack && one.batch.zip(other.batch).is_some_and(|(one, other)| next(one, other))
}

fn what(run: &[Numbered<'_>]) -> String {
    let run: Vec<&Step> = run.iter().map(|(_, step)| *step).collect();
    let size = run.iter().map(|step| step.addresses.len()).max().unwrap_or_default();
    let changing: Vec<&Step> = run.iter().copied().filter(|step| !step.unmounts).collect();
    let batches = changing.len();
    let nodes = || brief(changing.iter().flat_map(|step| &step.addresses));
    let each = if size == 1 { "one node".to_owned() } else { format!("up to {size} nodes") };
    let mut verbs = changing.iter().map(|step| step.title.split_once(": ").map_or("", |(verb, _)| verb));
    let first = verbs.next().unwrap_or_default();
    let verb = if verbs.all(|verb| verb == first) { first } else { "change" };
    match (run.len(), batches) {
        (1, _) => run[0].title.clone(),
        (steps, _) if steps == batches => format!("{verb}: {}, in {batches} batches of {each}", nodes()),
        (_, 1) => format!("{verb}: {}, whose volumes are unmounted first", nodes()),
        _ => format!("{verb}: {}, in {batches} batches of {each}, whose volumes are unmounted first", nodes()),
    }
}
