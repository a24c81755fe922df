//! In which order frameworks are set up: those that others build on come first.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Relation;
use crate::catalogue::chosen::Chosen;
use crate::source::Diagnostic;

/// Those that others build on first, otherwise as written; a circle is explained.
pub(super) fn order<'a>(chosen: &[Chosen<'a>]) -> Result<Vec<Chosen<'a>>, Diagnostic> {
    let mut order: Vec<Chosen<'a>> = Vec::new();
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    let needs = needs(chosen);
    while order.len() < chosen.len() {
        let next = chosen.iter().find(|one| {
            let name = one.framework.name.as_str();
            !placed.contains(name) && needs[name].iter().all(|need| placed.contains(need.framework))
        });
        let Some(next) = next else {
            let rest: Vec<Chosen<'a>> =
                chosen.iter().filter(|one| !placed.contains(one.framework.name.as_str())).copied().collect();
            return Err(circle(&rest, &needs));
        };
        placed.insert(&next.framework.name);
        order.push(*next);
    }
    Ok(order)
}

/// What one framework wants of another one.
struct Need<'a> {
    framework: &'a str,
    what: &'a str,
}

/// Whom each framework builds on or may build on: conditions are not looked at, so that the order does not depend on
/// settings, which may depend on the order.
fn needs<'a>(chosen: &[Chosen<'a>]) -> BTreeMap<&'a str, Vec<Need<'a>>> {
    let of = |one: &Chosen<'a>| -> Vec<Need<'a>> {
        let others = chosen.iter().filter(|other| other.framework.name != one.framework.name);
        others
            .filter_map(|other| {
                let mut asked = one.framework.relations().flat_map(Relation::names);
                let what = asked.find(|name| other.framework.may_offer(name))?;
                Some(Need { framework: &other.framework.name, what })
            })
            .collect()
    };
    chosen.iter().map(|one| (one.framework.name.as_str(), of(one))).collect()
}

fn circle(rest: &[Chosen<'_>], needs: &BTreeMap<&str, Vec<Need<'_>>>) -> Diagnostic {
    let left: BTreeSet<&str> = rest.iter().map(|one| one.framework.name.as_str()).collect();
    let next_of =
        |name: &str| needs.get(name).and_then(|needed| needed.iter().find(|need| left.contains(need.framework)));
    let mut way: Vec<&str> = left.first().copied().into_iter().collect();
    let start = loop {
        let Some(next) = next_of(way.last().copied().unwrap_or_default()) else { break 0 };
        let known = way.iter().position(|name| *name == next.framework);
        way.push(next.framework);
        if let Some(start) = known {
            break start;
        }
    };
    let message = format!("these frameworks depend on each other: {}", way[start..].join(" → "));
    let mut diagnostic = Diagnostic::error("disco::framework_cycle", message);
    for pair in way[start..].windows(2) {
        let one = rest.iter().find(|one| one.framework.name == pair[0]);
        if let (Some(one), Some(need)) = (one, next_of(pair[0])) {
            diagnostic = diagnostic.at(one.spec.origin, format!("depends on `{}` of {}", need.what, need.framework));
        }
    }
    diagnostic.help("remove one of these requirements from a manifest: none could be set up first")
}
