//! What a plan for a part of the project is about, and what it leaves out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use crate::model::Address;
use crate::plan::{Scope, brief};
use crate::source::listed;

/// What a plan is about, where that is not everything.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ScopeFile {
    /// Clusters and groups that were named: only these are planned.
    targets: Vec<String>,
    /// Clusters and groups that were named: these are not planned.
    excluded: Vec<String>,
    /// Clusters that are planned too, because of what refers to what.
    along: Vec<String>,
    /// What would change, and is left out.
    left_out: Vec<String>,
}

impl ScopeFile {
    /// That of a plan; absent where it is about everything.
    pub(super) fn of(scope: &Scope) -> Option<Self> {
        let all = |addresses: &BTreeSet<Address>| addresses.iter().map(ToString::to_string).collect();
        (!scope.is_all()).then(|| Self {
            targets: all(&scope.targets.only),
            excluded: all(&scope.targets.except),
            along: scope.along.iter().map(|name| Address::Cluster(name.clone()).to_string()).collect(),
            left_out: all(&scope.left_out),
        })
    }
}

/// The lines at the top of a plan that is not the whole one; nothing for one that is.
pub(super) fn scope_lines(scope: &Scope) -> String {
    if scope.is_all() {
        return String::new();
    }
    let quoted = |addresses: &BTreeSet<Address>| {
        listed(&addresses.iter().map(|address| format!("`{address}`")).collect::<Vec<_>>())
    };
    let about = if scope.targets.only.is_empty() {
        format!("everything but {}", quoted(&scope.targets.except))
    } else {
        quoted(&scope.targets.only)
    };
    let mut text = format!("This is not the whole plan: it is about {about}.\n");
    // Writing to a String cannot fail.
    if !scope.along.is_empty() {
        let along = scope.along.iter().map(|name| format!("`cluster.{name}`")).collect::<Vec<_>>();
        let _ = writeln!(text, "With it, because of what refers to what: {}.", listed(&along));
    }
    let _ = match left(scope) {
        Some(left) => writeln!(text, "Left out although it would change: {left}."),
        None => writeln!(text, "Nothing else would change."),
    };
    text
}

/// What is left after a plan for a part was carried out; `None` where nothing is.
pub fn scope_remainder(scope: &Scope) -> Option<String> {
    let left = left(scope)?;
    Some(format!("This was not the whole plan: {left} may still change. Run `disco plan` to see it."))
}

/// What is left out, in few words.
fn left(scope: &Scope) -> Option<String> {
    if scope.left_out.is_empty() {
        return None;
    }
    let (nodes, others): (Vec<&Address>, Vec<&Address>) =
        scope.left_out.iter().partition(|address| matches!(address, Address::Node(..)));
    let mut words: Vec<String> = others.iter().map(|address| format!("`{address}`")).collect();
    let clusters: BTreeSet<&str> = nodes.iter().map(|address| address.cluster()).collect();
    for cluster in clusters {
        let nodes: Vec<Address> = nodes.iter().filter(|of| of.cluster() == cluster).map(|of| (*of).clone()).collect();
        words.push(format!("{} of `cluster.{cluster}`", brief(&nodes)));
    }
    Some(listed(&words))
}
