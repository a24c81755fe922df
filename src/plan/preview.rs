//! A plan beside Heat's own preview of it, resource by resource.

use std::collections::BTreeMap;

use super::{ChangeKind, Plan};
use crate::source::{Diagnostic, Diagnostics};
use crate::template::Template;

/// What becomes of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It stays as it is.
    Unchanged,
    /// It is changed where it is.
    Updated,
    /// Another one takes its place.
    Replaced,
    /// It is new.
    Added,
    /// It goes.
    Deleted,
}

impl Fate {
    /// As a verb for people.
    fn verb(self) -> &'static str {
        match self {
            Self::Unchanged => "leave unchanged",
            Self::Updated => "update",
            Self::Replaced => "replace",
            Self::Added => "create",
            Self::Deleted => "delete",
        }
    }
}

/// What Heat says that it would do to a stack's resources, by logical name.
pub type Preview = BTreeMap<String, Fate>;

/// How a plan stands to Heat's previews.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Resources that both say the same of.
    pub agreed: usize,
    /// Resources that Heat cannot tell anything of beforehand: they refer to others, which a preview takes for new.
    pub untold: usize,
    /// What both do not agree on.
    pub diagnostics: Diagnostics,
}

impl Verified {
    /// Adds a stack, as it shall be after the plan.
    pub fn add(&mut self, plan: &Plan, stack: &str, template: &Template, preview: &Preview) {
        let mut planned: BTreeMap<&str, (Fate, ChangeKind)> = BTreeMap::new();
        for name in template.resources.keys() {
            planned.insert(name, (Fate::Unchanged, ChangeKind::NoChange));
        }
        let changes = plan.changes.iter().flat_map(|change| &change.resources);
        for change in changes.filter(|change| change.stack == stack) {
            let fate = match change.kind {
                ChangeKind::NoChange | ChangeKind::Verify | ChangeKind::Forget | ChangeKind::Drain => Fate::Unchanged,
                ChangeKind::Create => Fate::Added,
                ChangeKind::Update | ChangeKind::Resize | ChangeKind::Rebuild => Fate::Updated,
                ChangeKind::Heal | ChangeKind::Replace => Fate::Replaced,
                ChangeKind::Delete => Fate::Deleted,
            };
            // What has another name for each of its contents comes and goes.
            let fate = if change.replaces.is_some() { Fate::Added } else { fate };
            planned.insert(&change.name, (fate, change.kind));
            if let Some(replaced) = change.replaces.as_deref().filter(|name| !template.resources.contains_key(*name)) {
                planned.insert(replaced, (Fate::Deleted, ChangeKind::Delete));
            }
        }
        let names = preview.keys().map(String::as_str).chain(planned.keys().copied());
        let names: std::collections::BTreeSet<&str> = names.collect();
        for name in names {
            let told = preview.get(name).copied();
            let (fate, kind) = planned.get(name).copied().unwrap_or((Fate::Deleted, ChangeKind::Delete));
            let refers = || {
                let properties = template.resources.get(name).map(|resource| resource.properties.text().into_owned());
                properties
                    .is_some_and(|text| ["\"get_resource\"", "\"get_attr\""].iter().any(|word| text.contains(word)))
            };
            match told {
                Some(told) if told == fate => self.agreed += 1,
                // It is named to Heat as damaged only when the plan is carried out; or was never made.
                Some(_) if matches!(kind, ChangeKind::Heal) => self.agreed += 1,
                Some(Fate::Updated | Fate::Replaced) if fate == Fate::Added => self.agreed += 1,
                Some(Fate::Updated | Fate::Replaced) if fate < Fate::Added && refers() => self.untold += 1,
                None if fate == Fate::Unchanged || kind == ChangeKind::Verify => {}
                told => self.diagnostics.push(difference(stack, name, told, fate, template)),
            }
        }
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        let Self { agreed, untold, diagnostics } = self;
        let untold = match untold {
            0 => String::new(),
            _ => format!("; of {untold} that refer to others it cannot tell"),
        };
        match diagnostics.iter().count() {
            0 => format!("Heat's preview agrees with this plan: {agreed} resources{untold}."),
            several => {
                format!("Heat's preview differs from this plan in {several} resources, and agrees in {agreed}{untold}.")
            }
        }
    }
}

fn difference(stack: &str, name: &str, told: Option<Fate>, fate: Fate, template: &Template) -> Diagnostic {
    let heat = told.map_or("says nothing of", Fate::verb);
    let would = if told.is_some() { "Heat would " } else { "Heat's preview " };
    let message = format!("{would}{heat} `{name}` of stack `{stack}`, this plan would {} it", fate.verb());
    let resource = template.resources.get(name);
    let help = format!(
        "look at it with `openstack stack resource show {stack} {name}` before you apply: it may have been changed outside \
         of DISCO"
    );
    Diagnostic::warning("disco::preview_differs", message)
        .at_maybe(resource.and_then(|resource| resource.origin), "needed here")
        .help(help)
}
