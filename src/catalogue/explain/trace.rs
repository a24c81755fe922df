//! One value followed back to where it came from.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Explanation, Origin};
use crate::catalogue::SettingDeclaration;
use crate::catalogue::evaluation::counted_slaves;
use crate::catalogue::names;
use crate::catalogue::view::{FrameworkContext, Prepared, View};
use crate::catalogue::words::{conditions, peeled, shown, text_of};
use crate::expression::Value;
use crate::model::{Role, Text};
use crate::source::Span;
use crate::syntax::tree::Expression;
use crate::syntax::{Reference, references};

/// What has been followed already, by id.
pub(super) type Followed = RefCell<BTreeMap<String, Arc<Explanation>>>;

/// Follows values of one framework on one group.
#[derive(Clone, Copy)]
pub(super) struct Trace<'p, 'a> {
    pub(super) all: &'p [Prepared<'a>],
    pub(super) context: &'p FrameworkContext<'a>,
    pub(super) view: &'p View<'a>,
    pub(super) followed: &'p Followed,
}

impl<'p, 'a> Trace<'p, 'a> {
    /// A value that an expression gives.
    pub(super) fn computed(self, name: String, expression: &Expression, unit: Option<String>) -> Explanation {
        let value = self.quietly(|| self.view.scope.evaluate(expression));
        self.part(name, &value, expression, unit)
    }

    /// A value that comes out of an expression.
    pub(super) fn part(
        self,
        name: String,
        value: &Value,
        expression: &Expression,
        unit: Option<String>,
    ) -> Explanation {
        let taken = peeled(&self.view.scope, expression);
        let text = self.context.sources.snippet(taken.span);
        let origin = Origin::Formula { text, place: taken.span };
        Explanation::new(name, written(value), unit, origin, self.inputs(expression)).known(!value.contains_unknown())
    }

    /// What goes into an expression: the names in the branches taken, and those that decided which are.
    fn inputs(self, expression: &Expression) -> Vec<Arc<Explanation>> {
        let mut inputs: Vec<Arc<Explanation>> = Vec::new();
        let decided = conditions(&self.view.scope, expression);
        let taken = peeled(&self.view.scope, expression);
        for expression in decided.into_iter().chain([taken]) {
            for reference in references(expression) {
                let Some(input) = self.input(&reference) else { continue };
                if inputs.iter().all(|known| known.name != input.name) {
                    inputs.push(input);
                }
            }
        }
        inputs
    }

    fn input(self, reference: &Reference) -> Option<Arc<Explanation>> {
        let (entry, place) = reference.entry()?;
        let root = &*reference.root;
        match root {
            // Everybody knows what the own group is, and ports and paths explain themselves.
            "group" if matches!(entry, "name" | "role" | "storage") => return None,
            "cluster" if matches!(entry, "name" | "master") => return None,
            "port" | "install" => return None,
            _ => {}
        }
        let name = match (root, reference.steps.get(1)) {
            ("with", Some((value, _))) => format!("with.{entry}.{value}"),
            _ => format!("{root}.{entry}"),
        };
        let id = format!("{}/{}/{name}", self.context.chosen.framework.name, self.view.group.name);
        if let Some(known) = self.followed.borrow().get(&id) {
            return Some(Arc::clone(known));
        }
        // In a branch that is not taken, what means nothing here is of no interest.
        let value = self.quietly(|| self.view.scope.entry(root, entry, place));
        if value.contains_unknown() && self.view.flavor.is_some() && root != "with" {
            return None;
        }
        let mut found = match root {
            "setting" => self.of_setting(entry),
            "local" => self.local(entry)?,
            "node" => self.node(entry, place)?,
            "slaves" => self.slaves(entry, &value),
            "with" => self.with(entry, &reference.steps.get(1)?.0)?,
            _ => self.fact(root, entry, &value),
        };
        found.id.clone_from(&id);
        let found = Arc::new(found);
        self.followed.borrow_mut().insert(id, Arc::clone(&found));
        Some(found)
    }

