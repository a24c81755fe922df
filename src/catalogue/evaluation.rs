//! The expressions of a manifest, evaluated for each group of nodes.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::chosen::Chosen;
use super::ensemble;
use super::java::Java;
use super::names::{self, EACH, GROUP, NODE, OF_ITSELF};
use super::own_value;
use super::share::counted;
use super::view::{FrameworkContext, Prepared, View, holds};
use super::{Framework, Placement, Relation, SettingDeclaration, ValueShape};
use crate::expression::{Kind, NoFiles, Scope, SharedValues, Type, Value};
use crate::model::{ClusterSpec, Flavor, GroupSpec, Membership, Role};
use crate::syntax::tree::Expression;

/// How many nodes of a framework a placement covers.
pub(super) fn count(spec: &ClusterSpec, framework: &Framework, placement: Placement) -> u64 {
    let groups = whole(spec, framework).filter(|group| placement.covers(group.role, group.storage));
    groups.map(|group| u64::from(group.count.value)).sum()
}

/// The groups whose nodes are part of a framework, and do not only use it.
pub(super) fn whole<'s>(spec: &'s ClusterSpec, framework: &Framework) -> impl Iterator<Item = &'s GroupSpec> {
    spec.groups.iter().filter(|group| group.part_of(&framework.name) == Membership::Whole)
}

/// What is known before any node is: settings, the cluster, and which frameworks are in it.
pub(super) fn scope_before_nodes<'a>(context: &FrameworkContext<'a>) -> Scope<'a> {
    let scope = cluster_scope(context);
    for (root, names) in [("node", &NODE[..]), ("group", &GROUP[..])] {
        for name in names {
            scope.define_entry(root, name, Value::unknown(Type::Any));
        }
    }
    scope.define_entry("version", "java", Value::unknown(Type::Number));
    for declared in &context.chosen.framework.settings {
        define_setting(context, &scope, declared);
    }
    for declared in &context.chosen.framework.ensembles {
        let members = ensemble::members(context, declared, &scope);
        scope.define_entry("ensemble", &declared.name, ensemble::value(context, members.as_ref()));
    }
    scope
}

/// Names that mean the same for all groups.
fn cluster_scope<'a>(context: &FrameworkContext<'a>) -> Scope<'a> {
    let FrameworkContext { chosen, spec, .. } = *context;
    let framework = chosen.framework;
    let scope = Scope::new(context.sources, &NoFiles);
    let master = spec.groups.iter().find(|group| group.role == Role::Master);
    let master = master.map_or("master", |group| group.name.as_str());
    scope.define_entry("cluster", "name", Value::string(spec.name.as_str()));
    scope.define_entry("cluster", "master", Value::string(spec.node_name(master, 0)));
    let masters = spec.groups.iter().filter(|group| group.role == Role::Master);
    let masters = masters.flat_map(|group| (0..group.count.value).map(|index| spec.node_name(&group.name, index)));
    scope.define_entry("cluster", "masters", Value::list(Type::String, masters.map(Value::string).collect()));
    let slaves = whole(spec, framework).filter(|group| group.role == Role::Slave && group.count.value > 0);
    let slaves = slaves.map(|group| Value::string(group.name.as_str())).collect();
    scope.define_entry("cluster", "slave_groups", Value::list(Type::String, slaves));
    let nodes = whole(spec, framework).map(|group| u64::from(group.count.value)).sum();
    scope.define_entry("cluster", "nodes", number(Some(nodes)));
    scope.define_entry("cluster", "slaves", number(Some(count(spec, framework, Placement::Slaves))));
    scope.define_entry("cluster", "storage_nodes", number(Some(count(spec, framework, Placement::Storage))));
    scope.define_entry("version", "name", Value::string(chosen.version.name.as_str()));
    scope.define_entry("install", "home", Value::string(home(chosen)));
    for name in OF_ITSELF {
        scope.define_entry("node", name, Value::string(own_value::mark(name)));
    }
    for port in &framework.ports {
        match port.ports {
            Some(ports) => scope.define_entry("port", &port.name, Value::integer(i64::from(ports.first))),
            None => scope.define_lazy_converted("port", &port.name, &port.first, Type::Number),
        }
    }
    // They have a value where a file is made for each of something.
    for name in EACH {
        scope.define_entry("each", name, Value::unknown(Type::Any));
    }
    for root in ["setting", "local", "slaves", "has", "with", "ensemble"] {
        scope.define_root(root);
    }
    for name in framework.relations().flat_map(Relation::names) {
        scope.define_entry("has", name, Value::bool(context.providers.contains_key(name)));
    }
    for local in &framework.locals {
        scope.define_lazy("local", &local.name, &local.value);
    }
    scope
}

