//! The expressions of a manifest, evaluated for each group of nodes.

use std::collections::{BTreeMap, BTreeSet};

use super::composition::Chosen;
use super::java::Java;
use super::overrides::{self, Override};
use super::{Placement, SettingDeclaration, SettingType, names};
use crate::expression::{Kind, NoFiles, Scope, Type, Value};
use crate::model::{ClusterSpec, Flavor, GroupSpec, Members, Role, Text};
use crate::source::{Diagnostics, Sources, Span};
use crate::syntax::references;
use crate::syntax::tree::{Expression, ExpressionKind};

/// One group as the expressions of one framework see it.
pub(super) struct View<'a> {
    pub(super) group: &'a GroupSpec,
    /// Absent where the flavor is not known, or too small: what depends on it is not computed then.
    pub(super) flavor: Option<&'a Flavor>,
    pub(super) java: Option<Java>,
    pub(super) home: String,
    /// Settings whose value was fixed when the cluster was created.
    pub(super) fixed: BTreeSet<&'a str>,
    pub(super) scope: Scope<'a>,
}

impl View<'_> {
    /// Whether something with these placements goes here; none means everywhere.
    pub(super) fn has(&self, on: &[Placement]) -> bool {
        on.is_empty() || on.iter().any(|placement| placement.covers(self.group.role, self.group.storage))
    }

    /// The value of a setting or local here.
    pub(super) fn named(&self, root: &str, name: &str, place: Span) -> Value {
        self.scope.entry(root, name, place)
    }
}

/// What is the same for all groups.
pub(super) struct Setting<'a> {
    pub(super) chosen: Chosen<'a>,
    pub(super) spec: &'a ClusterSpec,
    pub(super) members: &'a Members,
    pub(super) sources: &'a Sources,
    pub(super) overrides: &'a BTreeMap<String, Override>,
}

/// How many slaves store data.
pub(super) fn storage_nodes(spec: &ClusterSpec) -> u64 {
    count(spec, Placement::Storage)
}

fn count(spec: &ClusterSpec, placement: Placement) -> u64 {
    let groups = spec.groups.iter().filter(|group| placement.covers(group.role, group.storage));
    groups.map(|group| u64::from(group.count.value)).sum()
}

/// A view of each group, with everything defined that expressions may name.
pub(super) fn views<'a>(
    setting: &Setting<'a>,
    groups: impl Iterator<Item = (&'a GroupSpec, Option<&'a Flavor>, Option<Java>)>,
) -> Vec<View<'a>> {
    let views: Vec<View<'a>> = groups.map(|(group, flavor, java)| view(setting, group, flavor, java)).collect();
    // Circles were refused when the manifest was read.
    let lists = names::slave_lists(setting.chosen.framework).unwrap_or_default();
    for list in lists {
        let (root, name) = list.split_once('.').unwrap_or(("local", &list));
        let values: Vec<Value> = views
            .iter()
            .filter(|view| view.group.role == Role::Slave)
            .map(|view| view.named(root, name, setting.chosen.spec.origin))
            .collect();
        for view in &views {
            view.scope.define_entry("slaves", name, Value::tuple(values.clone()));
        }
    }
    views
}

fn view<'a>(setting: &Setting<'a>, group: &'a GroupSpec, flavor: Option<&'a Flavor>, java: Option<Java>) -> View<'a> {
    let Setting { chosen, spec, .. } = *setting;
    let framework = chosen.framework;
    let home = format!("/opt/{}-{}", framework.name, chosen.version.name);
    let scope = Scope::new(setting.sources, &NoFiles);
    let number = |number: Option<u64>| match number {
        Some(number) => Value::integer(i64::try_from(number).unwrap_or(i64::MAX)),
        None => Value::unknown(Type::Number),
    };
    let texts =
        |texts: &mut dyn Iterator<Item = &'a str>| Value::list(Type::String, texts.map(Value::string).collect());
    scope.define_entry("node", "memory", number(flavor.map(|flavor| flavor.memory_mib)));
    scope.define_entry("node", "vcpus", number(flavor.map(|flavor| u64::from(flavor.vcpus.max(1)))));
    scope.define_entry("node", "root_disk", number(flavor.map(|flavor| flavor.disk_gib)));
    scope.define_entry("node", "disks", texts(&mut group.volumes.iter().map(|volume| volume.mount.as_str())));
    scope.define_entry("group", "name", Value::string(group.name.as_str()));
    scope.define_entry("group", "role", Value::string(group.role.name()));
    scope.define_entry("group", "storage", Value::bool(group.role == Role::Slave && group.storage));
    let master = spec.groups.iter().find(|group| group.role == Role::Master);
    let master = master.map_or("master", |group| group.name.as_str());
    scope.define_entry("cluster", "name", Value::string(spec.name.as_str()));
    scope.define_entry("cluster", "master", Value::string(spec.node_name(master, 0)));
    scope.define_entry("cluster", "slaves", number(Some(count(spec, Placement::Slaves))));
    scope.define_entry("cluster", "storage_nodes", number(Some(storage_nodes(spec))));
    scope.define_entry("version", "name", Value::string(chosen.version.name.as_str()));
    scope.define_entry("version", "java", number(java.as_ref().map(|java| u64::from(java.major))));
    scope.define_entry("install", "home", Value::string(home.as_str()));
    for port in &framework.ports {
        scope.define_entry("port", &port.name, Value::integer(i64::from(port.ports.first)));
    }
    scope.define_root("setting");
    scope.define_root("local");
    scope.define_root("slaves");
    for (name, expression) in &framework.locals {
        scope.define_lazy("local", name, expression);
    }
    let mut view = View { group, flavor, java, home, fixed: BTreeSet::new(), scope };
    for declared in &framework.settings {
        let of = value_type(declared.kind);
        if !view.has(&declared.on) {
            view.scope.define_entry("setting", &declared.name, Value::unknown(of));
        } else if let Some(given) = setting.overrides.get(&declared.name) {
            view.scope.define_entry("setting", &declared.name, given.value.clone());
        } else if let Some(default) = &declared.default {
            view.scope.define_lazy_converted("setting", &declared.name, default, of);
        } else {
            view.scope.define_entry("setting", &declared.name, Kind::Null(of).into());
        }
    }
    fix(setting, &mut view);
    view
}

