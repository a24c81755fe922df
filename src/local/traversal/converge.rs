//! Bringing one resource to what the template says: make it, change it, replace it, clean it up.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::entity::{Action, Row, Status};
use super::super::failure::Failure;
use super::super::function;
use super::super::hot::Definition;
use super::super::hot::Parsed;
use super::super::packed::Packed;
use super::super::resource;
use super::super::schema::resource_type;
use super::super::update_rule::{Rule, rule};
use super::super::world::World;
use super::{Scope, Step};

/// When it shows that a resource has to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anew {
    /// Before anything is done with it: it has failed, is gone, or is of another type.
    AtOnce,
    /// By its properties, with its update under way.
    Found,
}

impl World {
    pub(super) fn forward(&mut self, id: &str, name: &str, parsed: &Parsed) -> Step {
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
                let failure = Failure::new("StackValidationFailed", format!("Property error: {property}: {message}"));
                let row = existing.map_or_else(
                    || self.new_row(id, name, definition, &BTreeMap::new(), requires, None),
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
                row.properties = Packed::of(&properties);
                row.requires = requires;
                row.depends_on = Some(definition.depends_on.clone());
            }
            return self.begin(row, Action::Create);
        }
        let Some((old, status)) = existing else {
            let row = self.new_row(id, name, definition, &properties, requires, None);
            return self.begin(row, Action::Create);
        };
        let (rule, anew) = self.rule_for(old, status, definition, &properties);
        match rule {
            Rule::Unchanged => {
                let known = |row: &Row| row.requires == requires && row.depends_on.is_some();
                if self.rows.get(&old).is_some_and(|row| !known(row))
                    && let Some(row) = self.row_mut(old)
                {
                    row.requires = requires;
                    row.depends_on = Some(definition.depends_on.clone());
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
                    row.pending = Some(Packed::of(&properties));
                    row.pending_depends_on = Some(definition.depends_on.clone());
                    row.requires = requires;
                }
                self.begin(old, Action::Update)
            }
            Rule::Replace => {
                if anew == Anew::Found {
                    // Heat has begun an update before it finds that the properties do not allow one.
                    self.set_row(old, Action::Update, Status::InProgress, "state changed");
                    let reason = format!("The Resource {name} requires replacement.");
                    self.set_row(old, Action::Update, Status::Complete, &reason);
                }
                resource::prepare_for_replace(self, old);
                let row = self.new_row(id, name, definition, &properties, requires, Some(old));
                self.begin(row, Action::Create)
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

    /// What is to be done with a resource that is there, and when Heat comes to know that it is made anew.
    fn rule_for(
        &self,
        old: u64,
        status: Status,
        definition: &Definition,
        after: &BTreeMap<String, Json>,
    ) -> (Rule, Anew) {
        let at_once = (Rule::Replace, Anew::AtOnce);
        let Some(row) = self.rows.get(&old) else { return at_once };
        let Some(kind) = resource_type(&definition.kind) else { return at_once };
        let failed = status == Status::Failed && (row.action == Action::Check || resource::replace_failed(self, row));
        if row.kind != definition.kind || failed || row.action == Action::Delete {
            return at_once;
        }
        let rule = match rule(kind, &row.properties.read(), after) {
            // Another `depends_on` alone makes another definition, and that is updated.
            Rule::Unchanged if row.depends_on.as_ref().is_some_and(|before| *before != definition.depends_on) => {
                Rule::InPlace
            }
            rule => rule,
        };
        match rule {
            // What is gone cannot be changed: Heat makes it anew.
            Rule::InPlace if !resource::exists(self, row) => at_once,
            rule => (rule, Anew::Found),
        }
    }

    pub(super) fn new_row(
        &mut self,
        id: &str,
        name: &str,
        definition: &Definition,
        properties: &BTreeMap<String, Json>,
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
            properties: Packed::of(properties),
            pending: None,
            depends_on: Some(definition.depends_on.clone()),
            pending_depends_on: None,
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

    pub(super) fn cleanup(&mut self, id: &str, row: u64, parsed: &Parsed) -> Step {
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
        if self.traversals.get(id).is_some_and(|traversal| traversal.retained.contains(&found.name)) {
            self.set_row(row, Action::Delete, Status::Complete, "state changed");
            self.drop_row(row);
            return Step::Done;
        }
        self.begin(row, Action::Delete)
    }
}
