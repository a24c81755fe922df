//! Whether the settings of a framework lie within their limits, and whether they mean anything.

use std::collections::BTreeSet;

use super::view::{FrameworkContext, View};
use super::words::shown;
use super::{SettingDeclaration, SettingType, ValueShape};
use crate::expression::Value;
use crate::model::Role;
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::references;

/// Everything about the settings, on all groups. What only follows from another one's mistake is not said.
pub(super) fn check_settings(context: &FrameworkContext<'_>, views: &[View<'_>]) -> Diagnostics {
    let mut wrong: Vec<(&SettingDeclaration, Diagnostic)> = Vec::new();
    for view in views {
        // What comes out on a group without nodes is nobody's value; what is set is looked at all the same.
        let there = |declared: &&SettingDeclaration| {
            view.group.count.value > 0 || context.overrides.contains_key(&declared.name)
        };
        let all = context.chosen.framework.settings.iter().filter(there);
        for declared in all.filter(|declared| !view.idle.contains(declared.name.as_str())) {
            wrong.extend(check_setting(context, view, declared).map(|diagnostic| (declared, diagnostic)));
        }
    }
    let idle = idle(context, views);
    let names: BTreeSet<&str> = wrong.iter().map(|(declared, _)| declared.name.as_str()).collect();
    let follows = |declared: &SettingDeclaration| {
        let expressions = [&declared.default, &declared.minimum, &declared.maximum].into_iter().flatten();
        expressions.flat_map(references).any(|reference| {
            matches!(&*reference.root, "setting" | "slaves")
                && reference.entry().is_some_and(|(entry, _)| entry != declared.name && names.contains(entry))
        })
    };
    wrong.iter().filter(|(declared, _)| !follows(declared)).map(|(_, diagnostic)| diagnostic.clone()).fold(
        idle,
        |mut all, diagnostic| {
            all.push(diagnostic);
            all
        },
    )
}

/// What the definition sets although it means nothing on any of its nodes.
fn idle(context: &FrameworkContext<'_>, views: &[View<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for declared in &context.chosen.framework.settings {
        let (Some(given), Some(when)) = (context.overrides.get(&declared.name), &declared.when) else { continue };
        if views.iter().any(|view| !view.idle.contains(declared.name.as_str()))
            || views.iter().any(|view| view.has(&[], Some(when)))
        {
            continue;
        }
        let framework = &context.chosen.framework.name;
        let message = format!("`{}` of {framework} has no effect in this cluster", declared.name);
        diagnostics.push(
            Diagnostic::error("disco::setting_without_effect", message)
                .at(given.origin.unwrap_or(context.chosen.spec.origin), "set here")
                .help(format!("remove it: it only applies when {}", context.sources.snippet(when.span))),
        );
    }
    diagnostics
}

fn check_setting(context: &FrameworkContext<'_>, view: &View<'_>, declared: &SettingDeclaration) -> Option<Diagnostic> {
    let chosen = context.chosen;
    let value = view.named("setting", &declared.name, declared.origin);
    let given = context.overrides.get(&declared.name);
    if value.is_null() || value.contains_unknown() || value.contains_failed() {
        return None;
    }
    let wrong = if let Some(given) = declared.kind.amount(&value) {
        let limit = |limit: &Option<_>| limit.as_ref().map(|limit| view.scope.evaluate(limit));
        let of = |limit: &Value| declared.kind.amount(limit);
        let (minimum, maximum) = (limit(&declared.minimum), limit(&declared.maximum));
        let below = minimum.filter(|minimum| of(minimum).is_some_and(|minimum| given < minimum));
        let above = maximum.filter(|maximum| of(maximum).is_some_and(|maximum| given > maximum));
        match (below, above) {
            (_, Some(above)) => Some(format!("at most {}", shown(&above))),
            (Some(below), _) => Some(format!("at least {}", shown(&below))),
            _ if declared.kind.shape() == ValueShape::Integer && given.to_i64().is_none() => {
                Some("a whole number".to_owned())
            }
            _ if declared.kind == SettingType::Port && !declared.kind.fits(&given.to_string()) => {
                Some(declared.kind.expected().to_owned())
            }
            _ => None,
        }
    } else {
        let text = value.as_str().filter(|_| !declared.one_of.is_empty());
        text.filter(|text| declared.one_of.iter().all(|known| known != text))
            .map(|_| format!("one of `{}`", declared.one_of.join("`, `")))
    }?;
    let reason = declared.limit_reason.as_ref().map(|reason| shown(&view.scope.evaluate(reason)));
    let name = format!("`{}` of {}", declared.name, chosen.framework.name);
    let value = shown(&value);
    let place = given.and_then(|given| given.origin);
    let diagnostic = if let Some(place) = place {
        Diagnostic::error("disco::setting_out_of_range", format!("{name} is {value}, expected {wrong}"))
            .at(place, "set here")
    } else {
        let message = format!("{name} is {value} on `{}`, expected {wrong}", view.group.name);
        Diagnostic::error("disco::setting_out_of_range", message)
            .at(view.group.flavor.origin.unwrap_or(view.group.origin), "on these nodes")
            .at(chosen.spec.origin, "with these settings")
    };
    let why = reason.as_ref().unwrap_or(&declared.description);
    Some(diagnostic.help(format!("set `{}` to {wrong}: {why}", declared.name)))
}