    /// A local of the manifest.
    pub(super) fn local(self, name: &str) -> Option<Explanation> {
        let local = self.context.chosen.framework.locals.iter().find(|local| local.name == name)?;
        Some(self.computed(format!("local.{name}"), &local.value, local.unit.clone()))
    }

    /// A setting.
    pub(super) fn of_setting(self, name: &str) -> Explanation {
        let (context, view) = (self.context, self.view);
        let full = format!("setting.{name}");
        let unit = self.unit(&full);
        let place = context.chosen.spec.origin;
        let Some(declared) = context.chosen.framework.setting(name) else {
            return Explanation::new(full, None, unit, fact("not declared", None), Vec::new());
        };
        let value = self.quietly(|| view.named("setting", name, place));
        let known = !value.contains_unknown() || view.idle.contains(name);
        let mut value = written(&value);
        if let Some(text) = value.as_mut().filter(|_| declared.secret) {
            text.secret = true;
        }
        let formula = declared.default.as_ref().map(|default| {
            let text = context.sources.snippet(default.span);
            let text = match (declared.generated.is_some(), text.as_str()) {
                (false, _) => text,
                (true, "true") => "generated by Heat".to_owned(),
                (true, condition) => format!("generated by Heat when {condition}"),
            };
            (text, default)
        });
        let (origin, inputs) = if view.idle.contains(name) {
            let when = declared.when.as_ref().filter(|when| !view.has(&[], Some(when)));
            let on = || declared.on.iter().map(|placement| placement.name()).collect::<Vec<_>>().join(" and ");
            let words = when.map_or_else(
                || format!("applies only on {}", on()),
                |when| format!("applies only when {}", context.sources.snippet(when.span)),
            );
            (fact(words, Some(declared.origin)), Vec::new())
        } else if let Some(given) = context.overrides.get(name) {
            let kept = fixed_instead(context, declared);
            (Origin::Given { place: given.origin, instead: kept.or(formula.map(|(text, _)| text)) }, Vec::new())
        } else if let Some((text, default)) = formula {
            if view.fixed.contains(name) {
                let now = written(&self.quietly(|| view.scope.evaluate(default))).map(|now| now.value);
                let is = value.as_ref().map(|value| value.value.clone());
                let kept = fixed_text(context, declared).filter(|kept| Some(*kept) != is.as_deref());
                match (kept, &declared.maximum) {
                    (Some(kept), Some(maximum)) => {
                        let most = context.sources.snippet(maximum.span);
                        let words = format!("{kept} when the cluster was created, and at most {most} now");
                        (fact(words, Some(maximum.span)), self.inputs(maximum))
                    }
                    _ => (
                        Origin::Fixed { text, place: default.span, now: now.filter(|now| Some(now) != is.as_ref()) },
                        Vec::new(),
                    ),
                }
            } else {
                let taken = peeled(&view.scope, default);
                let text = context.sources.snippet(taken.span);
                (Origin::Formula { text, place: taken.span }, self.inputs(default))
            }
        } else {
            (fact("nothing sets it, and it has no default", Some(declared.origin)), Vec::new())
        };
        Explanation::new(full, value, unit, origin, inputs).known(known)
    }

    fn node(self, entry: &str, place: Span) -> Option<Explanation> {
        let name = format!("node.{entry}");
        if entry == "reserved" {
            let formula = self.context.catalogue.reserved_memory()?;
            return Some(self.computed(name, formula, Some("MiB".to_owned())));
        }
        let group = self.view.group;
        let line = group.flavor.origin.or(Some(group.origin));
        let mut inputs = Vec::new();
        let (words, place_of) = match entry {
            "disks" if group.volumes.is_empty() => (format!("`{}` has no volumes", group.name), Some(group.origin)),
            "disks" => {
                let names: Vec<&str> = group.volumes.iter().map(|volume| volume.name.as_str()).collect();
                let words = format!("where the volumes {} are mounted", names.join(", "));
                (words, group.volumes.first().map(|volume| volume.origin))
            }
            "counted" => {
                inputs.extend(self.named_input("node", "memory", place));
                ("in whole steps of 64 MiB".to_owned(), None)
            }
            "share" => {
                inputs.extend(self.named_input("node", "counted", place));
                (self.share(&mut inputs), None)
            }
            _ => (format!("flavor {} of `{}`", group.flavor.value, group.name), line),
        };
        let value = self.quietly(|| self.view.scope.entry("node", entry, place));
        let unit = self.unit(&name);
        let known = !value.contains_unknown();
        Some(Explanation::new(name, written(&value), unit, fact(words, place_of), inputs).known(known))
    }