/// Where a framework's archive is unpacked.
fn home(chosen: Chosen<'_>) -> String {
    format!("/opt/{}-{}", chosen.framework.name, chosen.version.name)
}

fn number(number: Option<u64>) -> Value {
    match number {
        Some(number) => Value::integer(i64::try_from(number).unwrap_or(i64::MAX)),
        None => Value::unknown(Type::Number),
    }
}

fn define_setting<'a>(context: &FrameworkContext<'a>, scope: &Scope<'a>, declared: &'a SettingDeclaration) {
    let of = declared.kind.shape().value_type();
    if let Some(given) = context.overrides.get(&declared.name) {
        scope.define_entry("setting", &declared.name, given.value.clone());
    } else if let Some(default) = &declared.default {
        scope.define_lazy_converted("setting", &declared.name, default, of);
    } else {
        scope.define_entry("setting", &declared.name, Kind::Null(of).into());
    }
}

/// A view of one group; `node.share`, `with` and `slaves` are still missing in it.
pub(super) fn view<'a>(
    context: &FrameworkContext<'a>,
    at: usize,
    flavor: Option<&'a Flavor>,
    java: Option<Java>,
) -> View<'a> {
    let FrameworkContext { chosen, spec, catalogue, .. } = *context;
    let group = &spec.groups[at];
    let scope = cluster_scope(context);
    let mounts = group.volumes.iter().map(|volume| Value::string(volume.mount.as_str())).collect();
    scope.define_entry("node", "memory", number(flavor.map(|flavor| flavor.memory_mib)));
    scope.define_entry("node", "counted", number(flavor.map(|flavor| counted(flavor.memory_mib))));
    scope.define_entry("node", "vcpus", number(flavor.map(|flavor| u64::from(flavor.vcpus.max(1)))));
    scope.define_entry("node", "root_disk", number(flavor.map(|flavor| flavor.disk_gib)));
    scope.define_entry("node", "disks", Value::list(Type::String, mounts));
    match catalogue.reserved_memory() {
        Some(reserved) => scope.define_lazy("node", "reserved", reserved),
        None => scope.define_entry("node", "reserved", Value::integer(0)),
    }
    scope.define_entry("group", "name", Value::string(group.name.as_str()));
    let part = group.part_of(&chosen.framework.name);
    let role = if part == Membership::Client { Placement::Client.name() } else { group.role.name() };
    scope.define_entry("group", "role", Value::string(role));
    let stores = part == Membership::Whole && group.role == Role::Slave && group.storage;
    scope.define_entry("group", "storage", Value::bool(stores));
    scope.define_entry("group", "count", number(Some(u64::from(group.count.value))));
    let zone = group.availability_zone.as_ref().map(|zone| Value::string(zone.value.as_str()));
    scope.define_entry("group", "zone", zone.unwrap_or_else(|| Kind::Null(Type::String).into()));
    scope.define_entry("version", "java", number(java.as_ref().map(|java| u64::from(java.major))));
    let settings = &chosen.framework.settings;
    for declared in settings {
        define_setting(context, &scope, declared);
    }
    let (fixed, raised) = (BTreeSet::new(), BTreeMap::new());
    let (idle, ensembles) = (BTreeSet::new(), BTreeMap::new());
    let home = home(chosen);
    let mut view = View {
        group,
        part,
        at,
        flavor,
        java,
        home,
        fixed,
        raised,
        idle,
        ensembles,
        share: None,
        complete: false,
        scope,
    };
    // What decides whether a setting means something may itself follow from one that was fixed at creation.
    view.idle = view.scope.supposing("setting", kept(context), || {
        let idle = settings.iter().filter(|declared| !view.has(&declared.on, declared.when.as_ref()));
        idle.map(|declared| declared.name.as_str()).collect()
    });
    for declared in settings.iter().filter(|declared| view.idle.contains(declared.name.as_str())) {
        view.scope.define_entry("setting", &declared.name, Value::unknown(declared.kind.shape().value_type()));
    }
    fix(context, &mut view);
    for declared in &chosen.framework.ensembles {
        let members = ensemble::members(context, declared, &view.scope);
        view.scope.define_entry("ensemble", &declared.name, ensemble::value(context, members.as_ref()));
        view.ensembles.extend(members.map(|members| (declared.name.as_str(), members)));
    }
    view
}

