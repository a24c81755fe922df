//! A framework of a cluster, and what its expressions see on each group of nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::chosen::Chosen;
use super::ensemble::{Members, ensemble_name};
use super::java::Java;
use super::overrides::{self, Override};
use super::share::Share;
use super::{
    Catalogue, FileDeclaration, Framework, Placement, PortDeclaration, ServiceDeclaration, SettingDeclaration,
};
use crate::expression::{Number, Scope, Value};
use crate::model::{ClusterSpec, Flavor, GroupSpec, Membership, PortRange, Role, Text};
use crate::source::{Diagnostics, Sources, Span};
use crate::syntax::tree::Expression;

/// A framework and a view of it for each group.
pub(super) type Prepared<'a> = (FrameworkContext<'a>, Vec<View<'a>>);

/// One group as the expressions of one framework see it.
pub(super) struct View<'a> {
    pub(super) group: &'a GroupSpec,
    /// What the nodes have of the framework.
    pub(super) part: Membership,
    /// Which of the cluster's groups it is: views have the same order in every framework.
    pub(super) at: usize,
    /// Absent where the flavor is not known, or too small: what depends on it is not computed then.
    pub(super) flavor: Option<&'a Flavor>,
    pub(super) java: Option<Java>,
    pub(super) home: String,
    /// Settings whose value was fixed when the cluster was created.
    pub(super) fixed: BTreeSet<&'a str>,
    /// What was fixed and has gone up since, as it was.
    pub(super) raised: BTreeMap<&'a str, Value>,
    /// Settings that mean nothing here: not on these nodes, or not under these conditions.
    pub(super) idle: BTreeSet<&'a str>,
    /// The nodes of each ensemble of the framework, as far as they are known.
    pub(super) ensembles: BTreeMap<&'a str, Members>,
    /// How the memory of a node is shared out; absent where the flavor is.
    pub(super) share: Option<Share>,
    /// Whether everything is known of the machines of all groups, so that what is unknown stays so.
    pub(super) complete: bool,
    pub(super) scope: Scope<'a>,
}

/// The view of the first master, on which steps run and questions are asked.
pub(super) fn of_master<'v, 'a>(views: &'v [View<'a>]) -> Option<&'v View<'a>> {
    views.iter().find(|view| view.group.role == Role::Master)
}