    fn named_input(self, root: &str, entry: &str, place: Span) -> Option<Arc<Explanation>> {
        let steps = vec![(entry.into(), place)];
        self.input(&Reference { root: root.into(), steps, span: place })
    }

    /// How a node's memory is shared out, in words; what the system keeps is added to what went into it.
    fn share(self, inputs: &mut Vec<Arc<Explanation>>) -> String {
        let Some(share) = &self.view.share else { return "the flavor is not known".to_owned() };
        let reserve = self.context.chosen.framework.reserved_memory.as_ref();
        let own = reserve.map(|reserve| self.inputs(reserve)).unwrap_or_default();
        if own.is_empty() {
            inputs.extend(self.named_input("node", "reserved", self.view.group.origin));
        } else {
            inputs.extend(own);
        }
        let mut words = vec![format!("memory less the {} MiB that the system keeps", share.reserved)];
        words.extend(share.fixed.iter().map(|(name, fixed)| format!("less {fixed} for {name}")));
        let words = words.join(", ");
        let name = &self.context.chosen.framework.name;
        let sum: u64 = share.minima.iter().map(|(_, least)| least).sum();
        let (own, others): (Vec<_>, Vec<_>) = share.minima.iter().partition(|(of, _)| of == name);
        match own.first() {
            Some((_, own)) if !others.is_empty() => {
                let others: Vec<String> = others.iter().map(|(of, least)| format!("{of} {least}")).collect();
                format!("{words}; {own} of {sum} parts, as {name} needs at least {own} MiB, {}", others.join(", "))
            }
            _ => words,
        }
    }

    /// What a name is on each group of slaves.
    fn slaves(self, entry: &str, value: &Value) -> Explanation {
        let name = format!("slaves.{entry}");
        let framework = self.context.chosen.framework;
        let views = self.all.iter().find(|(context, _)| context.chosen.framework.name == framework.name);
        let of_group = |view: &'p View<'a>| {
            let root = names::root_of(framework, entry);
            let found = Trace { view, ..self }.named_input(root, entry, self.context.chosen.spec.origin)?;
            Some(Arc::new(found.called(format!("{} on `{}`", found.name, view.group.name))))
        };
        let groups = views.map(|(_, views)| counted_slaves(views)).unwrap_or_default();
        let inputs = groups.into_iter().filter_map(of_group).collect();
        let unit = self.unit(&name);
        let words = fact("its value on each group of slaves", None);
        Explanation::new(name, written(value), unit, words, inputs).known(!value.contains_unknown())
    }

    /// What another framework tells those who build on it.
    fn with(self, asked: &str, value: &str) -> Option<Explanation> {
        let owner = self.context.providers.get(asked)?;
        let (context, views) = self.all.iter().find(|(context, _)| context.chosen.framework.name == **owner)?;
        let view = views.get(self.view.at)?;
        let provided = context.chosen.framework.provides.iter().find(|provided| provided.name == asked)?;
        let (_, expression) = provided.values.iter().find(|(name, _)| name == value)?;
        let trace = Trace { context, view, ..self };
        let found = trace.computed(format!("with.{asked}.{value}"), expression, None);
        let unit = match found.inputs.as_slice() {
            [only] if only.value == found.value => only.unit.clone(),
            _ => None,
        };
        let inputs = found.inputs.iter().map(|input| Arc::new(input.called(format!("{} of {owner}", input.name))));
        let known = found.known;
        let same =
            Explanation::new(found.name.clone(), found.value.clone(), unit, found.origin.clone(), inputs.collect());
        Some(same.known(known))
    }

