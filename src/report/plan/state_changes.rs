//! What a plan changes in the state alone, in words.

use std::fmt::Write as _;

use serde::Serialize;

use crate::plan::{Plan, StateChange};
use crate::report::visible;

/// A line for each; empty where there are none.
pub(super) fn section(plan: &Plan) -> String {
    let lines = state_changes(&plan.state_changes);
    if lines.is_empty() { lines } else { format!("\nChanges to the state alone, no node is touched:\n{lines}") }
}

/// A line for each.
pub fn state_changes(changes: &[StateChange]) -> String {
    let mut lines = String::new();
    for change in changes {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "  {}", sentence(change));
    }
    visible(&lines).into_owned()
}

fn sentence(change: &StateChange) -> String {
    match change {
        StateChange::Moved { cluster, from, to } => format!("{from} is now {to}, and stays `{cluster}` on the cloud"),
        StateChange::Released { cluster, from } => {
            format!("{from} is forgotten: stack `{cluster}` and all that is in it stays as it is")
        }
        StateChange::Imported { cluster, to, nodes } => {
            let noun = if *nodes == 1 { "node" } else { "nodes" };
            format!("{to} is imported from stack `{cluster}`: {nodes} {noun}")
        }
    }
}

/// What stands around the counts of a plan: `1 to import, ` before and `, 2 to move, 1 to forget` after them.
pub(super) fn counts(plan: &Plan) -> (String, String) {
    let of = |action: &str| plan.state_changes.iter().filter(|change| change.action() == action).count();
    let after = |number: usize, verb: &str| if number == 0 { String::new() } else { format!(", {number} to {verb}") };
    let imports = of("import");
    let before = if imports == 0 { String::new() } else { format!("{imports} to import, ") };
    (before, after(of("move"), "move") + &after(of("release"), "forget"))
}

/// A change of the state alone, for programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StateChangeFile<'a> {
    /// `move`, `release` or `import`
    action: &'static str,
    /// The cluster's name on the cloud.
    cluster: &'a str,
    /// The address that it had.
    from: Option<&'a str>,
    /// The address that it has.
    to: Option<&'a str>,
}

impl<'a> From<&'a StateChange> for StateChangeFile<'a> {
    fn from(change: &'a StateChange) -> Self {
        let (from, to) = match change {
            StateChange::Moved { from, to, .. } => (Some(from), Some(to)),
            StateChange::Released { from, .. } => (Some(from), None),
            StateChange::Imported { to, .. } => (None, Some(to)),
        };
        let (from, to) = (from.map(String::as_str), to.map(String::as_str));
        Self { action: change.action(), cluster: change.cluster(), from, to }
    }
}
