//! What a manifest says must hold of a definition, beyond the limits of single settings.

use super::view::{FrameworkContext, View};
use super::words::text_of;
use crate::source::{Diagnostic, Diagnostics};

/// The assertions that do not hold. What is not known yet is no reason to complain.
pub(super) fn check(context: &FrameworkContext<'_>, views: &[View<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let chosen = context.chosen;
    for assertion in &chosen.framework.assertions {
        let fails = |view: &&View<'_>| view.scope.evaluate(&assertion.condition).as_bool() == Some(false);
        let Some(view) = views.iter().find(fails) else { continue };
        let message = view.scope.evaluate(&assertion.message);
        let secret = message.contains_secret();
        let message = text_of(&message).filter(|_| !secret).map(|text| text.value);
        let message = message.unwrap_or_else(|| format!("{} cannot be used like this", chosen.framework.name));
        let found = if assertion.warns {
            Diagnostic::warning("disco::assertion_warning", message)
        } else {
            Diagnostic::error("disco::assertion_failed", message)
        };
        diagnostics.push(found.at(chosen.spec.origin, "set here").at(assertion.origin, "what the framework needs"));
    }
    diagnostics
}