/// Whether what ports are computed to be are numbers of ports.
pub(super) fn check_ports(context: &FrameworkContext<'_>, views: &[View<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let framework = context.chosen.framework;
    for port in framework.ports.iter().filter(|port| port.ports.is_none()) {
        let Some(view) = views.iter().find(|view| view.listens(framework, port)) else { continue };
        let value = view.scope.evaluate(&port.first);
        if value.contains_unknown() || value.contains_failed() || view.range(port).is_some() {
            continue;
        }
        let message = format!("`port` of port `{}` is {}, expected a number from 1 to 65535", port.name, shown(&value));
        diagnostics.push(
            Diagnostic::error("disco::unwritable_value", message)
                .at(port.first.span, "comes from here")
                .at(context.chosen.spec.origin, format!("for `{}`", view.group.name))
                .help("use a setting of the type `port`, and `when` where there may be none"),
        );
    }
    diagnostics
}

/// Values that were fixed when the cluster was created, and that would be larger if it were created now.
pub(super) fn outgrown(context: &FrameworkContext<'_>, views: &[View<'_>]) -> Diagnostics {
    let chosen = context.chosen;
    let mut diagnostics = Diagnostics::new();
    for declared in chosen.framework.settings.iter().filter(|declared| declared.fixed) {
        let (Some(reason), Some(default)) = (&declared.outgrown, &declared.default) else { continue };
        let Some(view) = views.iter().find(|view| view.fixed.contains(declared.name.as_str())) else { continue };
        let kept = view.named("setting", &declared.name, declared.origin);
        let now = view.scope.evaluate(default);
        let (Some(is), Some(would_be)) = (declared.kind.amount(&kept), declared.kind.amount(&now)) else { continue };
        if is >= would_be {
            continue;
        }
        let (name, is, now) = (&declared.name, shown(&kept), shown(&now));
        let message = format!(
            "`{name}` of {} is {is}, fixed when the cluster was created; its default is now {now}",
            chosen.framework.name
        );
        diagnostics.push(
            Diagnostic::warning("disco::setting_outgrown", message)
                .at(chosen.spec.origin, format!("`{name}` is not set"))
                .at_maybe(largest_count(context), "the cluster has grown here")
                .help(format!("write `{name} = {now}`, or `{name} = {is}` to keep it without this warning: {reason}")),
        );
    }
    diagnostics
}

/// Values that were fixed when the cluster was created, and that go up because it has grown.
pub(super) fn raised(context: &FrameworkContext<'_>, views: &[View<'_>]) -> Diagnostics {
    let chosen = context.chosen;
    let mut diagnostics = Diagnostics::new();
    for declared in &chosen.framework.settings {
        let name = declared.name.as_str();
        let Some((view, was)) = views.iter().find_map(|view| Some((view, view.raised.get(name)?))) else { continue };
        let now = shown(&view.named("setting", name, declared.origin));
        let was = shown(was);
        let message = format!("`{name}` of {} goes up from {was} to {now}", chosen.framework.name);
        diagnostics.push(
            Diagnostic::warning("disco::setting_raised", message)
                .at(chosen.spec.origin, format!("`{name}` is not set"))
                .at_maybe(largest_count(context), "the cluster has grown here")
                .help(format!(
                    "that changes files on nodes that are there, and nothing takes it down again; write `{name} = {was}` to keep it"
                )),
        );
    }
    diagnostics
}

/// The line that says how many nodes the largest group of slaves has.
fn largest_count(context: &FrameworkContext<'_>) -> Option<Span> {
    let slaves = context.spec.groups.iter().filter(|group| group.role == Role::Slave);
    slaves.max_by_key(|group| group.count.value).and_then(|group| group.count.origin)
}
