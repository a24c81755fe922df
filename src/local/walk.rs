//! Walking a stack's resources: forward to make and change them, backward to clean up what is no longer wanted.
//!
//! As Heat's convergence does: a resource is looked at when all it requires is done; a replaced or removed one
//! is deleted after its successor and after everything that was made from it. The first failure stops new
//! work; what is running ends by itself.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use serde_json::Value as Json;

use super::entity::{Action, Row, Status, Version};
use super::function;
use super::hot::Definition;
use super::refusal::Refusal;
use super::resource::{self, Begun, Failure};
use super::schema::resource_type;
use super::update_rule::{Rule, rule};
use super::world::{Parsed, Timer, World};

/// One piece of the walk.
#[derive(Clone, Debug)]
enum Task {
    /// Make or change what a logical name stands for.
    Forward(String),
    /// Delete a row that is no longer wanted.
    Cleanup(u64),
    /// Suspend, resume or check.
    Act(u64),
}

#[derive(Debug)]
struct Node {
    task: Task,
    waiting: usize,
    dependents: Vec<usize>,
}

/// The work of one action on one stack.
#[derive(Debug)]
pub(crate) struct Walk {
    action: Action,
    parsed: Arc<Parsed>,
    nodes: Vec<Node>,
    ready: VecDeque<usize>,
    /// Nodes that wait for a row: its own work, or an earlier action's.
    busy: HashMap<u64, (usize, bool)>,
    remaining: usize,
}

enum Step {
    Done,
    /// The node's own work goes on in that row.
    Started(u64),
    /// The row is still busy with earlier work.
    Blocked(u64),
    Failed(u64),
}

impl Walk {
    fn add(&mut self, task: Task) -> usize {
        self.nodes.push(Node { task, waiting: 0, dependents: Vec::new() });
        self.nodes.len() - 1
    }

    fn after(&mut self, node: usize, earlier: usize) {
        self.nodes[node].waiting += 1;
        self.nodes[earlier].dependents.push(node);
    }

    fn done(&mut self, node: usize) {
        self.remaining -= 1;
        for dependent in std::mem::take(&mut self.nodes[node].dependents) {
            self.nodes[dependent].waiting -= 1;
            if self.nodes[dependent].waiting == 0 {
                self.ready.push_back(dependent);
            }
        }
    }
}

