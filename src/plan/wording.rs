//! Configurations that a stack has in other words than DISCO sends: where somebody has deployed a printed template. To
//! Heat they are a text; sent in other words they would be another one, and every node would be configured again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::known::Unchanged;
use super::{Observation, Step, StepAction, Wanted};
use crate::model::heat_type;
use crate::template::{Folded, Template, text_of};

/// Configurations as Heat has them, by stack and logical name.
#[derive(Default)]
pub(super) struct Wordings(BTreeMap<String, BTreeMap<String, (String, Json)>>);

impl Wordings {
    /// An observation in which configurations are texts, and the words that they were in. Those of stacks that are `as_told`
    /// what is wanted are in the words of what is wanted.
    pub(super) fn of<'o>(
        observation: &'o Observation,
        wanted: &Wanted,
        as_told: &Unchanged<'_>,
    ) -> (Cow<'o, Observation>, Self) {
        let mut wordings = Self::default();
        let mut plain: Option<Observation> = None;
        let wanted: BTreeMap<&String, &Template> =
            wanted.clusters.values().flat_map(|cluster| &cluster.templates).collect();
        for (name, stack) in &observation.stacks {
            if wanted.get(name).is_some_and(|template| as_told.compared(name, template, Some(stack)).1) {
                continue;
            }
            let Some(template) = stack.template.as_ref().filter(|template| template.says("str_replace")) else {
                continue;
            };
            let mut template = template.to_map();
            let found = plainly(&mut template);
            if found.is_empty() {
                continue;
            }
            wordings.0.insert(name.clone(), found);
            let plain = plain.get_or_insert_with(|| observation.clone());
            if let Some(stack) = plain.stacks.get_mut(name) {
                stack.template = Some(Folded::from(template));
            }
        }
        (plain.map_or(Cow::Borrowed(observation), Cow::Owned), wordings)
    }

    /// What a step sends is in the words that Heat has it in.
    pub(super) fn put_back(&self, step: &mut Step) {
        let Some(wordings) = self.0.get(&step.stack) else { return };
        let StepAction::Update(template, _) = &mut step.action else { return };
        for (name, (text, words)) in wordings {
            let Some(resource) = template.resources.get_mut(name) else { continue };
            if resource.properties.get("config").and_then(Json::as_str) == Some(text.as_str()) {
                Arc::make_mut(resource).properties.insert("config", words.clone());
            }
        }
    }
}

/// Makes the configurations of a template texts; returns text and former words of each by name.
fn plainly(template: &mut Map<String, Json>) -> BTreeMap<String, (String, Json)> {
    let mut found = BTreeMap::new();
    let resources = template.get_mut("resources").and_then(Json::as_object_mut);
    for (name, resource) in resources.into_iter().flatten() {
        if resource["type"] == heat_type::SOFTWARE_CONFIG
            && let Some(config) = resource.pointer_mut("/properties/config")
            && let Some(text) = text_of(config)
        {
            let words = std::mem::replace(config, Json::String(text.clone()));
            found.insert(name.clone(), (text, words));
        }
    }
    found
}
