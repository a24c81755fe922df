//! What frameworks protect and what they do not, and what their ports let anybody do.

use super::view::{self, View};
use super::words::{peeled, text_of};
use super::{Framework, PortDeclaration};
use crate::syntax::tree::Expression;

/// What a manifest says is protected, or is not.
#[derive(Clone, Debug, PartialEq)]
pub struct ProtectionDeclaration {
    /// What is, and how.
    pub does: Vec<String>,
    /// What is not.
    pub does_not: Vec<String>,
    /// Under which condition.
    pub when: Option<Expression>,
}

/// What a framework protects in a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Framework.
    pub framework: String,
    /// What is protected, and how.
    pub does: Vec<String>,
    /// What is not.
    pub does_not: Vec<String>,
}

/// What a framework protects in this cluster; `None` where its manifest says nothing about it.
pub(super) fn protection(framework: &Framework, views: &[View<'_>]) -> Option<Protection> {
    let master = view::of_master(views)?;
    let mut all = Protection { framework: framework.name.clone(), does: Vec::new(), does_not: Vec::new() };
    for declared in framework.protections.iter().filter(|declared| master.has(&[], declared.when.as_ref())) {
        all.does.extend(declared.does.iter().cloned());
        all.does_not.extend(declared.does_not.iter().cloned());
    }
    (!all.does.is_empty() || !all.does_not.is_empty()).then_some(all)
}

/// What anybody who reaches a port of these nodes can do.
pub(super) fn anybody(view: &View<'_>, port: &PortDeclaration) -> Option<String> {
    // Which branch is taken may depend on a secret; what it says does not.
    let branch = peeled(&view.scope, port.anybody.as_ref()?);
    text_of(&view.scope.evaluate(branch)).filter(|text| !text.secret).map(|text| text.value)
}
