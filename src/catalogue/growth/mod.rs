//! The law of manifests, checked: growing a cluster changes no byte on the nodes that are there. A cluster is configured again
//! with more slaves, what was fixed at its creation kept, and both are compared.

mod counted;
mod differences;

use super::{Catalogue, ClusterConfiguration, ClusterContext, Framework, compose, configure};
use crate::model::{ClusterSpec, Role, SettingValue, Sourced};
use crate::source::{Diagnostic, Diagnostics};
use differences::Difference;

/// How many times as many slaves there are when a cluster has grown.
const TIMES: u32 = 100;

/// What a manifest has to follow, for people.
const LAW: &str = "growing a cluster changes nothing on the nodes that are there";

/// What would change on the nodes of a cluster that are there if it had many more slaves: mistakes of the manifests of
/// these `frameworks`. `now` is what they put on the cluster as it is; a cluster that could not be so large is not judged.
pub fn growth(of: ClusterContext<'_>, now: &ClusterConfiguration, frameworks: &[&str]) -> Diagnostics {
    let mut spec = of.spec.clone();
    for group in spec.groups.iter_mut().filter(|group| group.role == Role::Slave) {
        group.count.value = group.count.value.saturating_mul(TIMES);
    }
    let mut fixed = of.fixed.clone();
    fixed.extend(now.fixed.clone());
    hold(&mut spec, of.catalogue, now);
    let (composition, mistakes) = compose(&spec, of.catalogue, of.sources);
    if mistakes.has_errors() {
        return Diagnostics::new();
    }
    let grown = ClusterContext { spec: &spec, composition: &composition, fixed: &fixed, ..of };
    let (later, mistakes) = configure(grown);
    if mistakes.has_errors() {
        return Diagnostics::new();
    }
    let mut diagnostics = Diagnostics::new();
    for framework in frameworks.iter().filter_map(|name| of.catalogue.framework(name)) {
        for difference in differences::of(framework, now, &later) {
            diagnostics.push(complaint(framework, &difference));
        }
    }
    diagnostics
}

/// Sets what may go up with the cluster to what it is: that alone changes something, and a plan says so.
fn hold(spec: &mut ClusterSpec, catalogue: &Catalogue, now: &ClusterConfiguration) {
    for asked in &mut spec.frameworks {
        let declared = catalogue.framework(&asked.name).into_iter().flat_map(|framework| &framework.settings);
        for declared in declared.filter(|declared| declared.rises.is_some()) {
            let is = now.fixed.get(&format!("{}.{}", asked.name, declared.name));
            if let Some(is) = is.and_then(|is| is.parse().ok()) {
                let held = || Sourced::default_of(SettingValue::Integer(is));
                asked.settings.entry(declared.name.clone()).or_insert_with(held);
            }
        }
    }
}

/// The same of the cluster with other numbers of slaves in its groups, each of which then grows.
pub fn growth_from(of: ClusterContext<'_>, counts: &[u32], frameworks: &[&str]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for count in counts {
        let mut spec = of.spec.clone();
        for group in spec.groups.iter_mut().filter(|group| group.role == Role::Slave) {
            group.count.value = *count;
        }
        let (composition, mistakes) = compose(&spec, of.catalogue, of.sources);
        let of = ClusterContext { spec: &spec, composition: &composition, ..of };
        let (now, more) = configure(of);
        if !mistakes.has_errors() && !more.has_errors() {
            diagnostics.extend(growth(of, &now, frameworks));
        }
    }
    diagnostics
}

fn complaint(framework: &Framework, difference: &Difference<'_>) -> Diagnostic {
    let message = format!("{} would change when the cluster grows", difference.what);
    let error = Diagnostic::error("disco::manifest_growth", message);
    let counted = difference.from.iter().find_map(|from| Some((*from, counted::in_expression(framework, from)?)));
    let Some((from, counted)) = counted else {
        let place = difference.from.first().map_or(difference.origin, |from| from.span);
        return error.at(place, "not the same in a larger cluster").help(format!(
            "{LAW}: keep what it follows from in a setting with `fixed = true`, which is computed once"
        ));
    };
    let within = from.span.source == counted.place.source
        && (from.span.start..from.span.end).contains(&counted.place.start)
        && counted.place.end <= from.span.end;
    let error = if within {
        error.at(counted.place, "another number then")
    } else {
        error.at(from.span, "not the same in a larger cluster").at(counted.place, "another number then")
    };
    error.help(match counted.setting {
        Some(setting) => format!("{LAW}: write `fixed = true` in `setting \"{setting}\"`, which is then computed once"),
        None => format!(
            "{LAW}: make a setting with `fixed = true` of what follows from `{}`, which is computed once",
            counted.name
        ),
    })
}
