//! Whether the settings of a framework lie within their limits, and whether its services fit their machines.

use super::composition::Chosen;
use super::evaluation::{Setting, View, shown};
use super::{SettingDeclaration, SettingType};
use crate::model::{CloudFacts, GroupSpec};
use crate::source::{Diagnostic, Diagnostics};
use crate::syntax::references;

/// A flavor below the manifest's minimum.
pub(super) fn check_flavor(chosen: Chosen<'_>, group: &GroupSpec, facts: &CloudFacts) -> Option<Diagnostic> {
    let flavor = facts.flavors.get(&group.flavor.value)?;
    let minimum = *chosen.framework.minimum_memory_mib.get(&group.role)?;
    if flavor.memory_mib >= minimum {
        return None;
    }
    let name = &chosen.framework.name;
    let message = format!(
        "flavor `{}` has {} MiB of memory, but {name} needs {minimum} MiB on a {}",
        group.flavor.value,
        flavor.memory_mib,
        group.role.name()
    );
    let enough = facts.flavors.iter().filter(|(_, flavor)| flavor.memory_mib >= minimum);
    let help = match enough.min_by_key(|(name, flavor)| (flavor.memory_mib, flavor.vcpus, *name)) {
        Some((name, flavor)) => format!("the smallest flavor that is enough: `{name}` ({} MiB)", flavor.memory_mib),
        None => "the cloud has no flavor that is enough".to_owned(),
    };
    Some(
        Diagnostic::error("disco::flavor_too_small", message)
            .at(group.flavor.origin.unwrap_or(group.origin), "too small")
            .at(chosen.spec.origin, "asked for here")
            .help(help),
    )
}

/// Everything about the settings, on all groups. What only follows from another one's mistake is not said.
pub(super) fn check_settings(setting: &Setting<'_>, views: &[View<'_>]) -> Diagnostics {
    let mut wrong: Vec<(&SettingDeclaration, Diagnostic)> = Vec::new();
    for view in views {
        for declared in setting.chosen.framework.settings.iter().filter(|declared| view.has(&declared.on)) {
            wrong.extend(check_setting(setting, view, declared).map(|diagnostic| (declared, diagnostic)));
        }
    }
    let follows = |declared: &SettingDeclaration| {
        let expressions = [&declared.default, &declared.minimum, &declared.maximum].into_iter().flatten();
        expressions.flat_map(references).any(|reference| {
            matches!(&*reference.root, "setting" | "slaves")
                && reference.entry().is_some_and(|(entry, _)| {
                    wrong.iter().any(|(other, _)| other.name == entry && other.name != declared.name)
                })
        })
    };
    wrong.iter().filter(|(declared, _)| !follows(declared)).map(|(_, diagnostic)| diagnostic.clone()).fold(
        Diagnostics::new(),
        |mut all, diagnostic| {
            all.push(diagnostic);
            all
        },
    )
}

fn check_setting(setting: &Setting<'_>, view: &View<'_>, declared: &SettingDeclaration) -> Option<Diagnostic> {
    let chosen = setting.chosen;
    let value = view.named("setting", &declared.name, declared.origin);
    let given = setting.overrides.get(&declared.name);
    if value.is_null() || value.contains_unknown() || value.contains_failed() {
        return None;
    }
    let wrong = if let Some(number) = value.as_number() {
        let limit = |limit: &Option<_>| limit.as_ref().map(|limit| view.scope.evaluate(limit));
        let (minimum, maximum) = (limit(&declared.minimum), limit(&declared.maximum));
        let below = minimum.filter(|minimum| minimum.as_number().is_some_and(|minimum| number < minimum));
        let above = maximum.filter(|maximum| maximum.as_number().is_some_and(|maximum| number > maximum));
        match (below, above) {
            (_, Some(above)) => Some(format!("at most {}", shown(&above))),
            (Some(below), _) => Some(format!("at least {}", shown(&below))),
            _ if declared.kind == SettingType::Integer && number.to_i64().is_none() => {
                Some("a whole number".to_owned())
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
        Diagnostic::error("disco::setting_out_of_range", format!("{name} is {value}, but must be {wrong}"))
            .at(place, "set here")
    } else {
        let message = format!("{name} comes out as {value} on `{}`, but must be {wrong}", view.group.name);
        Diagnostic::error("disco::setting_out_of_range", message)
            .at(view.group.flavor.origin.unwrap_or(view.group.origin), "on these nodes")
            .at(chosen.spec.origin, "with these settings")
    };
    Some(diagnostic.help_maybe(reason))
}
