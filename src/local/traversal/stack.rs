//! An action on a stack as a whole: its start, its end, its rollback, its time.

use std::collections::BTreeMap;

use super::super::entity::{Action, Row, Stack, Status, Version};
use super::super::packed::Packed;
use super::super::resource;
use super::super::world::World;

impl World {
    /// Begins an action on a stack.
    pub(crate) fn start(&mut self, id: &str, action: Action) {
        let (now, traversal) = (self.now, self.number());
        if let Some(stack) = self.stack_mut(id) {
            stack.action = action;
            stack.status = Status::InProgress;
            stack.reason = format!("Stack {action} started");
            stack.started = now;
            stack.traversal = traversal;
            if !matches!(action, Action::Create | Action::Check) {
                stack.updated = Some(now);
            }
        }
        self.traversals.remove(id);
        self.stack_event(id);
        if action == Action::Delete {
            self.abort(id, |_, action, _| format!("{action} aborted (user triggered cancel)"));
        }
        self.traverse(id);
    }

    /// Ends whatever still runs in a stack.
    fn abort(&mut self, id: &str, reason: impl Fn(&Stack, Action, &Row) -> String) {
        let running: Vec<u64> = self
            .rows_of
            .get(id)
            .into_iter()
            .flatten()
            .copied()
            .filter(|row| self.rows.get(row).is_some_and(|row| row.status == Status::InProgress))
            .collect();
        for row in running {
            if let (Some(stack), Some(found)) = (self.stacks.get(id), self.rows.get(&row)) {
                let (action, reason) = (found.action, reason(stack, found.action, found));
                self.set_row(row, action, Status::Failed, &reason);
            }
        }
    }

    pub(super) fn fail_stack(&mut self, id: &str, row: u64) {
        self.traversals.remove(id);
        let Some(stack) = self.stacks.get(id) else { return };
        let reason = self.rows.get(&row).map(|row| row.reason.clone()).unwrap_or_default();
        let reason =
            format!("Resource {} failed: {reason}", self.rows.get(&row).map_or(stack.action, |row| row.action));
        self.end_stack(id, Status::Failed, &reason);
    }

    /// Ends the check of a stack: Heat tells of every failure, as Python lists them, and adds where it could not look.
    pub(super) fn end_check(&mut self, id: &str, failures: &[String]) {
        let rows = self.current.get(id).into_iter().flat_map(BTreeMap::values);
        let mut kinds = rows.filter_map(|row| self.rows.get(row)).map(|row| row.kind.as_str());
        let partly = kinds.any(|kind| !resource::can_be_checked(kind));
        let Some(stack) = self.stack_mut(id) else { return };
        (stack.status, stack.reason) = if failures.is_empty() {
            (Status::Complete, format!("Stack {} completed successfully", Action::Check))
        } else {
            (Status::Failed, format!("Resource {} failed: {}", Action::Check, python_list(failures)))
        };
        if partly {
            stack.reason.push_str(". 'CHECK' not fully supported (see resources)");
        }
        self.forget(id);
        self.stack_event(id);
    }

    /// Ends the stack's action, or goes on with a rollback.
    pub(crate) fn end_stack(&mut self, id: &str, status: Status, reason: &str) {
        let Some(stack) = self.stack_mut(id) else { return };
        let action = stack.action;
        stack.status = status;
        stack.reason = if status == Status::Complete {
            format!("Stack {action} completed successfully")
        } else {
            reason.to_owned()
        };
        let roll_back = status == Status::Failed
            && !stack.disable_rollback
            && matches!(action, Action::Create | Action::Update)
            && reason != "Stack UPDATE cancelled";
        let previous = if status == Status::Complete { stack.previous.take() } else { None };
        // A parameter that is another now may have been a secret, of which only the log still tells.
        self.shed |= previous.is_some_and(|previous| previous.parameters != stack.version.parameters);
        self.forget(id);
        self.stack_event(id);
        if action == Action::Delete && status == Status::Complete {
            self.bury(id);
        }
        if roll_back {
            self.roll_back(id);
        }
    }

    /// Goes back to the version before.
    pub(crate) fn roll_back(&mut self, id: &str) {
        let empty = Version {
            template: Packed::of(&serde_json::json!({"heat_template_version": "2021-04-16", "resources": {}})),
            parameters: BTreeMap::new(),
        };
        if let Some(stack) = self.stack_mut(id) {
            stack.version = stack.previous.take().unwrap_or(empty);
            self.shed = true;
        }
        self.forget(id);
        self.start(id, Action::Rollback);
    }

    /// The stack's time is over.
    pub(crate) fn time_out(&mut self, id: &str, traversal: u64) {
        let running =
            self.stacks.get(id).is_some_and(|stack| stack.traversal == traversal && stack.status == Status::InProgress);
        if running {
            self.traversals.remove(id);
            self.abort(id, |stack, action, row| {
                // Heat names the class that stands for the resource.
                let class = row.kind.rsplit("::").next().unwrap_or_default();
                let (verb, name) = (action.to_string().to_lowercase(), &row.name);
                let stack = format!("\"{}\" [{}]", stack.name, stack.id);
                format!("{action} aborted (Task {verb} from {class} \"{name}\" Stack {stack} Timed out)")
            });
            let action = self.stacks.get(id).map_or(Action::Create, |stack| stack.action);
            self.end_stack(
                id,
                Status::Failed,
                if action == Action::Rollback { "Rollback timed out" } else { "Timed out" },
            );
        }
    }
}

/// Texts as Python prints a list of them.
fn python_list(texts: &[String]) -> String {
    let quoted = texts.iter().map(|text| {
        let text = text.replace('\\', "\\\\").replace('\n', "\\n");
        if text.contains('\'') && !text.contains('"') {
            format!("\"{text}\"")
        } else {
            format!("'{}'", text.replace('\'', "\\'"))
        }
    });
    format!("[{}]", quoted.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::python_list;

    #[test]
    fn texts_are_quoted_as_python_quotes_them() {
        let texts = ["plain", "it's", "both ' and \""].map(str::to_owned);
        assert_eq!(python_list(&texts), r#"['plain', "it's", 'both \' and "']"#);
    }
}