/// The groups that `slaves.NAME` looks at: those of slaves that have nodes. A group without any must not size the
/// others; only where no group has nodes, all count.
pub(super) fn counted_slaves<'v, 'a>(views: &'v [View<'a>]) -> Vec<&'v View<'a>> {
    let slaves = || views.iter().filter(|view| view.group.role == Role::Slave && view.part == Membership::Whole);
    let there: Vec<_> = slaves().filter(|view| view.group.count.value > 0).collect();
    if there.is_empty() { slaves().collect() } else { there }
}

/// Defines what expressions ask of all slaves: `slaves.NAME`. What they make of it alone is evaluated once for all views.
pub(super) fn define_lists(context: &FrameworkContext<'_>, views: &[View<'_>]) {
    let shared = Rc::new(SharedValues::new(names::is_common));
    for view in views {
        view.scope.share(Rc::clone(&shared));
    }
    let counted = counted_slaves(views);
    // Circles were refused when the manifest was read.
    for list in names::slave_lists(context.chosen.framework).unwrap_or_default() {
        let (root, name) = list.split_once('.').unwrap_or(("local", &list));
        let values = counted.iter().map(|view| view.named(root, name, context.chosen.spec.origin)).collect();
        let values = Value::tuple(values);
        for view in views {
            view.scope.define_entry("slaves", name, values.clone());
        }
    }
}

/// Defines `with`: what the frameworks that came before, `earlier`, tell those who build on them.
pub(super) fn define_providers(context: &FrameworkContext<'_>, views: &[View<'_>], earlier: &[Prepared<'_>]) {
    for (asked, provider) in context.providers.iter() {
        let Some((other, others)) = earlier.iter().find(|(other, _)| other.chosen.framework.name == *provider) else {
            continue;
        };
        let provided = other.chosen.framework.provides.iter().find(|provided| provided.name == *asked);
        for view in views {
            let there = others.get(view.at);
            let values = provided
                .iter()
                .flat_map(|provided| &provided.values)
                .filter_map(|(name, expression)| Some((name.as_str(), there?.scope.evaluate(expression))));
            view.scope.define_entry("with", asked, Value::object(values));
        }
    }
}

/// The settings that were fixed at creation and that the definition does not set, with their values.
fn kept<'a>(context: &FrameworkContext<'a>) -> Vec<(&'a str, Value)> {
    let declared = context.chosen.framework.settings.iter().filter(|declared| declared.fixed);
    let declared = declared.filter(|declared| !context.overrides.contains_key(&declared.name));
    declared.filter_map(|declared| Some((declared.name.as_str(), context.fixed_value(declared)?))).collect()
}

