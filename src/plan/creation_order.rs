//! The order in which nodes are created stays as it was for those that are there: Heat would take another one for an
//! update of each of them.

use std::borrow::Cow;
use std::sync::Arc;

use super::known::KnownStack;
use crate::model::heat_type;
use crate::template::{Template, is_order};

impl KnownStack<'_> {
    /// A wanted template in which the nodes that are there wait for those that they have waited for.
    pub(super) fn in_its_order<'t>(&self, wanted: &'t Template) -> Cow<'t, Template> {
        let mut template = Cow::Borrowed(wanted);
        for (name, resource) in &wanted.resources {
            let Some(known) = self.resources.get(name.as_str()).filter(|_| resource.heat_type == heat_type::PORT)
            else {
                continue;
            };
            let Some(told) = known.told_dependencies() else { continue };
            let stands = |other: &String| wanted.resources.contains_key(other);
            let order = told.into_iter().filter(|other| is_order(&resource.heat_type, other) && stands(other));
            let others = resource.depends_on.iter().filter(|other| !is_order(&resource.heat_type, other)).cloned();
            let mut depends_on: Vec<String> = others.chain(order).collect();
            depends_on.sort();
            if depends_on != resource.depends_on
                && let Some(changed) = template.to_mut().resources.get_mut(name)
            {
                Arc::make_mut(changed).depends_on = depends_on;
            }
        }
        template
    }
}
