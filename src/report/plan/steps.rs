//! The steps of a plan as a list: what runs side by side has one number, and batches are one line.

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
    let mut clusters: Vec<(&str, Vec<&Step>)> = Vec::new();
    for step in &plan.steps {
        match clusters.iter_mut().find(|(cluster, _)| *cluster == step.cluster) {
            Some((_, steps)) => steps.push(step),
            None => clusters.push((&step.cluster, vec![step])),
        }
    }
    let mut lines: Vec<(String, String)> = Vec::new();
    let heading = match clusters.as_slice() {
        [(_, steps)] => {
            lines_of(steps, "", &mut lines);
            let together = steps.windows(2).any(|pair| pair[0].stage == pair[1].stage);
            if together { "Steps in order, those of one number side by side" } else { "Steps, one after the other" }
        }
        clusters => {
            for alike in
                clusters.chunk_by(|one, other| alone(plan, one).is_some() && alone(plan, one) == alone(plan, other))
            {
                if let (Some((verb, after)), true) = (alone(plan, &alike[0]), alike.len() > FOLDED) {
                    let names: Vec<&str> = alike.iter().map(|(cluster, _)| *cluster).collect();
                    lines.push(("1".to_owned(), format!("{verb} {}{}", some(&names, NAMED), waits(&after))));
                    continue;
                }
                for (cluster, steps) in alike {
                    lines_of(steps, &waits(&before(plan, cluster)), &mut lines);
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

/// The lines of one cluster; `waits` is said at the first.
fn lines_of(steps: &[&Step], waits: &str, lines: &mut Vec<(String, String)>) {
    let (mut number, mut stage, mut waits) = (0, None, Some(waits));
    for run in steps.chunk_by(|one, other| of_one_roll(one, other)) {
        number += usize::from(stage != Some(run[0].stage));
        let first = number;
        number += run.len() - 1;
        stage = run.last().map(|step| step.stage);
        let label = if run.len() == 1 { first.to_string() } else { format!("{first}-{number}") };
        lines.push((label, format!("{}: {}{}", run[0].stack, what(run), waits.take().unwrap_or_default())));
    }
}

/// What is done with a cluster whose only step that is, and what it waits for.
fn alone<'p>(plan: &'p Plan, (cluster, steps): &(&'p str, Vec<&'p Step>)) -> Option<(&'p str, Vec<&'p str>)> {
    let [step] = steps.as_slice() else { return None };
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

fn what(run: &[&Step]) -> String {
    let size = run.iter().map(|step| step.addresses.len()).max().unwrap_or_default();
    let batches = run.iter().filter(|step| !step.unmounts).count();
    let nodes = || brief(run.iter().filter(|step| !step.unmounts).flat_map(|step| &step.addresses));
    let each = if size == 1 { "one node".to_owned() } else { format!("up to {size} nodes") };
    match (run.len(), batches) {
        (1, _) => run[0].title.clone(),
        (steps, _) if steps == batches => format!("reconfigure: {}, in {batches} batches of {each}", nodes()),
        (_, 1) => format!("reconfigure: {}, whose volumes are unmounted first", nodes()),
        _ => format!("reconfigure: {}, in {batches} batches of {each}, whose volumes are unmounted first", nodes()),
    }
}