/// What was fixed at creation stays, unless it has become more than is possible.
fn fix<'a>(setting: &Setting<'a>, view: &mut View<'a>) {
    let framework = setting.chosen.framework;
    for declared in framework.settings.iter().filter(|declared| declared.fixed) {
        if !view.has(&declared.on) || setting.overrides.contains_key(&declared.name) {
            continue;
        }
        let Some(fixed) = setting.members.fixed.get(&format!("{}.{}", framework.name, declared.name)) else { continue };
        let Some(mut value) = overrides::parse(&Text::plain(fixed.as_str()), declared.kind) else { continue };
        let maximum = declared.maximum.as_ref().map(|maximum| view.scope.evaluate(maximum));
        if let Some(maximum) =
            maximum.filter(|maximum| maximum.as_number().is_some_and(|most| value.as_number() > Some(most)))
        {
            value = maximum;
        }
        view.scope.define_entry("setting", &declared.name, value);
        view.fixed.insert(&declared.name);
    }
}

fn value_type(kind: SettingType) -> Type {
    match kind {
        SettingType::Text => Type::String,
        SettingType::Integer | SettingType::Decimal => Type::Number,
        SettingType::Boolean => Type::Bool,
        SettingType::List => Type::List(Box::new(Type::String)),
    }
}

/// The text that is written for a value; `None` for `null` and for what is no single text.
pub(super) fn text_of(value: &Value) -> Option<Text> {
    let text = match value.kind() {
        Kind::String(text) => text.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::Bool(value) => value.to_string(),
        _ => return None,
    };
    Some(Text { value: text, secret: value.contains_secret() })
}

/// A value in a few words, for those who ask where something came from. Secrets are not shown.
pub(super) fn shown(value: &Value) -> String {
    if value.contains_secret() {
        return "(secret)".to_owned();
    }
    if let Some(elements) = value.elements() {
        return format!("[{}]", elements.into_iter().map(shown).collect::<Vec<_>>().join(", "));
    }
    match value.kind() {
        Kind::Null(_) => "null".to_owned(),
        Kind::Unknown(_) => "(not known)".to_owned(),
        _ => text_of(value).map_or_else(|| "…".to_owned(), |text| text.value),
    }
}

/// The expression that gives the value: the branch taken of a conditional.
pub(super) fn peeled<'a>(scope: &Scope<'_>, mut expression: &'a Expression) -> &'a Expression {
    loop {
        expression = match &expression.kind {
            ExpressionKind::Parenthesis(inner) => inner,
            ExpressionKind::Conditional(choice) => match scope.evaluate(&choice.condition).as_bool() {
                Some(true) => &choice.then,
                Some(false) => &choice.otherwise,
                None => return expression,
            },
            _ => return expression,
        };
    }
}

/// How the default of a setting came about: names and values, or that it was fixed at creation.
pub(super) fn default_inputs(view: &View<'_>, declared: &SettingDeclaration) -> Vec<(String, String)> {
    match &declared.default {
        _ if view.fixed.contains(declared.name.as_str()) => {
            let value = view.named("setting", &declared.name, declared.origin);
            vec![("fixed at creation".to_owned(), shown(&value))]
        }
        Some(default) => inputs(&view.scope, default),
        None => Vec::new(),
    }
}

/// Names in an expression with their values, each once.
pub(super) fn inputs(scope: &Scope<'_>, expression: &Expression) -> Vec<(String, String)> {
    let before = scope.take_diagnostics();
    let mut inputs: Vec<(String, String)> = Vec::new();
    for reference in references(expression) {
        let Some((entry, place)) = reference.entry() else { continue };
        let name = format!("{}.{entry}", reference.root);
        if inputs.iter().all(|(known, _)| *known != name) {
            let value = scope.entry(&reference.root, entry, place);
            inputs.push((name, shown(&value)));
        }
    }
    // Names in branches that were not taken may have no value here: no reason to complain.
    scope.take_diagnostics();
    before.into_iter().for_each(|diagnostic| scope.report(diagnostic));
    inputs
}

/// All that the views' expressions complained about.
pub(super) fn complaints(views: &[View<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for view in views {
        diagnostics.extend(view.scope.take_diagnostics());
    }
    diagnostics
}