/// Names of the groups whose nodes are members, if any are asked for.
pub(super) fn members_of(views: &[View<'_>], placement: Option<Placement>) -> Vec<String> {
    let covered = views.iter().filter(|view| placement.is_some_and(|placement| view.has(&[placement], None)));
    covered.map(|view| view.group.name.clone()).collect()
}

impl View<'_> {
    /// Whether something with these placements and this condition goes here; no placement means everywhere.
    pub(super) fn has(&self, on: &[Placement], when: Option<&Expression>) -> bool {
        let placed = match self.part {
            Membership::Whole => {
                on.is_empty() || on.iter().any(|placement| placement.covers(self.group.role, self.group.storage))
            }
            Membership::Client => on.is_empty() || on.contains(&Placement::Client),
            Membership::Nothing => false,
        };
        placed && holds(&self.scope, when)
    }

    /// The same for something that may go to the members of an ensemble only.
    pub(super) fn hosts(&self, on: &[Placement], ensemble: Option<&String>, when: Option<&Expression>) -> bool {
        let member = ensemble.is_none_or(|name| self.has_members(name));
        member && self.has(on, when)
    }

    /// Whether a service runs on nodes of this group.
    pub(super) fn runs(&self, service: &ServiceDeclaration) -> bool {
        self.hosts(&service.on, service.ensemble.as_ref(), service.when.as_ref())
    }

    /// Whether a node of this group is in an ensemble.
    pub(super) fn has_members(&self, ensemble: &str) -> bool {
        self.ensembles.get(ensemble).is_some_and(|members| members.are_in(&self.group.name))
    }

    /// The ensemble whose members alone have something, as nodes call it; none where all nodes of the group have it.
    pub(super) fn only(&self, context: &FrameworkContext<'_>, ensemble: Option<&String>) -> Option<String> {
        let name = ensemble?;
        let are_all = self.ensembles.get(name.as_str()).is_some_and(|members| members.are_all);
        (!are_all).then(|| ensemble_name(context, name))
    }

    /// Whether something listens here on a port of a framework.
    pub(super) fn listens(&self, framework: &Framework, port: &PortDeclaration) -> bool {
        let Some(name) = &port.service else { return self.has(&port.on, port.when.as_ref()) };
        let service = framework.services.iter().find(|service| service.name == *name);
        let runs = service.is_some_and(|service| self.runs(service));
        runs && self.has(&port.on, port.when.as_ref())
    }

    /// The numbers of a port; `None` where they are not known, or none.
    pub(super) fn range(&self, port: &PortDeclaration) -> Option<PortRange> {
        let number = |expression: &Expression| {
            let number = self.scope.evaluate(expression).as_number().and_then(Number::to_u64);
            number.and_then(|number| u16::try_from(number).ok()).filter(|number| *number > 0)
        };
        let computed = || {
            let first = number(&port.first)?;
            let last = port.last.as_ref().map_or(Some(first), number)?;
            (first <= last).then_some(PortRange { first, last })
        };
        port.ports.or_else(computed)
    }

    /// The path of a file; empty where it is not known.
    pub(super) fn path_of(&self, file: &FileDeclaration) -> String {
        let path = self.scope.evaluate(&file.path);
        path.as_str().unwrap_or_default().to_owned()
    }

    /// A size in MiB; 0 where it is not known.
    pub(super) fn mebibytes(&self, expression: &Expression) -> u64 {
        let value = self.scope.evaluate(expression);
        value.as_number().and_then(Number::to_u64).unwrap_or(0)
    }

    /// The value of a setting or local here.
    pub(super) fn named(&self, root: &str, name: &str, place: Span) -> Value {
        self.scope.entry(root, name, place)
    }
}

/// Whether a condition holds; without one it does.
pub(super) fn holds(scope: &Scope<'_>, when: Option<&Expression>) -> bool {
    when.is_none_or(|when| scope.evaluate(when).as_bool() == Some(true))
}

/// A framework of a cluster, what the definition says about it, and who is there with it.
pub(super) struct FrameworkContext<'a> {
    pub(super) chosen: Chosen<'a>,
    pub(super) spec: &'a ClusterSpec,
    pub(super) catalogue: &'a Catalogue,
    /// Values that were fixed when the cluster was created, by framework and setting: `hadoop.replication`.
    pub(super) fixed: &'a BTreeMap<String, String>,
    pub(super) sources: &'a Sources,
    pub(super) overrides: Arc<BTreeMap<String, Override>>,
    /// The most that a fixed setting can be, by group and setting, where that is known only after everything else.
    pub(super) caps: BTreeMap<(&'a str, &'a str), Value>,
    /// Names of the frameworks that provide what this one asks for, by what it asks for.
    pub(super) providers: Arc<BTreeMap<String, String>>,
    /// False where something about it, or about a framework that it builds on, is so wrong that its values would be.
    pub(super) usable: bool,
}

impl FrameworkContext<'_> {
    /// What a setting was fixed to when the cluster was created, if it was.
    pub(super) fn fixed_value(&self, declared: &SettingDeclaration) -> Option<Value> {
        let fixed = self.fixed.get(&format!("{}.{}", self.chosen.framework.name, declared.name))?;
        overrides::parse(&Text::plain(fixed.as_str()), declared.kind)
    }
}

/// All that the views' expressions complained about.
pub(super) fn complaints(views: &[View<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for view in views {
        diagnostics.extend(view.scope.take_diagnostics());
    }
    diagnostics
}