impl World {
    /// Starts, or takes up again, the action a stack is in.
    pub fn walk(&mut self, id: &str) {
        let Some(stack) = self.stacks.get(id) else { return };
        let (action, started, traversal, timeout) = (stack.action, stack.started, stack.traversal, stack.timeout_mins);
        let parsed = if action == Action::Delete { Ok(Arc::default()) } else { self.parsed(id) };
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(refusal) => {
                self.walks.remove(id);
                self.end_stack(id, Status::Failed, &refusal.message);
                return;
            }
        };
        let minutes = f64::from(timeout.filter(|minutes| *minutes > 0).unwrap_or(60));
        let limit = self.scaled(minutes * 60.0);
        // Without any scale nothing takes time, and a timeout still must not be immediate.
        let limit = if limit == 0 { 3_600_000 } else { limit };
        self.timers.insert((started + limit, Timer::Stack(id.to_owned(), traversal)));
        let mut walk =
            Walk { action, parsed, nodes: Vec::new(), ready: VecDeque::new(), busy: HashMap::new(), remaining: 0 };
        match action {
            Action::Suspend | Action::Resume | Action::Check => self.plan_act(id, &mut walk),
            _ => self.plan_converge(id, &mut walk),
        }
        walk.remaining = walk.nodes.len();
        walk.ready = (0..walk.nodes.len()).filter(|node| walk.nodes[*node].waiting == 0).collect();
        self.walks.insert(id.to_owned(), walk);
        self.pump(id);
    }

    fn plan_converge(&mut self, id: &str, walk: &mut Walk) {
        let parsed = Arc::clone(&walk.parsed);
        for (name, definition) in &parsed.hot.resources {
            // Heat lists what it has not begun yet, too.
            if self.row_named(id, name).is_none() {
                self.new_row(id, name, definition, BTreeMap::new(), Vec::new(), None);
            }
        }
        let mut forward: HashMap<&str, usize> = HashMap::with_capacity(parsed.hot.resources.len());
        for name in parsed.hot.resources.keys() {
            forward.insert(name, walk.add(Task::Forward(name.clone())));
        }
        for (name, definition) in &parsed.hot.resources {
            for required in &definition.requires {
                if let (Some(node), Some(earlier)) = (forward.get(name.as_str()), forward.get(required.as_str())) {
                    walk.after(*node, *earlier);
                }
            }
        }
        let mut cleanup: HashMap<u64, usize> = HashMap::new();
        for row in self.rows_of.get(id).into_iter().flatten() {
            cleanup.insert(*row, walk.add(Task::Cleanup(*row)));
        }
        for (row, node) in &cleanup {
            let Some(row) = self.rows.get(row) else { continue };
            if let Some(earlier) = forward.get(row.name.as_str()) {
                walk.after(*node, *earlier);
            }
            for required in &row.requires {
                if let Some(later) = cleanup.get(required) {
                    walk.after(*later, *node);
                }
            }
        }
    }

    fn plan_act(&self, id: &str, walk: &mut Walk) {
        let mut nodes: BTreeMap<u64, usize> = BTreeMap::new();
        for row in self.current.get(id).into_iter().flat_map(BTreeMap::values) {
            nodes.insert(*row, walk.add(Task::Act(*row)));
        }
        if walk.action == Action::Check {
            return;
        }
        for (row, node) in &nodes {
            for required in self.rows.get(row).into_iter().flat_map(|row| &row.requires) {
                if let Some(other) = nodes.get(required) {
                    // Suspend goes backward, resume forward.
                    let (later, earlier) = if walk.action == Action::Suspend { (other, node) } else { (node, other) };
                    walk.after(*later, *earlier);
                }
            }
        }
    }

    /// Does whatever is ready.
    fn pump(&mut self, id: &str) {
        loop {
            let Some(walk) = self.walks.get_mut(id) else { return };
            let Some(node) = walk.ready.pop_front() else { break };
            let (task, action, parsed) = (walk.nodes[node].task.clone(), walk.action, Arc::clone(&walk.parsed));
            let step = match &task {
                Task::Forward(name) => self.forward(id, name, &parsed),
                Task::Cleanup(row) => self.cleanup(id, *row, &parsed),
                Task::Act(row) => self.act(*row, action),
            };
            let Some(walk) = self.walks.get_mut(id) else { return };
            match step {
                Step::Done => walk.done(node),
                Step::Started(row) => {
                    walk.busy.insert(row, (node, true));
                }
                Step::Blocked(row) => {
                    // After a restart the row may be at work for this very action.
                    let traversal = self.stacks.get(id).map_or(0, |stack| stack.traversal);
                    let own = self.rows.get(&row).is_some_and(|row| row.traversal == traversal);
                    walk.busy.insert(row, (node, own));
                }
                Step::Failed(row) => {
                    self.fail_stack(id, row);
                    return;
                }
            }
        }
        if self.walks.get(id).is_some_and(|walk| walk.remaining == 0) {
            self.walks.remove(id);
            self.end_stack(id, Status::Complete, "");
        }
    }

    /// A row's action has ended, well or not.
    pub fn row_ended(&mut self, row: u64, stack: &str, failed: bool) {
        let Some(walk) = self.walks.get_mut(stack) else { return };
        let Some((node, own)) = walk.busy.remove(&row) else { return };
        match (own, failed) {
            (false, _) => walk.ready.push_back(node),
            (true, false) => walk.done(node),
            (true, true) => {
                self.fail_stack(stack, row);
                return;
            }
        }
        self.pump(stack);
    }

    fn fail_stack(&mut self, id: &str, row: u64) {
        self.walks.remove(id);
        let Some(stack) = self.stacks.get(id) else { return };
        let reason = self.rows.get(&row).map(|row| row.reason.clone()).unwrap_or_default();
        let reason =
            format!("Resource {} failed: {reason}", self.rows.get(&row).map_or(stack.action, |row| row.action));
        self.end_stack(id, Status::Failed, &reason);
    }

    /// Ends the stack's action, or goes on with a rollback.
    pub fn end_stack(&mut self, id: &str, status: Status, reason: &str) {
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
        if status == Status::Complete {
            stack.previous = None;
        }
        self.stack_event(id);
        if action == Action::Delete && status == Status::Complete {
            self.bury(id);
        }
        if roll_back {
            self.roll_back(id);
        }
    }

    /// Goes back to the version before.
    pub fn roll_back(&mut self, id: &str) {
        let empty = Version {
            template: serde_json::json!({"heat_template_version": "2021-04-16", "resources": {}}),
            parameters: BTreeMap::new(),
        };
        if let Some(stack) = self.stack_mut(id) {
            stack.version = stack.previous.take().unwrap_or(empty);
        }
        self.start(id, Action::Rollback);
    }

    /// Begins an action on a stack.
    pub fn start(&mut self, id: &str, action: Action) {
        let (now, traversal) = (self.now, self.number());
        if let Some(stack) = self.stack_mut(id) {
            stack.action = action;
            stack.status = Status::InProgress;
            stack.reason = format!("Stack {action} started");
            stack.started = now;
            stack.traversal = traversal;
            if action != Action::Create {
                stack.updated = Some(now);
            }
        }
        self.walks.remove(id);
        self.stack_event(id);
        if action == Action::Delete {
            self.abort(id);
        }
        self.walk(id);
    }

    /// Ends whatever still runs in a stack that is being deleted.
    fn abort(&mut self, id: &str) {
        let running: Vec<u64> = self
            .rows_of
            .get(id)
            .into_iter()
            .flatten()
            .copied()
            .filter(|row| self.rows.get(row).is_some_and(|row| row.status == Status::InProgress))
            .collect();
        for row in running {
            if let Some(action) = self.rows.get(&row).map(|row| row.action) {
                self.set_row(row, action, Status::Failed, &format!("{action} aborted (user triggered cancel)"));
            }
        }
    }

    fn resolve(
        &self,
        id: &str,
        definition: &Definition,
        parsed: &Parsed,
    ) -> Result<BTreeMap<String, Json>, (String, String)> {
        let scope = Scope { world: self, stack: id, parsed };
        let mut resolved = BTreeMap::new();
        for (name, value) in &definition.properties {
            let value = function::resolve(value, &scope).map_err(|message| (name.clone(), message))?;
            if !value.is_null() {
                resolved.insert(name.clone(), value);
            }
        }
        Ok(resolved)
    }

    fn forward(&mut self, id: &str, name: &str, parsed: &Parsed) -> Step {
        let Some(definition) = parsed.hot.resources.get(name) else { return Step::Done };
        let existing = self.row_named(id, name).map(|row| (row.id, row.status));
        if let Some((row, Status::InProgress)) = existing {
            return Step::Blocked(row);
        }
        let requires: Vec<u64> =
            definition.requires.iter().filter_map(|required| self.row_named(id, required).map(|row| row.id)).collect();
        let properties = match self.resolve(id, definition, parsed) {
            Ok(properties) => properties,
            Err((property, message)) => {
                let failure = Failure {
                    kind: "StackValidationFailed",
                    message: format!("Property error: {property}: {message}"),
                };
                let row = existing.map_or_else(
                    || self.new_row(id, name, definition, BTreeMap::new(), requires, None),
                    |(row, _)| row,
                );
                let made =
                    existing.and_then(|(row, _)| self.rows.get(&row)).is_some_and(|row| row.action != Action::Init);
                let action = if made { Action::Update } else { Action::Create };
                self.set_row(row, action, Status::Failed, &failure.reason(name));
                return Step::Failed(row);
            }
        };
        let untouched = existing.filter(|(row, _)| self.rows.get(row).is_some_and(|row| row.action == Action::Init));
        if let Some((row, _)) = untouched {
            if let Some(row) = self.row_mut(row) {
                row.kind.clone_from(&definition.kind);
                row.properties = properties;
                row.requires = requires;
            }
            return self.begin(row, Action::Create);
        }
        let Some((old, status)) = existing else {
            let row = self.new_row(id, name, definition, properties, requires, None);
            return self.begin(row, Action::Create);
        };
        match self.rule_for(old, status, definition, &properties) {
            Rule::Unchanged => {
                if self.rows.get(&old).is_some_and(|row| row.requires != requires)
                    && let Some(row) = self.row_mut(old)
                {
                    row.requires = requires;
                }
                if status == Status::Failed
                    && let Some(action) = self.rows.get(&old).map(|row| row.action)
                {
                    let reason = "Update status to COMPLETE for FAILED resource neither update nor replace.";
                    self.set_row(old, action, Status::Complete, reason);
                }
                Step::Done
            }
            Rule::InPlace => {
                if let Some(row) = self.row_mut(old) {
                    row.pending = Some(properties);
                    row.requires = requires;
                }
                self.begin(old, Action::Update)
            }
            Rule::Replace => {
                resource::prepare_for_replace(self, old);
                let row = self.new_row(id, name, definition, properties, requires, Some(old));
                self.begin(row, Action::Create)
            }
        }
    }

    fn rule_for(&self, old: u64, status: Status, definition: &Definition, after: &BTreeMap<String, Json>) -> Rule {
        let Some(row) = self.rows.get(&old) else { return Rule::Replace };
        let Some(kind) = resource_type(&definition.kind) else { return Rule::Replace };
        let failed = status == Status::Failed && (row.action == Action::Check || resource::replace_failed(self, row));
        if row.kind != definition.kind || failed || row.action == Action::Delete {
            return Rule::Replace;
        }
        match rule(kind, &row.properties, after) {
            // What is gone cannot be changed: Heat makes it anew.
            Rule::InPlace if !resource::exists(self, row) => Rule::Replace,
            rule => rule,
        }
    }

    fn new_row(
        &mut self,
        id: &str,
        name: &str,
        definition: &Definition,
        properties: BTreeMap<String, Json>,
        requires: Vec<u64>,
        replaces: Option<u64>,
    ) -> u64 {
        let (number, now) = (self.number(), self.now);
        if let Some(old) = replaces.and_then(|old| self.row_mut(old)) {
            old.replaced_by = Some(number);
        }
        self.add_row(Row {
            id: number,
            stack: id.to_owned(),
            name: name.to_owned(),
            kind: definition.kind.clone(),
            action: Action::Init,
            status: Status::Complete,
            reason: String::new(),
            physical: None,
            properties,
            pending: None,
            requires,
            replaced_by: None,
            traversal: 0,
            created: now,
            updated: now,
            due: None,
            doom: None,
        });
        number
    }

    fn cleanup(&mut self, id: &str, row: u64, parsed: &Parsed) -> Step {
        let Some(found) = self.rows.get(&row) else { return Step::Done };
        let wanted = found.replaced_by.is_none() && parsed.hot.resources.contains_key(&found.name);
        if wanted {
            return Step::Done;
        }
        if found.status == Status::InProgress {
            return Step::Blocked(row);
        }
        if found.action == Action::Init {
            self.drop_row(row);
            return Step::Done;
        }
        if self.is_retained(id, row) {
            self.set_row(row, Action::Delete, Status::Complete, "state changed");
            self.drop_row(row);
            return Step::Done;
        }
        self.begin(row, Action::Delete)
    }

    /// Whether the version the row was made from says that the real thing stays.
    fn is_retained(&self, id: &str, row: u64) -> bool {
        let (Some(stack), Some(row)) = (self.stacks.get(id), self.rows.get(&row)) else { return false };
        let version = stack.previous.as_ref().unwrap_or(&stack.version);
        let policy =
            version.template.get("resources").and_then(|it| it.get(&row.name)).and_then(|it| it.get("deletion_policy"));
        policy.and_then(Json::as_str).is_some_and(|policy| policy.eq_ignore_ascii_case("retain"))
    }

    fn act(&mut self, row: u64, action: Action) -> Step {
        match self.rows.get(&row) {
            None => Step::Done,
            Some(found) if found.action == Action::Init => Step::Done,
            Some(found) if found.status == Status::InProgress && action != Action::Check => {
                let (name, state) = (found.name.clone(), (found.action, found.status));
                let message =
                    format!("State ('{}', '{}') invalid for {}", state.0, state.1, action.to_string().to_lowercase());
                let Some(stack) = self.rows.get(&row).map(|row| row.stack.clone()) else { return Step::Done };
                self.walks.remove(&stack);
                self.end_stack(
                    &stack,
                    Status::Failed,
                    &format!("Resource {action} failed: Error: resources.{name}: {message}"),
                );
                Step::Done
            }
            Some(found) if found.status == Status::InProgress => Step::Blocked(row),
            Some(found) if found.action == action && found.status == Status::Complete && action != Action::Check => {
                Step::Done
            }
            Some(_) => self.begin(row, action),
        }
    }

    /// Begins an action on a row; it goes on by timer or signal, or has failed at once.
    fn begin(&mut self, row: u64, action: Action) -> Step {
        let traversal = self.rows.get(&row).and_then(|row| self.stacks.get(&row.stack)).map_or(0, |it| it.traversal);
        if let Some(row) = self.row_mut(row) {
            row.traversal = traversal;
        }
        self.set_row(row, action, Status::InProgress, "state changed");
        let name = self.rows.get(&row).map(|row| row.name.clone()).unwrap_or_default();
        let fault = self.failing.iter().position(|(resource, _)| *resource == name);
        let begun = match fault {
            Some(fault) => Err(Failure { kind: "Error", message: self.failing.remove(fault).1 }),
            None => resource::begin(self, row, action),
        };
        match begun {
            Ok(Begun::Takes(seconds)) => {
                let due = self.now + self.scaled(seconds);
                if let Some(row) = self.row_mut(row) {
                    row.due = Some(due);
                }
                self.timers.insert((due, Timer::Row(row)));
                Step::Started(row)
            }
            Ok(Begun::Waits) => Step::Started(row),
            Err(failure) => {
                if let Some(row) = self.row_mut(row) {
                    row.pending = None;
                }
                self.set_row(row, action, Status::Failed, &failure.reason(&name));
                Step::Failed(row)
            }
        }
    }

    /// The time of a row's running action is over, or its signal has come.
    pub fn complete_row(&mut self, id: u64, failure: Option<&Failure>) {
        let Some(row) = self.rows.get(&id).filter(|row| row.status == Status::InProgress) else { return };
        let (action, stack, name) = (row.action, row.stack.clone(), row.name.clone());
        let doomed = row.doom.clone();
        let reason = failure.map(|failure| failure.reason(&name)).or(doomed);
        let failed = reason.is_some();
        if let Some(reason) = reason {
            if let Some(row) = self.row_mut(id) {
                row.pending = None;
            }
            self.set_row(id, action, Status::Failed, &reason);
        } else {
            if let Some(row) = self.row_mut(id)
                && let Some(pending) = row.pending.take()
            {
                row.properties = pending;
            }
            resource::completed(self, id, action);
            self.set_row(id, action, Status::Complete, "state changed");
            if action == Action::Delete {
                self.drop_row(id);
            }
        }
        self.row_ended(id, &stack, failed);
    }

    /// The stack's time is over.
    pub fn time_out(&mut self, id: &str, traversal: u64) {
        let running =
            self.stacks.get(id).is_some_and(|stack| stack.traversal == traversal && stack.status == Status::InProgress);
        if running {
            self.walks.remove(id);
            let action = self.stacks.get(id).map_or(Action::Create, |stack| stack.action);
            self.end_stack(
                id,
                Status::Failed,
                if action == Action::Rollback { "Rollback timed out" } else { "Timed out" },
            );
        }
    }
}