    /// What simply is so.
    fn fact(self, root: &str, entry: &str, value: &Value) -> Explanation {
        let spec = self.context.spec;
        let chosen = self.context.chosen;
        let (words, line) = match (root, entry) {
            ("cluster", "slaves" | "storage_nodes") => {
                let groups = spec
                    .groups
                    .iter()
                    .filter(|group| group.role == Role::Slave && (entry == "slaves" || group.storage));
                let groups: Vec<_> = groups.collect();
                let parts: Vec<String> =
                    groups.iter().map(|group| format!("{} in `{}`", group.count.value, group.name)).collect();
                (parts.join(", "), groups.first().and_then(|group| group.count.origin))
            }
            ("group", "count") => {
                let group = self.view.group;
                (format!("nodes of `{}`", group.name), group.count.origin)
            }
            ("version", "name") => match chosen.spec.version.origin {
                Some(origin) => ("as the definition says".to_owned(), Some(origin)),
                None => ("the catalogue's default".to_owned(), Some(chosen.version.origin)),
            },
            ("version", "java") => {
                let group = self.view.group;
                let words = match &self.view.java {
                    Some(java) => format!("package {} for image {}", java.package, group.image.value),
                    None => "needs none".to_owned(),
                };
                (words, group.image.origin)
            }
            ("has", asked) => match self.context.providers.get(asked) {
                Some(provider) => {
                    let by = spec.frameworks.iter().find(|framework| framework.name == **provider);
                    (format!("{provider} provides it"), by.map(|framework| framework.origin))
                }
                None => (format!("nothing in this cluster provides `{asked}`"), None),
            },
            _ => (String::new(), None),
        };
        let name = format!("{root}.{entry}");
        let unit = self.unit(&name);
        Explanation::new(name, written(value), unit, fact(words, line), Vec::new())
    }

    /// The unit of what a name stands for.
    fn unit(self, name: &str) -> Option<String> {
        let framework = self.context.chosen.framework;
        let (root, entry) = name.split_once('.')?;
        let root = if root == "slaves" { names::root_of(framework, entry) } else { root };
        let unit = match root {
            "node" => match entry {
                "memory" | "counted" | "reserved" | "share" => "MiB",
                "root_disk" => "GiB",
                _ => return None,
            },
            "setting" => return framework.setting(entry)?.unit.clone(),
            "local" => return framework.locals.iter().find(|local| local.name == entry)?.unit.clone(),
            _ => return None,
        };
        Some(unit.to_owned())
    }

    /// Names in branches that were not taken may have no value here: no reason to complain.
    fn quietly(self, value: impl FnOnce() -> Value) -> Value {
        let value = value();
        self.view.scope.take_diagnostics();
        value
    }
}

/// What counts for a setting that was fixed at creation once no line sets it any more.
pub(super) fn fixed_instead(context: &FrameworkContext<'_>, declared: &SettingDeclaration) -> Option<String> {
    let kept = fixed_text(context, declared)?;
    Some(format!("{kept}, which was fixed when the cluster was created"))
}

/// What a setting was when the cluster was created, if it was fixed then.
fn fixed_text<'m>(context: &FrameworkContext<'m>, declared: &SettingDeclaration) -> Option<&'m str> {
    let key = format!("{}.{}", context.chosen.framework.name, declared.name);
    context.fixed.get(&key).filter(|_| declared.fixed).map(String::as_str)
}

/// What simply is so.
fn fact(words: impl Into<String>, place: Option<Span>) -> Origin {
    Origin::Fact { words: words.into(), place }
}

/// A value as it is written to a file, or in words; `None` where it is not known.
fn written(value: &Value) -> Option<Text> {
    if value.is_null() || value.contains_unknown() || value.contains_failed() {
        return None;
    }
    let secret = value.contains_secret();
    Some(text_of(value).unwrap_or_else(|| Text { value: shown(value), secret }))
}
