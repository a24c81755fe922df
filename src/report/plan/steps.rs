//! The steps of a plan as a list: what runs side by side has one number, and batches are one line.

use std::fmt::Write as _;

use super::fold::fold;
use crate::plan::{Step, brief};

/// The list with its heading.
pub(super) fn steps(steps: &[Step], width: Option<usize>) -> String {
    let together = steps.windows(2).any(|pair| pair[0].stage == pair[1].stage);
    let heading =
        if together { "Steps in order, those of one number side by side" } else { "Steps, one after the other" };
    let mut text = format!("\n{heading}:\n");
    let (mut number, mut stage) = (0, None);
    let mut lines: Vec<(String, String)> = Vec::new();
    for run in steps.chunk_by(of_one_roll) {
        number += usize::from(stage != Some(run[0].stage));
        let first = number;
        number += run.len() - 1;
        stage = run.last().map(|step| step.stage);
        let label = if run.len() == 1 { first.to_string() } else { format!("{first}-{number}") };
        lines.push((label, format!("{}: {}", run[0].stack, what(run))));
    }
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

/// Whether two steps are batches of the same nodes, or the two steps of one batch.
fn of_one_roll(one: &Step, other: &Step) -> bool {
    let paired = usize::from(!one.unmounts);
    let next = |(one, of): (usize, usize), (other, of_other)| one + paired == other && of == of_other;
    one.stack == other.stack && one.batch.zip(other.batch).is_some_and(|(one, other)| next(one, other))
}

fn what(run: &[Step]) -> String {
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