/// What functions see from inside a stack.
pub(crate) struct Scope<'a> {
    pub world: &'a World,
    pub stack: &'a str,
    pub parsed: &'a Parsed,
}

impl function::Context for Scope<'_> {
    fn parameter(&self, name: &str) -> Option<Json> {
        match name {
            "OS::stack_name" => self.world.stacks.get(self.stack).map(|stack| stack.name.clone().into()),
            "OS::stack_id" => Some(self.stack.into()),
            "OS::project_id" => Some(self.world.identity.project.clone().into()),
            _ => self.parsed.values.get(name).cloned(),
        }
    }

    fn reference(&self, resource: &str) -> Option<Json> {
        match self.world.row_named(self.stack, resource) {
            Some(row) => Some(resource::reference(self.world, row)),
            None => Some(resource.into()),
        }
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Option<Json> {
        let row = self.world.row_named(self.stack, resource)?;
        resource::attribute(self.world, row, attribute)
    }
}

/// Values of a template's outputs.
pub(crate) fn output(world: &World, stack: &str, parsed: &Parsed, name: &str) -> Result<Json, Refusal> {
    let Some(output) = parsed.hot.outputs.get(name) else {
        return Err(Refusal::new(404, "NotFound", format!("Specified output key {name} not found.")));
    };
    Ok(function::resolve(&output.value, &Scope { world, stack, parsed }).unwrap_or(Json::Null))
}