/// What was fixed at creation stays, unless it has become more than is possible, or goes up with the cluster.
fn fix<'a>(context: &FrameworkContext<'a>, view: &mut View<'a>) {
    let framework = context.chosen.framework;
    let fixed = framework.settings.iter().filter(|declared| declared.fixed);
    // Whether one goes up may follow from others.
    let (staying, rising): (Vec<_>, Vec<_>) = fixed.partition(|declared| declared.rises.is_none());
    for declared in staying.into_iter().chain(rising) {
        if view.idle.contains(declared.name.as_str()) || context.overrides.contains_key(&declared.name) {
            continue;
        }
        let Some(mut value) = context.fixed_value(declared) else { continue };
        let maximum = match &declared.maximum {
            Some(maximum) if is_late(framework, maximum) => {
                context.caps.get(&(view.group.name.as_str(), declared.name.as_str())).cloned()
            }
            Some(maximum) => Some(view.scope.evaluate(maximum)),
            None => None,
        };
        if let Some(most) = maximum.and_then(|maximum| exceeded(declared, &value, maximum)) {
            value = most;
        }
        match outrun(view, declared, &value) {
            Some(Ordering::Greater) => drop(view.raised.insert(&declared.name, value)),
            Some(Ordering::Equal) => {}
            _ => keep(view, declared, value),
        }
    }
}

fn keep<'a>(view: &mut View<'a>, declared: &'a SettingDeclaration, value: Value) {
    view.scope.define_entry("setting", &declared.name, value);
    view.fixed.insert(&declared.name);
}

/// How what a setting would be now compares to what it was fixed to, if it goes up.
fn outrun(view: &View<'_>, declared: &SettingDeclaration, kept: &Value) -> Option<Ordering> {
    let rises = declared.rises.as_ref().is_some_and(|rises| holds(&view.scope, Some(rises)));
    let default = declared.default.as_ref().filter(|_| rises)?;
    let now = declared.kind.amount(&view.scope.evaluate(default))?;
    now.partial_cmp(&declared.kind.amount(kept)?)
}

/// A maximum as a value of the setting, if the setting has become more than that.
fn exceeded(declared: &SettingDeclaration, value: &Value, maximum: Value) -> Option<Value> {
    let (given, most) = declared.kind.amount(value).zip(declared.kind.amount(&maximum))?;
    if given <= most {
        return None;
    }
    // A size is the text of a whole number of bytes, and what limits it may be any number.
    if declared.kind.shape() == ValueShape::Text && maximum.as_number().is_some() {
        let size = Value::string(most.floor().to_string()).with_secret(maximum.contains_secret());
        return (!most.is_negative()).then_some(size);
    }
    Some(maximum)
}

/// Whether an expression comes to use what is known only once all nodes and all frameworks are.
fn is_late(framework: &Framework, expression: &Expression) -> bool {
    let late = |name: &String| *name == "node.share" || name.starts_with("slaves.") || name.starts_with("with.");
    names::reached(framework, expression).iter().any(late)
}

/// The fixed settings that are more than is possible now, and what is possible, where only now it can be told.
pub(super) fn exceeding<'a>(context: &FrameworkContext<'a>, views: &[View<'a>]) -> Vec<((&'a str, &'a str), Value)> {
    let framework = context.chosen.framework;
    let mut caps = Vec::new();
    for view in views {
        for declared in framework.settings.iter().filter(|declared| view.fixed.contains(declared.name.as_str())) {
            let Some(maximum) = declared.maximum.as_ref().filter(|maximum| is_late(framework, maximum)) else {
                continue;
            };
            let maximum = view.scope.evaluate(maximum);
            view.scope.take_diagnostics();
            let value = view.named("setting", &declared.name, declared.origin);
            if let Some(most) = exceeded(declared, &value, maximum) {
                caps.push(((view.group.name.as_str(), declared.name.as_str()), most));
            }
        }
    }
    caps
}
