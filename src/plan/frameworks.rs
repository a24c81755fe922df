//! Which frameworks a stack has: frameworks have no resource of their own, they are what the configurations hold.

use std::collections::BTreeMap;

use super::configuration::frameworks;
use super::known::{KnownStack, KnownValue};
use crate::model::heat_type;
use crate::template::Template;

/// Frameworks that the configurations of templates hold.
pub(super) fn wanted_frameworks<'t>(templates: impl Iterator<Item = &'t Template>) -> BTreeMap<String, Option<String>> {
    let resources = templates.flat_map(|template| template.resources.values());
    let configurations = resources.filter(|resource| resource.heat_type == heat_type::SOFTWARE_CONFIG);
    configurations.filter_map(|resource| resource.properties.get("config")).flat_map(frameworks).collect()
}

/// Frameworks of a stack as it is; `None` where its configurations are known only by digest.
pub(super) fn known_frameworks(known: &KnownStack<'_>) -> Option<BTreeMap<String, Option<String>>> {
    let mut found = BTreeMap::new();
    for resource in known
        .resources
        .values()
        .filter(|resource| resource.heat_type == heat_type::SOFTWARE_CONFIG && resource.exists())
    {
        match resource.properties.get("config") {
            Some(KnownValue::Value(config)) => found.extend(frameworks(&config)),
            Some(KnownValue::Digest(_)) => return None,
            None => {}
        }
    }
    Some(found)
}
